//! One point: a·q with codes q ∈ {−N, …, N}/N, N = 2^(b−1) − 1. There is no code −2^(b−1): with it, a point and its
//! negative would not be the same.
//!
//! A point is kept as its step a/N: codes are k = clamp(round(r/step), −N, N), the point's values step·k. The step is the
//! best of 100 positions in (0, ‖r‖∞]/N, each refitted to its codes, step ← (r·k)/(k·k), the least squares for fixed k;
//! rounding to the nearest multiple of the refitted step can only bring r nearer. "No point" is among the candidates, so
//! ‖r‖₂ never grows.

use crate::quant::range::{LARGEST, SMALLEST};

/// Positions tried for a coefficient.
const POSITIONS: usize = 100;

/// Fewest bits of a code: one bit would leave the code 0 alone.
pub const FEWEST_BITS: u32 = 2;

/// N, the largest code of `bits`, 2 to 8.
pub fn largest_code(bits: u32) -> f32 {
    ((1u32 << (bits - 1)) - 1) as f32
}

/// A number that sums can take: 0 for NaN and infinities.
pub fn finite(x: f32) -> f32 {
    if x.is_finite() {
        x.clamp(-LARGEST, LARGEST)
    } else {
        0.0
    }
}

/// Turns values into codes of one point.
#[derive(Debug, Clone, Copy)]
pub struct Coder {
    inverse: f32,
    last: f32,
}

impl Coder {
    /// For codes of `bits` with this step ≥ 0; a step of 0 has the code 0 alone.
    pub fn new(step: f32, bits: u32) -> Self {
        Self {
            inverse: if step > 0.0 { 1.0 / step } else { 0.0 },
            last: if step > 0.0 { largest_code(bits) } else { 0.0 },
        }
    }

    /// The code k of a value; −N for NaN.
    #[inline(always)]
    pub fn code(self, x: f32) -> f32 {
        (x * self.inverse)
            .max(-self.last)
            .min(self.last)
            .round_ties_even()
    }
}

/// The step whose point leaves the least ‖r − point‖₂; None where no point makes it less. `r` is finite; bits 2 to 8.
pub fn best_step(r: &[f32], bits: u32) -> Option<f32> {
    let largest = r.iter().fold(0.0f32, |most, r| most.max(r.abs()));
    if largest <= SMALLEST {
        return None;
    }
    let square: f64 = r.iter().map(|&r| f64::from(r) * f64::from(r)).sum();
    let mut best = (square, None);
    for position in 1..=POSITIONS {
        let tried = largest * position as f32 / POSITIONS as f32 / largest_code(bits);
        let Some(step) = refitted(r, tried, bits) else {
            continue;
        };
        let error = squared_error(r, step, bits);
        if error < best.0 {
            best = (error, Some(step));
        }
    }
    best.1
}

/// (r·k)/(k·k) for the codes of `step`; None where all are 0.
fn refitted(r: &[f32], step: f32, bits: u32) -> Option<f32> {
    let coder = Coder::new(step, bits);
    let (mut product, mut square) = (0.0f64, 0.0f64);
    for &r in r {
        let code = f64::from(coder.code(r));
        product += f64::from(r) * code;
        square += code * code;
    }
    let step = (product / square) as f32;
    (step > SMALLEST / largest_code(bits) && step.is_finite()).then_some(step)
}

/// ‖r − point‖₂².
pub fn squared_error(r: &[f32], step: f32, bits: u32) -> f64 {
    let coder = Coder::new(step, bits);
    let error = |&r: &f32| f64::from(r - step * coder.code(r));
    r.iter().map(error).map(|error| error * error).sum()
}
