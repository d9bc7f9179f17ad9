//! One node of the graph: an operation, where its inputs come from, and its output buffer.

use super::linear::{Linear, Made};
use super::network::Mode;
use super::ops::activation::{self, Activation};
#[cfg(feature = "files")]
use super::ops::affine;
use super::ops::batch_norm::Channel;
use super::ops::window::WindowTables;
use super::ops::{pool, residual};
use super::store::{GradientStore, Passed};
use super::tensor::{Shape, Tensor};
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::Role;

/// Batch normalisation and the activation after it.
#[derive(Debug, Clone)]
pub struct BatchNorm {
    pub(super) gamma: Parameter,
    pub(super) beta: Parameter,
    pub(super) running_mean: Vec<f32>,
    pub(super) running_var: Vec<f32>,
    activation: Activation,
    /// How the last forward pass normalised.
    channels: Vec<Channel>,
}

impl BatchNorm {
    pub(super) fn new(channels: usize, activation: Activation) -> Self {
        Self {
            gamma: Parameter::new(Group::Bias, vec![1.0; channels]),
            beta: Parameter::new(Group::Bias, vec![0.0; channels]),
            running_mean: vec![0.0; channels],
            running_var: vec![1.0; channels],
            activation,
            channels: vec![Channel::default(); channels],
        }
    }

    /// What evaluation does to each channel: y = activation(scale·x + shift).
    pub fn affine(&self) -> Vec<(f32, f32)> {
        let channels = self.gamma.value.iter().zip(&self.beta.value);
        let running = self.running_mean.iter().zip(&self.running_var);
        let affine = |((&gamma, &beta), (&mean, &variance)): ((&f32, &f32), (&f32, &f32))| {
            let channel = Channel::fixed(mean, variance, gamma, beta);
            let scale = channel.gamma * channel.inverse_deviation;
            (scale, beta - mean * scale)
        };
        channels.zip(running).map(affine).collect()
    }

    /// The activation after the normalisation.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            gamma,
            beta,
            running_mean,
            running_var,
            activation: _,
            channels: _,
        } = self;
        gamma.visit_state(archive);
        beta.visit_state(archive);
        archive.floats(running_mean);
        archive.floats(running_var);
    }

    fn forward(&mut self, x: &Tensor, mode: Mode, y: &mut Tensor) {
        y.reshape(x.shape());
        for c in 0..x.shape().c {
            let (gamma, beta) = (self.gamma.value[c], self.beta.value[c]);
            let (mean, var) = (&mut self.running_mean[c], &mut self.running_var[c]);
            let channel = match mode {
                Mode::Train => Channel::of_batch(x.channel(c), gamma, beta, mean, var),
                Mode::Eval => Channel::fixed(*mean, *var, gamma, beta),
            };
            channel.forward(self.activation, x.channel(c), y.channel_mut(c));
            self.channels[c] = channel;
        }
    }

    fn backward(&mut self, x: &Tensor, y: &Tensor, d: &mut Tensor) {
        for (c, channel) in self.channels.iter().enumerate() {
            let (x, y, d) = (x.channel(c), y.channel(c), d.channel_mut(c));
            let (d_gamma, d_beta) = channel.backward_activation(self.activation, x, y, d);
            channel.backward_input(x, d, d_gamma, d_beta);
            self.gamma.gradient[c] += d_gamma;
            self.beta.gradient[c] += d_beta;
        }
    }
}

/// What a node computes.
#[derive(Clone)]
pub enum Op {
    /// The network's input; only node 0.
    Input,
    /// A dense or convolution layer.
    Linear(Box<Linear>),
    /// Batch normalisation with its activation.
    BatchNorm(BatchNorm),
    /// An activation alone.
    Activation(Activation),
    /// Maximum over windows, with the pixel that won.
    MaxPool(WindowTables, Vec<usize>),
    /// Mean over windows.
    AveragePool(WindowTables),
    /// Mean over the image.
    GlobalAveragePool,
    /// The image as features.
    Flatten,
    /// The sum of two nodes.
    Add,
    /// y = scale·x + shift by constants: (scale, shift) of each channel, or of each value of a sample.
    #[cfg(feature = "files")]
    Affine(Vec<(f32, f32)>),
    /// The channels of several nodes, one after the other.
    #[cfg(feature = "files")]
    Concat,
    /// The same values in another shape.
    #[cfg(feature = "files")]
    Reshape,
}

