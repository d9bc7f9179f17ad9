//! Exports for other tools: one file per format, one table of kinds.
//!
//! Every format holds the current network exactly: levels and codes are those that training used, see `coding`
//! for how each quantizer is written down. What a format cannot hold is refused with the layer's name.

mod c;
mod coding;
mod netron;
mod onnx;
mod recipe;
mod safetensors;

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::linear::Linear;
use crate::nn::network::Network;
use crate::session::Session;
use crate::train::options::{Options, invalid};

/// Most bits of a weight's code in a file.
const MOST_BITS: u32 = 8;

/// An exported file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// The name it should be saved under.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Bytes of it that hold the weights: codes, codebooks, scales, without names, graph, biases and activations.
    /// 0 for files that hold no weights.
    pub payload_bytes: u64,
}

/// What an exporter reads.
pub(crate) struct Source<'a> {
    pub network: &'a Network,
    pub data: &'a Dataset,
    pub options: &'a Options,
}

impl Source<'_> {
    /// "mobile_ddq": what files and C functions are named after. Letters, digits and underscores, no digit first.
    pub fn stem(&self) -> String {
        let name = format!(
            "{}_{}",
            self.options.text("model"),
            self.options.text("method")
        );
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        };
        name.chars().map(plain).collect()
    }
}

/// What an exporter makes.
pub(crate) struct Content {
    pub bytes: Vec<u8>,
    pub payload_bytes: u64,
}

/// One row of the table.
pub struct Kind {
    /// The name in JS.
    pub name: &'static str,
    /// What follows the stem of the file name.
    suffix: &'static str,
    media_type: &'static str,
    /// One sentence of help.
    pub help: &'static str,
    /// How the weights are stored, and so why they take more or fewer bytes than the page counts.
    pub weights: &'static str,
    write: fn(&Source) -> Result<Content, Error>,
}

/// Every format: adding one is one file and one row.
#[rustfmt::skip]
pub const KINDS: &[Kind] = &[
    Kind { name: "onnx", suffix: ".onnx", media_type: "application/octet-stream", write: onnx::qdq, weights: "codes in INT4, UINT4, INT8 or UINT8, the smallest ONNX type that fits, with scales and codebooks as 32-bit floats", help: "ONNX, opset 21, for onnxruntime: codes in INT4/UINT4 or INT8/UINT8 with DequantizeLinear, codebooks with Gather." },
    Kind { name: "qonnx", suffix: ".qonnx.onnx", media_type: "application/octet-stream", write: onnx::qonnx, weights: "the weight values as 32-bit floats, from which Quant recomputes codes of its bit width", help: "QONNX for FINN, hls4ml and others: Quant nodes of any width." },
    Kind { name: "safetensors", suffix: ".safetensors", media_type: "application/octet-stream", write: safetensors::write, weights: "one stream of codes without gaps, codebooks and scales: what the page counts", help: "Packed codes, levels and scales: exactly the bytes of weights that the page counts." },
    Kind { name: "recipe", suffix: ".recipe.json", media_type: "application/json", write: recipe::write, weights: "none: levels and scales without the codes", help: "JSON recipe: bits, range, step sizes, levels, scale and zero point of every tensor." },
    Kind { name: "c-header", suffix: ".h", media_type: "text/x-c", write: c::header, weights: "none: declarations only", help: "C99 header of the integer network." },
    Kind { name: "c-source", suffix: ".c", media_type: "text/x-c", write: c::source, weights: "packed codes, codebooks and scales in the compiled program, each layer in whole bytes; the file is source text", help: "C99 source for microcontrollers: packed codes, integer products, no allocation, no libraries." },
    Kind { name: "netron", suffix: ".netron.json", media_type: "application/json", write: netron::write, weights: "none: it belongs to the ONNX file", help: "Attachment for Netron: shows bits, ranges and sizes on the nodes of the ONNX file." },
];

/// The network of `session` as a file of `kind`.
///
/// # Errors
/// `InvalidOption` for a kind that does not exist; `Format` with the layer's name for what the format cannot hold.
pub fn export(session: &mut Session, kind: &str) -> Result<Exported, Error> {
    let row = KINDS.iter().find(|row| row.name == kind).ok_or_else(|| {
        let names: Vec<&str> = KINDS.iter().map(|row| row.name).collect();
        invalid(
            "kind",
            &format!("\"{kind}\""),
            &format!("one of {}", names.join(", ")),
        )
    })?;
    refuse_wide_codes(session.network())?;
    let (options, data) = (session.options().clone(), session.data().clone());
    let source = Source {
        network: session.network(),
        data: &data,
        options: &options,
    };
    let Content {
        bytes,
        payload_bytes,
    } = (row.write)(&source)?;
    let name = source.stem() + row.suffix;
    Ok(Exported {
        name,
        media_type: row.media_type,
        bytes,
        payload_bytes,
    })
}

/// Codes are bytes. Only BSQ has more levels, while it trains eight planes and a sign.
fn refuse_wide_codes(network: &Network) -> Result<(), Error> {
    let wide = |linear: &&Linear| {
        let quantizer = linear.weight_quantizer.as_deref();
        quantizer.is_some_and(|quantizer| quantizer.bits() > MOST_BITS)
    };
    match network.linears().find(wide) {
        None => Ok(()),
        Some(linear) => Err(Error::Format {
            what: "export".to_owned(),
            place: format!("the weights of {}", linear.name),
            expected: "codes of at most 8 bits: a run in fine-tuning or finished".to_owned(),
            got: "eight planes and a sign".to_owned(),
        }),
    }
}

/// A value of JSON as a file.
fn json(value: &serde_json::Value) -> Vec<u8> {
    let mut text = format!("{value:#}");
    text.push('\n');
    text.into_bytes()
}
