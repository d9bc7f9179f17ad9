//! Loss scaling carried literally through a network: the oracle for held gradients.

use ddq_playground::nn::network::Network;
use ddq_playground::nn::node::Op;
use ddq_playground::nn::precision::Format;
use ddq_playground::nn::precision::format::largest;
use ddq_playground::nn::precision::scaling::merged_scale;
use ddq_playground::nn::store::{GradientStore, Passed};
use ddq_playground::nn::tensor::Tensor;

/// The gradients of all parameters, which are cleared.
pub fn gradients(network: &mut Network) -> Vec<Vec<f32>> {
    let mut found = Vec::new();
    network.visit_parameters(&mut |p| found.push(std::mem::take(&mut p.gradient)));
    let mut sizes = Vec::new();
    network.visit_parameters(&mut |p| {
        p.gradient = vec![0.0; p.value.len()];
        sizes.push(p.value.len());
    });
    assert_eq!(sizes, found.iter().map(Vec::len).collect::<Vec<_>>());
    found
}

/// Loss scaling as it is done on real hardware: every gradient is multiplied by its scale, rounded, and goes on like
/// that; what a node's parameters get is divided by the scale of the gradient that reached the node.
pub struct Literal {
    format: Format,
    loss_scale: f32,
    /// α of each node.
    factors: Vec<f32>,
    scales: Vec<f32>,
    in_hand: f32,
}

impl Literal {
    /// With a scale for dL/dlogits and a factor for each node.
    pub fn new(format: Format, loss_scale: f32, factors: Vec<f32>) -> Self {
        let scales = vec![f32::NAN; factors.len()];
        Self {
            format,
            loss_scale,
            factors,
            scales,
            in_hand: f32::NAN,
        }
    }

    fn round(&self, d: &mut [f32]) {
        d.iter_mut().for_each(|d| *d = self.format.round(*d));
    }

    /// Gradients of the parameters from dL/dlogits, unscaled.
    pub fn run(mut self, network: &mut Network, d: &Tensor) -> Vec<Vec<f32>> {
        network.backward_through(d, &mut self);
        let scaled = gradients(network);
        let mut of_parameter = Vec::new();
        for (node, &scale) in network.nodes().iter().zip(&self.scales) {
            let count = match &node.op {
                Op::Linear(linear) => 1 + usize::from(linear.bias.is_some()),
                Op::BatchNorm(_) => 2,
                _ => 0,
            };
            of_parameter.extend(std::iter::repeat_n(scale, count));
        }
        assert_eq!(scaled.len(), of_parameter.len());
        let unscale = |(list, scale): (Vec<f32>, f32)| list.iter().map(|g| g / scale).collect();
        scaled.into_iter().zip(of_parameter).map(unscale).collect()
    }
}

impl GradientStore for Literal {
    fn begin(&mut self, d: &mut [f32]) {
        self.in_hand = self.loss_scale;
        d.iter_mut().for_each(|d| *d *= self.loss_scale);
        self.round(d);
    }

    fn deliver(&mut self, node: usize) {
        self.scales[node] = self.in_hand;
    }

    fn merge(&mut self, node: usize, sum: &mut [f32], d: &[f32]) {
        let (a, b) = (self.scales[node], self.in_hand);
        let real: Vec<f32> = sum.iter().zip(d).map(|(x, y)| x / a + y / b).collect();
        let most = (largest(sum) / a).max(largest(d) / b).max(largest(&real));
        let scale = if a == b {
            a
        } else {
            merged_scale(a, b, most, self.format)
        };
        self.scales[node] = scale;
        for (x, &y) in sum.iter_mut().zip(d) {
            *x = *x * (scale / a) + y * (scale / b);
        }
        self.round(sum);
    }

    fn take(&mut self, node: usize) {
        self.in_hand = self.scales[node];
    }

    fn pass(&mut self, node: usize, passed: Passed<'_>) {
        self.in_hand *= self.factors[node];
        passed.d_x.iter_mut().for_each(|d| *d *= self.factors[node]);
        self.round(passed.d_x);
    }

    fn hold(&mut self, d: &mut [f32]) {
        self.round(d);
    }
}
