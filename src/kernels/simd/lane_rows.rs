//! Uniform codes of 2, 3, 4 and 8 bits on plain SIMD128: rows that share 16-bit lanes.
//!
//! A lane holds one column of R = 16/b rows, read as a signed number Σ_j 2^(b·j)·f_j (the top row's field
//! signed, see the layout). An arithmetic shift by b·j leaves Σ_{i ≥ j} 2^(b·(i−j))·f_i, so with
//! P_j = Σ_columns (lane >> b·j)·x, which `i32x4.dot_i16x8_s` adds up without any mask,
//!
//!     Σ f_j·x = P_j − 2^b·P_{j+1}, exactly modulo 2³², and the result fits i32.
//!
//! With S strips of R rows:
//!
//! ```text
//! for each S strips:
//!     for each sample:
//!         P[S][R] = 0
//!         for each block of 8 columns:           # tricks 1 and 2
//!             for each strip s:
//!                 v = load the block of strip s
//!                 for each row j:
//!                     P[s][j] += dot(v, x[block])
//!                     v >>= b
//!         p = Σ of the lanes of each P           # trick 3
//!         for each strip s, row j:
//!             acc[s][j] = p[s][j] − 2^b·p[s][j+1]
//!         acc[s][R−1] += what its codes lack · Σx
//! ```
//!
//! 1. No masks. A row need not be cut out of its lanes: what the rows above it add is P_{j+1} times a power of two, and is
//!    subtracted once a strip instead of once a vector. That leaves three instructions for 8 columns of a row: dot, add
//!    and shift, none of which depends on the row's number.
//! 2. S strips at a time share the loads of x. Strips are found by their index: chunks of a length that is known only when
//!    running cost a division each, which takes as long as a strip of a small matrix. What is left at the end goes one by one.
//! 3. The lanes of four sums are added up together: transposed halfway, they share their additions (`vector::sum_4`).
//!    The four results are in one vector already, so that P_{j+1} is a shuffle that moves every lane down by one
//!    (`combine`). Five rows of 3 bits do not fill such vectors and are combined one by one.

use super::operand::padded;
use super::vector::{bytes, i32s, store, sum, sum_4};
use crate::kernels::layout::LaneRows;
use crate::kernels::matrix::Plane;
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use core::arch::wasm32::{
    i16x8_shr, i32x4, i32x4_add, i32x4_dot_i16x8, i32x4_shl, i32x4_shuffle, i32x4_splat, i32x4_sub,
    v128,
};

/// acc = codes · x for one tile of columns. R = 16/BITS; S strips at a time share the loads of x.
// Not inlined: see scripts/build-wasm.sh.
#[inline(never)]
pub fn multiply<const BITS: usize, const R: usize, const S: usize>(
    plane: &Plane,
    x: &[i8],
    sums: &[i32],
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    let lanes = scratch.operands.fill_lanes(x, plane.columns);
    let run = padded(plane.columns) / 8;
    let length = plane.columns.div_ceil(8);
    let strips = plane.blocks.len() / length;
    for first in (0..strips).step_by(S) {
        let group = &plane.blocks[first * length..];
        let count = S.min(strips - first);
        for (sample, &total) in sums.iter().enumerate() {
            let x = &lanes[sample * run..][..run];
            let acc = &mut acc[sample * plane.rows..][..plane.rows][first * R..];
            if count == S {
                store(&products::<BITS, R, S>(group, length, x, total), acc);
            } else {
                for strip in 0..count {
                    let found = products::<BITS, R, 1>(&group[strip * length..], length, x, total);
                    store(&found, &mut acc[strip * R..]);
                }
            }
        }
    }
}

/// The products of S strips of R rows; `total` = Σ x.
#[inline(always)]
fn products<const BITS: usize, const R: usize, const S: usize>(
    blocks: &[Block],
    length: usize,
    x: &[v128],
    total: i32,
) -> [[i32; R]; S] {
    let mut p = [[i32x4_splat(0); R]; S];
    let strips: [&[Block]; S] = core::array::from_fn(|s| &blocks[s * length..][..length]);
    for (column, &x) in x[..length].iter().enumerate() {
        for (p, strip) in p.iter_mut().zip(strips) {
            let mut v = bytes(&strip[column]);
            for p in p {
                *p = i32x4_add(*p, i32x4_dot_i16x8(v, x));
                v = i16x8_shr(v, BITS as u32);
            }
        }
    }
    // What the top row's codes lack, see the layout.
    let lacking = if LaneRows::<BITS>::FULL {
        total << (BITS - 1)
    } else {
        0
    };
    let mut found = [[0; R]; S];
    let (fours, _) = found.as_flattened_mut().as_chunks_mut::<4>();
    if 16 % R == 0 && fours.len() * 4 == R * S {
        combine(R, BITS as u32, p.as_flattened(), lacking, fours);
        return found;
    }
    for (found, p) in found.iter_mut().zip(p) {
        *found = p.map(sum);
        for j in 0..R - 1 {
            found[j] = found[j].wrapping_sub(found[j + 1] << BITS);
        }
        found[R - 1] = found[R - 1].wrapping_add(lacking);
    }
    found
}

/// P_j − 2^b·P_{j+1} for strips of 2, 4 or 8 rows, four sums to a vector; `lacking` goes to each strip's last row.
///
/// ```text
/// rows   own = lanes of P              next = the P that each is diminished by
///    2   P_0  P_1   P_0  P_1           P_1  0    P_1  0
///    4   P_0  P_1   P_2  P_3           P_1  P_2  P_3  0
///    8   P_0  P_1   P_2  P_3           P_1  P_2  P_3  P_4, the first lane of the vector that follows
///        P_4  P_5   P_6  P_7           P_5  P_6  P_7  0
/// ```
#[inline(always)]
fn combine(rows: usize, bits: u32, p: &[v128], lacking: i32, found: &mut [[i32; 4]]) {
    let zero = i32x4_splat(0);
    let mut sums = [zero; 5];
    for (sum, &p) in sums.iter_mut().zip(p.as_chunks::<4>().0) {
        *sum = sum_4(p);
    }
    for (index, found) in found.iter_mut().enumerate() {
        let (own, following) = (sums[index], sums[index + 1]);
        let (next, lacking) = match rows {
            2 => (
                i32x4_shuffle::<1, 4, 3, 4>(own, zero),
                i32x4(0, lacking, 0, lacking),
            ),
            8 if index % 2 == 0 => (i32x4_shuffle::<1, 2, 3, 4>(own, following), zero),
            _ => (
                i32x4_shuffle::<1, 2, 3, 4>(own, zero),
                i32x4(0, 0, 0, lacking),
            ),
        };
        *found = i32s(i32x4_add(i32x4_sub(own, i32x4_shl(next, bits)), lacking));
    }
}
