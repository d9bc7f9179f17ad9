//! What a user holds: a run with its options, its data, and the questions one may ask of it.

mod assets;
mod project;
#[cfg(feature = "methods")]
mod restore;

pub use assets::*;

use crate::data::{Dataset, Split};
use crate::error::Error;
use crate::nn::network::{Mode, Network};
#[cfg(feature = "methods")]
use crate::nn::precision::Report;
use crate::nn::tensor::Tensor;
#[cfg(feature = "methods")]
use crate::quant::Quantizer;
#[cfg(feature = "methods")]
use crate::search::advice::Advice;
use crate::train::allocation::StartSearch;
#[cfg(feature = "methods")]
use crate::train::allocation::{Allocation, SearchReport};
use crate::train::checkpoint;
use crate::train::deployment;
use crate::train::evaluate::{Evaluation, evaluate, load_batch, sample_shape};
use crate::train::options::{Options, invalid};
use crate::train::snapshot::{LayerSnapshot, Sizes, layers, sizes};
use crate::train::trace::Trace;
use crate::train::trainer::{Phase, Trainer};

/// Training samples whose activations a snapshot shows: the first ones of the split.
const PROBE_SAMPLES: usize = 64;

/// Which network of a session to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The network being trained and quantized.
    Current,
    /// The float network that quantization started from (the current one before calibration).
    Reference,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Mini-batches trained so far, over all phases.
    pub step: usize,
    /// Epochs finished in the current phase.
    pub epoch: usize,
    /// Epochs of the current phase.
    pub epochs: usize,
    /// Mini-batches of an epoch.
    pub steps_per_epoch: usize,
    /// The part of the run.
    pub phase: Phase,
    /// Loss of the last mini-batch, in nats; NaN before the first.
    pub loss: f32,
    /// Evaluations of the test split that have ended: one before each kind of training, one after each epoch.
    pub evaluations: usize,
}

/// A run's numbers at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Where the run stands.
    pub progress: Progress,
    /// Accuracy over the last epoch's training batches, in [0, 1].
    pub train_accuracy: Option<f64>,
    /// Accuracy of the last evaluation on the test split, in [0, 1]; None from the start of quantization until the
    /// quantized network was tested.
    pub test_accuracy: Option<f64>,
    /// Epochs of the current phase that were finished when `test_accuracy` was measured.
    pub test_epoch: Option<usize>,
    /// Test accuracy of the float network that quantization starts from, in [0, 1].
    pub float_accuracy: Option<f64>,
    /// What the evaluations so far have shown, as a hash: see [`Trace`].
    pub trace: Trace,
    /// Stored sizes.
    pub sizes: Sizes,
    /// The search before the training, where there is one.
    #[cfg(feature = "methods")]
    pub search: Option<SearchReport>,
    /// Scales and underflow of gradients; None with precision "f32".
    #[cfg(feature = "methods")]
    pub precision: Option<Report>,
    /// The budget on stored weight bits per weight, where there is one.
    pub budget_bits: Option<f32>,
    /// Every layer with weights.
    pub layers: Vec<LayerSnapshot>,
}

/// A run with everything it needs. Long work is done by repeated calls of [`Session::step`].
pub struct Session {
    trainer: Trainer,
    probe: Tensor,
    /// Where the run's model comes from, for `model: "own"`.
    #[cfg(feature = "files")]
    model_file: Option<ModelFile>,
    /// What a host keeps beside the run and finds again in its project file: the page's curves.
    pub note: String,
}

impl Session {
    /// A session of checked options, with the assets that they ask for.
    ///
    /// # Errors
    /// `InvalidOption` for options that do not fit together or an asset that is missing, `Format` for a bad
    /// checkpoint.
    pub fn new(options: Options, assets: Assets<'_>) -> Result<Self, Error> {
        #[cfg(feature = "files")]
        let model_file = assets.model.as_ref().map(|model| model.file.clone());
        let (options, data, network) = assets.settle(options)?;
        let start_search = start_search(&options);
        let session = Self::of(Trainer::new(options, data, network, start_search)?);
        #[cfg(feature = "files")]
        let session = Self {
            model_file,
            ..session
        };
        Ok(session)
    }

