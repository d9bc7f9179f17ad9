//! Small matrices: levels as 16-bit words, whatever their bits and coding.
//!
//! A block is four rows of two columns, so that with one pair of columns of x in every lane
//! `i32x4.dot_i16x8_s` adds both columns to four outputs: nothing is unpacked, and no vector is summed across
//! its lanes at the end. Up to eight strips of four rows share each pair:
//!
//!     for each pair of columns: x = splat; for each strip: sums += dot(load, x)
//!
//! Three instructions for eight weights are as many as rows that share lanes take, and there is next to nothing
//! before and after them. Two bytes a weight are read, so it pays where these lie in the nearest cache.

use super::operand::padded;
use super::vector::{bytes, f32s, i32s, store};
use crate::kernels::layout::Words;
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::{Block, pack as pack_as};
use crate::kernels::product::Affine;
use crate::kernels::quantize::plain_scale;
use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_mul, f32x4_splat, i32x4_add, i32x4_dot_i16x8,
    i32x4_splat, v128,
};

/// Rows of a strip.
const STRIP: usize = 4;

/// Row-major levels as groups of 8 strips and, where fewer are left, of 4, 2 and 1.
pub fn pack(levels: &[u8], rows: usize, columns: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut first = 0;
    while first < rows {
        let strips = group((rows - first).div_ceil(STRIP));
        let count = (STRIP * strips).min(rows - first);
        let levels = &levels[first * columns..][..count * columns];
        blocks.extend(match strips {
            8 => pack_as::<Words<8>>(levels, count, columns),
            4 => pack_as::<Words<4>>(levels, count, columns),
            2 => pack_as::<Words<2>>(levels, count, columns),
            _ => pack_as::<Words<1>>(levels, count, columns),
        });
        first += count;
    }
    blocks
}

/// Strips of the next group where `left` are left.
fn group(left: usize) -> usize {
    1 << left.ilog2().min(3)
}

/// acc = levels · x for one tile of columns.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply(plane: &Plane, x: &[i8], samples: usize, acc: &mut [i32], scratch: &mut Scratch) {
    let words = scratch.operands.fill_words(x, plane.columns);
    let run = padded(plane.columns) / 8;
    for sample in 0..samples {
        let words = &words[sample * run..][..run];
        let acc = &mut acc[sample * plane.rows..][..plane.rows];
        multiply_one(plane, words, acc, i32s);
    }
}

/// y = W·x in one pass: what rounds x makes the words, and what ends a strip scales it. False, and y untouched,
/// where x has no plain scale.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply_real(
    plane: &Plane,
    affine: Affine,
    x: &[f32],
    y: &mut [f32],
    scratch: &mut Scratch,
) -> bool {
    let Some(scale) = plain_scale(x) else {
        return false;
    };
    let (words, total) = scratch.operands.quantize_words(x, 1.0 / scale);
    let (factor, shift) = affine.with(scale, total);
    let (factor, shift) = (f32x4_splat(factor), f32x4_splat(shift));
    multiply_one(plane, words, y, |sums| {
        f32s(f32x4_add(
            f32x4_mul(factor, f32x4_convert_i32x4(sums)),
            shift,
        ))
    });
    true
}

/// Writes what `finish` makes of the four sums of every strip.
#[inline(always)]
fn multiply_one<T: Copy>(
    plane: &Plane,
    words: &[[i32; 4]],
    out: &mut [T],
    finish: impl Fn(v128) -> [T; STRIP] + Copy,
) {
    let pairs = &words.as_flattened()[..plane.columns.div_ceil(2)];
    let (mut blocks, mut out) = (&plane.blocks[..], out);
    while !out.is_empty() {
        let strips = group(out.len().div_ceil(STRIP));
        let (own, others) = blocks.split_at(strips * pairs.len());
        let (own_out, others_out) = out.split_at_mut((STRIP * strips).min(out.len()));
        match strips {
            8 => multiply_group::<T, 8>(own, pairs, own_out, finish),
            4 => multiply_group::<T, 4>(own, pairs, own_out, finish),
            2 => multiply_group::<T, 2>(own, pairs, own_out, finish),
            _ => multiply_group::<T, 1>(own, pairs, own_out, finish),
        }
        (blocks, out) = (others, others_out);
    }
}

#[inline(always)]
fn multiply_group<T: Copy, const S: usize>(
    blocks: &[Block],
    pairs: &[i32],
    out: &mut [T],
    finish: impl Fn(v128) -> [T; STRIP],
) {
    let mut sums = [i32x4_splat(0); S];
    for (unit, &pair) in blocks.as_chunks::<S>().0.iter().zip(pairs) {
        let x = i32x4_splat(pair);
        for (sum, block) in sums.iter_mut().zip(unit) {
            *sum = i32x4_add(*sum, i32x4_dot_i16x8(bytes(block), x));
        }
    }
    store(&sums.map(finish), out);
}
