//! Dense layer: Y[out, n] = W[out, in] · X[in, n] + b. Also a 1×1 convolution, n = H·W·N.

use super::gemm::{self, Sizes};
use super::sums;

/// Writes Y.
pub fn forward(sizes: Sizes, w: &[f32], bias: Option<&[f32]>, x: &[f32], y: &mut [f32]) {
    let beta = start_with_bias(bias, y);
    gemm::output(sizes, w, x, beta, y);
}

/// Adds dY·Xᵀ to `d_w`.
pub fn backward_weight(sizes: Sizes, d_y: &[f32], x: &[f32], d_w: &mut [f32]) {
    gemm::weight_gradient(sizes, d_y, x, 1.0, d_w);
}

/// Writes Wᵀ·dY to `d_x`.
pub fn backward_input(sizes: Sizes, w: &[f32], d_y: &[f32], d_x: &mut [f32]) {
    gemm::input_gradient(sizes, w, d_y, 0.0, d_x);
}

/// Adds the row sums of dY to `d_bias`.
pub fn backward_bias(d_y: &[f32], d_bias: &mut [f32]) {
    let row = d_y.len() / d_bias.len();
    for (gradient, upstream) in d_bias.iter_mut().zip(d_y.chunks_exact(row)) {
        *gradient += sums::sum(upstream);
    }
}

/// Fills each row of `y` with its bias, so that the product can be added to it; returns the beta
/// for that: 1, or 0 when there is no bias and `y` was left alone.
fn start_with_bias(bias: Option<&[f32]>, y: &mut [f32]) -> f32 {
    let Some(bias) = bias else { return 0.0 };
    let row = y.len() / bias.len();
    for (output, &value) in y.chunks_exact_mut(row).zip(bias) {
        output.fill(value);
    }
    1.0
}
