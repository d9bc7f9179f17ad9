//! Codebooks of 2, 3 and 4 bits on plain SIMD128: levels looked up, then multiplied without unpacking.
//!
//! A swizzle gives 16 levels, 0 … 126, as bytes; read as 16-bit lanes they are e + 256·o (even and odd
//! column). With x' = (x_e, x_o − 256·x_e), prepared once a call,
//!
//!     Σ lane·x_e + (lane >> 8)·x'_o = Σ (e + 256·o)·x_e + o·(x_o − 256·x_e) = Σ e·x_e + o·x_o

use super::fields::{ALL_UNITS, Accumulate, Width, for_width};
use super::operand::padded;
use super::vector::{bytes, look_up};
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use core::arch::wasm32::{i32x4_add, i32x4_dot_i16x8, i32x4_splat, u16x8_shr, v128};

/// Levels of even and odd fields.
pub struct Pairs([v128; 2]);

impl Pairs {
    fn new(tables: [[u8; 16]; 2]) -> Self {
        Self(tables.map(|table| bytes(&Block(table))))
    }
}

impl<W: Width> Accumulate<W> for Pairs {
    type X = [v128; 2];
    type Sums = [v128; 2];
    const UNITS: usize = ALL_UNITS;
    const INDICES: bool = true;

    #[inline(always)]
    fn zero() -> Self::Sums {
        [i32x4_splat(0); 2]
    }

    #[inline(always)]
    fn add(&self, sums: &mut Self::Sums, field: usize, indices: v128, x: &Self::X) {
        let levels = look_up(self.0[field % 2], indices);
        sums[0] = i32x4_add(sums[0], i32x4_dot_i16x8(levels, x[0]));
        sums[1] = i32x4_add(sums[1], i32x4_dot_i16x8(u16x8_shr(levels, 8), x[1]));
    }

    #[inline(always)]
    fn total(sums: Self::Sums) -> v128 {
        i32x4_add(sums[0], sums[1])
    }
}

/// acc = levels[codes] · x for one tile of columns.
pub fn multiply(
    plane: &Plane,
    levels: [u8; 16],
    x: &[i8],
    samples: usize,
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let x = scratch.operands.fill_pairs(x, plane.columns);
    let run = padded(plane.columns) / 16;
    let make_kernel = |tables: fn(_) -> _| Pairs::new(tables(levels));
    for_width(plane, make_kernel, x, run, samples, acc);
}
