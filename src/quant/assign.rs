//! Nearest-level assignment in constant time per value.
//!
//! The code of x among ascending levels is the number of midpoints below x, so a tie goes to the
//! lower level. The range of the midpoints is cut into equal cells; a table holds, for each cell,
//! the number of midpoints in the cells before it. A value then needs one multiplication for its
//! cell and a comparison with each midpoint inside the cell: mostly one or none.
//!
//! Why this is exact: the function x → cell is monotone whatever its rounding, and midpoints are
//! counted by the same function. A midpoint in an earlier cell is below x, one in a later cell is
//! not, and those in x's own cell are compared. Where some cell holds more than
//! [`MOST_COMPARISONS`] midpoints (levels crowd together) a binary search takes over: never worse
//! than log2(levels) comparisons. Up to [`FEW_LEVELS`] levels every midpoint is compared: without a
//! table to look into, all lanes of a vector work.

/// Most levels of one tensor: 8 bits.
pub const MAX_LEVELS: usize = 256;

/// Cells of the table. Four cells per level at 8 bits.
const CELLS: usize = 1024;

/// Levels up to which values are compared with every midpoint.
const FEW_LEVELS: usize = 16;

/// Midpoints per cell up to which comparing them all beats a binary search over 8 bits.
const MOST_COMPARISONS: usize = 3;

/// Values whose cells are computed together, so that the computation vectorises.
const CHUNK: usize = 64;

/// Values that are compared with all midpoints together.
const BLOCK: usize = 16;

/// Finds the code of a value among ascending levels.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Midpoints of adjacent levels; the rest is +∞, which is below no value.
    midpoints: [f32; MAX_LEVELS],
    /// For each cell the number of midpoints in earlier cells.
    before: Box<[u8; CELLS]>,
    low: f32,
    /// Cells per unit of x; 0 where the levels have no finite spread.
    density: f32,
    /// Most midpoints in one cell.
    comparisons: usize,
    count: usize,
}

impl Assignment {
    /// The assignment to no level yet: every code is 0.
    pub fn new() -> Self {
        Self {
            midpoints: [f32::INFINITY; MAX_LEVELS],
            before: Box::new([0; CELLS]),
            low: 0.0,
            density: 0.0,
            comparisons: 0,
            count: 0,
        }
    }

    /// Takes over ascending `levels`, 1 to 256 of them.
    pub fn set_levels(&mut self, levels: &[f32]) {
        debug_assert!((1..=MAX_LEVELS).contains(&levels.len()));
        self.midpoints.fill(f32::INFINITY);
        for (midpoint, pair) in self.midpoints.iter_mut().zip(levels.windows(2)) {
            // Halves first: the sum of two huge levels would overflow.
            *midpoint = 0.5 * pair[0] + 0.5 * pair[1];
        }
        self.count = levels.len() - 1;
        if levels.len() > FEW_LEVELS {
            self.build_cells();
        }
    }

    fn build_cells(&mut self) {
        let (first, last) = match self.count {
            0 => (0.0, 0.0),
            count => (self.midpoints[0], self.midpoints[count - 1]),
        };
        let density = (CELLS - 1) as f32 / (last - first);
        let usable = density.is_finite() && density > 0.0;
        (self.low, self.density) = if usable { (first, density) } else { (0.0, 0.0) };
        let mut inside = [0u8; CELLS];
        for &midpoint in &self.midpoints[..self.count] {
            inside[cell(midpoint, self.low, self.density)] += 1;
        }
        self.comparisons = inside.iter().copied().max().map_or(0, usize::from);
        let mut sum = 0u8;
        for (before, &inside) in self.before.iter_mut().zip(&inside) {
            *before = sum;
            sum = sum.wrapping_add(inside);
        }
    }

