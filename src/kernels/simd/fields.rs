//! Codes of 2, 3, 4 and 8 bits in fields of bytes: the loop of all kernels that multiply one row's codes at a time.
//!
//! A unit is what comes out of its blocks together: R rows of F vectors, 16 codes each. Byte j of field f is column
//! 16·f + j, so a field meets 16 consecutive columns of x, and no bits move between bytes. With K for the kernel
//! (codebook or uniform, plain or relaxed SIMD) and S strips of R rows:
//!
//! ```text
//! for each S strips:
//!     for each sample:
//!         sums[S][R] = 0
//!         for each K::UNITS units:               # trick 3
//!             for each unit:
//!                 for each strip s:              # trick 1
//!                     v[R][F] = unpack(load the unit's blocks of strip s)
//!                     for each row r, field f:
//!                         sums[s][r] += K(v[r][f], x[unit][f])
//!             widen(sums)
//!         acc[S][R] = Σ of the lanes of sums[S][R]
//! ```
//!
//! 1. S strips at a time. A vector of x is loaded once for S·R rows, and the strips are S streams of memory for the
//!    processor to fetch ahead. A kernel holds up to three vectors of sums a row, and x86 has 16 registers: hence four
//!    strips of one row, or two of two. Where strips are missing at the end, the last one is multiplied again: another loop
//!    would be as much code again, for at most three strips of a matrix.
//! 2. Unpacking is a shift and a mask a field, or less. Shifts are of 16-bit lanes, since x86 has none of bytes; the mask
//!    removes what they drag across a byte's border. The odd fields of 2 bits are not shifted: what is left is 4 times the
//!    code, and the kernel shifts the sum. For codebooks two of these fields stay together as a nibble, which indexes one
//!    table for its lower half and another for its upper one, so that four fields take two masks. Fields of 3 bits leave 2
//!    bits of every byte; those of three blocks are two more fields.
//! 3. Sums stay narrow for as long as they fit. Where the kernel adds in 16 bits, an addition does twice as many columns
//!    as in 32; [`Accumulate::UNITS`] says when the largest sum could leave them, and [`ALL_UNITS`] that none can.
//! 4. The lanes of a sum are added up once for each strip and sample, those of four sums together (`vector::sum_4`).
//!
//! Slices are cut into chunks of constant length before the loop (`as_chunks`), which then has no bounds to check. Everything
//! is inlined into one function for each width and kernel; `tests/vector-loops.test.mjs` disassembles the binaries and
//! makes sure that their inner loops load nothing but vectors.

use super::vector::{bytes, store, sums as horizontal_sums};
use crate::kernels::layout::{Fields, Fields3, SignedBytes};
use crate::kernels::matrix::{MAX_COLUMNS, Plane};
use crate::kernels::pack::Block;
use core::arch::wasm32::{u8x16_splat, u16x8_shr, v128, v128_and, v128_or};

/// Units of 64 columns of the largest matrix. Sums in 32 bits hold them all: 65,536·127·127 < 2³¹.
pub const ALL_UNITS: usize = MAX_COLUMNS / 64;

/// What kernels need to know of a width.
pub trait Width {
    /// Bits by which the codes of odd fields are too large.
    const ODD: u32;
    /// The largest code as it comes out of a field.
    const LARGEST: usize;

    /// The tables of levels for the indices of even and odd fields.
    fn tables(levels: [u8; 16]) -> [[u8; 16]; 2] {
        [levels; 2]
    }
}

impl Width for Fields<4> {
    const ODD: u32 = 0;
    const LARGEST: usize = 15;
}

impl Width for Fields<2> {
    const ODD: u32 = 2;
    const LARGEST: usize = 3 << Self::ODD;

    fn tables(levels: [u8; 16]) -> [[u8; 16]; 2] {
        [
            core::array::from_fn(|nibble| levels[nibble % 4]),
            core::array::from_fn(|nibble| levels[nibble / 4]),
        ]
    }
}

