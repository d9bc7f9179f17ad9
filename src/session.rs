//! What a user holds: a run with its options, its data, and the questions one may ask of it.

#[cfg(feature = "files")]
use crate::data::own;
use crate::data::{Dataset, DatasetSpec, Split};
use crate::error::Error;
use crate::nn::models;
use crate::nn::network::{Mode, Network};
use crate::nn::tensor::Tensor;
#[cfg(feature = "methods")]
use crate::quant::Quantizer;
use crate::rng::{Rng, Stream};
#[cfg(feature = "methods")]
use crate::search::advice::Advice;
#[cfg(feature = "methods")]
use crate::train::allocation::{Allocation, SearchReport};
use crate::train::checkpoint;
use crate::train::deployment;
use crate::train::evaluate::{Evaluation, evaluate, load_batch, sample_shape};
#[cfg(feature = "files")]
use crate::train::memory;
use crate::train::options::{Options, invalid};
use crate::train::snapshot::{LayerSnapshot, Sizes, layers, sizes};
use crate::train::trainer::{Phase, Trainer};

/// Training samples whose activations a snapshot shows: the first ones of the split.
const PROBE_SAMPLES: usize = 64;

/// Weights that a network may have: a run holds about ten numbers for each.
#[cfg(feature = "files")]
const WEIGHTS_MAX: u64 = 5_000_000;

/// Bytes that a run may take by [`memory::run_bytes`]: half of what WebAssembly can address.
#[cfg(feature = "files")]
const MEMORY_MAX_BYTES: u64 = 2_000_000_000;

/// What a session is made from besides its options.
#[derive(Debug, Clone, Default)]
pub struct Assets<'a> {
    /// The float checkpoint of the model, for options that ask for one.
    pub checkpoint: Option<&'a [u8]>,
    /// The caller's own data, for `data: "own"`; without a test part the session takes one from the seed.
    #[cfg(feature = "files")]
    pub data: Option<Dataset>,
    /// The caller's own float network, for `model: "own"`.
    #[cfg(feature = "files")]
    pub model: Option<Network>,
}

impl<'a> Assets<'a> {
    /// A checkpoint, if there is one, and nothing else.
    pub fn of_checkpoint(checkpoint: Option<&'a [u8]>) -> Self {
        Self {
            checkpoint,
            #[cfg(feature = "files")]
            data: None,
            #[cfg(feature = "files")]
            model: None,
        }
    }
}

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
}

/// A run's numbers at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Where the run stands.
    pub progress: Progress,
    /// Accuracy over the last epoch's training batches, in [0, 1].
    pub train_accuracy: Option<f64>,
    /// Accuracy of the last evaluation on the test split, in [0, 1].
    pub test_accuracy: Option<f64>,
    /// Test accuracy of the float network that quantization starts from, in [0, 1].
    pub float_accuracy: Option<f64>,
    /// Stored sizes.
    pub sizes: Sizes,
    /// The search before the training, where there is one.
    #[cfg(feature = "methods")]
    pub search: Option<SearchReport>,
    /// The budget on stored weight bits per weight, where there is one.
    pub budget_bits: Option<f32>,
    /// Every layer with weights.
    pub layers: Vec<LayerSnapshot>,
}

/// A run with everything it needs. Long work is done by repeated calls of [`Session::step`].
pub struct Session {
    trainer: Trainer,
    probe: Tensor,
}

