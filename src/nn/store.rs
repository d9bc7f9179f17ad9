//! How the gradients of activations are stored on the backward pass: exactly, or in a narrow format.

use super::ops::residual;

/// What a linear layer passes on, and what its size follows from.
pub struct Passed<'a> {
    /// dL/dy of the layer's output.
    pub d_y: &'a [f32],
    /// The weights of the product, quantized where they are.
    pub w: &'a [f32],
    /// Products that are summed into one number of `d_x`: output channels of a group times k².
    pub reduction: usize,
    /// dL/dx of the product's input, to be held.
    pub d_x: &'a mut [f32],
}

/// Holds the gradients of activations between the nodes of a backward pass, which calls in this order:
/// `begin`, then `deliver` or `merge` for each node that a gradient reaches, and for each node, from the last to the
/// first, `take` and, before what it makes is delivered, `pass` (dense, convolution) or `hold` (all else that computes).
pub trait GradientStore {
    /// dL/dlogits.
    fn begin(&mut self, _d: &mut [f32]) {}

    /// The gradient in hand is the first that reaches `node`.
    fn deliver(&mut self, _node: usize) {}

    /// Adds the gradient in hand, `d`, to what has reached `node`.
    fn merge(&mut self, _node: usize, sum: &mut [f32], d: &[f32]) {
        residual::accumulate(sum, d);
    }

    /// The gradient of `node` is taken in hand.
    fn take(&mut self, _node: usize) {}

    /// The linear layer `node` made a gradient from the one in hand.
    fn pass(&mut self, _node: usize, _passed: Passed<'_>) {}

    /// Another node made a gradient from the one in hand.
    fn hold(&mut self, _d: &mut [f32]) {}
}

/// Keeps every gradient as it is.
#[derive(Debug, Clone, Copy)]
pub struct Exact;

impl GradientStore for Exact {}
