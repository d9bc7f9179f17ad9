//! How a tensor's levels are written down, exactly.
//!
//! - Equal steps, first + step·i: uniform weights, LSQ, PACT, DoReFa, two levels of any method. A code i is decoded by
//!   a scale and a zero point; where no level is 0 (DoReFa, PACT with a sign), an addend makes up for what an integer
//!   zero point cannot say.
//! - Points of the integer grid, offset + scale·t (see `quant::grid`): DDQ, powers of two and their sums, and uniform
//!   activations in the last part of a run. Codes index a codebook of t.
//! - Any levels: what has not reached its grid yet.
//! - Sums of points: multipoint.
//!
//! Ties: the code of x is the number of midpoints below x, so a tie goes to the lower level; LSQ and PACT round half to
//! even. Weights are coded here, once; for activations the exporters say what their operators do at a tie.

use crate::nn::linear::Linear;
use crate::quant::FurtherPoint;
use crate::quant::assign::Assignment;
use crate::quant::{Quantizer, Role};
use crate::train::deployment::{equal_step, integer_levels, spread};

/// Levels count as equally spaced, or as on a grid, within this part of their spread: float rounding.
const ROUNDING: f32 = 2e-6;

/// Where levels lie.
#[derive(Debug, Clone, PartialEq)]
pub enum Spacing {
    /// first + step·i; a step of 0 for a single level.
    Equal { first: f32, step: f32 },
    /// offset + scale·t.
    Grid {
        scale: f32,
        offset: f32,
        t: Vec<i16>,
    },
    /// As they are.
    Free,
}

impl Spacing {
    /// Where the levels of a quantizer lie.
    pub fn of(quantizer: &dyn Quantizer, role: Role) -> Self {
        let levels = quantizer.levels();
        let near = |value: f32, level: f32| (value - level).abs() <= ROUNDING * spread(levels);
        if role == Role::Weight
            && let Some(grid) = quantizer.deployed()
            && grid
                .values()
                .zip(levels)
                .all(|(value, &level)| near(value, level))
        {
            return Self::Grid {
                scale: grid.scale,
                offset: grid.offset,
                t: grid.t,
            };
        }
        let first = levels[0];
        let equal = equal_step(levels).filter(|step| {
            let mut places = levels.iter().enumerate();
            places.all(|(i, &level)| near(first + step * i as f32, level))
        });
        if let Some(step) = equal {
            return Self::Equal { first, step };
        }
        match integer_levels(levels) {
            Some((scale, t)) if role == Role::Activation => Self::Grid {
                scale,
                offset: 0.0,
                t: t.into_iter().map(i16::from).collect(),
            },
            _ => Self::Free,
        }
    }
}

/// Equal steps as integers q with level = scale·(q − zero) + addend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Affine {
    pub scale: f32,
    /// The code of the level nearest to 0.
    pub zero: i32,
    /// 0 where a level is 0, within float rounding.
    pub addend: f32,
    /// Largest code.
    pub last: i32,
}

impl Affine {
    /// For `count` levels first + step·i.
    pub fn new(first: f32, step: f32, count: usize) -> Self {
        let scale = if step > 0.0 { step } else { 1.0 };
        let last = count as i32 - 1;
        let zero = ((-first / scale).round_ties_even() as i32).clamp(0, last);
        let addend = first + scale * zero as f32;
        let negligible = addend.abs() <= ROUNDING * scale * count as f32;
        Self {
            scale,
            zero,
            addend: if negligible { 0.0 } else { addend },
            last,
        }
    }

    /// Whether codes less the zero point fit a signed integer of `bits`, so that it needs none.
    pub fn fits_signed(&self, bits: u32) -> bool {
        let half = 1 << (bits - 1);
        self.zero > 0 && self.zero <= half && self.last - self.zero < half
    }
}

