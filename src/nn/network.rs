//! A network: a graph of nodes run in order, and back in reverse.
//!
//! Node 0 is the input, the last node gives the logits. Every node keeps its output until the next
//! forward pass, so that gradients and histograms can read it. The gradient of a node with several
//! consumers is their sum.

use super::epilogue::Epilogue;
pub use super::linear::{Bias, Linear, Made};
use super::node::{Node, Op, Spares};
use super::store::{Exact, GradientStore};
use super::tensor::{Shape, Tensor};
use crate::archive::Archive;
use crate::error::Error;
use crate::parameter::{Parameter, Visitor};
use crate::quant::Role;

/// What a forward pass is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Batch statistics, and quantizers that remember for the backward pass.
    Train,
    /// Running statistics; nothing but the outputs changes.
    Eval,
}

/// A feed-forward network with its parameters, quantizers and buffers.
#[derive(Clone)]
pub struct Network {
    nodes: Vec<Node>,
    /// dL/doutput of each node, while the backward pass needs it.
    gradients: Vec<Option<Tensor>>,
    spares: Spares,
    /// The nodes that [`Network::linears`] shows.
    linear_nodes: Vec<usize>,
    last_mode: Mode,
}

impl core::fmt::Debug for Network {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Network")
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}

impl Network {
    /// A network of `nodes`: see [`super::builder::Builder`].
    pub(super) fn new(nodes: Vec<Node>) -> Self {
        let gradients = vec![None; nodes.len()];
        let is_linear = |&index: &usize| matches!(nodes[index].op, Op::Linear(_));
        let linear_nodes = (0..nodes.len()).filter(is_linear).collect();
        Self {
            nodes,
            gradients,
            spares: Spares::default(),
            linear_nodes,
            last_mode: Mode::Eval,
        }
    }

    /// The graph, in the order of computation; node 0 is the input, the last one gives the logits.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One input sample (n = 1).
    pub fn input_shape(&self) -> Shape {
        self.nodes[0].shape
    }

    /// Number of classes: logits per sample.
    pub fn classes(&self) -> usize {
        self.nodes[self.nodes.len() - 1].shape.per_sample()
    }

    /// Computes the logits `[classes, N]` of a batch `x` of at least one sample.
    pub fn forward(&mut self, x: &Tensor, mode: Mode) -> &Tensor {
        let shape = self.input_shape().with_batch(x.shape().n);
        assert!(
            x.shape() == shape && !shape.is_empty(),
            "input {:?}, expected {shape:?}",
            x.shape()
        );
        self.nodes[0].output.copy_from(x);
        for index in 1..self.nodes.len() {
            let (before, rest) = self.nodes.split_at_mut(index);
            rest[0].forward(before, mode);
        }
        self.last_mode = mode;
        self.logits()
    }

    /// The logits of the last forward pass.
    pub fn logits(&self) -> &Tensor {
        &self.nodes[self.nodes.len() - 1].output
    }

    /// Adds the gradients of all parameters, from dL/dlogits of the last forward pass, which must
    /// have been in training mode. The input's own gradient is not computed.
    pub fn backward(&mut self, d_logits: &Tensor) {
        self.backward_through(d_logits, &mut Exact);
    }

    /// [`Self::backward`] with the gradients of activations held by `store`.
    pub fn backward_through<S: GradientStore>(&mut self, d_logits: &Tensor, store: &mut S) {
        assert!(
            self.last_mode == Mode::Train,
            "backward follows a forward pass in training mode"
        );
        let mut d = self.spares.take();
        d.copy_from(d_logits);
        store.begin(d.data_mut());
        self.deliver(self.nodes.len() - 1, d, store);
        for index in (1..self.nodes.len()).rev() {
            let Some(d) = self.gradients[index].take() else {
                continue;
            };
            store.take(index);
            #[cfg(feature = "files")]
            if matches!(self.nodes[index].op, Op::Concat) {
                self.deliver_parts(index, d, store);
                continue;
            }
            let (before, rest) = self.nodes.split_at_mut(index);
            let Some(mut d_x) = rest[0].backward(before, d, &mut self.spares, store) else {
                continue;
            };
            if rest[0].makes_gradients() {
                store.hold(d_x.data_mut());
            }
            for consumed in 1..self.nodes[index].inputs.len() {
                let mut copy = self.spares.take();
                copy.copy_from(&d_x);
                self.deliver(self.nodes[index].inputs[consumed], copy, store);
            }
            self.deliver(self.nodes[index].inputs[0], d_x, store);
        }
    }

    /// Adds `d` to the gradient of node `index`.
    fn deliver<S: GradientStore>(&mut self, index: usize, d: Tensor, store: &mut S) {
        if !self.nodes[index].needs_gradient {
            return self.spares.give(d);
        }
        match &mut self.gradients[index] {
            Some(sum) => {
                store.merge(index, sum.data_mut(), d.data());
                self.spares.give(d);
            }
            empty => {
                store.deliver(index);
                *empty = Some(d);
            }
        }
    }