impl Session {
    /// A session of checked options, with the assets that they ask for.
    ///
    /// # Errors
    /// `InvalidOption` for options that do not fit together or an asset that is missing, `Format` for a bad
    /// checkpoint.
    pub fn new(options: Options, assets: Assets<'_>) -> Result<Self, Error> {
        #[cfg(feature = "files")]
        let data = build_data(&options, assets.data)?;
        #[cfg(not(feature = "files"))]
        let data = built_in(&options)?;
        #[cfg(feature = "files")]
        let options = options.for_data(data.train.len());
        #[cfg(feature = "files")]
        let mut network = match assets.model {
            Some(model) if options.has_own_model() => fitted(model, &data)?,
            _ => build_network(&options, &data)?,
        };
        #[cfg(not(feature = "files"))]
        let mut network = build_network(&options, &data)?;
        #[cfg(feature = "files")]
        check_memory(&options, &data, &network)?;
        if options.flag("pretrained") {
            let bytes = assets
                .checkpoint
                .ok_or_else(|| missing_checkpoint(&options))?;
            checkpoint::read(bytes, &mut network)?;
        }
        #[cfg(feature = "methods")]
        let start_search = crate::search::find(options.text("method"));
        #[cfg(not(feature = "methods"))]
        let start_search = None;
        let mut probe = Tensor::default();
        let indices: Vec<usize> = (0..data.train.len().min(PROBE_SAMPLES)).collect();
        load_batch(&data, &data.train, &indices, &mut probe);
        Ok(Self {
            trainer: Trainer::new(options, data, network, start_search)?,
            probe,
        })
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

    /// Bits of the weights and activations as they stand; 8 for what is not quantized.
    #[cfg(feature = "methods")]
    pub fn bits(&mut self) -> Allocation {
        let bits =
            |quantizer: Option<&dyn Quantizer>| quantizer.map_or(8, |q| q.bits().clamp(1, 8));
        let network = self.trainer.network();
        Allocation {
            weight: network
                .linears()
                .map(|l| bits(l.weight_quantizer.as_deref()))
                .collect(),
            activation: network
                .linears()
                .map(|l| bits(l.activation_quantizer.as_deref()))
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
            float_accuracy: t.float_accuracy(),
            sizes,
            #[cfg(feature = "methods")]
            search: t.search().cloned(),
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

/// The float network that the options describe, with seeded initial weights.
///
/// # Errors
/// Those of the models for data that they cannot take; `InvalidOption` for an mlp beyond 5 million weights, and for a
/// model of the caller's own, which only [`Assets`] can bring.
pub fn build_network(options: &Options, data: &Dataset) -> Result<Network, Error> {
    let mut rng = Rng::new(options.seed(), Stream::Init);
    let sample = sample_shape(data);
    match options.text("model") {
        "cnn" => models::cnn(sample, data.classes, &mut rng),
        "mobile" => models::mobile(sample, data.classes, &mut rng),
        #[cfg(feature = "files")]
        models::OWN => {
            let allowed = "a model that was imported, handed over with the session";
            Err(invalid("model", "\"own\"", allowed))
        }
        _ => {
            let hidden = options.hidden();
            #[cfg(feature = "files")]
            check_weights(data, &hidden)?;
            Ok(models::mlp(sample, &hidden, data.classes, &mut rng))
        }
    }
}

/// The caller's network on data of the shape and classes that it was made for.
#[cfg(feature = "files")]
fn fitted(mut model: Network, data: &Dataset) -> Result<Network, Error> {
    model.fit_input(sample_shape(data))?;
    if model.classes() != data.classes {
        return Err(Error::Shape {
            what: "the model's output".to_owned(),
            expected: format!("{} classes, as the data have", data.classes),
            got: format!("{} classes", model.classes()),
        });
    }
    Ok(model)
}

/// The data that the options name; `own` are those of the caller.
#[cfg(feature = "files")]
fn build_data(options: &Options, own: Option<Dataset>) -> Result<Dataset, Error> {
    match own {
        Some(data) if options.has_own_data() => Ok(data.split(options.split_seed())),
        None if options.has_own_data() => {
            let allowed = "data that were imported, handed over with the session";
            Err(invalid("data", "\"own\"", allowed))
        }
        _ => built_in(options),
    }
}

fn built_in(options: &Options) -> Result<Dataset, Error> {
    Dataset::build(&DatasetSpec {
        name: options.text("data").to_owned(),
        samples: options.integer("samples"),
        noise: options.number("noise"),
        seed: options.split_seed(),
    })
}

/// Refuses an mlp that would not fit, which the width of own data can make of any.
#[cfg(feature = "files")]
fn check_weights(data: &Dataset, hidden: &[usize]) -> Result<(), Error> {
    let mut widths = vec![data.shape.inputs()];
    widths.extend(hidden);
    widths.push(data.classes);
    // Wider than the machine's word: 32 bits would overflow.
    let pairs = widths.windows(2);
    let weights: u64 = pairs.map(|pair| pair[0] as u64 * pair[1] as u64).sum();
    if weights <= WEIGHTS_MAX {
        return Ok(());
    }
    let got = format!("{hidden:?} on {} inputs: {weights} weights", widths[0]);
    Err(invalid(
        "hidden",
        &got,
        &format!("widths of at most {WEIGHTS_MAX} weights in all"),
    ))
}

/// Bytes that a run on data of the shape and classes of `data` takes, with `samples` samples in all; see
/// [`crate::train::memory`].
///
/// # Errors
/// Those of [`build_network`].
#[cfg(feature = "files")]
pub fn run_bytes(options: &Options, data: &Dataset, samples: usize) -> Result<u64, Error> {
    let inputs = own::check_shape(data.shape)?;
    let network = build_network(options, data)?;
    let numbers = samples.saturating_mul(inputs);
    let batch = options.integer("batchSize");
    Ok(memory::run_bytes(&network, batch, numbers))
}

/// Own data can be of any size: what does not fit the memory of a tab is refused before it is tried.
#[cfg(feature = "files")]
fn check_memory(options: &Options, data: &Dataset, network: &Network) -> Result<(), Error> {
    let numbers = data.train.inputs.len() + data.test.inputs.len();
    let bytes = memory::run_bytes(network, options.integer("batchSize"), numbers);
    if bytes <= MEMORY_MAX_BYTES {
        return Ok(());
    }
    let got = format!("a run of about {} MB", bytes / 1_000_000);
    let allowed = format!(
        "data and a model of at most {} MB: smaller images, fewer samples or a smaller batchSize",
        MEMORY_MAX_BYTES / 1_000_000
    );
    Err(invalid("data", &got, &allowed))
}

fn missing_checkpoint(options: &Options) -> Error {
    let model = options.text("model");
    let allowed = format!("false, or the checkpoint of \"{model}\" loaded before");
    invalid("pretrained", "true", &allowed)
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
