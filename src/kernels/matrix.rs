//! A matrix of packed weight codes and its product with int8 activations.
//!
//! acc[n, r] = Σ_k level(code(r, k)) · x[n, k], exact in i32 for up to 65,536 columns (255·127·65,536 < 2³¹).
//! Uniform codes are their own level. 1 to 4 and 8 bits have a kernel of their own; 5, 6 and 7 bits are two
//! planes, the low four bits and the rest: acc = acc_low + 16·acc_high, so they keep exactly b bits a weight
//! and cost about as much time as both planes (more than 8 bits do). A 1-bit codebook {a, b} is the
//! uniform bit scaled: a·Σx + (b − a)·acc. Small matrices, whatever their codes, are multiplied as words of
//! 16 bits (see `choose` of the builds with SIMD).

use super::backend;
use super::operand::{Scratch, column_sums};
use super::pack::Block;
use super::product::Affine;
use super::stream::BitStream;
use crate::error::Error;

/// More columns could overflow an i32 accumulator.
pub(super) const MAX_COLUMNS: usize = 1 << 16;
/// Columns of x that are prepared at a time: their tables and vectors stay in the cache.
const TILE: usize = 32;

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// The code is the level: 0..2^bits.
    Uniform,
    /// The code's entry is the level, 0..=126; entries beyond 2^bits are not used.
    Codebook([u8; 16]),
}

/// A way of multiplying, with its own layout. Each build has a few ([`METHODS`](super::METHODS)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A scalar loop over a bit stream; any width, uniform or codebook.
    Stream,
    /// Rows sharing 16-bit lanes; uniform 2, 3, 4, 8 bits.
    LaneRows,
    /// Tables of partial sums; 1 bit.
    Lookup,
    /// 8-bit dot products with unpacked fields; uniform 2, 3, 4 bits (relaxed), codebooks of 2, 3, 4 bits.
    Fields,
    /// 8-bit dot products with bytes; uniform 8 bits (relaxed).
    Bytes,
    /// 16-bit dot products with the levels as words, a copy beside the bit stream; any width, uniform or codebook.
    Words,
}

/// The codes of some bits of every weight, packed for one method.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    pub method: Method,
    #[cfg_attr(not(target_feature = "simd128"), allow(dead_code))]
    pub bits: usize,
    pub rows: usize,
    #[cfg_attr(not(target_feature = "simd128"), allow(dead_code))]
    pub columns: usize,
    /// The codes of every method but `Stream` and `Words`; the levels of `Words`.
    pub blocks: Vec<Block>,
    /// The codes of `Stream` and `Words`.
    pub stream: BitStream,
}

impl Plane {
    /// The levels of the codes, if they are not the codes themselves.
    pub fn table(&self, coding: Coding) -> Option<[u8; 16]> {
        match coding {
            Coding::Codebook(levels) => Some(levels),
            Coding::Uniform => None,
        }
    }
}

/// Packed weight codes, `[rows, columns]`.
#[derive(Debug, Clone)]
pub struct PackedMatrix {
    rows: usize,
    columns: usize,
    bits: usize,
    coding: Coding,
    /// With what each plane's accumulators are multiplied, and the plane.
    planes: Vec<(i32, Plane)>,
    /// With what Σx is multiplied and added to every accumulator.
    addend: i32,
}

impl PackedMatrix {
    /// Packs row-major `codes` (`rows · columns` of them, each below 2^bits) for this build's fastest method.
    /// 1 ≤ bits ≤ 8, a codebook up to 4; at most 65,536 columns.
    pub fn new(
        codes: &[u8],
        rows: usize,
        columns: usize,
        bits: usize,
        coding: Coding,
    ) -> Result<Self, Error> {
        check(codes, rows, columns, bits, coding)?;
        Ok(Self::build(
            codes,
            rows,
            columns,
            bits,
            coding,
            |bits, coding| backend::choose(bits, coding, rows, columns),
        ))
    }

    /// The same, multiplied by `method` if this build has it for `bits` and `coding` (5 to 7 bits: for both
    /// planes), else `None`. For tests and measurements.
    pub fn with_method(
        method: Method,
        codes: &[u8],
        rows: usize,
        columns: usize,
        bits: usize,
        coding: Coding,
    ) -> Option<Self> {
        check(codes, rows, columns, bits, coding).ok()?;
        backend::supports(method, bits, coding)
            .then(|| Self::build(codes, rows, columns, bits, coding, |_, _| method))
    }

    fn build(
        codes: &[u8],
        rows: usize,
        columns: usize,
        bits: usize,
        coding: Coding,
        method: impl Fn(usize, Coding) -> Method,
    ) -> Self {
        let plane = |codes: &[u8], bits, coding| {
            let method = method(bits, coding);
            let stream = match method {
                Method::Stream | Method::Words => codes,
                _ => &[],
            };
            let blocks = match (method, coding) {
                (Method::Words, Coding::Codebook(levels)) => {
                    let level = |&code: &u8| levels[usize::from(code)];
                    let levels: Vec<u8> = codes.iter().map(level).collect();
                    backend::pack(method, &levels, rows, columns, bits)
                }
                _ => backend::pack(method, codes, rows, columns, bits),
            };
            Plane {
                method,
                bits,
                rows,
                columns,
                blocks,
                stream: BitStream::pack(stream, columns, bits),
            }
        };
        let whole = matches!(method(bits, coding), Method::Stream | Method::Words);
        let mut addend = 0;
        let planes = if (5..=7).contains(&bits) && !whole {
            let low: Vec<u8> = codes.iter().map(|code| code & 15).collect();
            let high: Vec<u8> = codes.iter().map(|code| code >> 4).collect();
            vec![
                (1, plane(&low, 4, coding)),
                (16, plane(&high, bits - 4, coding)),
            ]
        } else if let (1, false, Coding::Codebook([first, second, ..])) = (bits, whole, coding) {
            addend = i32::from(first);
            let factor = i32::from(second) - addend;
            vec![(factor, plane(codes, bits, Coding::Uniform))]
        } else {
            vec![(1, plane(codes, bits, coding))]
        };
        Self {
            rows,
            columns,
            bits,
            coding,
            planes,
            addend,
        }
    }

