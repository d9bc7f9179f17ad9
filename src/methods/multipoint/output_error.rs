//! What replacing a row of weights does to its layer's output, on calibration inputs.
//!
//! e = mean (σ(z) − σ(z − g·Σ r·x))² over samples and pixels, with z = g·Σ w·x + c: w the float weights, r what the
//! points leave over of them, x the quantized inputs, and g, c, σ the factor (batch norm included), the addend and the
//! activation behind the layer. Only behind the batch norm do the rows of a layer have comparable scales.

use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::nn::ops::activation;
use crate::nn::ops::convolution::{Convolution, Geometry};
use crate::nn::ops::sums;
use crate::nn::tensor::Shape;

/// One layer with the inputs that calibration samples bring it.
pub struct OutputError {
    /// The float weights: rows one after the other.
    weights: Vec<f32>,
    /// `[channels, pixels, N]`, quantized.
    inputs: Vec<f32>,
    samples: usize,
    /// Rows that share their input channels.
    group_rows: usize,
    epilogue: Epilogue,
    /// Two rows at once: the weights and what is left over.
    pair: Convolution,
    columns: Vec<f32>,
    sums: Vec<f32>,
    outputs: Vec<f32>,
}

/// A row's output.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowOutput {
    /// e: mean squared difference from the float row's.
    pub error: f64,
    /// Variance of the float row's.
    pub variance: f64,
}

impl OutputError {
    /// A layer and its inputs `[channels, pixels, samples]`.
    pub fn new(linear: &Linear, epilogue: Epilogue, inputs: Vec<f32>, samples: usize) -> Self {
        let geometry = *linear.geometry();
        let seen = Shape {
            c: geometry.input.c / geometry.groups,
            ..geometry.input
        };
        Self {
            weights: linear.weight.value.clone(),
            inputs,
            samples,
            group_rows: geometry.outputs / geometry.groups,
            epilogue,
            pair: Convolution::new(Geometry {
                input: seen,
                outputs: 2,
                window: geometry.window,
                groups: 1,
            }),
            columns: Vec::new(),
            sums: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Rows: output channels.
    pub fn rows(&self) -> usize {
        self.epilogue.affine.len()
    }

    /// The float weights of a row.
    pub fn row(&self, row: usize) -> &[f32] {
        let length = self.pair.geometry().fan_in();
        &self.weights[row * length..][..length]
    }

    /// Multiply–accumulates of one [`Self::measure`].
    pub fn macs(&self) -> usize {
        self.pair.geometry().macs() * self.samples
    }

    /// The output of `row` when `left` is missing of its weights.
    pub fn measure(&mut self, row: usize, left: &[f32]) -> RowOutput {
        let geometry = self.pair.geometry();
        let count = geometry.output(self.samples).per_channel();
        let image = geometry.input.per_sample() * self.samples;
        let inputs = &self.inputs[row / self.group_rows * image..][..image];
        let both = [self.row(row), left].concat();
        self.sums.resize(2 * count, 0.0);
        self.outputs.resize(2 * count, 0.0);
        self.pair.forward(
            self.samples,
            &both,
            None,
            inputs,
            &mut self.columns,
            &mut self.sums,
        );
        let (factor, addend) = self.epilogue.affine[row];
        let (whole, missing) = self.sums.split_at_mut(count);
        for (whole, missing) in whole.iter_mut().zip(missing) {
            *whole = factor * *whole + addend;
            *missing = *whole - factor * *missing;
        }
        activation::forward(self.epilogue.activation, &self.sums, &mut self.outputs);
        let (exact, found) = self.outputs.split_at_mut(count);
        let mean = sums::sum(exact) / count as f32;
        let variance = f64::from(sums::squared_deviations(exact, mean)) / count as f64;
        exact.iter_mut().zip(found).for_each(|(a, b)| *a -= *b);
        RowOutput {
            error: f64::from(sums::squared_deviations(exact, 0.0)) / count as f64,
            variance,
        }
    }
}
