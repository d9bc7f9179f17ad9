//! What a method does around the steps of a training, beyond its quantizers' own gradients: from the start of quantization
//! until bits freeze.

use super::budget::Budget;
use super::options::Options;
use crate::archive::Archive;
use crate::data::Dataset;
use crate::nn::network::Network;
use crate::parameter::Group;

/// Where a run stands, for its schedule.
pub struct Course<'a> {
    /// The budgets of the run.
    pub budgets: &'a [Budget],
    /// Average bits per budget when learning began.
    pub start_bits: &'a [f32],
    /// Part of the phase that is behind, in [0, 1].
    pub progress: f32,
    /// Loss of the mini-batch at hand, in nats.
    pub loss: f32,
}

/// What a method does around the steps of a training.
pub trait Schedule {
    /// Before the backward pass of a mini-batch: adds gradients of its own to parameters; the factor of the loss's.
    fn before_backward(&mut self, network: &mut Network, course: &Course<'_>) -> f32 {
        let _ = (network, course);
        1.0
    }

    /// Once parameters have the gradient of the loss, before they change by it.
    fn before_update(&mut self, network: &mut Network) {
        let _ = network;
    }

    /// After every mini-batch. What an optimizer remembers of the parameters of the group given is void.
    fn after_batch(&mut self, network: &mut Network, course: &Course<'_>) -> Option<Group> {
        let _ = (network, course);
        None
    }

    /// Ends the learning of bits: the budgets hold from now on.
    fn finish(self: Box<Self>, network: &mut Network, data: &Dataset, budgets: &[Budget]);

    /// Whether a saved run holds anything of it.
    fn has_state(&self) -> bool {
        false
    }

    /// Visits what a saved run holds; the rest follows from the options.
    fn visit_state(&mut self, archive: &mut Archive<'_>);
}

/// Begins a schedule, where the options ask for one. The network has just been given its quantizers, or is None where a saved
/// run goes on; `batches` are those of an epoch.
pub type StartSchedule = fn(&Options, Option<&mut Network>, usize) -> Option<Box<dyn Schedule>>;