    fn of(trainer: Trainer) -> Self {
        let data = trainer.data();
        let mut probe = Tensor::default();
        let indices: Vec<usize> = (0..data.train.len().min(PROBE_SAMPLES)).collect();
        load_batch(data, &data.train, &indices, &mut probe);
        Self {
            trainer,
            probe,
            #[cfg(feature = "files")]
            model_file: None,
            note: String::new(),
        }
    }

    /// Up to `slices` slices of work: mini-batches of training or of an epoch's evaluation.
    ///
    /// # Errors
    /// `NonFiniteLoss`: the run has stopped, the session answers with its last good state.
    pub fn step(&mut self, slices: usize) -> Result<Progress, Error> {
        for _ in 0..slices {
            if self.trainer.phase() == Phase::Done {
                break;
            }
            self.trainer.step()?;
        }
        Ok(self.progress())
    }

    /// Where the run stands.
    pub fn progress(&self) -> Progress {
        let t = &self.trainer;
        Progress {
            step: t.steps(),
            epoch: t.epoch(),
            epochs: t.epochs(),
            steps_per_epoch: t.batches(),
            phase: t.phase(),
            loss: t.loss(),
            evaluations: t.trace().evaluations,
        }
    }

    /// Loss, accuracy and confusion matrix on the "train" or the "test" split.
    ///
    /// # Errors
    /// `InvalidOption` for another split.
    pub fn evaluate(&mut self, split: &str, which: Which) -> Result<Evaluation, Error> {
        check_split(split)?;
        let (data, network) = self.ask(which);
        Ok(evaluate(network, data, split_of(data, split)))
    }

    /// The float network that quantization starts from, as checkpoint bytes
    /// (the network being trained while it is still a float network).
    pub fn checkpoint(&mut self) -> Vec<u8> {
        checkpoint::write(self.ask(Which::Reference).1)
    }

    /// The quantized network as bytes that packed kernels run: see [`deployment`].
    ///
    /// # Errors
    /// `Format` that names the layer for a network that is not quantized, or not on the kernels' grid.
    pub fn deployment(&mut self) -> Result<Vec<u8>, Error> {
        let (data, network) = self.ask(Which::Current);
        deployment::write(network, data)
    }

    /// The network as it stands.
    pub fn network(&mut self) -> &Network {
        self.ask(Which::Current).1
    }

    /// Ends a search with the best allocation so far.
    ///
    /// # Errors
    /// `InvalidOption` where no search is under way, or it has found none yet.
    #[cfg(feature = "methods")]
    pub fn end_search(&mut self) -> Result<(), Error> {
        if self.trainer.end_search() {
            return Ok(());
        }
        Err(invalid(
            "endSearch",
            self.trainer.phase().name(),
            "a search that has found an allocation within the budget",
        ))
    }

    /// A way to ask about the network's bits as it stands.
    ///
    /// # Errors
    /// `InvalidOption` for a budget that pinned layers alone exceed.
    #[cfg(feature = "methods")]
    pub fn advice(&mut self) -> Result<Advice, Error> {
        let options = self.options().clone();
        let (data, network) = self.ask(Which::Current);
        Advice::new(&options, network, data)
    }

    /// Bits of the weights and activations as they stand; 8 for what is not quantized, 0 for activations that the options
    /// leave in float.
    #[cfg(feature = "methods")]
    pub fn bits(&mut self) -> Allocation {
        let bits =
            |quantizer: Option<&dyn Quantizer>| quantizer.map_or(8, |q| q.bits().clamp(1, 8));
        let left = self.options().leaves_activations();
        let network = self.trainer.network();
        Allocation {
            weight: network
                .linears()
                .map(|l| bits(l.weight_quantizer.as_deref()))
                .collect(),
            activation: network
                .linears()
                .map(|l| match left {
                    true => 0,
                    false => bits(l.activation_quantizer.as_deref()),
                })
                .collect(),
        }
    }

