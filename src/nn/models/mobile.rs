//! A small MobileNetV2 (Sandler et al. 2018): inverted residual blocks, that is a 1×1 expansion, a
//! depthwise 3×3 convolution, and a linear 1×1 projection, with a shortcut where shapes allow.
//! 11,554 parameters on one-channel images and ten classes.

use super::require_image;
use crate::error::Error;
use crate::nn::builder::{Builder, Filters, NodeId};
use crate::nn::network::Network;
use crate::nn::ops::activation::Activation;
use crate::nn::ops::window::Window;
use crate::nn::tensor::Shape;
use crate::rng::Rng;

/// Channels of the stem.
const STEM: usize = 16;

/// One inverted residual block.
struct Block {
    outputs: usize,
    stride: usize,
    /// Width of the depthwise convolution in multiples of the input's.
    expansion: usize,
}

const BLOCKS: [Block; 4] = [
    Block {
        outputs: 16,
        stride: 2,
        expansion: 2,
    },
    Block {
        outputs: 20,
        stride: 1,
        expansion: 3,
    },
    Block {
        outputs: 20,
        stride: 1,
        expansion: 3,
    },
    Block {
        outputs: 32,
        stride: 2,
        expansion: 3,
    },
];

/// The model on images of shape `sample`. Layers are named "stem", "block1.expand",
/// "block1.depthwise", "block1.project", …, "classifier".
pub fn mobile(sample: Shape, classes: usize, rng: &mut Rng) -> Result<Network, Error> {
    require_image("mobile", sample)?;
    let mut build = Builder::new(sample, rng);
    let stem = Filters {
        outputs: STEM,
        window: Window::same(3, 1),
        groups: 1,
    };
    let mut at = build.convolution("stem", build.input(), stem);
    at = build.batch_norm(at, Activation::Relu6);
    for (index, block) in BLOCKS.iter().enumerate() {
        at = inverted_residual(&mut build, &format!("block{}", index + 1), at, block);
    }
    let pooled = build.global_average_pool(at);
    build.dense("classifier", pooled, classes, 1.0);
    Ok(build.finish())
}

fn inverted_residual(build: &mut Builder<'_>, name: &str, from: NodeId, block: &Block) -> NodeId {
    let inputs = build.shape(from).c;
    let wide = inputs * block.expansion;
    let expand = Filters {
        outputs: wide,
        window: Window::POINT,
        groups: 1,
    };
    let depthwise = Filters {
        outputs: wide,
        window: Window::same(3, block.stride),
        groups: wide,
    };
    let project = Filters {
        outputs: block.outputs,
        window: Window::POINT,
        groups: 1,
    };
    let mut at = build.convolution(&format!("{name}.expand"), from, expand);
    at = build.batch_norm(at, Activation::Relu6);
    at = build.convolution(&format!("{name}.depthwise"), at, depthwise);
    at = build.batch_norm(at, Activation::Relu6);
    at = build.convolution(&format!("{name}.project"), at, project);
    at = build.batch_norm(at, Activation::Identity);
    if block.stride == 1 && inputs == block.outputs {
        build.add(from, at)
    } else {
        at
    }
}
