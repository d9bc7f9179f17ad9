//! Builder extensions for imported networks: layers with given values, and operations that the built-in models do not
//! use.

use super::builder::{Builder, NodeId};
use super::linear::Linear;
use super::node::{BatchNorm, Op};
use super::ops::activation::Activation;
use super::ops::convolution::Geometry;
use super::tensor::Shape;
use crate::parameter::{Group, Parameter};

/// Batch norm's numbers, one of each per channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalization {
    /// Factors.
    pub gamma: Vec<f32>,
    /// Addends.
    pub beta: Vec<f32>,
    /// Running means.
    pub mean: Vec<f32>,
    /// Running variances, to which [`super::ops::batch_norm::EPSILON`] is added.
    pub variance: Vec<f32>,
}

impl Builder<'_> {
    /// A layer of given values over the values of `from`, whatever their shape: `geometry.weights()` weights, and a
    /// bias per output channel.
    pub fn layer_of_values(
        &mut self,
        name: &str,
        from: NodeId,
        geometry: Geometry,
        weight: Vec<f32>,
        bias: Option<Vec<f32>>,
    ) -> NodeId {
        let linear = Linear::of_values(name, geometry, weight, bias);
        let shape = linear.output_shape(1);
        self.push(Op::Linear(Box::new(linear)), &[from], shape)
    }

    /// A batch norm of given values without activation; one of each number per channel of `from`.
    pub fn normalization(&mut self, from: NodeId, values: Normalization) -> NodeId {
        let shape = self.shape(from);
        let mut norm = BatchNorm::new(shape.c, Activation::Identity);
        norm.gamma.value = values.gamma;
        norm.beta.value = values.beta;
        norm.running_mean = values.mean;
        norm.running_var = values.variance;
        self.push(Op::BatchNorm(norm), &[from], shape)
    }

    /// y = scale·x + shift by constants: (scale, shift) of each channel, or of each value of a sample.
    pub fn affine(&mut self, from: NodeId, constants: Vec<(f32, f32)>) -> NodeId {
        self.push(Op::Affine(constants), &[from], self.shape(from))
    }

    /// The values of several nodes one after the other, as a sample of shape `shape`.
    pub fn concat(&mut self, parts: &[NodeId], shape: Shape) -> NodeId {
        self.push(Op::Concat, parts, shape)
    }

    /// Gives layer `node` a bias, one number per output channel; false where it is no layer without a bias.
    pub fn give_bias(&mut self, node: NodeId, values: &[f32]) -> bool {
        match self.op_mut(node) {
            Op::Linear(linear) if linear.bias.is_none() && linear.outputs() == values.len() => {
                linear.bias = Some(Parameter::new(Group::Bias, values.to_vec()));
                true
            }
            _ => false,
        }
    }

    /// The same values as a sample of shape `shape`.
    pub fn reshape(&mut self, from: NodeId, shape: Shape) -> NodeId {
        self.push(Op::Reshape, &[from], shape)
    }
}