    /// Writes the code of every x. NaN and −∞ give 0, +∞ the last code.
    pub fn codes(&self, x: &[f32], codes: &mut [u8]) {
        if self.count < FEW_LEVELS {
            return self.codes_by_count(x, codes);
        }
        match self.comparisons {
            0 | 1 => self.codes_by_cell::<1>(x, codes),
            2 => self.codes_by_cell::<2>(x, codes),
            MOST_COMPARISONS => self.codes_by_cell::<MOST_COMPARISONS>(x, codes),
            _ => self.codes_by_search(x, codes),
        }
    }

    /// Writes the level of every x, from the `levels` last set.
    pub fn quantize(&self, levels: &[f32], x: &[f32], x_q: &mut [f32]) {
        const CHUNK: usize = 256;
        let mut codes = [0u8; CHUNK];
        for (x, x_q) in x.chunks(CHUNK).zip(x_q.chunks_mut(CHUNK)) {
            let codes = &mut codes[..x.len()];
            self.codes(x, codes);
            write_levels(levels, codes, x_q);
        }
    }

    fn codes_by_count(&self, x: &[f32], codes: &mut [u8]) {
        let midpoints = &self.midpoints[..self.count];
        let mut counts = [[0i32; BLOCK]; CHUNK / BLOCK];
        for (x, codes) in x.chunks(CHUNK).zip(codes.chunks_mut(CHUNK)) {
            let (blocks, tail) = x.as_chunks::<BLOCK>();
            for (counts, x) in counts.iter_mut().zip(blocks) {
                *counts = count_below(midpoints, x);
            }
            if !tail.is_empty() {
                let mut last = [0.0; BLOCK];
                last[..tail.len()].copy_from_slice(tail);
                counts[blocks.len()] = count_below(midpoints, &last);
            }
            narrow(counts.as_flattened(), codes);
        }
    }

    fn codes_by_cell<const N: usize>(&self, x: &[f32], codes: &mut [u8]) {
        let mut cells = [0u32; CHUNK];
        for (x, codes) in x.chunks(CHUNK).zip(codes.chunks_mut(CHUNK)) {
            for (cell_of, &x) in cells.iter_mut().zip(x) {
                *cell_of = cell(x, self.low, self.density) as u32;
            }
            for ((code, &x), &cell) in codes.iter_mut().zip(x).zip(&cells) {
                let first = usize::from(self.before[cell as usize % CELLS]);
                let mut found = first;
                for next in 0..N {
                    // The last entry is +∞, and not the first again, for what lies behind it.
                    let at = (first + next).min(MAX_LEVELS - 1);
                    found += usize::from(self.midpoints[at] < x);
                }
                *code = found as u8;
            }
        }
    }

    /// Branch-free: each step of size 128, 64, … 1 is taken if the midpoint before it is below x.
    fn codes_by_search(&self, x: &[f32], codes: &mut [u8]) {
        for (code, &x) in codes.iter_mut().zip(x) {
            let mut found = 0usize;
            let mut step = MAX_LEVELS / 2;
            while step > 0 {
                let below = self.midpoints[(found + step - 1) % MAX_LEVELS] < x;
                found += if below { step } else { 0 };
                step /= 2;
            }
            *code = found as u8;
        }
    }
}

/// How many midpoints are below each value; counted in the width of the comparison.
#[inline(always)]
fn count_below(midpoints: &[f32], x: &[f32; BLOCK]) -> [i32; BLOCK] {
    let mut counts = [0; BLOCK];
    for &midpoint in midpoints {
        for (count, &x) in counts.iter_mut().zip(x) {
            *count += i32::from(midpoint < x);
        }
    }
    counts
}

/// Counts as codes. A function of its own: seen together with the counting, it makes the compiler count in bytes, at
/// twice the instructions.
#[inline(never)]
fn narrow(counts: &[i32], codes: &mut [u8]) {
    for (code, &count) in codes.iter_mut().zip(counts) {
        *code = count as u8;
    }
}

/// Writes the level of every code.
pub fn write_levels(levels: &[f32], codes: &[u8], x_q: &mut [f32]) {
    if levels.len() <= FEW_LEVELS {
        look_up::<FEW_LEVELS>(levels, codes, x_q);
    } else {
        look_up::<MAX_LEVELS>(levels, codes, x_q);
    }
}

