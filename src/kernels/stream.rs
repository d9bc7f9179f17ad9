//! Codes as a plain bit stream, and the scalar kernel on it.
//!
//! y_r = Σ_k level[code(r, k)] · x_k, one row after the other. Eight codes of b bits are b bytes, so a
//! row is a run of b-byte groups (the last one padded with zeros): read a group as one integer, take the
//! codes from its low end. It is the reference for the other kernels and the kernel of the scalar build.

/// Row-major codes of 1 to 8 bits, each row padded to whole groups of 8 columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BitStream {
    bits: usize,
    columns: usize,
    bytes: Vec<u8>,
}

impl BitStream {
    /// Packs row-major codes, each below 2^bits; 1 ≤ bits ≤ 8.
    pub fn pack(codes: &[u8], columns: usize, bits: usize) -> Self {
        assert!((1..=8).contains(&bits), "{bits} bits");
        let mut bytes = Vec::with_capacity(codes.len() * bits / 8);
        if columns > 0 {
            for group in codes.chunks_exact(columns).flat_map(|row| row.chunks(8)) {
                let word = (0u64..)
                    .step_by(bits)
                    .zip(group)
                    .fold(0, |word, (at, &code)| word | u64::from(code) << at);
                bytes.extend_from_slice(&word.to_le_bytes()[..bits]);
            }
        }
        Self {
            bits,
            columns,
            bytes,
        }
    }

    /// The row-major codes.
    pub fn unpack(&self) -> Vec<u8> {
        let mut codes = Vec::new();
        for row in self
            .bytes
            .chunks_exact((self.bits * self.columns.div_ceil(8)).max(1))
        {
            let all = row
                .chunks_exact(self.bits)
                .flat_map(|group| unpack_group(group, self.bits));
            codes.extend(all.take(self.columns));
        }
        codes
    }

    /// The bytes held.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes `out[c·rows + r] = Σ_k level(code(r, k)) · x[c·columns + k]` for every column c of `x`;
    /// `table` gives the levels, or without one the code is the level.
    pub fn multiply(&self, table: Option<[u8; 16]>, x: &[i8], rows: usize, out: &mut [i32]) {
        match self.bits {
            1 => self.multiply_bits::<1>(table, x, rows, out),
            2 => self.multiply_bits::<2>(table, x, rows, out),
            3 => self.multiply_bits::<3>(table, x, rows, out),
            4 => self.multiply_bits::<4>(table, x, rows, out),
            5 => self.multiply_bits::<5>(table, x, rows, out),
            6 => self.multiply_bits::<6>(table, x, rows, out),
            7 => self.multiply_bits::<7>(table, x, rows, out),
            _ => self.multiply_bits::<8>(table, x, rows, out),
        }
    }

    fn multiply_bits<const BITS: usize>(
        &self,
        table: Option<[u8; 16]>,
        x: &[i8],
        rows: usize,
        out: &mut [i32],
    ) {
        if self.columns == 0 || rows == 0 {
            out.fill(0);
            return;
        }
        let row_bytes = BITS * self.columns.div_ceil(8);
        for (x, out) in x.chunks_exact(self.columns).zip(out.chunks_exact_mut(rows)) {
            for (row, out) in self.bytes.chunks_exact(row_bytes).zip(out) {
                *out = match table {
                    None => row_sum::<BITS>(row, x, i32::from),
                    Some(table) => {
                        row_sum::<BITS>(row, x, |code| i32::from(table[usize::from(code & 15)]))
                    }
                };
            }
        }
    }
}

#[inline(always)]
fn unpack_group(group: &[u8], bits: usize) -> [u8; 8] {
    let word = group
        .iter()
        .rev()
        .fold(0u64, |word, &byte| word << 8 | u64::from(byte));
    core::array::from_fn(|i| (word >> (bits * i)) as u8 & ((1u16 << bits) - 1) as u8)
}

#[inline(always)]
fn row_sum<const BITS: usize>(row: &[u8], x: &[i8], level: impl Fn(u8) -> i32) -> i32 {
    let (groups, _) = row.as_chunks::<BITS>();
    let (whole, tail) = x.as_chunks::<8>();
    let mut sum = 0;
    for (group, x) in groups.iter().zip(whole) {
        let codes = unpack_group(group, BITS);
        for (code, &x) in codes.into_iter().zip(x) {
            sum += level(code) * i32::from(x);
        }
    }
    if let Some(last) = groups.get(whole.len()) {
        for (code, &x) in unpack_group(last, BITS).into_iter().zip(tail) {
            sum += level(code) * i32::from(x);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_every_width_round_trips() {
        for bits in 1..=8 {
            for columns in [0, 1, 7, 8, 9, 16, 37] {
                let codes: Vec<u8> = (0..columns * 29)
                    .map(|i| ((i * 7 + i / 3) % (1 << bits)) as u8)
                    .collect();
                let stream = BitStream::pack(&codes, columns, bits);
                assert_eq!(stream.unpack(), codes, "{bits} bits, {columns} columns");
                assert_eq!(
                    stream.bytes().len(),
                    if columns == 0 {
                        0
                    } else {
                        29 * bits * columns.div_ceil(8)
                    }
                );
            }
        }
    }
}
