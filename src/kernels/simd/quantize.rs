//! Sixteen values at a time: `f32x4.nearest` rounds ties to even, the conversion to i32 takes NaN to 0, and
//! narrowing saturates.

use super::vector::floats;
use core::arch::wasm32::{
    f32x4_abs, f32x4_extract_lane, f32x4_mul, f32x4_nearest, f32x4_pmax, f32x4_splat, i8x16_max,
    i8x16_narrow_i16x8, i8x16_splat, i16x8_narrow_i32x4, i32x4_trunc_sat_f32x4, u64x2_extract_lane,
    v128,
};

/// The largest |x| of whole vectors; NaN does not count.
pub fn largest_magnitude(x: &[[f32; 4]]) -> f32 {
    // pmax(a, b) is b where a < b, else a.
    let larger = |most, x: &[f32; 4]| f32x4_pmax(most, f32x4_abs(floats(x)));
    let mut most = [f32x4_splat(0.0); 2];
    let (pairs, last) = x.as_chunks::<2>();
    for [a, b] in pairs {
        most = [larger(most[0], a), larger(most[1], b)];
    }
    most[0] = last.iter().fold(most[0], larger);
    let most = f32x4_pmax(most[0], most[1]);
    let a = f32x4_extract_lane::<0>(most).max(f32x4_extract_lane::<1>(most));
    a.max(f32x4_extract_lane::<2>(most))
        .max(f32x4_extract_lane::<3>(most))
}

/// Levels of 16 values.
#[inline(always)]
pub fn quantize_16(x: &[f32; 16], inverse: f32, levels: &mut [i8; 16]) {
    let (fours, _) = x.as_chunks::<4>();
    let round = |x: &[f32; 4]| -> v128 {
        i32x4_trunc_sat_f32x4(f32x4_nearest(f32x4_mul(floats(x), f32x4_splat(inverse))))
    };
    let low = i16x8_narrow_i32x4(round(&fours[0]), round(&fours[1]));
    let high = i16x8_narrow_i32x4(round(&fours[2]), round(&fours[3]));
    let v = i8x16_max(i8x16_narrow_i16x8(low, high), i8x16_splat(-127));
    let halves = [u64x2_extract_lane::<0>(v), u64x2_extract_lane::<1>(v)];
    for (levels, half) in levels.as_chunks_mut::<8>().0.iter_mut().zip(halves) {
        *levels = half.to_le_bytes().map(|byte| byte as i8);
    }
}