    fn ask(&mut self, which: Which) -> (&Dataset, &mut Network) {
        match (self.trainer.parts(), which) {
            ((data, _, Some(reference)), Which::Reference) => (data, reference),
            ((data, network, _), _) => (data, network),
        }
    }

    /// The last evaluation of the test split, which ends every epoch; none before the first.
    pub fn tested(&self) -> Option<&Evaluation> {
        self.trainer.test()
    }

    /// The samples of the "train" or the "test" split.
    ///
    /// # Errors
    /// `InvalidOption` for another split.
    pub fn samples(&self, split: &str) -> Result<&Split, Error> {
        check_split(split)?;
        Ok(split_of(self.trainer.data(), split))
    }

    /// The data of the run.
    pub fn data(&self) -> &Dataset {
        self.trainer.data()
    }

    /// The file of an own model.
    #[cfg(feature = "files")]
    pub fn model_file(&self) -> Option<&ModelFile> {
        self.model_file.as_ref()
    }

    /// The options of the run.
    pub fn options(&self) -> &Options {
        self.trainer.options()
    }

    /// The run's numbers. Activations are those of a fixed probe of training samples.
    pub fn snapshot(&mut self) -> Snapshot {
        let progress = self.progress();
        let budget_bits = self.options().budget_bits();
        let network = self.trainer.network();
        network.forward(&self.probe, Mode::Eval);
        let (layers, sizes) = (layers(network), sizes(network));
        let t = &self.trainer;
        Snapshot {
            progress,
            train_accuracy: t.train_accuracy(),
            test_accuracy: t.test().map(|found| found.accuracy),
            test_epoch: t.test_epoch(),
            float_accuracy: t.float_accuracy(),
            trace: t.trace(),
            sizes,
            #[cfg(feature = "methods")]
            search: t.search().cloned(),
            #[cfg(feature = "methods")]
            precision: t.precision(),
            budget_bits,
            layers,
        }
    }

    /// Logits, sample-major `[N × classes]`, of samples `x`, sample-major `[N × inputs]`.
    ///
    /// # Errors
    /// `Shape` when `x` is no whole number of samples.
    pub fn predict(&mut self, x: &[f32], which: Which) -> Result<Vec<f32>, Error> {
        let (data, network) = self.ask(which);
        let shape = data.shape;
        let inputs = shape.inputs();
        if !x.len().is_multiple_of(inputs) {
            return Err(Error::Shape {
                what: "x of predict".to_owned(),
                expected: format!(
                    "a multiple of {inputs} numbers ({}×{}×{} per sample)",
                    shape.channels, shape.height, shape.width
                ),
                got: x.len().to_string(),
            });
        }
        let samples = x.len() / inputs;
        if samples == 0 {
            return Ok(Vec::new());
        }
        let indices: Vec<usize> = (0..samples).collect();
        let mut input = Tensor::default();
        input.load_samples(sample_shape(data), x, &indices);
        Ok(network.forward(&input, Mode::Eval).to_samples())
    }
}

/// How the search of the options' method begins, where it has one.
#[cfg(feature = "methods")]
fn start_search(options: &Options) -> Option<StartSearch> {
    crate::search::find(options.text("method"))
}

#[cfg(not(feature = "methods"))]
fn start_search(_: &Options) -> Option<StartSearch> {
    None
}

fn check_split(split: &str) -> Result<(), Error> {
    match split {
        "train" | "test" => Ok(()),
        _ => Err(invalid(
            "split",
            &format!("\"{split}\""),
            "one of train, test",
        )),
    }
}

fn split_of<'a>(data: &'a Dataset, split: &str) -> &'a Split {
    if split == "train" {
        &data.train
    } else {
        &data.test
    }
}
