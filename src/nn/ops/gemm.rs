//! The three matrix products of a linear layer Y[m, n] = W[m, k] · X[k, n] and its gradients,
//! on row-major slices. Each computes `C ← product + beta·C`; with beta = 0 the old C is not read.

use crate::nn::tensor::{view, view_mut};
use ndarray::linalg::general_mat_mul;

/// The sizes of Y[m, n] = W[m, k] · X[k, n].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of W and Y: outputs.
    pub m: usize,
    /// Columns of W, rows of X: inputs.
    pub k: usize,
    /// Columns of X and Y: samples, or pixels × samples.
    pub n: usize,
}

/// Y ← W·X + beta·Y.
pub fn output(sizes: Sizes, w: &[f32], x: &[f32], beta: f32, y: &mut [f32]) {
    let Sizes { m, k, n } = sizes;
    general_mat_mul(
        1.0,
        &view(w, m, k),
        &view(x, k, n),
        beta,
        &mut view_mut(y, m, n),
    );
}

/// dX ← Wᵀ·dY + beta·dX.
pub fn input_gradient(sizes: Sizes, w: &[f32], d_y: &[f32], beta: f32, d_x: &mut [f32]) {
    let Sizes { m, k, n } = sizes;
    general_mat_mul(
        1.0,
        &view(w, m, k).t(),
        &view(d_y, m, n),
        beta,
        &mut view_mut(d_x, k, n),
    );
}

/// dW ← dY·Xᵀ + beta·dW.
pub fn weight_gradient(sizes: Sizes, d_y: &[f32], x: &[f32], beta: f32, d_w: &mut [f32]) {
    let Sizes { m, k, n } = sizes;
    general_mat_mul(
        1.0,
        &view(d_y, m, n),
        &view(x, k, n).t(),
        beta,
        &mut view_mut(d_w, m, k),
    );
}
