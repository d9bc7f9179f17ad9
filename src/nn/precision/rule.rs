//! The scale of a gradient from its statistics: adaptive loss scaling (Zhao, Vogel, Ahmed 2019, arXiv 1910.12385).
//!
//! A layer passes on o = Wᵀg, sums of K products. With g and W taken as independent and o as normal around 0,
//!
//!   σ_o² = E[g²]·E[W²]·K/2,   P(|o| < u) = erf(u/(√2·σ_o))
//!
//! where ½ stands for the ReLU that lets half of the gradients through. So that at most the part T of o is below the
//! format's smallest number u_min, α·σ_o must be u_min/c, with erf(c/√2) = T. Then α is
//!
//! 1. not below 1: gradients are scaled down only where they would overflow;
//! 2. at most u_max/K/(max|g|·max|W|), which no sum of K products can exceed: here it may fall below 1;
//! 3. bounded by [`MOST`] over the scale reached so far;
//! 4. rounded down to a power of two, so that it changes no mantissa.
//!
//! K is the true reduction length, output channels *of a group* times k²: with those of all groups a depthwise
//! layer's α would be √C too small and the bound of rule 2 C times too tight.
//! Gradients of a trained network have heavier tails than a normal distribution, so more than T may be lost: the few
//! large ones set σ.

use super::format::{Format, largest};
use crate::nn::ops::sums;

/// No scale is beyond this: far more than any gradient of the built-in networks needs, and far from f32's limits.
pub const MOST: f32 = 16_777_216.0;

/// E\[x²\] and max|x| of a tensor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Statistics {
    /// Mean of the squares.
    pub mean_square: f64,
    /// Largest magnitude.
    pub largest: f64,
}

impl Statistics {
    /// Of the numbers x, all 0 for none. Those of scale·x follow by [`Self::scaled`].
    pub fn of(x: &[f32]) -> Self {
        Self {
            mean_square: f64::from(sums::squared_deviations(x, 0.0)) / x.len().max(1) as f64,
            largest: f64::from(largest(x)),
        }
    }

    /// Of the same numbers times `scale` > 0.
    pub fn scaled(self, scale: f32) -> Self {
        let scale = f64::from(scale);
        Self {
            mean_square: self.mean_square * scale * scale,
            largest: self.largest * scale,
        }
    }
}

/// Rule for one format and one tolerated underflow rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// u_min/c: the standard deviation at which the tolerated part underflows.
    deviation: f64,
    /// u_max.
    largest: f64,
}

impl Rule {
    /// `underflow` is T, in (0, 1).
    pub fn new(format: Format, underflow: f64) -> Self {
        Self {
            deviation: format.smallest() / normal_quantile(underflow),
            largest: f64::from(format.largest()),
        }
    }

    /// α of the product of a gradient g that already carries `reached`, and weights w: g's statistics are those of
    /// the scaled numbers. A power of two; 1 where g or w is zero throughout, or not finite.
    pub fn product(&self, g: Statistics, w: Statistics, reduction: usize, reached: f32) -> f32 {
        let terms = reduction as f64;
        let deviation = (g.mean_square * w.mean_square * 0.5 * terms).sqrt();
        self.factor(deviation, g.largest * w.largest * terms, reached)
    }

    /// The scale of a gradient that enters the narrow format: the same rule without weights.
    pub fn cast(&self, g: Statistics) -> f32 {
        self.factor(g.mean_square.sqrt(), g.largest, 1.0)
    }

    fn factor(&self, deviation: f64, bound: f64, reached: f32) -> f32 {
        let usable = deviation > 0.0 && bound > 0.0 && deviation.is_finite() && bound.is_finite();
        if !usable {
            return 1.0;
        }
        let wanted = (self.deviation / deviation).max(1.0);
        let allowed = wanted
            .min(self.largest / bound)
            .min(f64::from(MOST / reached));
        // Never below 2⁻⁶⁴: the quotient of finite numbers of f32 stays far from f64's own limits.
        power_of_two(allowed.max(5.421_010_862_427_522e-20))
    }
}

/// The largest power of two that is at most `x`, a normal number > 0 in the range of f32.
fn power_of_two(x: f64) -> f32 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    f64::from_bits(x.to_bits() & EXPONENT) as f32
}

/// c with erf(c/√2) = `part`: a normal variable is within c deviations with this probability, in (0, 1).
fn normal_quantile(part: f64) -> f64 {
    use core::f64::consts::{FRAC_1_SQRT_2, PI};
    let slope = |c: f64| (2.0 / PI).sqrt() * libm::exp(-0.5 * c * c);
    // Newton's method from 0: erf bends down, so every step but the last stays below the root.
    let mut c = 0.0;
    for _ in 0..60 {
        c -= (libm::erf(c * FRAC_1_SQRT_2) - part) / slope(c);
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_the_inverse_of_the_error_function() {
        for (part, expected) in [
            (1e-3, 1.253_314_465e-3),
            (0.5, 0.674_489_750),
            (0.05, 0.062_706_778),
            (1e-6, 1.253_314_137e-6),
        ] {
            let found = normal_quantile(part);
            assert!((found / expected - 1.0).abs() < 1e-8, "{part}: {found}");
        }
    }

    #[test]
    fn powers_of_two_are_rounded_down() {
        for (x, expected) in [
            (1.0, 1.0),
            (1.99, 1.0),
            (2.0, 2.0),
            (0.9, 0.5),
            (4095.0, 2048.0),
        ] {
            assert_eq!(power_of_two(x), expected);
        }
    }
}
