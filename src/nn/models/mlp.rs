//! Multi-layer perceptron: dense – ReLU – … – dense.

use crate::nn::builder::Builder;
use crate::nn::network::Network;
use crate::nn::ops::activation::Activation;
use crate::nn::tensor::Shape;
use crate::rng::Rng;

/// A perceptron with the given hidden widths, on samples of any shape. Layers are named "dense1",
/// "dense2", …, "classifier".
pub fn mlp(sample: Shape, hidden: &[usize], classes: usize, rng: &mut Rng) -> Network {
    let mut build = Builder::new(sample, rng);
    let mut at = build.input();
    for (index, &width) in hidden.iter().enumerate() {
        at = build.dense(&format!("dense{}", index + 1), at, width, 2.0);
        at = build.activation(at, Activation::Relu);
    }
    build.dense("classifier", at, classes, 1.0);
    build.finish()
}
