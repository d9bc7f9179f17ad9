//! The small perceptrons of the agent: dense layers with ReLU between, by ndarray, with the gradient of the input,
//! which the actor learns from.

use crate::parameter::{Group, Parameter, Visitor};
use crate::rng::Rng;
use ndarray::{Array2, ArrayView2, Axis};

/// Dense – ReLU – dense – ReLU – dense.
#[derive(Debug, Clone)]
pub struct Mlp {
    layers: Vec<Dense>,
    /// Inputs of each layer in the last forward pass, `[n, inputs]`.
    inputs: Vec<Array2<f32>>,
}

#[derive(Debug, Clone)]
struct Dense {
    /// `[inputs, outputs]`.
    weight: Parameter,
    bias: Parameter,
    inputs: usize,
    outputs: usize,
}

impl Dense {
    /// Uniform in ±1/√inputs, as DDPG's authors start (Lillicrap et al. 2016); the last layer in ±`last`.
    fn new(inputs: usize, outputs: usize, bound: f32, rng: &mut Rng) -> Self {
        let mut draw = |count: usize| (0..count).map(|_| rng.uniform_in(-bound, bound)).collect();
        Self {
            weight: Parameter::new(Group::Weight, draw(inputs * outputs)),
            bias: Parameter::new(Group::Bias, draw(outputs)),
            inputs,
            outputs,
        }
    }

    fn matrix(&self) -> ArrayView2<'_, f32> {
        crate::nn::tensor::view(&self.weight.value, self.inputs, self.outputs)
    }
}

/// Bound of the last layer's initial weights: the first actions are near the middle, the first values near 0.
const LAST_BOUND: f32 = 3e-3;

impl Mlp {
    /// Widths from the input to the output.
    pub fn new(widths: &[usize], rng: &mut Rng) -> Self {
        let last = widths.len() - 2;
        let layer = |(index, pair): (usize, &[usize])| {
            let bound = if index == last {
                LAST_BOUND
            } else {
                1.0 / (pair[0] as f32).sqrt()
            };
            Dense::new(pair[0], pair[1], bound, rng)
        };
        Self {
            layers: widths.windows(2).enumerate().map(layer).collect(),
            inputs: Vec::new(),
        }
    }

    /// The outputs `[n, outputs]` of `x` `[n, inputs]`.
    pub fn forward(&mut self, x: Array2<f32>) -> Array2<f32> {
        self.inputs.clear();
        let mut at = x;
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                at.mapv_inplace(|v| v.max(0.0));
            }
            let mut y = at.dot(&layer.matrix());
            for mut row in y.axis_iter_mut(Axis(0)) {
                row.iter_mut()
                    .zip(&layer.bias.value)
                    .for_each(|(y, b)| *y += b);
            }
            self.inputs.push(at);
            at = y;
        }
        at
    }

    /// From dL/doutput of the last forward pass: adds to the gradients and returns dL/dx.
    pub fn backward(&mut self, d_output: Array2<f32>) -> Array2<f32> {
        let mut d = d_output;
        for (index, layer) in self.layers.iter_mut().enumerate().rev() {
            let input = &self.inputs[index];
            let d_weight = input.t().dot(&d);
            layer
                .weight
                .gradient
                .iter_mut()
                .zip(&d_weight)
                .for_each(|(sum, g)| *sum += g);
            let d_bias = d.sum_axis(Axis(0));
            layer
                .bias
                .gradient
                .iter_mut()
                .zip(&d_bias)
                .for_each(|(sum, g)| *sum += g);
            d = d.dot(&layer.matrix().t());
            if index > 0 {
                d.zip_mut_with(input, |d, &x| *d = if x > 0.0 { *d } else { 0.0 });
            }
        }
        d
    }

    /// Shows every parameter.
    pub fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        for layer in &mut self.layers {
            visit(&mut layer.weight);
            visit(&mut layer.bias);
        }
    }

    /// Clears the gradients.
    pub fn zero_gradients(&mut self) {
        self.visit_parameters(&mut Parameter::zero_gradient);
    }

    /// Moves every parameter towards those of `other` by the part `rate`: the soft update of a target network.
    pub fn follow(&mut self, other: &Mlp, rate: f32) {
        for (mine, theirs) in self.layers.iter_mut().zip(&other.layers) {
            let pairs = [
                (&mut mine.weight, &theirs.weight),
                (&mut mine.bias, &theirs.bias),
            ];
            for (mine, theirs) in pairs {
                for (mine, theirs) in mine.value.iter_mut().zip(&theirs.value) {
                    *mine += rate * (theirs - *mine);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn gradients_are_those_of_differences() {
        let mut rng = Rng::new(1, Stream::Test);
        let mut net = Mlp::new(&[3, 5, 4, 2], &mut rng);
        net.layers[2] = Dense::new(4, 2, 0.8, &mut rng);
        let x = Array2::from_shape_fn((6, 3), |_| rng.normal());
        let upstream = Array2::from_shape_fn((6, 2), |_| rng.normal());
        let loss = |net: &mut Mlp, x: &Array2<f32>| (&net.forward(x.clone()) * &upstream).sum();
        net.zero_gradients();
        net.forward(x.clone());
        let d_x = net.backward(upstream.clone());
        let step = 1e-2;
        for index in [(0, 0), (3, 2), (5, 1)] {
            let (mut up, mut down) = (x.clone(), x.clone());
            up[index] += step;
            down[index] -= step;
            let slope = (loss(&mut net, &up) - loss(&mut net, &down)) / (2.0 * step);
            assert!(
                (slope - d_x[index]).abs() < 2e-2 * slope.abs().max(0.1),
                "{slope} {}",
                d_x[index]
            );
        }
        for layer in 0..3 {
            let gradient = net.layers[layer].weight.gradient[1];
            let moved = |by: f32| {
                let mut net = net.clone();
                net.layers[layer].weight.value[1] += by;
                loss(&mut net, &x)
            };
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (slope - gradient).abs() < 2e-2 * slope.abs().max(0.1),
                "{slope} {gradient}"
            );
        }
    }
}
