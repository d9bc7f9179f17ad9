//! The relaxed dot product of bytes, `i16x8.relaxed_dot_i8x16_i7x16_s`: a signed, b of 7 bits, pairs summed
//! in 16 bits. It is one instruction on x86, and exact on every engine while b stays in 0 … 127 and a pair's
//! sum within 16 bits:
//! - uniform codes of up to 4 bits are b; several dots add up in 16 bits before they are widened;
//! - codebook levels 0 … 126 are b: 2·127·126 < 2¹⁵, widened at once;
//! - 8-bit codes less 128 are a, and |x| is b. The sign of x goes to the code: w XOR s with s = 0 or −1 is w or
//!   −w − 1, so Σ w·x = Σ (w XOR s)·|x| + Σ_{x<0} |x|. Exact at 8 bits both, for one instruction more.

use super::fields::{Accumulate, Unpack, multiply as multiply_fields};
use super::operand::padded;
use super::vector::{bytes, look_up};
use crate::kernels::layout::{Fields, Fields3, SignedBytes};
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use core::arch::wasm32::{
    i16x8_add, i16x8_relaxed_dot_i8x16_i7x16, i16x8_splat, i32x4_add, i32x4_dot_i16x8, i32x4_shr,
    i32x4_splat, v128, v128_xor,
};

/// Uniform codes: `UNITS` units of 64 columns fit 16 bits; odd fields hold the code times 2^`ODD`.
pub struct Codes<const UNITS: usize, const ODD: u32>;

impl<const UNITS: usize, const ODD: u32> Accumulate for Codes<UNITS, ODD> {
    type X = v128;
    /// 16-bit sums of even and odd fields, and 32-bit ones of both.
    type Sums = [v128; 3];
    const UNITS: usize = UNITS;

    #[inline(always)]
    fn zero() -> Self::Sums {
        [i16x8_splat(0), i16x8_splat(0), i32x4_splat(0)]
    }

    #[inline(always)]
    fn add(&self, sums: &mut Self::Sums, field: usize, codes: v128, x: &v128) {
        let sum = &mut sums[if ODD > 0 { field % 2 } else { 0 }];
        *sum = i16x8_add(*sum, i16x8_relaxed_dot_i8x16_i7x16(*x, codes));
    }

    #[inline(always)]
    fn widen([even, odd, wide]: &mut Self::Sums) {
        let ones = i16x8_splat(1);
        *wide = i32x4_add(*wide, i32x4_dot_i16x8(*even, ones));
        *even = i16x8_splat(0);
        if ODD > 0 {
            *wide = i32x4_add(*wide, i32x4_shr(i32x4_dot_i16x8(*odd, ones), ODD));
            *odd = i16x8_splat(0);
        }
    }

    #[inline(always)]
    fn total(sums: Self::Sums) -> v128 {
        sums[2]
    }
}

/// acc = codes · x for 2, 3 and 4 bits. Dots that fit: 2·127·15·8, 2·127·7·16, 2·127·12·10 < 2¹⁵.
pub fn multiply_codes(
    plane: &Plane,
    x: &[i8],
    samples: usize,
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let x = scratch.operands.fill_levels(x, plane.columns);
    let run = padded(plane.columns) / 16;
    match plane.bits {
        2 => multiply_fields::<_, 4, 1, 1, 4>(
            plane,
            &Codes::<5, 2>,
            Fields::<2>::codes,
            x,
            run,
            samples,
            acc,
        ),
        3 => multiply_fields::<_, 2, 3, 2, 4>(
            plane,
            &Codes::<4, 0>,
            Fields3::codes,
            x,
            run,
            samples,
            acc,
        ),
        _ => multiply_fields::<_, 4, 1, 1, 2>(
            plane,
            &Codes::<2, 0>,
            Fields::<4>::codes,
            x,
            run,
            samples,
            acc,
        ),
    }
}

/// Levels of even and odd fields.
pub struct Levels([v128; 2]);

impl Accumulate for Levels {
    type X = v128;
    type Sums = v128;
    const UNITS: usize = 1 << 20;

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
    fn widen(_: &mut v128) {}

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
    let made = |tables: [[u8; 16]; 2]| Levels(tables.map(|table| bytes(&Block(table))));
    match plane.bits {
        2 => {
            let kernel = made(<Fields<2> as Unpack<1, 1, 4>>::tables(levels));
            multiply_fields::<_, 4, 1, 1, 4>(
                plane,
                &kernel,
                Fields::<2>::indices,
                x,
                run,
                samples,
                acc,
            );
        }
        3 => {
            let kernel = made(<Fields3 as Unpack<3, 2, 4>>::tables(levels));
            multiply_fields::<_, 2, 3, 2, 4>(
                plane,
                &kernel,
                Fields3::indices,
                x,
                run,
                samples,
                acc,
            );
        }
        _ => {
            let kernel = made(<Fields<4> as Unpack<1, 1, 2>>::tables(levels));
            multiply_fields::<_, 4, 1, 1, 2>(
                plane,
                &kernel,
                Fields::<4>::indices,
                x,
                run,
                samples,
                acc,
            );
        }
    }
}

/// Signed bytes and the signs and magnitudes of x.
struct Bytes;

impl Accumulate for Bytes {
    type X = [v128; 2];
    type Sums = v128;
    const UNITS: usize = 1 << 20;

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
    fn widen(_: &mut v128) {}

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
    multiply_fields::<_, 4, 1, 1, 1>(
        plane,
        &Bytes,
        SignedBytes::codes,
        signs,
        run,
        sums.len(),
        acc,
    );
    for (sample, &total) in sums.iter().enumerate() {
        let x = &x[sample * plane.columns..][..plane.columns];
        let negative: i32 = x.iter().map(|&x| -i32::from(x.min(0))).sum();
        let acc = &mut acc[sample * plane.rows..][..plane.rows];
        acc.iter_mut()
            .for_each(|acc| *acc += negative + 128 * total);
    }
}
