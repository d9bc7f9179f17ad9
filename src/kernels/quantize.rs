//! Real activations to int8 levels: t = round(x / scale), clamped to −127..=127, ties to even. NaN gives 0.

/// Largest magnitude of a level.
pub const LARGEST_LEVEL: f32 = 127.0;

/// The largest |x|; 0 for none. NaN does not count.
pub fn largest_magnitude(x: &[f32]) -> f32 {
    #[cfg(target_feature = "simd128")]
    return super::simd::quantize::largest_magnitude(x);
    #[cfg(not(target_feature = "simd128"))]
    x.iter()
        .map(|x| x.abs())
        .fold(0.0, |most, x| if x > most { x } else { most })
}

/// The scale with which the largest |x| becomes ±127; 0 where nothing is to be scaled.
pub fn scale_for(x: &[f32]) -> f32 {
    let most = largest_magnitude(x);
    if most.is_finite() {
        most / LARGEST_LEVEL
    } else {
        0.0
    }
}

/// The same scale, if rounding is all that it takes to get the levels: every x is finite, and the largest so far
/// from the ends of float32's range that x / scale stays within ±127.49.
#[cfg(target_feature = "simd128")]
#[inline(always)]
pub fn plain_scale(x: &[f32]) -> Option<f32> {
    // Below this the scale is subnormal and its inverse inaccurate or infinite.
    const LEAST: f32 = LARGEST_LEVEL * f32::MIN_POSITIVE;
    let most = super::simd::quantize::largest_or_nan(x);
    (LEAST..f32::INFINITY)
        .contains(&most)
        .then_some(most / LARGEST_LEVEL)
}

/// Writes the levels of x. A scale of 0 gives zeros.
pub fn quantize(x: &[f32], scale: f32, levels: &mut [i8]) {
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    #[cfg(target_feature = "simd128")]
    super::simd::quantize::quantize(x, inverse, levels);
    #[cfg(not(target_feature = "simd128"))]
    for (level, &x) in levels.iter_mut().zip(x) {
        let t = (x * inverse).round_ties_even();
        *level = t.clamp(-LARGEST_LEVEL, LARGEST_LEVEL) as i8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_becomes_127_and_the_rest_is_rounded() {
        let x = [0.5, -2.0, 1.0, 0.007, f32::NAN, 0.0, -0.0, 2.0, 1.999];
        let scale = scale_for(&x);
        let mut t = [99; 9];
        quantize(&x, scale, &mut t);
        assert_eq!(t, [32, -127, 64, 0, 0, 0, 0, 127, 127]);
    }

    #[test]
    fn nothing_and_infinity_give_zeros() {
        for x in [[0.0; 9], [f32::INFINITY; 9]] {
            let mut t = [99; 9];
            quantize(&x, scale_for(&x), &mut t);
            assert_eq!(t, [0; 9]);
        }
        assert_eq!(scale_for(&[]), 0.0);
    }
}
