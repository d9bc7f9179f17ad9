//! y = W·x for real x: quantized inside the call, multiplied as integers, scaled back.
//!
//! With weights w = scale_w·level + offset_w and activations x ≈ scale_x·t:
//! y_r = scale_x·(scale_w·acc_r + offset_w·Σt).

use super::matrix::PackedMatrix;
use super::operand::Scratch;
use super::quantize::{quantize, scale_for};

/// Weights are `scale · level + offset`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Affine {
    pub scale: f32,
    pub offset: f32,
}

impl Affine {
    /// What an accumulator is multiplied with, and what is added then, for activations `scale_x · t` with Σt = `total`.
    pub fn with(self, scale_x: f32, total: i32) -> (f32, f32) {
        (scale_x * self.scale, scale_x * self.offset * total as f32)
    }
}

/// A packed matrix with the scale and the offset of its levels, and the buffers of a call.
#[derive(Debug, Clone)]
pub struct Product {
    matrix: PackedMatrix,
    affine: Affine,
    levels: Vec<i8>,
    acc: Vec<i32>,
    scratch: Scratch,
}

impl Product {
    /// Weights are `scale · level + offset`.
    pub fn new(matrix: PackedMatrix, scale: f32, offset: f32) -> Self {
        Self {
            levels: vec![0; matrix.columns()],
            acc: vec![0; matrix.rows()],
            matrix,
            affine: Affine { scale, offset },
            scratch: Scratch::default(),
        }
    }

    /// The codes.
    pub fn matrix(&self) -> &PackedMatrix {
        &self.matrix
    }

    /// Writes y; x has as many values as the matrix columns, y as rows.
    pub fn multiply(&mut self, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), self.matrix.columns(), "x of a packed product");
        assert_eq!(y.len(), self.matrix.rows(), "y of a packed product");
        let (matrix, scratch) = (&self.matrix, &mut self.scratch);
        if matrix.multiply_real(self.affine, x, y, scratch) {
            return;
        }
        let scale_x = scale_for(x);
        quantize(x, scale_x, &mut self.levels);
        matrix.multiply(&self.levels, 1, &mut self.acc, scratch);
        let (factor, shift) = self.affine.with(scale_x, scratch.column_sums()[0]);
        for (y, &acc) in y.iter_mut().zip(&self.acc) {
            *y = factor * acc as f32 + shift;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Coding;
    use super::*;
    use crate::rng::{Rng, Stream};

    #[test]
    fn the_product_is_that_of_the_levels_within_the_rounding_of_x() {
        let mut rng = Rng::new(1, Stream::Test);
        let (rows, columns, scale, offset) = (9, 50, 0.1, -0.8);
        let codes: Vec<u8> = (0..rows * columns).map(|_| rng.below(16) as u8).collect();
        let x: Vec<f32> = (0..columns).map(|_| rng.normal()).collect();
        let matrix = PackedMatrix::new(&codes, rows, columns, 4, Coding::Uniform).unwrap();
        let mut y = vec![f32::NAN; rows];
        Product::new(matrix, scale, offset).multiply(&x, &mut y);
        for (row, y) in codes.chunks_exact(columns).zip(y) {
            let weights = row.iter().map(|&code| scale * f32::from(code) + offset);
            let exact: f32 = weights.clone().zip(&x).map(|(w, x)| w * x).sum();
            // Every x is half a step from its level at most, and sums in f32 are off by far less than a thousandth of that.
            let bound = 0.501 * scale_for(&x) * weights.map(f32::abs).sum::<f32>();
            assert!((y - exact).abs() < bound, "{y} for {exact} ± {bound}");
        }
    }
}
