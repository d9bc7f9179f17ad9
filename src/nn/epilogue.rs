//! What happens to a layer's sums Σ w·x before other nodes read them: y = activation(factor·Σ w·x + addend), with
//! bias and batch norm (in evaluation mode) folded into one factor and one addend per output channel.

use super::linear::Linear;
use super::node::{Node, Op};
use super::ops::activation::Activation;

/// The factor and the addend of every output channel, and the activation after them.
#[derive(Debug, Clone, PartialEq)]
pub struct Epilogue {
    /// (factor, addend) of each output channel.
    pub affine: Vec<(f32, f32)>,
    /// The activation.
    pub activation: Activation,
}

impl Epilogue {
    /// The layer alone: its bias.
    pub fn new(linear: &Linear) -> Self {
        let bias = linear.bias.as_ref().map(|bias| bias.value.as_slice());
        let affine = |r: usize| (1.0, bias.map_or(0.0, |bias| bias[r]));
        Self {
            affine: (0..linear.outputs()).map(affine).collect(),
            activation: Activation::Identity,
        }
    }

    /// Whether `op` can be taken in: a batch norm, constants per channel or an activation, while no activation has
    /// been.
    pub fn takes(&self, op: &Op) -> bool {
        let per_channel = match op {
            Op::BatchNorm(_) | Op::Activation(_) => true,
            #[cfg(feature = "files")]
            Op::Affine(constants) => constants.len() == self.affine.len(),
            _ => false,
        };
        per_channel && self.activation == Activation::Identity
    }

    /// Takes in the operation that follows, one that [`Self::takes`] allows.
    pub fn fold(&mut self, op: &Op) {
        match op {
            Op::BatchNorm(norm) => {
                self.follow(norm.affine());
                self.activation = norm.activation();
            }
            Op::Activation(kind) => self.activation = *kind,
            #[cfg(feature = "files")]
            Op::Affine(constants) => self.follow(constants.iter().copied()),
            _ => {}
        }
    }

    fn follow(&mut self, constants: impl IntoIterator<Item = (f32, f32)>) {
        for ((factor, addend), (scale, shift)) in self.affine.iter_mut().zip(constants) {
            (*factor, *addend) = (*factor * scale, *addend * scale + shift);
        }
    }

    /// Layer `linear`, which stands at node `at` of a graph, with all that follows it and it alone.
    pub fn behind(linear: &Linear, nodes: &[Node], mut at: usize) -> Self {
        let mut made = Self::new(linear);
        loop {
            let mut readers = (0..nodes.len()).filter(|&other| nodes[other].inputs.contains(&at));
            match (readers.next(), readers.next()) {
                (Some(next), None) if made.takes(&nodes[next].op) => {
                    made.fold(&nodes[next].op);
                    at = next;
                }
                _ => return made,
            }
        }
    }
}