/// A table of N, a power of two, needs no bounds check for a code modulo N.
fn look_up<const N: usize>(levels: &[f32], codes: &[u8], x_q: &mut [f32]) {
    let mut table = [0.0f32; N];
    table[..levels.len()].copy_from_slice(levels);
    for (x_q, &code) in x_q.iter_mut().zip(codes) {
        *x_q = table[usize::from(code) % N];
    }
}

/// The clipped straight-through estimator: dL/dx is dL/dx_q where low ≤ x ≤ high, else 0.
pub fn clipped_gradient(x: &[f32], upstream: &[f32], (low, high): (f32, f32), dx: &mut [f32]) {
    for ((dx, &x), &upstream) in dx.iter_mut().zip(x).zip(upstream) {
        *dx = if (x >= low) & (x <= high) {
            upstream
        } else {
            0.0
        };
    }
}

impl Default for Assignment {
    fn default() -> Self {
        Self::new()
    }
}

/// The cell of x: monotone in x, 0 for NaN.
#[inline(always)]
fn cell(x: f32, low: f32, density: f32) -> usize {
    let position = (x - low) * density;
    let position = if position > 0.0 { position } else { 0.0 };
    let last = (CELLS - 1) as f32;
    let position = if position < last { position } else { last };
    position as i32 as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    fn naive(levels: &[f32], x: f32) -> u8 {
        let below = levels.windows(2).filter(|p| 0.5 * p[0] + 0.5 * p[1] < x);
        below.count() as u8
    }

    fn check(levels: &[f32], x: &[f32]) {
        let mut assignment = Assignment::new();
        assignment.set_levels(levels);
        let mut codes = vec![99; x.len()];
        assignment.codes(x, &mut codes);
        for (&x, &code) in x.iter().zip(&codes) {
            assert_eq!(code, naive(levels, x), "x = {x}, levels = {levels:?}");
        }
    }

    const SPECIAL: [f32; 9] = [
        0.0,
        -0.0,
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        1e30,
        -1e30,
        f32::MIN_POSITIVE,
        1e-40,
    ];

    #[test]
    fn codes_count_the_midpoints_below_for_every_number_of_levels() {
        let mut rng = Rng::new(5, Stream::Test);
        for count in [1, 2, 3, 4, 7, 8, 16, 31, 64, 255, 256] {
            let mut levels: Vec<f32> = (0..count).map(|_| rng.normal()).collect();
            levels.sort_by(f32::total_cmp);
            let mut x: Vec<f32> = (0..300).map(|_| 2.0 * rng.normal()).collect();
            x.extend(levels.windows(2).map(|p| 0.5 * p[0] + 0.5 * p[1]));
            x.extend(&levels);
            x.extend(SPECIAL);
            check(&levels, &x);
        }
    }

    /// Two or three midpoints in a cell and 256 levels: behind the last midpoint comes no other.
    #[test]
    fn the_last_code_of_256_uneven_levels_is_found() {
        for crowd in [2, 3] {
            let bent = |i: i32| {
                if i <= crowd {
                    i as f32 * 1e-3
                } else {
                    i as f32
                }
            };
            let levels: Vec<f32> = (0..256).map(bent).collect();
            let x: Vec<f32> = (-20..600).map(|i| i as f32 * 0.5).chain(SPECIAL).collect();
            check(&levels, &x);
        }
    }

    #[test]
    fn crowded_equal_and_huge_levels_are_exact() {
        let x: Vec<f32> = (-50..50).map(|i| i as f32 * 0.03).chain(SPECIAL).collect();
        check(&[0.0, 1e-9, 2e-9, 3e-9, 4e-9, 5e-9, 1.0], &x);
        check(&[0.5; 16], &x);
        check(&[-3e38, -1.0, 0.0, 1.0, 3e38], &x);
        check(&[-1.0, -1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0], &x);
    }
}