/// A node of the graph.
#[derive(Clone)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// The nodes it reads, all earlier: two for [`Op::Add`], several for `Op::Concat`, none for [`Op::Input`], else one.
    pub inputs: Vec<usize>,
    /// One output sample (n = 1).
    pub shape: Shape,
    /// Whether parameters lie upstream of this node, so that its gradient is needed.
    pub needs_gradient: bool,
    /// The output of the last forward pass.
    pub output: Tensor,
}

impl Node {
    /// Computes the output from the nodes before.
    pub fn forward(&mut self, before: &[Node], mode: Mode) {
        let Some(&first) = self.inputs.first() else {
            return;
        };
        let x = &before[first].output;
        let y = &mut self.output;
        let n = x.shape().n;
        match &mut self.op {
            Op::Linear(linear) => return linear.forward(x, mode, y),
            Op::BatchNorm(norm) => return norm.forward(x, mode, y),
            _ => y.reshape(self.shape.with_batch(n)),
        }
        match &mut self.op {
            Op::Input | Op::Linear(_) | Op::BatchNorm(_) => {}
            Op::Activation(kind) => activation::forward(*kind, x.data(), y.data_mut()),
            Op::MaxPool(tables, winners) => {
                winners.resize(y.shape().len(), 0);
                pool::max_forward(tables, n, x.data(), y.data_mut(), winners);
            }
            Op::AveragePool(tables) => pool::average_forward(tables, n, x.data(), y.data_mut()),
            Op::GlobalAveragePool => {
                pool::global_average_forward(x.shape().h * x.shape().w, n, x.data(), y.data_mut());
            }
            Op::Flatten => y.data_mut().copy_from_slice(x.data()),
            Op::Add => {
                residual::forward(x.data(), before[self.inputs[1]].output.data(), y.data_mut())
            }
            #[cfg(feature = "files")]
            Op::Affine(constants) => affine::forward(constants, x.data(), y.data_mut()),
            #[cfg(feature = "files")]
            Op::Concat => {
                let mut rest = y.data_mut();
                for &input in &self.inputs {
                    let part = before[input].output.data();
                    let (own, after) = rest.split_at_mut(part.len());
                    own.copy_from_slice(part);
                    rest = after;
                }
            }
            #[cfg(feature = "files")]
            Op::Reshape => y.data_mut().copy_from_slice(x.data()),
        }
    }

    /// Computes dL/dx of the node's (first) input from `d` = dL/dy, which it may reuse as the result.
    /// Nothing is returned if nothing needs it. A linear layer has `store` hold what it passes on.
    pub fn backward<S: GradientStore>(
        &mut self,
        before: &[Node],
        mut d: Tensor,
        spares: &mut Spares,
        store: &mut S,
    ) -> Option<Tensor> {
        let source = &before[*self.inputs.first()?];
        let x = &source.output;
        let n = x.shape().n;
        match &mut self.op {
            Op::Linear(linear) => {
                let wanted = source.needs_gradient || linear.activation_quantizer.is_some();
                let mut d_x = wanted.then(|| spares.take());
                let pass = |passed: Passed<'_>| store.pass(before.len(), passed);
                linear.backward_through(x, &d, d_x.as_mut(), &mut spares.scratch, pass);
                spares.give(d);
                return d_x;
            }
            Op::BatchNorm(norm) => norm.backward(x, &self.output, &mut d),
            Op::Activation(kind) => {
                activation::backward(*kind, x.data(), self.output.data(), d.data_mut());
            }
            Op::MaxPool(tables, winners) => {
                return Some(spares.replace(d, x.shape(), |d, d_x| {
                    pool::max_backward(tables, n, winners, d, d_x)
                }));
            }
            Op::AveragePool(tables) => {
                return Some(spares.replace(d, x.shape(), |d, d_x| {
                    pool::average_backward(tables, n, d, d_x)
                }));
            }
            Op::GlobalAveragePool => {
                let pixels = x.shape().h * x.shape().w;
                return Some(spares.replace(d, x.shape(), |d, d_x| {
                    pool::global_average_backward(pixels, n, d, d_x)
                }));
            }
            Op::Flatten => d.reshape(x.shape()),
            Op::Input | Op::Add => {}
            #[cfg(feature = "files")]
            Op::Affine(constants) => affine::backward(constants, d.data_mut()),
            // Its parts go to their nodes one by one: `Network::backward` sees to it.
            #[cfg(feature = "files")]
            Op::Concat => {}
            #[cfg(feature = "files")]
            Op::Reshape => d.reshape(x.shape()),
        }
        Some(d)
    }