    /// Gives each node that concatenation `index` reads its part of the gradient.
    #[cfg(feature = "files")]
    fn deliver_parts<S: GradientStore>(&mut self, index: usize, d: Tensor, store: &mut S) {
        let mut start = 0;
        for input in self.nodes[index].inputs.clone() {
            let shape = self.nodes[input].output.shape();
            let mut part = self.spares.take();
            part.reshape(shape);
            part.data_mut()
                .copy_from_slice(&d.data()[start..start + shape.len()]);
            start += shape.len();
            self.deliver(input, part, store);
        }
        self.spares.give(d);
    }

    /// Takes the input samples of data of shape `sample`, where they have the same values in the same order: the
    /// sizes other than 1 are the same, or one of the two shapes is flat. n is ignored.
    ///
    /// # Errors
    /// `Shape` where they have not.
    #[cfg(feature = "files")]
    pub fn fit_input(&mut self, sample: Shape) -> Result<(), Error> {
        let sides = |shape: Shape| -> Vec<usize> {
            let sizes = [shape.c, shape.h, shape.w].into_iter();
            sizes.filter(|&size| size > 1).collect()
        };
        let own = self.input_shape();
        let (mine, theirs) = (sides(own), sides(sample));
        let flat = mine.len() < 2 || theirs.len() < 2;
        let fits = mine == theirs || (flat && own.per_sample() == sample.per_sample());
        if !fits {
            let shown = |Shape { c, h, w, .. }: Shape| format!("{c}×{h}×{w} values per sample");
            return Err(Error::Shape {
                what: "the model's input".to_owned(),
                expected: format!("{}, as the data have", shown(sample)),
                got: shown(own),
            });
        }
        self.nodes[0].shape = sample.with_batch(1);
        Ok(())
    }

    /// Whether layer `index` (counted as [`Self::linears`] does) reads the network's own input.
    pub fn reads_input(&self, index: usize) -> bool {
        self.nodes[self.linear_nodes[index]].inputs[0] == 0
    }

    /// Clears the gradients of all parameters.
    pub fn zero_gradients(&mut self) {
        self.visit_parameters(&mut Parameter::zero_gradient);
    }

    /// Shows every parameter in graph order: per layer weight, bias, then the parameters of the
    /// weight's and of the activation's quantizer; batch norm's γ and β. The order changes only
    /// when quantizers are attached, taken off or frozen.
    pub fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        for node in &mut self.nodes {
            node.visit_parameters(visit);
        }
    }

    /// Restores the invariants of all quantizers after an optimizer step; weights follow the quantizers that train them.
    pub fn constrain(&mut self) {
        for linear in self.linears_mut() {
            linear
                .quantizers_mut()
                .for_each(|quantizer| quantizer.constrain());
            linear.follow_quantizer();
        }
    }

    /// The dense and convolution layers, in graph order.
    pub fn linears(&self) -> impl Iterator<Item = &Linear> {
        self.nodes.iter().filter_map(|node| match &node.op {
            Op::Linear(linear) => Some(linear.as_ref()),
            _ => None,
        })
    }

    /// The dense and convolution layers, in graph order.
    pub fn linears_mut(&mut self) -> impl Iterator<Item = &mut Linear> {
        self.nodes.iter_mut().filter_map(|node| match &mut node.op {
            Op::Linear(linear) => Some(linear.as_mut()),
            _ => None,
        })
    }

    /// The real-valued input of layer `index` (counted as [`Self::linears`] does) in the last
    /// forward pass.
    pub fn linear_input(&self, index: usize) -> &Tensor {
        let node = &self.nodes[self.linear_nodes[index]];
        &self.nodes[node.inputs[0]].output
    }

    /// What follows each layer, in graph order.
    pub fn epilogues(&self) -> impl Iterator<Item = Epilogue> {
        let layers = self.linears().zip(&self.linear_nodes);
        layers.map(|(linear, &node)| Epilogue::behind(linear, &self.nodes, node))
    }

    /// The float state and the quantizers of every layer; `build` makes the quantizers that are to be read. The graph
    /// itself follows from the model.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, build: &dyn Fn(Role) -> Made) {
        let Self {
            nodes,
            gradients: _,
            spares: _,
            linear_nodes: _,
            last_mode: _,
        } = self;
        for node in nodes {
            node.visit_state(archive, build);
        }
    }

    /// Numbers in the float state.
    pub fn state_len(&self) -> usize {
        self.nodes
            .iter()
            .flat_map(Node::state)
            .map(<[f32]>::len)
            .sum()
    }

    /// The float state: weights, biases, batch-norm factors and running statistics, in graph order.
    /// The quantizers' state is not part of it.
    pub fn read_state(&self) -> Vec<f32> {
        self.nodes
            .iter()
            .flat_map(Node::state)
            .flatten()
            .copied()
            .collect()
    }

    /// Takes over a float state that [`Self::read_state`] of the same model gave.
    pub fn write_state(&mut self, state: &[f32]) -> Result<(), Error> {
        let expected = self.state_len();
        if state.len() != expected {
            return Err(Error::Shape {
                what: "network state".to_owned(),
                expected: format!("{expected} numbers"),
                got: state.len().to_string(),
            });
        }
        let mut rest = state;
        for target in self.nodes.iter_mut().flat_map(Node::state_mut) {
            let (part, after) = rest.split_at(target.len());
            target.copy_from_slice(part);
            rest = after;
        }
        Ok(())
    }
}
