//! What a pair of QuantizeLinear and DequantizeLinear does to real numbers besides rounding them: it cuts off what lies
//! outside the range of its levels, from scale·(lowest level − zero point) to scale·(highest level − zero point).
//!
//! That may be an activation function or only the range that was seen when the file was calibrated. It is taken for
//! - a Relu where the range begins at 0 (zero point = lowest level), whatever it ends at: the end is the largest value
//!   of the calibration, and a run finds ranges of its own;
//! - a Clip or Relu6 where its ends are multiples of 1/2, as limits that people choose are, and values that were seen
//!   are not;
//! - a range otherwise, which changes nothing, also where it ends at 0, as no activation does. The file cuts off what
//!   lies outside, but that was rare in calibration, and a network that is trained on should not be held to it.
//!
//! Where values cannot lie outside anyway (behind a Relu that was kept, in a pool behind it) nothing is added. A limit
//! that is seen by mistake cuts off where the file cuts off too.

use crate::nn::ops::activation::{Activation, Curve};
use crate::text::number;

/// Limits are multiples of 1 / this.
const PARTS: f64 = 2.0;
/// Rounding of a float32 scale times its number of levels, in parts of the range.
const ROUNDING: f64 = 1e-6;

/// Numbers between which all elements of a value lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub low: f32,
    pub high: f32,
}

impl Bounds {
    /// Nothing is known.
    pub const NONE: Self = Self {
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
    };

    /// Those of what lies in one or the other.
    pub fn or(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }

    /// Those of a mean in which zeros may count.
    pub fn or_zero(self) -> Self {
        self.or(Self {
            low: 0.0,
            high: 0.0,
        })
    }

    /// Those of a sum.
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            high: self.high + other.high,
        }
    }

    /// Whether an activation function leaves all values within them as they are.
    pub fn is_kept_by(self, activation: Activation) -> bool {
        let inside = |low: f32, high: f32| self.low >= low && self.high <= high;
        match activation {
            Activation::Identity => true,
            Activation::Relu => inside(0.0, f32::INFINITY),
            Activation::Relu6 => inside(0.0, 6.0),
            Activation::Imported(Curve::Clip { low, high }) => inside(low, high),
            Activation::Imported(Curve::LeakyRelu { .. }) => inside(0.0, f32::INFINITY),
            Activation::Imported(Curve::Sigmoid | Curve::Tanh | Curve::HardSwish) => false,
        }
    }

    /// Those of the output of an activation function.
    pub fn after(self, activation: Activation) -> Self {
        let within = |low: f32, high: f32| Self {
            low: self.low.clamp(low, high),
            high: self.high.clamp(low, high),
        };
        match activation {
            Activation::Identity => self,
            Activation::Relu => within(0.0, f32::INFINITY),
            Activation::Relu6 => within(0.0, 6.0),
            Activation::Imported(Curve::Clip { low, high }) => within(low, high),
            Activation::Imported(Curve::Sigmoid) => Self {
                low: 0.0,
                high: 1.0,
            },
            Activation::Imported(Curve::Tanh) => Self {
                low: -1.0,
                high: 1.0,
            },
            Activation::Imported(Curve::LeakyRelu { .. } | Curve::HardSwish) => Self::NONE,
        }
    }
}

/// Where values are cut off below and above.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Limits {
    low: Option<f32>,
    high: Option<f32>,
}

impl Limits {
    /// What the range of levels `lowest` to `highest` cuts off that is not just the range of a calibration.
    pub fn of_range(scale: f32, zero: i64, (lowest, highest): (i64, i64)) -> Self {
        let step = f64::from(scale);
        // The scale was rounded from the length of the range, so this is the range's own but for that rounding.
        let length = step * (highest - lowest) as f64;
        let chosen = (length * PARTS).round() / PARTS;
        let is_chosen = chosen > 0.0 && (length - chosen).abs() <= ROUNDING * length;
        if zero == lowest {
            return Self {
                low: Some(0.0),
                high: is_chosen.then_some(chosen as f32),
            };
        }
        // The zero point was rounded as well: to a whole number of steps.
        let low = step * (lowest - zero) as f64;
        let chosen_low = (low * PARTS).round() / PARTS;
        let shift = (low - chosen_low).abs();
        if is_chosen
            && zero != highest
            && shift <= step * (0.5 + ROUNDING * (highest - lowest) as f64)
        {
            return Self {
                low: Some(chosen_low as f32),
                high: Some((chosen_low + chosen) as f32),
            };
        }
        Self::default()
    }

    /// Those that values within `known` can reach.
    pub fn beyond(self, known: Bounds) -> Self {
        Self {
            low: self.low.filter(|&low| low > known.low),
            high: self.high.filter(|&high| high < known.high),
        }
    }

    /// The activation function that cuts off there.
    pub fn activation(self) -> Activation {
        match (self.low, self.high) {
            (None, None) => Activation::Identity,
            (Some(0.0), None) => Activation::Relu,
            (Some(0.0), Some(6.0)) => Activation::Relu6,
            (low, high) => Activation::Imported(Curve::Clip {
                low: low.unwrap_or(f32::NEG_INFINITY),
                high: high.unwrap_or(f32::INFINITY),
            }),
        }
    }
}

