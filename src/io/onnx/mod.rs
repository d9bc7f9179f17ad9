//! Networks from ONNX files: bytes → checked graph → our network, or an error that says where and why not.
//!
//! `rten-onnx` reads the protocol buffers, once [`wire`] has looked at the lengths. [`graph`] checks names, order and
//! sizes; [`translate`] goes from operator to operator, one file per kind. The weights keep their values, so the
//! network's logits are those of the file within float rounding; batch norms stay batch norms and train on.

mod activations;
mod arithmetic;
mod attributes;
mod constant;
mod graph;
mod layers;
mod operators;
mod pooling;
mod quantization;
mod ranges;
mod reshaping;
mod translate;
mod wire;

use crate::error::Error;
use crate::nn::network::Network;
use crate::train::memory::run_bytes;
use graph::Graph;
use rten_onnx::onnx::ModelProto;
pub use translate::WEIGHTS_MAX;
use translate::{Flaw, translate};

/// Bytes that a file may have.
pub const BYTES_MAX: usize = 50_000_000;
/// Operator sets that are read.
pub const OPSETS: core::ops::RangeInclusive<i64> = 7..=26;

/// The file, as errors name it.
#[derive(Debug, Clone)]
struct File {
    name: String,
}

impl File {
    fn wrong(&self, place: &str, expected: &str, got: &str) -> Error {
        Error::Format {
            what: format!("file \"{}\"", self.name),
            place: place.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
        }
    }
}

/// An operator of the file that our networks have not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// The node's name.
    pub name: String,
    /// The operator: "LSTM".
    pub operator: String,
    /// What is not supported about it.
    pub why: String,
}

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It is damaged, or beyond the limits.
    Broken(Error),
    /// It is sound, but has these operators; the file's name stands in front.
    Unsupported(String, Vec<Unsupported>),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Broken(error) => error,
            Refusal::Unsupported(name, nodes) => {
                let shown = |node: &Unsupported| {
                    format!("node \"{}\" ({}): {}", node.name, node.operator, node.why)
                };
                let list: Vec<String> = nodes.iter().map(shown).collect();
                let (count, list) = (nodes.len(), list.join("; "));
                let got = format!("{count} others: {list}");
                File { name }.wrong("the graph", "operators that can be trained here", &got)
            }
        }
    }
}

/// A layer with weights, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFacts {
    /// The name, from the file.
    pub name: String,
    /// "dense", "conv 3×3", …
    pub kind: String,
    /// Number of weights.
    pub weights: usize,
    /// Output channels.
    pub outputs: usize,
    /// Multiply–accumulates for one sample.
    pub macs: usize,
}

/// What a file held.
#[derive(Clone)]
pub struct Imported {
    /// The network, ready to compute what the file computes.
    pub network: Network,
    /// The version of the standard operators.
    pub opset: i64,
    /// Which program wrote it; empty where it does not say.
    pub producer: String,
    /// Layers with weights, in order.
    pub layers: Vec<LayerFacts>,
    /// Trained numbers: weights, biases, and the factors and addends of batch norms.
    pub parameters: usize,
    /// What was left out or changed, in sentences.
    pub notes: Vec<String>,
}

impl Imported {
    /// About how many bytes a run with it takes, without its data.
    pub fn memory_bytes(&self) -> u64 {
        run_bytes(&self.network, 1, 0)
    }
}

/// Reads the ONNX file `bytes`; `name` is what errors call it.
///
/// # Errors
/// `Broken` with the place, what was expected and what was got; `Unsupported` with every node that cannot be taken.
pub fn import(name: &str, bytes: &[u8]) -> Result<Imported, Refusal> {
    let file = File {
        name: name.to_owned(),
    };
    check_size(&file, bytes)?;
    wire::check(&file, bytes)?;
    let model = ModelProto::parse_buf(bytes).map_err(|error| {
        let message = error.context().unwrap_or_default();
        let message = message.rsplit("::").next().unwrap_or_default();
        let field = error.field().unwrap_or(0);
        let place = format!("message {message}, field {field}");
        file.wrong(
            &place,
            "a field of an ONNX model",
            &error.kind().to_string(),
        )
    })?;
    let Some(proto) = model.graph else {
        let got = "a file without one (is it an ONNX model?)";
        return Err(file.wrong("the model", "a graph", got).into());
    };
    let opset = opset(&file, &model.opset_import)?;
    let graph = Graph::new(&file, proto)?;
    let translated = translate(&file, opset, graph).map_err(|flaw| match flaw {
        Flaw::Broken(error) => Refusal::Broken(error),
        Flaw::Unsupported(nodes) => Refusal::Unsupported(name.to_owned(), nodes),
    })?;
    let facts = |linear: &crate::nn::linear::Linear| LayerFacts {
        name: linear.name.clone(),
        kind: linear.kind(),
        weights: linear.weight.value.len(),
        outputs: linear.outputs(),
        macs: linear.macs(),
    };
    let mut network = translated.network;
    let mut parameters = 0;
    network.visit_parameters(&mut |parameter| parameters += parameter.value.len());
    let version = model.producer_version.unwrap_or_default();
    let producer = format!("{} {version}", model.producer_name.unwrap_or_default());
    Ok(Imported {
        layers: network.linears().map(facts).collect(),
        network,
        parameters,
        opset,
        producer: producer.trim().to_owned(),
        notes: translated.notes,
    })
}

fn check_size(file: &File, bytes: &[u8]) -> Result<(), Error> {
    if bytes.is_empty() {
        return Err(file.wrong("byte 0", "an ONNX model", "an empty file"));
    }
    if bytes.len() > BYTES_MAX {
        let (expected, got) = (
            format!("at most {BYTES_MAX} bytes"),
            bytes.len().to_string(),
        );
        return Err(file.wrong("its size", &expected, &got));
    }
    Ok(())
}

fn opset(file: &File, imports: &[rten_onnx::onnx::OperatorSetIdProto]) -> Result<i64, Error> {
    let standard =
        |domain: &Option<String>| matches!(domain.as_deref(), None | Some("" | "ai.onnx"));
    let mut versions = imports.iter().filter(|import| standard(&import.domain));
    let version = versions.next().and_then(|import| import.version);
    let (oldest, newest) = (OPSETS.start(), OPSETS.end());
    version
        .filter(|version| OPSETS.contains(version))
        .ok_or_else(|| {
            let expected = format!("operator set {oldest} to {newest}");
            let got = version.map_or("none".to_owned(), |version| version.to_string());
            file.wrong("opset_import", &expected, &got)
        })
}
