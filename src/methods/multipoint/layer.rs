//! One layer's rows with their points and errors.

use super::output_error::OutputError;
use super::quantizer::{MOST_POINTS, Multipoint, point_bits};
use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::quant::Quantizer;

/// A layer whose rows get points.
pub struct Layer {
    output: OutputError,
    points: Multipoint,
    /// e of each row, as far as it is measured.
    errors: Vec<f64>,
    /// Σ of the variances of the rows measured.
    variance_sum: f64,
    /// Whether rows may have more than one point.
    open: bool,
}

impl Layer {
    /// One point a row with codes of `bits`. `input` is the real-valued input `[channels, pixels, N]` on calibration
    /// samples.
    pub fn new(
        linear: &Linear,
        epilogue: Epilogue,
        mut input: Vec<f32>,
        bits: u32,
        open: bool,
    ) -> Self {
        let samples = input.len() / linear.input_elements();
        if let Some(quantizer) = &linear.activation_quantizer {
            let real = input.clone();
            quantizer.quantize(&real, &mut input);
        }
        Self {
            points: Multipoint::new(bits, &linear.weight.value, linear.outputs()),
            output: OutputError::new(linear, epilogue, input, samples),
            errors: Vec::new(),
            variance_sum: 0.0,
            open,
        }
    }

    /// Rows: output channels.
    pub fn rows(&self) -> usize {
        self.output.rows()
    }

    /// Weights of a row.
    pub fn row_length(&self) -> usize {
        self.points.row_length()
    }

    /// Stored bits of one further point.
    pub fn point_bits(&self) -> u64 {
        point_bits(self.points.bits(), self.row_length())
    }

    /// Multiply–accumulates of measuring a row.
    pub fn macs(&self) -> usize {
        self.output.macs()
    }

    /// Measures the next row with one point.
    pub fn measure_first(&mut self, row: usize) {
        let left = self.points.residual(row, self.output.row(row));
        let found = self.output.measure(row, &left);
        self.errors.push(found.error);
        self.variance_sum += found.variance;
    }

    /// e / Var of a measured row, Var being the mean over the layer's rows; 0 where all outputs are constant.
    pub fn relative_error(&self, row: usize) -> f64 {
        let variance = self.variance_sum / self.rows().max(1) as f64;
        let relative = self.errors[row] / variance;
        if relative.is_finite() { relative } else { 0.0 }
    }

    /// e / Var of all rows.
    pub fn relative_errors(&self) -> Vec<f32> {
        let rows = 0..self.rows();
        rows.map(|row| self.relative_error(row) as f32).collect()
    }

    /// Whether a row may get a point more.
    pub fn takes_points(&self, row: usize) -> bool {
        self.open && self.points.points_of(row) < MOST_POINTS
    }

    /// Gives a row the best point for what is left over, and measures it again. Whether there was one.
    pub fn add_point(&mut self, row: usize) -> bool {
        let added = self.points.add_point(row, self.output.row(row));
        if added {
            let left = self.points.residual(row, self.output.row(row));
            self.errors[row] = self.output.measure(row, &left).error;
        }
        added
    }

    /// The quantizer with all points.
    pub fn into_quantizer(self) -> Box<dyn Quantizer> {
        Box::new(self.points)
    }
}
