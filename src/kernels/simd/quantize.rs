//! Sixteen values at a time, rounded by an addition: in float32, 1.5·2²³ + t has no bits for a fraction, so the
//! sum is rounded to a whole number, ties to even, and the low 16 bits of its pattern are that number for
//! |t| < 2¹⁵. Picking them out is a shuffle, where conversions and narrowing would saturate twice.

use super::vector::floats;
use core::arch::wasm32::{
    f32x4_add, f32x4_eq, f32x4_extract_lane, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat,
    i8x16_shuffle, i16x8_shuffle, i32x4_max, i32x4_shuffle, i32x4_splat, u64x2_extract_lane, v128,
    v128_and,
};

/// 1.5·2²³.
const ROUNDING: f32 = 12_582_912.0;

/// The largest |x|; NaN does not count.
pub fn largest_magnitude(x: &[f32]) -> f32 {
    largest(x, |v| v128_and(v, f32x4_eq(v, v)))
}

/// The largest |x|; NaN if one is NaN.
#[inline(always)]
pub fn largest_or_nan(x: &[f32]) -> f32 {
    largest(x, |v| v)
}

/// The largest magnitude of what is kept. Bits of magnitudes are ordered like them, with NaN above infinity; a
/// maximum of floats would become one that treats NaN as each processor likes where relaxed SIMD is allowed.
#[inline(always)]
fn largest(x: &[f32], keep: impl Fn(v128) -> v128) -> f32 {
    let sign_off = i32x4_splat(i32::MAX);
    let mut most = [i32x4_splat(0); 4];
    let mut add = |x: &[f32; 16]| {
        for (most, x) in most.iter_mut().zip(x.as_chunks::<4>().0) {
            *most = i32x4_max(*most, v128_and(keep(floats(x)), sign_off));
        }
    };
    let (whole, tail) = x.as_chunks::<16>();
    whole.iter().for_each(&mut add);
    if !tail.is_empty() {
        add(&padded_16(tail));
    }
    let [a, b, c, d] = most;
    let v = i32x4_max(i32x4_max(a, b), i32x4_max(c, d));
    let v = i32x4_max(v, i32x4_shuffle::<2, 3, 0, 1>(v, v));
    let v = i32x4_max(v, i32x4_shuffle::<1, 0, 3, 2>(v, v));
    f32x4_extract_lane::<0>(v)
}

/// Up to 16 values and zeros.
#[inline(always)]
pub fn padded_16(x: &[f32]) -> [f32; 16] {
    core::array::from_fn(|i| x.get(i).copied().unwrap_or_default())
}

/// Levels of 16 values as 16-bit words, where every |x · inverse| < 2¹⁵.
#[inline(always)]
pub fn round_16(x: &[f32; 16], inverse: f32) -> [v128; 2] {
    words(x, |x| f32x4_mul(floats(x), f32x4_splat(inverse)))
}

/// Writes the levels of x.
pub fn quantize(x: &[f32], inverse: f32, levels: &mut [i8]) {
    let (whole, tail) = x.as_chunks::<16>();
    let (whole_levels, tail_levels) = levels.as_chunks_mut::<16>();
    for (x, levels) in whole.iter().zip(whole_levels) {
        *levels = quantize_16(x, inverse);
    }
    let last = quantize_16(&padded_16(tail), inverse);
    for (level, last) in tail_levels.iter_mut().zip(last) {
        *level = last;
    }
}

/// Levels of 16 values. NaN is 0 before it is compared, see [`largest`].
#[inline(always)]
fn quantize_16(x: &[f32; 16], inverse: f32) -> [i8; 16] {
    let [low, high] = words(x, |x| {
        let t = f32x4_mul(floats(x), f32x4_splat(inverse));
        let number = v128_and(t, f32x4_eq(t, t));
        f32x4_pmin(f32x4_splat(127.0), f32x4_pmax(f32x4_splat(-127.0), number))
    });
    let v = i8x16_shuffle::<0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30>(low, high);
    let halves = [u64x2_extract_lane::<0>(v), u64x2_extract_lane::<1>(v)];
    let mut levels = [0; 16];
    for (levels, half) in levels.as_chunks_mut::<8>().0.iter_mut().zip(halves) {
        *levels = half.to_le_bytes().map(|byte| byte as i8);
    }
    levels
}

/// The nearest whole numbers of what `scaled` makes of 16 values.
#[inline(always)]
fn words(x: &[f32; 16], scaled: impl Fn(&[f32; 4]) -> v128) -> [v128; 2] {
    let (fours, _) = x.as_chunks::<4>();
    let sum = |x: &[f32; 4]| f32x4_add(scaled(x), f32x4_splat(ROUNDING));
    let low_bits = |a, b| i16x8_shuffle::<0, 2, 4, 6, 8, 10, 12, 14>(sum(a), sum(b));
    [
        low_bits(&fours[0], &fours[1]),
        low_bits(&fours[2], &fours[3]),
    ]
}
