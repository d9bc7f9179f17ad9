//! A plain convnet: three 3×3 convolutions with batch norm and ReLU, global average, dense.
//! 8,254 parameters on one-channel images and ten classes.

use super::require_image;
use crate::error::Error;
use crate::nn::builder::{Builder, Filters};
use crate::nn::network::Network;
use crate::nn::ops::activation::Activation;
use crate::nn::ops::window::Window;
use crate::nn::tensor::Shape;
use crate::rng::Rng;

/// Output channels and stride of each convolution.
const LAYERS: [(usize, usize); 3] = [(12, 1), (24, 2), (24, 2)];

/// The convnet on images of shape `sample`. Layers are named "conv1", "conv2", "conv3", "classifier".
pub fn cnn(sample: Shape, classes: usize, rng: &mut Rng) -> Result<Network, Error> {
    require_image("cnn", sample)?;
    let mut build = Builder::new(sample, rng);
    let mut at = build.input();
    for (index, (outputs, stride)) in LAYERS.into_iter().enumerate() {
        let filters = Filters {
            outputs,
            window: Window::same(3, stride),
            groups: 1,
        };
        at = build.convolution(&format!("conv{}", index + 1), at, filters);
        at = build.batch_norm(at, Activation::Relu);
    }
    let pooled = build.global_average_pool(at);
    build.dense("classifier", pooled, classes, 1.0);
    Ok(build.finish())
}
