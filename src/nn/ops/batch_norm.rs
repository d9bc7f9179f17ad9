//! Batch normalisation with the activation that follows it (Ioffe & Szegedy 2015).
//!
//! Per channel, over its m = H·W·N values: x̂ = (x − mean)/√(var + ε), z = γ·x̂ + β, y = activation(z).
//! Training normalises with the batch's mean and biased variance (÷ m) and moves the running
//! statistics towards the batch's mean and unbiased variance (÷ (m − 1)); evaluation uses those.
//!
//! The activation is fused because it costs nothing here and a pass over memory elsewhere: the
//! forward pass writes y at once, the backward pass tells from y where the activation let through.

use super::activation::{Activation, relu, relu6};
use super::activation::{relu_gradient, relu6_gradient};
use super::sums::{self, LANES};

/// Added to the variance.
pub const EPSILON: f32 = 1e-5;
/// Share of the batch in the running statistics.
pub const MOMENTUM: f32 = 0.1;

/// How one channel is normalised: x̂ = (x − mean)·inverse_deviation, z = γ·x̂ + β.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Channel {
    /// Mean used to normalise.
    pub mean: f32,
    /// 1/√(var + ε).
    pub inverse_deviation: f32,
    /// Learned factor.
    pub gamma: f32,
    /// Learned offset.
    pub beta: f32,
}

impl Channel {
    /// The channel as evaluation sees it.
    pub fn fixed(mean: f32, variance: f32, gamma: f32, beta: f32) -> Self {
        Self {
            mean,
            inverse_deviation: 1.0 / (variance + EPSILON).sqrt(),
            gamma,
            beta,
        }
    }

    /// The channel as training sees batch `x`; moves the running mean and variance.
    pub fn of_batch(
        x: &[f32],
        gamma: f32,
        beta: f32,
        running_mean: &mut f32,
        running_var: &mut f32,
    ) -> Self {
        let count = x.len() as f32;
        let mean = sums::sum(x) / count;
        let squares = sums::squared_deviations(x, mean);
        let unbiased = squares / (count - 1.0).max(1.0);
        *running_mean += MOMENTUM * (mean - *running_mean);
        *running_var += MOMENTUM * (unbiased - *running_var);
        Self::fixed(mean, squares / count, gamma, beta)
    }

    /// Writes y = activation(γ·x̂ + β).
    pub fn forward(&self, activation: Activation, x: &[f32], y: &mut [f32]) {
        match activation {
            Activation::Identity => self.apply(x, y, |z| z),
            Activation::Relu => self.apply(x, y, relu),
            Activation::Relu6 => self.apply(x, y, relu6),
            #[cfg(any(feature = "files", feature = "kernels"))]
            Activation::Imported(curve) => self.apply(x, y, |z| curve.of(z)),
        }
    }

    fn apply(&self, x: &[f32], y: &mut [f32], activation: impl Fn(f32) -> f32) {
        let (mean, scale, beta) = (self.mean, self.gamma * self.inverse_deviation, self.beta);
        for (y, &x) in y.iter_mut().zip(x) {
            *y = activation((x - mean) * scale + beta);
        }
    }

    /// Turns dL/dy into dL/dz in place and returns (Σ dz·x̂, Σ dz): the gradients of γ and β.
    pub fn backward_activation(
        &self,
        activation: Activation,
        x: &[f32],
        y: &[f32],
        d: &mut [f32],
    ) -> (f32, f32) {
        match activation {
            Activation::Identity => self.reduce(x, y, d, |_, _, upstream| upstream),
            Activation::Relu => self.reduce(x, y, d, |_, y, upstream| relu_gradient(y, upstream)),
            Activation::Relu6 => self.reduce(x, y, d, |_, y, upstream| relu6_gradient(y, upstream)),
            #[cfg(any(feature = "files", feature = "kernels"))]
            Activation::Imported(curve) => {
                let (scale, beta) = (self.gamma * self.inverse_deviation, self.beta);
                let z = |x: f32| (x - self.mean) * scale + beta;
                self.reduce(x, y, d, |x, y, upstream| upstream * curve.slope(z(x), y))
            }
        }
    }

    fn reduce(
        &self,
        x: &[f32],
        y: &[f32],
        d: &mut [f32],
        gradient: impl Fn(f32, f32, f32) -> f32,
    ) -> (f32, f32) {
        let mut product_lanes = [0.0; LANES];
        let mut sum_lanes = [0.0; LANES];
        let whole = d.len() / LANES * LANES;
        let (d_head, d_tail) = d.split_at_mut(whole);
        let mut add = |x: &[f32], y: &[f32], d: &mut [f32]| {
            let lanes = product_lanes.iter_mut().zip(&mut sum_lanes);
            for ((d, (&x, &y)), (product, sum)) in d.iter_mut().zip(x.iter().zip(y)).zip(lanes) {
                *d = gradient(x, y, *d);
                *product += *d * (x - self.mean);
                *sum += *d;
            }
        };
        let inputs = x.chunks_exact(LANES).zip(y.chunks_exact(LANES));
        for ((x, y), d) in inputs.zip(d_head.chunks_exact_mut(LANES)) {
            add(x, y, d);
        }
        add(&x[whole..], &y[whole..], d_tail);
        (
            sums::combine(product_lanes) * self.inverse_deviation,
            sums::combine(sum_lanes),
        )
    }

    /// Training: turns dL/dz into dL/dx in place, given Σ dz·x̂ and Σ dz. The mean and the variance
    /// depend on x too: dx = γ/σ · (dz − (Σ dz)/m − x̂·(Σ dz·x̂)/m).
    pub fn backward_input(&self, x: &[f32], d: &mut [f32], d_gamma: f32, d_beta: f32) {
        let count = x.len() as f32;
        let (mean, scale) = (self.mean, self.gamma * self.inverse_deviation);
        let offset = d_beta / count;
        let slope = d_gamma / count * self.inverse_deviation;
        for (d, &x) in d.iter_mut().zip(x) {
            *d = scale * (*d - offset - slope * (x - mean));
        }
    }

    /// Evaluation: turns dL/dz into dL/dx in place; the statistics are constants.
    pub fn backward_input_fixed(&self, d: &mut [f32]) {
        let scale = self.gamma * self.inverse_deviation;
        d.iter_mut().for_each(|d| *d *= scale);
    }
}
