//! The activations as the kernels want to read them: once a call, in vectors, padded with zeros to whole units of
//! [`PAD`] columns. A padded column multiplies by 0 and counts nothing.

use super::vector::sum;
use core::arch::wasm32::{
    i8x16, i8x16_abs, i8x16_shr, i16x8, i16x8_add, i16x8_extend_high_i8x16, i16x8_extend_low_i8x16,
    i16x8_extract_lane, i16x8_shl, i16x8_shr, i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8,
    i32x4_splat, u8x16_narrow_i16x8, u16x8_shr, v128, v128_and,
};

/// Columns are padded to a multiple of this: no layout's unit is longer.
pub const PAD: usize = 64;

/// The forms of x that kernels read.
#[derive(Debug, Clone, Default)]
pub struct Operands {
    /// 16 levels a vector.
    pub levels: Vec<v128>,
    /// 8 levels a vector, as i16.
    pub lanes: Vec<v128>,
    /// For 16 columns: the even ones e, and the odd ones less 256·e, as i16.
    pub pairs: Vec<[v128; 2]>,
    /// For 4 columns: the low 6 and the high 4 bits of their 16 partial sums + 512.
    pub tables: Vec<[v128; 2]>,
    /// The signs of 16 levels (0 or −1), and their magnitudes.
    pub signs: Vec<[v128; 2]>,
}

/// `columns` rounded up to whole units.
pub const fn padded(columns: usize) -> usize {
    columns.next_multiple_of(PAD)
}

#[inline(always)]
fn load(x: &[i8; 16]) -> v128 {
    i8x16(
        x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13],
        x[14], x[15],
    )
}

/// Calls `take` with 16 columns at a time of every run of `columns` levels, zeros behind its end up to whole units.
#[inline(always)]
fn each_16(x: &[i8], columns: usize, mut take: impl FnMut(v128)) {
    // `columns` > 0: a product without columns ends before.
    for start in (0..x.len()).step_by(columns.max(1)) {
        let (whole, tail) = x[start..][..columns].as_chunks::<16>();
        whole.iter().for_each(|x| take(load(x)));
        let mut filled = whole.len();
        if !tail.is_empty() {
            let mut last = [0; 16];
            last[..tail.len()].copy_from_slice(tail);
            take(load(&last));
            filled += 1;
        }
        for _ in filled..padded(columns) / 16 {
            take(i16x8_splat(0));
        }
    }
}

/// Σ of levels.
pub fn sum_levels(x: &[i8]) -> i32 {
    let (whole, tail) = x.as_chunks::<16>();
    let ones = i16x8_splat(1);
    let mut sums = i32x4_splat(0);
    for x in whole {
        let v = load(x);
        let pairs = i16x8_add(i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v));
        sums = i32x4_add(sums, i32x4_dot_i16x8(pairs, ones));
    }
    sum(sums) + tail.iter().map(|&x| i32::from(x)).sum::<i32>()
}

impl Operands {
    /// Vectors of levels.
    pub fn fill_levels(&mut self, x: &[i8], columns: usize) -> &[v128] {
        self.levels.clear();
        each_16(x, columns, |v| self.levels.push(v));
        &self.levels
    }

    /// Vectors of levels as i16.
    pub fn fill_lanes(&mut self, x: &[i8], columns: usize) -> &[v128] {
        self.lanes.clear();
        each_16(x, columns, |v| {
            self.lanes.push(i16x8_extend_low_i8x16(v));
            self.lanes.push(i16x8_extend_high_i8x16(v));
        });
        &self.lanes
    }

    /// Even columns e and odd columns less 256·e; |odd − 256·e| ≤ 127 + 256·127 fits i16.
    pub fn fill_pairs(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        self.pairs.clear();
        each_16(x, columns, |v| {
            let even_256 = i16x8_shl(v, 8);
            let (even, odd) = (i16x8_shr(even_256, 8), i16x8_shr(v, 8));
            self.pairs.push([even, i16x8_sub(odd, even_256)]);
        });
        &self.pairs
    }

    /// Signs (0 or −1) and magnitudes.
    pub fn fill_signs(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        self.signs.clear();
        each_16(x, columns, |v| {
            self.signs.push([i8x16_shr(v, 7), i8x16_abs(v)]);
        });
        &self.signs
    }

    /// Tables of partial sums of 4 columns each.
    pub fn fill_tables(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        self.tables.clear();
        let tables = &mut self.tables;
        each_16(x, columns, |v| {
            let (low, high) = (i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v));
            tables.push(table::<0, 1, 2, 3>(low));
            tables.push(table::<4, 5, 6, 7>(low));
            tables.push(table::<0, 1, 2, 3>(high));
            tables.push(table::<4, 5, 6, 7>(high));
        });
        &self.tables
    }
}

/// The partial sums + 512 of the lanes A, B, C, D; bit i of an index says whether the i-th counts.
#[inline(always)]
fn table<const A: usize, const B: usize, const C: usize, const D: usize>(x: v128) -> [v128; 2] {
    let first = i16x8(0, -1, 0, -1, 0, -1, 0, -1);
    let second = i16x8(0, 0, -1, -1, 0, 0, -1, -1);
    let third = i16x8(0, 0, 0, 0, -1, -1, -1, -1);
    let part = |x: i16, mask| v128_and(i16x8_splat(x), mask);
    let two = i16x8_add(
        part(i16x8_extract_lane::<A>(x), first),
        part(i16x8_extract_lane::<B>(x), second),
    );
    let three = i16x8_add(two, part(i16x8_extract_lane::<C>(x), third));
    let without = i16x8_add(three, i16x8_splat(512));
    let with = i16x8_add(without, i16x8_splat(i16x8_extract_lane::<D>(x)));
    let six = i16x8_splat(63);
    [
        u8x16_narrow_i16x8(v128_and(without, six), v128_and(with, six)),
        u8x16_narrow_i16x8(u16x8_shr(without, 6), u16x8_shr(with, 6)),
    ]
}
