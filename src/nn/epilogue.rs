//! What happens to a layer's sums Σ w·x before others read them: y = activation(factor·Σ w·x + addend), with bias and
//! batch norm (as in evaluation) in a factor and an addend per output channel.

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

    /// Whether `op` can be taken in: a batch norm or an activation, while no activation has been.
    pub fn takes(&self, op: &Op) -> bool {
        matches!(op, Op::BatchNorm(_) | Op::Activation(_))
            && self.activation == Activation::Identity
    }

    /// Takes in the operation that follows; others than batch norms and activations change nothing.
    pub fn fold(&mut self, op: &Op) {
        match op {
            Op::BatchNorm(norm) => {
                for ((factor, addend), (scale, shift)) in self.affine.iter_mut().zip(norm.affine())
                {
                    (*factor, *addend) = (*factor * scale, *addend * scale + shift);
                }
                self.activation = norm.activation();
            }
            Op::Activation(kind) => self.activation = *kind,
            _ => {}
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
