//! The relaxed dot product of bytes, `i16x8.relaxed_dot_i8x16_i7x16_s`: a signed, b of 7 bits, pairs summed
//! in 16 bits. It is one instruction on x86, and exact on every engine while b stays in 0 … 127 and a pair's
//! sum within 16 bits:
//! - uniform codes of up to 4 bits are b; several dots add up in 16 bits before they are widened;
//! - codebook levels 0 … 126 are b: 2·127·126 < 2¹⁵, widened at once;
//! - 8-bit codes less 128 are a, and |x| is b. The sign of x goes to the code: w XOR s with s = 0 or −1 is w or
//!   −w − 1, so Σ w·x = Σ (w XOR s)·|x| + Σ_{x<0} |x|. Exact at 8 bits both, for one instruction more.

use super::fields::{ALL_UNITS, Accumulate, Width, for_width, multiply as multiply_fields};
use super::operand::padded;
use super::vector::{bytes, look_up};
use crate::kernels::layout::SignedBytes;
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use core::arch::wasm32::{
    i16x8_add, i16x8_relaxed_dot_i8x16_i7x16, i16x8_splat, i32x4_add, i32x4_dot_i16x8, i32x4_shr,
    i32x4_splat, v128, v128_xor,
};

/// Uniform codes.
pub struct Codes;

impl Codes {
    /// Dots that fit 16 bits, each of two columns with |x| up to 127.
    const fn dots<W: Width>() -> usize {
        i16::MAX as usize / (2 * 127 * W::LARGEST)
    }

    /// Dots of 64 columns that go to the same sum: of all four fields, or of the even or the odd ones.
    const fn dots_per_unit<W: Width>() -> usize {
        if W::ODD > 0 { 2 } else { 4 }
    }
}

impl<W: Width> Accumulate<W> for Codes {
    type X = v128;
    /// 16-bit sums of even and odd fields, and 32-bit ones of both.
    type Sums = [v128; 3];
    const UNITS: usize = Self::dots::<W>() / Self::dots_per_unit::<W>();
    const INDICES: bool = false;

    #[inline(always)]
    fn zero() -> Self::Sums {
        [i16x8_splat(0), i16x8_splat(0), i32x4_splat(0)]
    }

    #[inline(always)]
    fn add(&self, sums: &mut Self::Sums, field: usize, codes: v128, x: &v128) {
        let sum = &mut sums[if W::ODD > 0 { field % 2 } else { 0 }];
        *sum = i16x8_add(*sum, i16x8_relaxed_dot_i8x16_i7x16(*x, codes));
    }

    #[inline(always)]
    fn widen([even, odd, wide]: &mut Self::Sums) {
        let ones = i16x8_splat(1);
        *wide = i32x4_add(*wide, i32x4_dot_i16x8(*even, ones));
        *even = i16x8_splat(0);
        if W::ODD > 0 {
            *wide = i32x4_add(*wide, i32x4_shr(i32x4_dot_i16x8(*odd, ones), W::ODD));
            *odd = i16x8_splat(0);
        }
    }

    #[inline(always)]
    fn total(sums: Self::Sums) -> v128 {
        sums[2]
    }
}

/// acc = codes · x for 2, 3 and 4 bits.
pub fn multiply_codes(
    plane: &Plane,
    x: &[i8],
    samples: usize,
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let x = scratch.operands.fill_levels(x, plane.columns);
    let run = padded(plane.columns) / 16;
    for_width(plane, |_| Codes, x, run, samples, acc);
}

/// Levels of even and odd fields.
pub struct Levels([v128; 2]);

impl<W: Width> Accumulate<W> for Levels {
    type X = v128;
    type Sums = v128;
    const UNITS: usize = ALL_UNITS;
    const INDICES: bool = true;

    #[inline(always)]
    fn zero() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    fn add(&self, sums: &mut v128, field: usize, indices: v128, x: &v128) {
        let levels = look_up(self.0[field % 2], indices);
        let pairs = i16x8_relaxed_dot_i8x16_i7x16(*x, levels);
        *sums = i32x4_add(*sums, i32x4_dot_i16x8(pairs, i16x8_splat(1)));
    }

    #[inline(always)]
    fn total(sums: v128) -> v128 {
        sums
    }
}

/// acc = levels[codes] · x for codebooks of 2, 3 and 4 bits.
pub fn multiply_levels(
    plane: &Plane,
    levels: [u8; 16],
    x: &[i8],
    samples: usize,
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let x = scratch.operands.fill_levels(x, plane.columns);
    let run = padded(plane.columns) / 16;
    let make_kernel =
        |tables: fn(_) -> [[u8; 16]; 2]| Levels(tables(levels).map(|table| bytes(&Block(table))));
    for_width(plane, make_kernel, x, run, samples, acc);
}

/// Signed bytes and the signs and magnitudes of x.
struct Bytes;

impl Accumulate<SignedBytes> for Bytes {
    type X = [v128; 2];
    type Sums = v128;
    const UNITS: usize = ALL_UNITS;
    const INDICES: bool = false;

    #[inline(always)]
    fn zero() -> v128 {
        i32x4_splat(0)
    }

    #[inline(always)]
    fn add(&self, sums: &mut v128, _field: usize, codes: v128, [sign, magnitude]: &Self::X) {
        let signed = v128_xor(codes, *sign);
        let pairs = i16x8_relaxed_dot_i8x16_i7x16(signed, *magnitude);
        *sums = i32x4_add(*sums, i32x4_dot_i16x8(pairs, i16x8_splat(1)));
    }

    #[inline(always)]
    fn total(sums: v128) -> v128 {
        sums
    }
}

/// acc = codes · x for 8 bits.
pub fn multiply_bytes(
    plane: &Plane,
    x: &[i8],
    sums: &[i32],
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let signs = scratch.operands.fill_signs(x, plane.columns);
    let run = padded(plane.columns) / 16;
    multiply_fields::<_, _, 4, 1, 1, 1>(plane, &Bytes, signs, run, sums.len(), acc);
    for (sample, &total) in sums.iter().enumerate() {
        let x = &x[sample * plane.columns..][..plane.columns];
        let negative: i32 = x.iter().map(|&x| -i32::from(x.min(0))).sum();
        let acc = &mut acc[sample * plane.rows..][..plane.rows];
        acc.iter_mut()
            .for_each(|acc| *acc += negative + 128 * total);
    }
}