/// The limits that all channels share; None where only some of them begin at 0.
pub(super) fn limits_of_all(mut channels: impl Iterator<Item = Limits>) -> Option<Limits> {
    let mut all = channels.next()?;
    for limits in channels {
        if (limits.low == Some(0.0)) != (all.low == Some(0.0)) {
            return None;
        }
        all.low = all.low.filter(|_| all.low == limits.low);
        all.high = all.high.filter(|_| all.high == limits.high);
    }
    Some(all)
}

/// What a note calls an activation function that was read from a range.
pub(super) fn named(activation: Activation) -> String {
    match activation {
        Activation::Relu => "Relu".to_owned(),
        Activation::Relu6 => "Clip from 0 to 6".to_owned(),
        Activation::Imported(Curve::Clip { low, high }) => {
            let shown = |limit: f32| match limit.is_finite() {
                true => number(f64::from(limit)),
                false => "no limit".to_owned(),
            };
            format!("Clip from {} to {}", shown(low), shown(high))
        }
        _ => "another activation".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: (i64, i64) = (0, 255);
    const SIGNED: (i64, i64) = (-128, 127);

    fn read(low: f32, high: f32, range: (i64, i64)) -> Activation {
        // As onnxruntime finds scale and zero point.
        let scale = (high - low) / (range.1 - range.0) as f32;
        let zero = (range.0 as f64 - f64::from(low / scale)).round_ties_even() as i64;
        let zero = zero.clamp(range.0, range.1);
        Limits::of_range(scale, zero, range).activation()
    }

    fn clip(low: f32, high: f32) -> Activation {
        Activation::Imported(Curve::Clip { low, high })
    }

    #[test]
    fn ranges_that_people_choose_are_activations_and_others_are_not() {
        for range in [
            BYTES,
            SIGNED,
            (0, 15),
            (-8, 7),
            (0, 65_535),
            (-32_768, 32_767),
        ] {
            assert_eq!(read(0.0, 2.313_742, range), Activation::Relu);
            assert_eq!(read(0.0, 6.0, range), Activation::Relu6);
            assert_eq!(read(0.0, 1.0, range), clip(0.0, 1.0));
            assert_eq!(read(-1.0, 1.0, range), clip(-1.0, 1.0));
            assert_eq!(read(-0.5, 2.5, range), clip(-0.5, 2.5));
            assert_eq!(read(-3.3, 0.0, range), Activation::Identity);
            assert_eq!(read(-1.173_1, 2.313_742, range), Activation::Identity);
        }
        // Symmetric: 127 steps on either side, the lowest level is never used.
        let symmetric = Limits::of_range(2.313_742 / 127.0, 0, SIGNED);
        assert_eq!(symmetric.activation(), Activation::Identity);
    }

    #[test]
    fn what_is_known_already_is_not_cut_off_again() {
        let relu = Limits::of_range(0.01, 0, BYTES);
        let behind = |activation| relu.beyond(Bounds::NONE.after(activation)).activation();
        assert_eq!(behind(Activation::Identity), Activation::Relu);
        assert_eq!(behind(Activation::Relu), Activation::Identity);
        assert_eq!(behind(clip(-1.0, 1.0)), Activation::Relu);
        let sum = Bounds::NONE.after(Activation::Relu);
        assert_eq!(
            relu.beyond(sum.plus(sum)).activation(),
            Activation::Identity
        );
        assert_eq!(
            relu.beyond(sum.or(Bounds::NONE)).activation(),
            Activation::Relu
        );
        assert!(sum.is_kept_by(Activation::Relu) && !sum.is_kept_by(Activation::Relu6));
        assert!(!Bounds::NONE.is_kept_by(Activation::Relu));
        let six = Limits::of_range(6.0 / 255.0, 0, BYTES);
        let known = Bounds::NONE.after(Activation::Relu6);
        assert_eq!(six.beyond(known).activation(), Activation::Identity);
        assert_eq!(six.beyond(sum).activation(), clip(f32::NEG_INFINITY, 6.0));
    }

    #[test]
    fn channels_must_agree_at_zero() {
        let of = |zeros: &[i64], scales: &[f32]| {
            let channels = zeros.iter().zip(scales);
            limits_of_all(channels.map(|(&zero, &scale)| Limits::of_range(scale, zero, BYTES)))
        };
        let all = |limits: Option<Limits>| limits.map(Limits::activation);
        assert_eq!(all(of(&[0, 0], &[0.011, 0.013])), Some(Activation::Relu));
        assert_eq!(
            all(of(&[0, 0], &[6.0 / 255.0, 0.013])),
            Some(Activation::Relu)
        );
        assert_eq!(all(of(&[0, 0], &[6.0 / 255.0; 2])), Some(Activation::Relu6));
        assert_eq!(
            all(of(&[120, 90], &[0.011, 0.013])),
            Some(Activation::Identity)
        );
        assert_eq!(of(&[0, 90], &[0.011, 0.013]), None);
        assert_eq!(of(&[255, 0], &[0.011, 0.013]), None);
    }
}
