//! What a session is made from besides its options, and the data and the network that follow from both.

#[cfg(feature = "files")]
use crate::data::own;
use crate::data::{Dataset, DatasetSpec};
use crate::error::Error;
use crate::nn::models;
use crate::nn::network::Network;
use crate::rng::{Rng, Stream};
use crate::train::checkpoint;
use crate::train::evaluate::sample_shape;
#[cfg(feature = "files")]
use crate::train::memory;
use crate::train::options::{Options, invalid};

/// What a session is made from besides its options.
#[derive(Clone, Default)]
pub struct Assets<'a> {
    /// The float checkpoint of the model, for options that ask for one.
    pub checkpoint: Option<&'a [u8]>,
    /// The caller's own data, for `data: "own"`; without a test part the session takes one from the seed.
    #[cfg(feature = "files")]
    pub data: Option<Dataset>,
    /// The caller's own float network, for `model: "own"`.
    #[cfg(feature = "files")]
    pub model: Option<OwnModel>,
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

/// A float network of the caller's.
#[cfg(feature = "files")]
#[derive(Clone)]
pub struct OwnModel {
    /// The network.
    pub network: Network,
    /// The file that it was read from, which a project file keeps: the graph cannot be had otherwise.
    pub file: ModelFile,
}

/// A model's file.
#[cfg(feature = "files")]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelFile {
    /// What errors call it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Reads a model's file again, for a project file that holds one; errors are those of the file.
#[cfg(feature = "files")]
pub type ReadModel = fn(&ModelFile) -> Result<Network, Error>;

/// Weights that a network may have: a run holds about ten numbers for each.
#[cfg(feature = "files")]
const WEIGHTS_MAX: u64 = 5_000_000;

/// Bytes that a run may take by [`memory::run_bytes`]: half of what WebAssembly can address.
#[cfg(feature = "files")]
const MEMORY_MAX_BYTES: u64 = 2_000_000_000;
impl Assets<'_> {
    /// The data and the float network of a session, and the options with what follows from the data's size.
    ///
    /// # Errors
    /// Those of [`super::Session::new`].
    pub(super) fn settle(self, options: Options) -> Result<(Options, Dataset, Network), Error> {
        #[cfg(feature = "files")]
        let data = build_data(&options, self.data)?;
        #[cfg(not(feature = "files"))]
        let data = built_in(&options)?;
        #[cfg(feature = "files")]
        let options = options.for_data(data.train.len());
        #[cfg(feature = "files")]
        let mut network = match self.model {
            Some(model) if options.has_own_model() => fitted(model.network, &data)?,
            _ => build_network(&options, &data)?,
        };
        #[cfg(not(feature = "files"))]
        let mut network = build_network(&options, &data)?;
        #[cfg(feature = "files")]
        check_memory(&options, &data, &network)?;
        if options.flag("pretrained") {
            let bytes = self
                .checkpoint
                .ok_or_else(|| missing_checkpoint(&options))?;
            checkpoint::read(bytes, &mut network)?;
        }
        Ok((options, data, network))
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
            let allowed = "an imported model, passed with the options";
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
pub(super) fn fitted(mut model: Network, data: &Dataset) -> Result<Network, Error> {
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
            let allowed = "imported data, passed with the options";
            Err(invalid("data", "\"own\"", allowed))
        }
        _ => built_in(options),
    }
}

/// Built-in data.
pub(super) fn built_in(options: &Options) -> Result<Dataset, Error> {
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
        "data and a model that need at most {} MB: use smaller images, fewer samples or a smaller batchSize",
        MEMORY_MAX_BYTES / 1_000_000
    );
    Err(invalid("data", &got, &allowed))
}

fn missing_checkpoint(options: &Options) -> Error {
    let model = options.text("model");
    let allowed = format!("false, or the checkpoint of \"{model}\" loaded before");
    invalid("pretrained", "true", &allowed)
}
