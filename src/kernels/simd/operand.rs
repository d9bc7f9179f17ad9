//! The activations as the kernels want to read them: once a call, in vectors, padded with zeros to whole units of
//! [`PAD`] columns. A padded column multiplies by 0 and counts nothing.

use super::quantize::{padded_16, round_16};
use super::vector::{i32s, sum};
use core::arch::wasm32::{
    i8x16, i8x16_abs, i8x16_shr, i16x8, i16x8_add, i16x8_extend_high_i8x16, i16x8_extend_low_i8x16,
    i16x8_extract_lane, i16x8_shl, i16x8_shr, i16x8_splat, i16x8_sub, i32x4_add, i32x4_dot_i16x8,
    i32x4_splat, u8x16_narrow_i16x8, u16x8_shr, v128, v128_and,
};

/// Columns are padded to a multiple of this: no layout's unit is longer.
pub const PAD: usize = 64;

/// The forms of x that kernels read, each entry of a buffer made of 16 columns.
#[derive(Debug, Clone, Default)]
pub struct Operands {
    /// 16 levels a vector.
    levels: Vec<[v128; 1]>,
    /// 8 levels a vector, as i16.
    lanes: Vec<[v128; 2]>,
    /// For 16 columns: the even ones e, and the odd ones less 256·e, as i16.
    pairs: Vec<[[v128; 2]; 1]>,
    /// For 4 columns: the low 6 and the high 4 bits of their 16 partial sums + 512.
    tables: Vec<[[v128; 2]; 4]>,
    /// The signs of 16 levels (0 or −1), and their magnitudes.
    signs: Vec<[[v128; 2]; 1]>,
    /// Two columns an entry, as i16.
    words: Vec<[[i32; 4]; 2]>,
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

/// What `make` makes of 16 columns at a time of every run of `columns` levels, zeros behind its end up to whole
/// units. The buffer only grows.
#[inline(always)]
fn fill<'a, T: Copy, const N: usize>(
    buffer: &'a mut Vec<[T; N]>,
    x: &[i8],
    columns: usize,
    make: impl Fn(v128) -> [T; N],
) -> &'a [T] {
    // `columns` > 0: a product without columns ends before.
    let (runs, run) = (x.len() / columns.max(1), padded(columns) / 16);
    let nothing = make(i16x8_splat(0));
    if buffer.len() < runs * run {
        buffer.resize(runs * run, nothing);
    }
    for index in 0..runs {
        let (whole, tail) = x[index * columns..][..columns].as_chunks::<16>();
        let (filled, rest) = buffer[index * run..][..run].split_at_mut(whole.len());
        for (made, x) in filled.iter_mut().zip(whole) {
            *made = make(load(x));
        }
        rest.fill(nothing);
        if let (Some(made), false) = (rest.first_mut(), tail.is_empty()) {
            let last = core::array::from_fn(|i| tail.get(i).copied().unwrap_or_default());
            *made = make(load(&last));
        }
    }
    buffer[..runs * run].as_flattened()
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
        fill(&mut self.levels, x, columns, |v| [v])
    }

    /// Vectors of levels as i16.
    pub fn fill_lanes(&mut self, x: &[i8], columns: usize) -> &[v128] {
        fill(&mut self.lanes, x, columns, |v| {
            [i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v)]
        })
    }

    /// Even columns e and odd columns less 256·e; |odd − 256·e| ≤ 127 + 256·127 fits i16.
    pub fn fill_pairs(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        fill(&mut self.pairs, x, columns, |v| {
            let even_256 = i16x8_shl(v, 8);
            let (even, odd) = (i16x8_shr(even_256, 8), i16x8_shr(v, 8));
            [[even, i16x8_sub(odd, even_256)]]
        })
    }

    /// Signs (0 or −1) and magnitudes.
    pub fn fill_signs(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        fill(&mut self.signs, x, columns, |v| {
            [[i8x16_shr(v, 7), i8x16_abs(v)]]
        })
    }

    /// Tables of partial sums of 4 columns each.
    pub fn fill_tables(&mut self, x: &[i8], columns: usize) -> &[[v128; 2]] {
        fill(&mut self.tables, x, columns, |v| {
            let (low, high) = (i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v));
            [
                table::<0, 1, 2, 3>(low),
                table::<4, 5, 6, 7>(low),
                table::<0, 1, 2, 3>(high),
                table::<4, 5, 6, 7>(high),
            ]
        })
    }

    /// Pairs of levels as i16, four at a time.
    pub fn fill_words(&mut self, x: &[i8], columns: usize) -> &[[i32; 4]] {
        fill(&mut self.words, x, columns, |v| {
            [i16x8_extend_low_i8x16(v), i16x8_extend_high_i8x16(v)].map(i32s)
        })
    }

    /// Pairs of the levels of x, and their sum; every |x · inverse| < 127.5.
    #[inline(always)]
    pub fn quantize_words(&mut self, x: &[f32], inverse: f32) -> (&[[i32; 4]], i32) {
        let length = x.len().div_ceil(16);
        if self.words.len() < length {
            self.words.resize(length, [[0; 4]; 2]);
        }
        let made = &mut self.words[..length];
        let mut sums = i32x4_splat(0);
        let mut make = |x: &[f32; 16]| {
            let [low, high] = round_16(x, inverse);
            let pairs = i16x8_add(low, high);
            sums = i32x4_add(sums, i32x4_dot_i16x8(pairs, i16x8_splat(1)));
            [i32s(low), i32s(high)]
        };
        let (whole, tail) = x.as_chunks::<16>();
        for (made, x) in made.iter_mut().zip(whole) {
            *made = make(x);
        }
        if let Some(made) = made.get_mut(whole.len()) {
            *made = make(&padded_16(tail));
        }
        (made.as_flattened(), sum(sums))
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
