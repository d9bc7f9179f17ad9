//! Loads, stores and sums of vectors. Array literals compile to one `v128.load`.

use crate::kernels::pack::Block;
use core::arch::wasm32::{
    f32x4, f32x4_extract_lane, i32x4_add, i32x4_extract_lane, i32x4_shuffle, u8x16,
    u16x8_extract_lane, v128,
};

/// Sixteen bytes.
#[inline(always)]
pub fn bytes(block: &Block) -> v128 {
    let b = &block.0;
    u8x16(
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
        b[14], b[15],
    )
}

/// Four f32.
#[inline(always)]
pub fn floats(x: &[f32; 4]) -> v128 {
    f32x4(x[0], x[1], x[2], x[3])
}

/// Σ of four i32, modulo 2³².
#[inline(always)]
pub fn sum(v: v128) -> i32 {
    let low = i32x4_extract_lane::<0>(v).wrapping_add(i32x4_extract_lane::<1>(v));
    let high = i32x4_extract_lane::<2>(v).wrapping_add(i32x4_extract_lane::<3>(v));
    low.wrapping_add(high)
}

/// [`sum`] of each of four vectors: transposed halfway, they share their additions.
#[inline(always)]
pub fn sum_4([a, b, c, d]: [v128; 4]) -> v128 {
    let two = |a, b| {
        let low = i32x4_shuffle::<0, 4, 1, 5>(a, b);
        i32x4_add(low, i32x4_shuffle::<2, 6, 3, 7>(a, b))
    };
    let (ab, cd) = (two(a, b), two(c, d));
    let low = i32x4_shuffle::<0, 1, 4, 5>(ab, cd);
    i32x4_add(low, i32x4_shuffle::<2, 3, 6, 7>(ab, cd))
}

/// Four i32 as numbers.
#[inline(always)]
pub fn i32s(v: v128) -> [i32; 4] {
    [
        i32x4_extract_lane::<0>(v),
        i32x4_extract_lane::<1>(v),
        i32x4_extract_lane::<2>(v),
        i32x4_extract_lane::<3>(v),
    ]
}

/// Four f32 as numbers.
#[inline(always)]
pub fn f32s(v: v128) -> [f32; 4] {
    [
        f32x4_extract_lane::<0>(v),
        f32x4_extract_lane::<1>(v),
        f32x4_extract_lane::<2>(v),
        f32x4_extract_lane::<3>(v),
    ]
}

/// [`sum`] of each of several vectors.
#[inline(always)]
pub fn sums(vectors: &[v128], found: &mut [i32]) {
    let (fours, rest) = vectors.as_chunks::<4>();
    let (found_fours, found_rest) = found.as_chunks_mut::<4>();
    for (&four, found) in fours.iter().zip(found_fours) {
        *found = i32s(sum_4(four));
    }
    for (&vector, found) in rest.iter().zip(found_rest) {
        *found = sum(vector);
    }
}

/// Writes what fits of the rows of S strips of R.
#[inline(always)]
pub fn store<T: Copy, const R: usize, const S: usize>(found: &[[T; R]; S], acc: &mut [T]) {
    if let Some(acc) = acc.as_chunks_mut().0.first_chunk_mut::<S>() {
        *acc = *found;
        return;
    }
    // One by one: a copy whose length is not constant is a call.
    for (row, &found) in found.as_flattened().iter().enumerate() {
        if let Some(acc) = acc.get_mut(row) {
            *acc = found;
        }
    }
}

/// Eight u16 as numbers.
pub fn u16s(v: v128) -> [u16; 8] {
    [
        u16x8_extract_lane::<0>(v),
        u16x8_extract_lane::<1>(v),
        u16x8_extract_lane::<2>(v),
        u16x8_extract_lane::<3>(v),
        u16x8_extract_lane::<4>(v),
        u16x8_extract_lane::<5>(v),
        u16x8_extract_lane::<6>(v),
        u16x8_extract_lane::<7>(v),
    ]
}

/// The entries of a 16-byte table at indices below 16. The relaxed form is one instruction on x86, and
/// means the same for such indices.
#[inline(always)]
pub fn look_up(table: v128, indices: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return core::arch::wasm32::i8x16_relaxed_swizzle(table, indices);
    #[cfg(not(target_feature = "relaxed-simd"))]
    core::arch::wasm32::i8x16_swizzle(table, indices)
}
