//! Inputs brought to about [−1, 1], as the built-in data are.
//!
//! Pixels from 0 to 255: x/127.5 − 1. Columns of a table: each its own affine map that takes the smallest value of
//! the training file to −1 and the largest to 1; images of other numbers: one such map for all. A column with one
//! value becomes 0. Ranges are those of the training file, also where the test samples will be taken from it.

use crate::data::SampleShape;

/// How inputs were scaled.
#[derive(Debug, Clone, PartialEq)]
pub enum Scaling {
    /// x/127.5 − 1.
    Pixels,
    /// From [low, high] to [−1, 1], a pair for each column in turn, or one for all.
    Range {
        /// What becomes −1.
        low: Vec<f32>,
        /// What becomes 1.
        high: Vec<f32>,
    },
}

impl Scaling {
    /// The scaling for training `inputs`, `[N, inputs]`.
    pub fn of(inputs: &[f32], shape: SampleShape, pixels: bool) -> Self {
        if pixels {
            return Self::Pixels;
        }
        let image = shape.height > 1 || shape.width > 1;
        let columns = if image { 1 } else { shape.inputs().max(1) };
        let (mut low, mut high) = (
            vec![f32::INFINITY; columns],
            vec![f32::NEG_INFINITY; columns],
        );
        for sample in inputs.chunks(columns) {
            for ((low, high), &value) in low.iter_mut().zip(&mut high).zip(sample) {
                *low = low.min(value);
                *high = high.max(value);
            }
        }
        Self::Range { low, high }
    }

    /// Scales inputs in place.
    pub fn apply(&self, inputs: &mut [f32]) {
        match self {
            Self::Pixels => inputs.iter_mut().for_each(|x| *x = *x / 127.5 - 1.0),
            Self::Range { low, high } => {
                // In double precision: a range may be wider than the largest float.
                let maps: Vec<(f64, f64)> =
                    low.iter().zip(high).map(|(&l, &h)| map(l, h)).collect();
                for sample in inputs.chunks_mut(maps.len().max(1)) {
                    for (x, (middle, factor)) in sample.iter_mut().zip(&maps) {
                        *x = ((f64::from(*x) - middle) * factor) as f32;
                    }
                }
            }
        }
    }
}

/// x ↦ (x − middle)·factor.
fn map(low: f32, high: f32) -> (f64, f64) {
    let (low, high) = (f64::from(low), f64::from(high));
    let factor = if high > low { 2.0 / (high - low) } else { 0.0 };
    ((low + high) / 2.0, factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_reach_from_minus_one_to_one_and_constant_ones_are_zero() {
        let shape = SampleShape {
            channels: 3,
            height: 1,
            width: 1,
        };
        let mut inputs = [0.0, 5.0, -3e38, 10.0, 5.0, 3e38, 5.0, 5.0, 0.0];
        let scaling = Scaling::of(&inputs, shape, false);
        scaling.apply(&mut inputs);
        assert_eq!(inputs, [-1.0, 0.0, -1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn pixels_and_images_have_one_scale() {
        let shape = SampleShape {
            channels: 1,
            height: 1,
            width: 2,
        };
        let mut pixels = [0.0, 255.0];
        Scaling::of(&pixels, shape, true).apply(&mut pixels);
        assert_eq!(pixels, [-1.0, 1.0]);
        let mut image = [0.0, 8.0, 4.0, 16.0];
        Scaling::of(&image, shape, false).apply(&mut image);
        assert_eq!(image, [-1.0, 0.0, -0.5, 1.0]);
    }
}