/// A layer's weights as they are stored.
pub enum Weights {
    /// 32-bit floats.
    Float(Vec<f32>),
    /// One code a weight.
    Codes {
        codes: Vec<u8>,
        levels: Vec<f32>,
        spacing: Spacing,
    },
    /// Codes k + N of the first points of all rows, and further points.
    Points {
        step: f32,
        codes: Vec<u8>,
        further: Vec<FurtherPoint>,
    },
}

/// A layer's weights, with what they cost.
pub struct Coded {
    pub weights: Weights,
    /// Bits of a code; 32 for floats.
    pub bits: u32,
    /// What the page counts.
    pub stored_bits: u64,
    /// The values that the layer multiplies with.
    pub values: Vec<f32>,
}

impl Coded {
    /// The weights of a layer.
    pub fn new(linear: &Linear) -> Self {
        let w = &linear.weight.value;
        let Some(quantizer) = linear.weight_quantizer.as_deref() else {
            let weights = Weights::Float(w.clone());
            return Self {
                weights,
                bits: 32,
                stored_bits: 32 * w.len() as u64,
                values: w.clone(),
            };
        };
        let mut values = vec![0.0; w.len()];
        quantizer.quantize(w, &mut values);
        let weights = match quantizer.point_codes(w) {
            Some(points) => Weights::Points {
                step: points.step,
                codes: points.codes,
                further: points.further,
            },
            None => {
                let levels = quantizer.levels().to_vec();
                let mut nearest = Assignment::new();
                nearest.set_levels(&levels);
                let mut codes = vec![0; w.len()];
                nearest.codes(&values, &mut codes);
                Weights::Codes {
                    codes,
                    levels,
                    spacing: Spacing::of(quantizer, Role::Weight),
                }
            }
        };
        Self {
            weights,
            bits: quantizer.bits(),
            stored_bits: quantizer.stored_bits(w.len()),
            values,
        }
    }

    /// How the weights are coded, in a word.
    pub fn scheme(&self) -> &'static str {
        match &self.weights {
            Weights::Float(_) => "float",
            Weights::Codes { spacing, .. } => spacing.scheme(),
            Weights::Points { .. } => "points",
        }
    }
}

impl Spacing {
    /// The spacing in a word.
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Equal { .. } => "uniform",
            Self::Grid { .. } => "codebook",
            Self::Free => "levels",
        }
    }
}

/// The shape of a layer's weights as others write it: `[outputs, inputs]`, or `[outputs, channels / groups, k, k]`.
pub fn weight_dims(linear: &Linear) -> Vec<usize> {
    let geometry = linear.geometry();
    let window = geometry.window;
    if is_dense(linear) {
        vec![geometry.outputs, geometry.input.c]
    } else {
        let channels = geometry.input.c / geometry.groups;
        vec![
            geometry.outputs,
            channels,
            window.rows.kernel,
            window.columns.kernel,
        ]
    }
}

/// Whether a layer is a plain matrix product.
pub fn is_dense(linear: &Linear) -> bool {
    use crate::nn::ops::convolution::Geometry;
    let geometry = linear.geometry();
    *geometry == Geometry::dense(geometry.input.c, geometry.outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_steps_get_a_zero_point_and_an_addend_only_where_no_level_is_zero() {
        let signed = Affine::new(-0.8, 0.1, 16);
        assert_eq!((signed.zero, signed.addend, signed.last), (8, 0.0, 15));
        assert!(signed.fits_signed(4) && !signed.fits_signed(3));
        let halves = Affine::new(-0.75, 0.1, 16);
        assert!((halves.addend.abs() - 0.05).abs() < 1e-6, "{halves:?}");
        let above = Affine::new(1.0, 0.5, 4);
        assert_eq!((above.zero, above.addend), (0, 1.0));
        let single = Affine::new(0.3, 0.0, 1);
        assert_eq!((single.scale, single.addend, single.last), (1.0, 0.3, 0));
    }
}
