//! Builds a network node by node, inferring shapes.

use super::linear::{Bias, Linear};
use super::network::Network;
use super::node::{BatchNorm, Node, Op};
use super::ops::activation::Activation;
use super::ops::convolution::Geometry;
use super::ops::window::{Window, WindowTables};
use super::tensor::{Shape, Tensor};
use crate::rng::Rng;

/// Variance gain of weights whose outputs pass through a ReLU (He et al. 2015).
const RELU_GAIN: f32 = 2.0;

/// A node of the network being built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(usize);

/// A convolution's choices: what [`Geometry`] needs beyond the input's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filters {
    /// Output channels.
    pub outputs: usize,
    /// The window.
    pub window: Window,
    /// Groups of channels.
    pub groups: usize,
}

/// A network being built. Every method adds a node and returns its id.
pub struct Builder<'a> {
    nodes: Vec<Node>,
    rng: &'a mut Rng,
}

impl<'a> Builder<'a> {
    /// A network whose input samples have shape `sample` (n is ignored); weights come from `rng`.
    pub fn new(sample: Shape, rng: &'a mut Rng) -> Self {
        let mut builder = Self {
            nodes: Vec::new(),
            rng,
        };
        builder.push(Op::Input, &[], sample.with_batch(1));
        builder
    }

    /// The network's input.
    pub fn input(&self) -> NodeId {
        NodeId(0)
    }

    /// The shape of a node's output for one sample.
    pub fn shape(&self, node: NodeId) -> Shape {
        self.nodes[node.0].shape
    }

    /// A dense layer over all features of a sample, whatever its shape; `gain` as in [`Linear::new`].
    pub fn dense(&mut self, name: &str, from: NodeId, outputs: usize, gain: f32) -> NodeId {
        let geometry = Geometry::dense(self.shape(from).per_sample(), outputs);
        self.linear(name, from, geometry, Bias::Zero, gain)
    }

    /// A convolution without bias, for a batch norm to follow.
    pub fn convolution(&mut self, name: &str, from: NodeId, filters: Filters) -> NodeId {
        self.biased_convolution(name, from, filters, Bias::Absent)
    }

    /// A convolution with or without bias.
    pub fn biased_convolution(
        &mut self,
        name: &str,
        from: NodeId,
        filters: Filters,
        bias: Bias,
    ) -> NodeId {
        let Filters {
            outputs,
            window,
            groups,
        } = filters;
        let geometry = Geometry {
            input: self.shape(from),
            outputs,
            window,
            groups,
        };
        self.linear(name, from, geometry, bias, RELU_GAIN)
    }

    fn linear(
        &mut self,
        name: &str,
        from: NodeId,
        geometry: Geometry,
        bias: Bias,
        gain: f32,
    ) -> NodeId {
        let linear = Linear::new(name, geometry, bias, gain, self.rng);
        let shape = linear.output_shape(1);
        self.push(Op::Linear(Box::new(linear)), &[from], shape)
    }

    /// Batch normalisation and then `activation`.
    pub fn batch_norm(&mut self, from: NodeId, activation: Activation) -> NodeId {
        let norm = BatchNorm::new(self.shape(from).c, activation);
        self.push(Op::BatchNorm(norm), &[from], self.shape(from))
    }

    /// An activation alone.
    pub fn activation(&mut self, from: NodeId, activation: Activation) -> NodeId {
        self.push(Op::Activation(activation), &[from], self.shape(from))
    }

    /// The maximum of each window.
    pub fn max_pool(&mut self, from: NodeId, window: Window) -> NodeId {
        let (tables, shape) = self.pooled(from, window);
        self.push(Op::MaxPool(tables, Vec::new()), &[from], shape)
    }

    /// The mean of each window.
    pub fn average_pool(&mut self, from: NodeId, window: Window) -> NodeId {
        let (tables, shape) = self.pooled(from, window);
        self.push(Op::AveragePool(tables), &[from], shape)
    }

    fn pooled(&self, from: NodeId, window: Window) -> (WindowTables, Shape) {
        let Shape { c, h, w, .. } = self.shape(from);
        (
            WindowTables::new(window, h, w),
            Shape::image(c, window.rows.outputs(h), window.columns.outputs(w), 1),
        )
    }

    /// The mean of each channel's image.
    pub fn global_average_pool(&mut self, from: NodeId) -> NodeId {
        self.push(
            Op::GlobalAveragePool,
            &[from],
            Shape::features(self.shape(from).c, 1),
        )
    }

    /// The image as features.
    pub fn flatten(&mut self, from: NodeId) -> NodeId {
        self.push(
            Op::Flatten,
            &[from],
            Shape::features(self.shape(from).per_sample(), 1),
        )
    }

    /// The sum of two nodes of the same shape.
    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        assert_eq!(
            self.shape(a),
            self.shape(b),
            "only equal shapes can be added"
        );
        self.push(Op::Add, &[a, b], self.shape(a))
    }

    /// The finished network; its last node gives the logits.
    pub fn finish(self) -> Network {
        Network::new(self.nodes)
    }

    #[cfg(feature = "files")]
    pub(super) fn op_mut(&mut self, node: NodeId) -> &mut Op {
        &mut self.nodes[node.0].op
    }

    /// Whether `node` is the one that was made last.
    #[cfg(feature = "files")]
    pub fn is_last(&self, node: NodeId) -> bool {
        node.0 + 1 == self.nodes.len()
    }

    pub(super) fn push(&mut self, op: Op, inputs: &[NodeId], shape: Shape) -> NodeId {
        let inputs: Vec<usize> = inputs.iter().map(|id| id.0).collect();
        let needs_gradient = matches!(op, Op::Linear(_) | Op::BatchNorm(_))
            || inputs.iter().any(|&input| self.nodes[input].needs_gradient);
        self.nodes.push(Node {
            op,
            inputs,
            shape,
            needs_gradient,
            output: Tensor::default(),
        });
        NodeId(self.nodes.len() - 1)
    }
}
