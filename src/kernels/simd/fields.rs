//! Codes in fields of bytes, and the loop over two strips of rows that share the loads of x.

use super::vector::{bytes, store, sums as horizontal_sums};
use crate::kernels::layout::{Fields, Fields3, SignedBytes};
use crate::kernels::matrix::Plane;
use crate::kernels::pack::Block;
use core::arch::wasm32::{u8x16_splat, u16x8_shr, v128, v128_and, v128_or};

/// How a unit's blocks become vectors of indices: for each row F vectors of 16 columns.
pub trait Unpack<const BLOCKS: usize, const ROWS: usize, const F: usize> {
    /// Codes, each in a byte of its own; [`Fields<2>`] gives its odd fields times 4.
    fn codes(blocks: &[Block; BLOCKS]) -> [[v128; F]; ROWS];

    /// Indices into [`Self::tables`], where fewer instructions make them.
    #[inline(always)]
    fn indices(blocks: &[Block; BLOCKS]) -> [[v128; F]; ROWS] {
        Self::codes(blocks)
    }

    /// The tables of levels for even and odd fields.
    fn tables(levels: [u8; 16]) -> [[u8; 16]; 2] {
        [levels; 2]
    }
}

/// Bits `shift`.. of every byte under `mask`. The 16-bit shift drags bits across bytes, which the mask removes;
/// a shift of bytes would be a 16-bit shift and a mask of its own on x86.
#[inline(always)]
fn field(v: v128, shift: u32, mask: u8) -> v128 {
    v128_and(u16x8_shr(v, shift), u8x16_splat(mask))
}

impl Unpack<1, 1, 2> for Fields<4> {
    #[inline(always)]
    fn codes([block]: &[Block; 1]) -> [[v128; 2]; 1] {
        let v = bytes(block);
        [[field(v, 0, 15), field(v, 4, 15)]]
    }
}

impl Unpack<1, 1, 4> for Fields<2> {
    /// Odd fields stay where they are: 4 times the code, without a shift.
    #[inline(always)]
    fn codes([block]: &[Block; 1]) -> [[v128; 4]; 1] {
        let v = bytes(block);
        let half = u16x8_shr(v, 4);
        [[
            field(v, 0, 3),
            field(v, 0, 12),
            field(half, 0, 3),
            field(half, 0, 12),
        ]]
    }

    /// A nibble of two codes indexes both of their tables.
    #[inline(always)]
    fn indices([block]: &[Block; 1]) -> [[v128; 4]; 1] {
        let v = bytes(block);
        let (low, high) = (field(v, 0, 15), field(v, 4, 15));
        [[low, low, high, high]]
    }

    fn tables(levels: [u8; 16]) -> [[u8; 16]; 2] {
        [
            core::array::from_fn(|nibble| levels[nibble % 4]),
            core::array::from_fn(|nibble| levels[nibble / 4]),
        ]
    }
}

impl Unpack<3, 2, 4> for Fields3 {
    #[inline(always)]
    fn codes(blocks: &[Block; 3]) -> [[v128; 4]; 2] {
        let [a, b, c] = [bytes(&blocks[0]), bytes(&blocks[1]), bytes(&blocks[2])];
        let (first, second) = (|v| field(v, 0, 7), |v| field(v, 3, 7));
        let sixth = v128_or(field(a, 5, 6), field(c, 6, 1));
        let seventh = v128_or(field(b, 5, 6), field(c, 7, 1));
        [
            [first(a), second(a), first(b), second(b)],
            [first(c), second(c), sixth, seventh],
        ]
    }
}

impl Unpack<1, 1, 1> for SignedBytes {
    #[inline(always)]
    fn codes([block]: &[Block; 1]) -> [[v128; 1]; 1] {
        [[bytes(block)]]
    }
}

/// What is done with a vector of indices and its 16 columns of x.
pub trait Accumulate {
    /// Sixteen columns of x.
    type X;
    /// Sums under way.
    type Sums: Copy;
    /// Units of 64 columns after which [`Self::widen`] is due.
    const UNITS: usize;

    fn zero() -> Self::Sums;
    /// Adds field `field` of a unit.
    fn add(&self, sums: &mut Self::Sums, field: usize, indices: v128, x: &Self::X);
    fn widen(sums: &mut Self::Sums);
    /// One vector whose sum is the product.
    fn total(sums: Self::Sums) -> v128;
}

/// acc = levels · x; `x` holds `run` entries for each column of activations. S strips at a time share the loads
/// of x, and are S streams for the processor to fetch ahead.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply<K, const S: usize, const BLOCKS: usize, const ROWS: usize, const F: usize>(
    plane: &Plane,
    kernel: &K,
    unpack: impl Fn(&[Block; BLOCKS]) -> [[v128; F]; ROWS] + Copy,
    x: &[K::X],
    run: usize,
    samples: usize,
    acc: &mut [i32],
) where
    K: Accumulate,
{
    let length = plane.columns.div_ceil(16 * F) * BLOCKS;
    let strips = plane.blocks.len() / length;
    for first in (0..strips).step_by(S) {
        // Where strips are missing at the end, the last one is multiplied again, which is simpler than another loop.
        let blocks = core::array::from_fn(|s| {
            &plane.blocks[(first + s).min(strips - 1) * length..][..length]
        });
        for sample in 0..samples {
            let x = &x[sample * run..][..run];
            let found = products::<K, S, BLOCKS, ROWS, F>(kernel, unpack, blocks, x);
            let acc = &mut acc[sample * plane.rows..][..plane.rows][first * ROWS..];
            store(&found, acc);
        }
    }
}

#[inline(always)]
fn products<
    K: Accumulate,
    const S: usize,
    const BLOCKS: usize,
    const ROWS: usize,
    const F: usize,
>(
    kernel: &K,
    unpack: impl Fn(&[Block; BLOCKS]) -> [[v128; F]; ROWS],
    strips: [&[Block]; S],
    x: &[K::X],
) -> [[i32; ROWS]; S] {
    let mut sums = [[K::zero(); ROWS]; S];
    let strips = strips.map(|strip| strip.as_chunks::<BLOCKS>().0);
    let x = &x.as_chunks::<F>().0[..strips[0].len()];
    // A unit of F fields is F/4 of 64 columns.
    let chunk = K::UNITS * 4 / F;
    for start in (0..x.len()).step_by(chunk) {
        let end = (start + chunk).min(x.len());
        let parts = strips.map(|strip| &strip[start..end]);
        for (unit, x) in x[start..end].iter().enumerate() {
            for (sums, part) in sums.iter_mut().zip(parts) {
                for (sums, fields) in sums.iter_mut().zip(unpack(&part[unit])) {
                    for (field, (indices, x)) in fields.into_iter().zip(x).enumerate() {
                        kernel.add(sums, field, indices, x);
                    }
                }
            }
        }
        sums.iter_mut().flatten().for_each(K::widen);
    }
    let totals = sums.map(|rows| rows.map(K::total));
    let mut found = [[0; ROWS]; S];
    horizontal_sums(totals.as_flattened(), found.as_flattened_mut());
    found
}
