//! The backward pass of a training step, in plain 32-bit float or in the precision that the options ask for.

#[cfg(feature = "methods")]
use super::loss_scaling::LowPrecision;
use super::options::Options;
use crate::archive::Archive;
use crate::nn::network::Network;
#[cfg(feature = "methods")]
use crate::nn::precision::{Outcome, Report};
use crate::nn::tensor::Tensor;

/// What to do with the gradients of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Change the parameters by them.
    Take,
    /// Leave the parameters alone: a gradient overflowed, and the scale is smaller from now on.
    Skip,
}

/// How a run goes back through its network.
pub struct Backpropagation {
    #[cfg(feature = "methods")]
    low_precision: Option<LowPrecision>,
}

#[cfg(feature = "methods")]
impl Backpropagation {
    /// As the options say.
    pub fn new(options: &Options) -> Self {
        Self {
            low_precision: LowPrecision::new(options),
        }
    }

    /// To be called before the forward pass of a step.
    pub fn enter(&self, network: &mut Network) {
        if let Some(low_precision) = &self.low_precision {
            low_precision.enter(network);
        }
    }

    /// Adds the gradients of all parameters from dL/dlogits.
    pub fn run(&mut self, network: &mut Network, d_logits: &Tensor) -> Step {
        match &mut self.low_precision {
            None => network.backward(d_logits),
            Some(low_precision) => {
                if low_precision.backward(network, d_logits) == Outcome::Overflow {
                    return Step::Skip;
                }
            }
        }
        Step::Take
    }

    /// Shows the state of low precision; plain training has none, so that every binary reads its runs.
    pub fn visit_state(&mut self, nodes: usize, archive: &mut Archive<'_>) {
        let Self { low_precision } = self;
        if let Some(low_precision) = low_precision {
            low_precision.visit_state(nodes, archive);
        }
    }

    /// Scales and underflow of gradients; None with precision "f32".
    pub fn report(&self, network: &Network) -> Option<Report> {
        let low_precision = self.low_precision.as_ref();
        low_precision.map(|low_precision| low_precision.report(network))
    }
}

/// The small binary knows plain training only.
#[cfg(not(feature = "methods"))]
impl Backpropagation {
    /// As the options say.
    pub fn new(_: &Options) -> Self {
        Self {}
    }

    /// To be called before the forward pass of a step.
    pub fn enter(&self, _: &mut Network) {}

    /// There is no state of low precision.
    pub fn visit_state(&mut self, _: usize, _: &mut Archive<'_>) {
        let Self {} = self;
    }

    /// Adds the gradients of all parameters from dL/dlogits.
    pub fn run(&mut self, network: &mut Network, d_logits: &Tensor) -> Step {
        network.backward(d_logits);
        Step::Take
    }
}
