//! Powers of two (Miyashita et al. 2016; learned scale as in Li et al. 2020): levels α·2^(−k), with which a
//! multiplication is a shift. Every bit more only adds levels next to 0.
//!
//! Signed: {0, ±2^(−(n−1)), …, ±1}·α with n = 2^(b−1) − 1, so 2^b − 1 levels. Unsigned: n = 2^b − 1
//! magnitudes and 0. dL/dα = Σ δ·x_q/α.

use super::Role;
use super::scaled::{ScaleGradient, ScaledLevels};

/// Levels up to `scale` > 0. `bits` is 1 to 8, for a signed tensor 2 to 8: sessions refuse 1, here it counts as 2.
pub fn power_of_two(role: Role, bits: u32, signed: bool, scale: f32) -> ScaledLevels {
    let (bits, base) = base(bits, signed);
    ScaledLevels::new(role, bits, base, scale, ScaleGradient::Level)
}

/// The scale with the least squared error on a tensor.
pub fn calibrated(role: Role, bits: u32, x: &[f32]) -> ScaledLevels {
    let (bits, base) = base(bits, needs_sign(role, x));
    ScaledLevels::calibrated(role, bits, base, x, ScaleGradient::Level)
}

/// Weights are signed, and activations that go below 0.
pub(super) fn needs_sign(role: Role, x: &[f32]) -> bool {
    role == Role::Weight || x.iter().any(|&v| v < 0.0)
}

fn base(bits: u32, signed: bool) -> (u32, Vec<f32>) {
    let bits = bits.clamp(if signed { 2 } else { 1 }, 8);
    let count = if signed {
        (1i32 << (bits - 1)) - 1
    } else {
        (1i32 << bits) - 1
    };
    let magnitudes = (0..count).rev().map(power).collect();
    (bits, with_signs(magnitudes, signed))
}

/// 2^−k from its bits; beyond 2^−126 a level would leave the normal numbers.
pub(super) fn power(k: i32) -> f32 {
    f32::from_bits(((127 - k.min(126)) as u32) << 23)
}

/// 0 and the ascending `magnitudes`, and their negatives where `signed`.
pub(super) fn with_signs(magnitudes: Vec<f32>, signed: bool) -> Vec<f32> {
    let negative = magnitudes.iter().rev().map(|v| -v).filter(|_| signed);
    let mut base: Vec<f32> = negative.collect();
    base.push(0.0);
    base.extend(magnitudes);
    base
}