impl Width for Fields3 {
    const ODD: u32 = 0;
    const LARGEST: usize = 7;
}

/// How a unit's blocks become vectors: for each row F vectors of 16 columns.
pub trait Unpack<const BLOCKS: usize, const ROWS: usize, const F: usize> {
    /// Codes, each in a byte of its own, those of odd fields times 2^[`Width::ODD`].
    fn codes(blocks: &[Block; BLOCKS]) -> [[v128; F]; ROWS];

    /// Indices into [`Width::tables`], where fewer instructions make them.
    #[inline(always)]
    fn indices(blocks: &[Block; BLOCKS]) -> [[v128; F]; ROWS] {
        Self::codes(blocks)
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

/// What is done with fields of width W and their columns of x.
pub trait Accumulate<W> {
    /// Sixteen columns of x.
    type X;
    /// Sums under way.
    type Sums: Copy;
    /// Units of 64 columns after which [`Self::widen`] is due.
    const UNITS: usize;
    /// Whether fields are given as indices instead of codes.
    const INDICES: bool;

    fn zero() -> Self::Sums;
    /// Adds field `field` of a unit.
    fn add(&self, sums: &mut Self::Sums, field: usize, indices: v128, x: &Self::X);
    fn widen(_sums: &mut Self::Sums) {}
    /// One vector whose sum is the product.
    fn total(sums: Self::Sums) -> v128;
}

/// acc = levels · x for fields of 2, 3 and 4 bits. `make_kernel` is given [`Width::tables`].
#[inline(always)]
pub fn for_width<K, X>(
    plane: &Plane,
    make_kernel: impl FnOnce(fn([u8; 16]) -> [[u8; 16]; 2]) -> K,
    x: &[X],
    run: usize,
    samples: usize,
    acc: &mut [i32],
) where
    K: Accumulate<Fields<2>, X = X> + Accumulate<Fields3, X = X> + Accumulate<Fields<4>, X = X>,
{
    match plane.bits {
        2 => {
            let kernel = make_kernel(Fields::<2>::tables);
            multiply::<Fields<2>, K, 4, 1, 1, 4>(plane, &kernel, x, run, samples, acc);
        }
        3 => {
            let kernel = make_kernel(Fields3::tables);
            multiply::<Fields3, K, 2, 3, 2, 4>(plane, &kernel, x, run, samples, acc);
        }
        _ => {
            let kernel = make_kernel(Fields::<4>::tables);
            multiply::<Fields<4>, K, 4, 1, 1, 2>(plane, &kernel, x, run, samples, acc);
        }
    }
}

/// acc = levels · x; `x` holds `run` entries for each column of activations.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply<W, K, const S: usize, const BLOCKS: usize, const ROWS: usize, const F: usize>(
    plane: &Plane,
    kernel: &K,
    x: &[K::X],
    run: usize,
    samples: usize,
    acc: &mut [i32],
) where
    W: Unpack<BLOCKS, ROWS, F>,
    K: Accumulate<W>,
{
    let length = plane.columns.div_ceil(16 * F) * BLOCKS;
    let strips = plane.blocks.len() / length;
    for first in (0..strips).step_by(S) {
        let blocks = core::array::from_fn(|s| {
            &plane.blocks[(first + s).min(strips - 1) * length..][..length]
        });
        for sample in 0..samples {
            let x = &x[sample * run..][..run];
            let found = products::<W, K, S, BLOCKS, ROWS, F>(kernel, blocks, x);
            let acc = &mut acc[sample * plane.rows..][..plane.rows][first * ROWS..];
            store(&found, acc);
        }
    }
}

#[inline(always)]
fn products<
    W: Unpack<BLOCKS, ROWS, F>,
    K: Accumulate<W>,
    const S: usize,
    const BLOCKS: usize,
    const ROWS: usize,
    const F: usize,
>(
    kernel: &K,
    strips: [&[Block]; S],
    x: &[K::X],
) -> [[i32; ROWS]; S] {
    let unpack = if K::INDICES { W::indices } else { W::codes };
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