    /// Outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Bits of a code.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// What a code means.
    pub fn coding(&self) -> Coding {
        self.coding
    }

    /// How the (first plane of the) matrix is multiplied.
    pub fn method(&self) -> Method {
        self.planes[0].1.method
    }

    /// Bytes that a product reads: the codes in the method's layout, padding included. `Words` reads two bytes a
    /// weight, and the packed codes lie beside them.
    pub fn working_bytes(&self) -> usize {
        self.planes
            .iter()
            .map(|(_, plane)| match plane.method {
                Method::Stream => plane.stream.bytes().len(),
                _ => size_of_val(&plane.blocks[..]),
            })
            .sum()
    }

    /// Bytes of the codes and the codebook as they would lie in a file: `rows · columns · bits` bits and one
    /// byte a level.
    pub fn stored_bytes(&self) -> usize {
        let codebook = if self.coding == Coding::Uniform {
            0
        } else {
            1 << self.bits
        };
        (self.rows * self.columns * self.bits).div_ceil(8) + codebook
    }

    /// The row-major codes.
    pub fn codes(&self) -> Vec<u8> {
        let mut codes = vec![0; self.rows * self.columns];
        for (at, (_, plane)) in self.planes.iter().enumerate() {
            for (code, part) in codes.iter_mut().zip(backend::unpack(plane)) {
                *code |= part << (4 * at);
            }
        }
        codes
    }

    /// Writes `acc[n·rows + r] = Σ_k level(code(r, k)) · x[n·columns + k]` for `count` columns of activations;
    /// `x` holds `count · columns` levels in −127..=127, `acc` takes `count · rows` sums.
    pub fn multiply(&self, x: &[i8], count: usize, acc: &mut [i32], scratch: &mut Scratch) {
        assert_eq!(x.len(), count * self.columns, "activations");
        assert_eq!(acc.len(), count * self.rows, "accumulators");
        column_sums(x, self.columns, count, &mut scratch.sums);
        if self.rows == 0 || self.columns == 0 {
            acc.fill(0);
            return;
        }
        let sums = core::mem::take(&mut scratch.sums);
        for first in (0..count).step_by(TILE) {
            let tile = first..count.min(first + TILE);
            let x = &x[tile.start * self.columns..tile.end * self.columns];
            let acc = &mut acc[tile.start * self.rows..tile.end * self.rows];
            self.multiply_tile(x, &sums[tile], acc, scratch);
        }
        scratch.sums = sums;
    }

    fn multiply_tile(&self, x: &[i8], sums: &[i32], acc: &mut [i32], scratch: &mut Scratch) {
        for (index, (factor, plane)) in self.planes.iter().enumerate() {
            if index == 0 {
                backend::multiply(plane, self.coding, x, sums, acc, scratch);
                if *factor != 1 {
                    acc.iter_mut().for_each(|acc| *acc *= factor);
                }
                continue;
            }
            let mut part = core::mem::take(&mut scratch.plane);
            part.resize(acc.len(), 0);
            backend::multiply(plane, self.coding, x, sums, &mut part, scratch);
            for (acc, part) in acc.iter_mut().zip(&part) {
                *acc += factor * part;
            }
            scratch.plane = part;
        }
        if self.addend != 0 {
            for (acc, sum) in acc.chunks_exact_mut(self.rows).zip(sums) {
                acc.iter_mut().for_each(|acc| *acc += self.addend * sum);
            }
        }
    }

    /// Writes y = W·x for real x, quantized as [`Product`](super::Product) says, if the method does all that in one
    /// pass; else returns false and leaves y as it is.
    #[inline(always)]
    pub(super) fn multiply_real(
        &self,
        affine: Affine,
        x: &[f32],
        y: &mut [f32],
        scratch: &mut Scratch,
    ) -> bool {
        match &self.planes[..] {
            [(1, plane)] => backend::multiply_real(plane, affine, x, y, scratch),
            _ => false,
        }
    }
}

fn check(
    codes: &[u8],
    rows: usize,
    columns: usize,
    bits: usize,
    coding: Coding,
) -> Result<(), Error> {
    let wrong = |what: &str, expected: String, got: String| {
        Err(Error::Shape {
            what: what.into(),
            expected,
            got,
        })
    };
    let most_bits = if coding == Coding::Uniform { 8 } else { 4 };
    if !(1..=most_bits).contains(&bits) {
        return wrong(
            "bits of a weight code",
            format!("1 to {most_bits}"),
            bits.to_string(),
        );
    }
    if columns > MAX_COLUMNS {
        return wrong(
            "inputs of a packed matrix",
            format!("at most {MAX_COLUMNS}"),
            columns.to_string(),
        );
    }
    if codes.len() != rows * columns {
        return wrong(
            "weight codes",
            format!("{rows}·{columns}"),
            codes.len().to_string(),
        );
    }
    if let Some(code) = codes.iter().find(|&&code| u32::from(code) >= 1 << bits) {
        return wrong(
            "a weight code",
            format!("less than 2^{bits}"),
            code.to_string(),
        );
    }
    if let Coding::Codebook(levels) = coding
        && let Some(level) = levels[..1 << bits].iter().find(|&&level| level > 126)
    {
        return wrong("a codebook's level", "0 to 126".into(), level.to_string());
    }
    Ok(())
}