    /// Whether `backward` computes new numbers outside of a linear layer, rather than choosing among those of `d`.
    pub fn makes_gradients(&self) -> bool {
        match self.op {
            Op::BatchNorm(_) | Op::MaxPool(..) | Op::AveragePool(_) | Op::GlobalAveragePool => true,
            // Other curves than ReLU have slopes between 0 and 1.
            #[cfg(feature = "files")]
            Op::Activation(Activation::Imported(_)) | Op::Affine(_) => true,
            #[cfg(feature = "files")]
            Op::Concat | Op::Reshape => false,
            Op::Input | Op::Linear(_) | Op::Activation(_) | Op::Flatten | Op::Add => false,
        }
    }

    /// Shows the node's parameters, in a fixed order.
    pub fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        match &mut self.op {
            Op::Linear(linear) => linear.visit_parameters(visit),
            Op::BatchNorm(norm) => {
                visit(&mut norm.gamma);
                visit(&mut norm.beta);
            }
            _ => {}
        }
    }

    /// What training changes: the float state, and the quantizers where there are any.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, build: &dyn Fn(Role) -> Made) {
        let Self {
            op,
            inputs: _,
            shape: _,
            needs_gradient: _,
            output: _,
        } = self;
        match op {
            Op::Linear(linear) => linear.visit_state(archive, build),
            Op::BatchNorm(norm) => norm.visit_state(archive),
            Op::Input
            | Op::Activation(_)
            | Op::MaxPool(..)
            | Op::AveragePool(_)
            | Op::GlobalAveragePool
            | Op::Flatten
            | Op::Add => {}
            #[cfg(feature = "files")]
            Op::Affine(_) | Op::Concat | Op::Reshape => {}
        }
    }

    /// The float state: weight and bias, or batch-norm factors and running statistics.
    pub fn state(&self) -> Vec<&[f32]> {
        match &self.op {
            Op::Linear(linear) => {
                let bias = linear.bias.iter().map(|bias| bias.value.as_slice());
                [linear.weight.value.as_slice()]
                    .into_iter()
                    .chain(bias)
                    .collect()
            }
            Op::BatchNorm(norm) => {
                vec![
                    &norm.gamma.value,
                    &norm.beta.value,
                    &norm.running_mean,
                    &norm.running_var,
                ]
            }
            _ => Vec::new(),
        }
    }

    /// The float state, to be overwritten; the same slices as [`Self::state`].
    pub fn state_mut(&mut self) -> Vec<&mut [f32]> {
        match &mut self.op {
            Op::Linear(linear) => {
                let bias = linear.bias.iter_mut().map(|bias| bias.value.as_mut_slice());
                [linear.weight.value.as_mut_slice()]
                    .into_iter()
                    .chain(bias)
                    .collect()
            }
            Op::BatchNorm(norm) => vec![
                &mut norm.gamma.value,
                &mut norm.beta.value,
                &mut norm.running_mean,
                &mut norm.running_var,
            ],
            _ => Vec::new(),
        }
    }
}

/// Gradient buffers not in use. A gradient lives only from the consumers of a node to the node
/// itself, so a few buffers serve the whole graph and stay in the cache.
#[derive(Debug, Clone, Default)]
pub struct Spares {
    tensors: Vec<Tensor>,
    /// A buffer for a layer's inner use.
    pub scratch: Vec<f32>,
}

impl Spares {
    /// A buffer of any shape and content.
    pub fn take(&mut self) -> Tensor {
        self.tensors.pop().unwrap_or_default()
    }

    /// Gives a buffer back.
    pub fn give(&mut self, tensor: Tensor) {
        self.tensors.push(tensor);
    }

    /// Writes a gradient of another shape from `d`, which is given back.
    fn replace(
        &mut self,
        d: Tensor,
        shape: Shape,
        write: impl FnOnce(&[f32], &mut [f32]),
    ) -> Tensor {
        let mut d_x = self.take();
        d_x.reshape(shape);
        write(d.data(), d_x.data_mut());
        self.give(d);
        d_x
    }
}
