//! What others may read of a run.

use super::{Phase, Trainer};
use crate::data::Dataset;
use crate::nn::network::Network;
#[cfg(feature = "methods")]
use crate::nn::precision::Report;
use crate::train::allocation::SearchReport;
use crate::train::evaluate::Evaluation;
use crate::train::options::Options;
use crate::train::trace::Trace;

impl Trainer {
    /// The options of the run.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The data of the run, to be written down.
    #[cfg(feature = "files")]
    pub fn data_mut(&mut self) -> &mut Dataset {
        &mut self.data
    }

    /// The data of the run.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// The network as it stands.
    pub fn network(&mut self) -> &mut Network {
        &mut self.network
    }

    /// The data, the network, and the float network that quantization started from (None before
    /// calibration).
    pub fn parts(&mut self) -> (&Dataset, &mut Network, Option<&mut Network>) {
        (&self.data, &mut self.network, self.reference.as_mut())
    }

    /// Where the search stands, or how it ended; None where nothing was searched.
    pub fn search(&self) -> Option<&SearchReport> {
        self.report.as_ref()
    }

    /// Scales and underflow of gradients; None with precision "f32".
    #[cfg(feature = "methods")]
    pub fn precision(&self) -> Option<Report> {
        self.backpropagation.report(&self.network)
    }

    /// The part of the run.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Mini-batches trained so far, over all phases.
    pub fn steps(&self) -> usize {
        self.step
    }

    /// Epochs finished in the current phase.
    pub fn epoch(&self) -> usize {
        self.epoch
    }

    /// Epochs of the current phase (quantize and finetune are one).
    pub fn epochs(&self) -> usize {
        self.phase_epochs()
    }

    /// Loss of the last mini-batch, in nats; NaN before the first.
    pub fn loss(&self) -> f32 {
        self.loss
    }

    /// Accuracy over the training batches of the last finished epoch.
    pub fn train_accuracy(&self) -> Option<f64> {
        self.train_accuracy
    }

    /// The last evaluation on the test split; None until the network, float or quantized, was tested.
    pub fn test(&self) -> Option<&Evaluation> {
        self.test.as_ref()
    }

    /// The epoch of the current phase after which [`Trainer::test`] was taken.
    pub fn test_epoch(&self) -> Option<usize> {
        let under_way = usize::from(self.evaluator.is_some());
        self.test
            .as_ref()
            .map(|_| self.epoch.saturating_sub(under_way))
    }

    /// What the evaluations so far have shown, as a hash.
    pub fn trace(&self) -> Trace {
        self.trace
    }

    /// Test accuracy of the float network that quantization starts from.
    pub fn float_accuracy(&self) -> Option<f64> {
        self.float_accuracy
    }
}
