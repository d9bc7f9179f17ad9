//! Packed codes, levels and scales in the safetensors format. docs/EXPORT.md has the layout.
//!
//! All codes are one stream of bits without gaps, `weights.codes`: code i of a layer has the bits from
//! `bit_offset + i·bits` on, its lowest bit first, and bit j of the stream is bit j mod 8 of byte j/8. So the weights
//! take as many bytes as their stored bits, which the page shows.

use super::coding::{Affine, Coded, Spacing, Weights, weight_dims};
use super::{Content, Source};
use crate::error::Error;
use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::nn::ops::activation::{Activation, Curve};
use ::safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::{Value, json};

/// The name of the stream of codes.
const STREAM: &str = "weights.codes";
/// Stored bits beside the codes of a method that keeps a scale alone.
const ONE_SCALE: u64 = 32;

/// Bits, the first one lowest in the first byte.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    bits: u64,
}

impl Stream {
    fn push(&mut self, codes: &[u8], bits: u32) {
        for &code in codes {
            for bit in 0..bits {
                if self.bits.is_multiple_of(8) {
                    self.bytes.push(0);
                }
                let last = self.bytes.len() - 1;
                self.bytes[last] |= (code >> bit & 1) << (self.bits % 8);
                self.bits += 1;
            }
        }
    }
}

/// A tensor of the file.
struct Stored {
    name: String,
    dtype: Dtype,
    dims: Vec<usize>,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Writer {
    stream: Stream,
    tensors: Vec<Stored>,
    payload_bytes: u64,
}

pub(crate) fn write(source: &Source) -> Result<Content, Error> {
    let mut writer = Writer::default();
    let layers = source.network.linears().zip(source.network.epilogues());
    let layers: Vec<Value> = layers
        .map(|(linear, epilogue)| writer.layer(linear, &epilogue))
        .collect();
    let Writer {
        stream,
        mut tensors,
        payload_bytes,
    } = writer;
    let payload_bytes = payload_bytes + stream.bytes.len() as u64;
    tensors.push(Stored {
        name: STREAM.to_owned(),
        dtype: Dtype::U8,
        dims: vec![stream.bytes.len()],
        bytes: stream.bytes,
    });
    let layout = json!({
        "format": "ddq-playground packed weights",
        "version": 1,
        "model": source.options.text("model"),
        "method": source.options.text("method"),
        "payload_bytes": payload_bytes,
        "layers": layers,
    });
    let refused = |error: &dyn core::fmt::Display| Error::Format {
        what: "export".to_owned(),
        place: "safetensors".to_owned(),
        expected: "layers with different names".to_owned(),
        got: error.to_string(),
    };
    let mut views = Vec::with_capacity(tensors.len());
    for Stored {
        name,
        dtype,
        dims,
        bytes,
    } in &tensors
    {
        let view = TensorView::new(*dtype, dims.clone(), bytes).map_err(|error| refused(&error))?;
        views.push((name.as_str(), view));
    }
    let metadata = [("layout".to_owned(), layout.to_string())]
        .into_iter()
        .collect();
    let bytes = serialize(views, Some(metadata)).map_err(|error| refused(&error))?;
    Ok(Content {
        bytes,
        payload_bytes,
    })
}

impl Writer {
    fn floats(&mut self, name: String, dims: &[usize], values: &[f32]) -> usize {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.put(name, Dtype::F32, dims, bytes)
    }

    /// Adds a tensor; returns its bytes.
    fn put(&mut self, name: String, dtype: Dtype, dims: &[usize], bytes: Vec<u8>) -> usize {
        let size = bytes.len();
        self.tensors.push(Stored {
            name,
            dtype,
            dims: dims.to_vec(),
            bytes,
        });
        size
    }

    fn layer(&mut self, linear: &Linear, epilogue: &Epilogue) -> Value {
        let (name, dims) = (&linear.name, weight_dims(linear));
        let coded = Coded::new(linear);
        let bit_offset = self.stream.bits;
        let (coding, bits) = self.weights(name, &dims, &coded);
        let (factors, addends): (Vec<f32>, Vec<f32>) = epilogue.affine.iter().copied().unzip();
        self.floats(format!("{name}.factor"), &[factors.len()], &factors);
        self.floats(format!("{name}.addend"), &[addends.len()], &addends);
        if let Some(quantizer) = &linear.activation_quantizer {
            let levels = quantizer.levels();
            self.floats(format!("{name}.input_levels"), &[levels.len()], levels);
        }
        let window = linear.geometry().window;
        json!({
            "name": name,
            "kind": linear.kind(),
            "dims": dims,
            "groups": linear.geometry().groups,
            "strides": [window.rows.stride, window.columns.stride],
            "dilations": [window.rows.dilation, window.columns.dilation],
            "pads": [window.rows.before, window.columns.before, window.rows.after, window.columns.after],
            "activation": activation_name(epilogue.activation),
            "activation_parameters": activation_parameters(epilogue.activation),
            "bits": bits,
            "bit_offset": bit_offset,
            "stored_bits": coded.stored_bits,
            "coding": coding,
        })
    }

    /// Adds weights; returns the coding and the bits of a code in the stream.
    fn weights(&mut self, name: &str, dims: &[usize], coded: &Coded) -> (Value, u32) {
        let bits = coded.bits;
        match &coded.weights {
            Weights::Float(values) => {
                let size = self.floats(format!("{name}.weight"), dims, values);
                self.payload_bytes += size as u64;
                (json!({ "scheme": "float" }), 32)
            }
            Weights::Codes {
                codes,
                levels,
                spacing: Spacing::Equal { first, step },
            } => {
                self.stream.push(codes, bits);
                let overhead = coded
                    .stored_bits
                    .saturating_sub(u64::from(bits) * codes.len() as u64);
                let affine = Affine::new(*first, *step, levels.len());
                if overhead == ONE_SCALE && affine.addend == 0.0 {
                    self.payload_bytes +=
                        self.floats(format!("{name}.scale"), &[1], &[affine.scale]) as u64;
                    return (
                        json!({ "scheme": "uniform", "zero_point": affine.zero }),
                        bits,
                    );
                }
                self.grid(name, *step, *first);
                (json!({ "scheme": "uniform" }), bits)
            }
            Weights::Codes {
                codes,
                spacing: Spacing::Grid { scale, offset, t },
                ..
            } => {
                self.grid(name, *scale, *offset);
                let levels: Vec<u8> = t.iter().map(|&t| t as u8).collect();
                self.codebook(name, codes, &levels, coded)
            }
            Weights::Codes {
                codes,
                levels,
                spacing: Spacing::Free,
            } => {
                self.stream.push(codes, bits);
                self.payload_bytes +=
                    self.floats(format!("{name}.levels"), &[levels.len()], levels) as u64;
                (json!({ "scheme": "levels" }), bits)
            }
            Weights::Points {
                step,
                codes,
                further,
            } => {
                self.stream.push(codes, bits);
                further
                    .iter()
                    .for_each(|point| self.stream.push(&point.codes, bits));
                let steps: Vec<f32> = further.iter().map(|point| point.step).collect();
                let rows = further
                    .iter()
                    .flat_map(|point| (point.row as u16).to_le_bytes());
                let mut size = self.floats(format!("{name}.step"), &[1], &[*step]);
                size += self.floats(format!("{name}.point_steps"), &[steps.len()], &steps);
                size += self.put(
                    format!("{name}.point_rows"),
                    Dtype::U16,
                    &[steps.len()],
                    rows.collect(),
                );
                self.payload_bytes += size as u64;
                let zero = (1u32 << (bits - 1)) - 1;
                (
                    json!({ "scheme": "points", "zero_point": zero, "further_points": steps.len() }),
                    bits,
                )
            }
        }
    }

    /// Width of a step or of a grid cell, and the value of code or t 0.
    fn grid(&mut self, name: &str, scale: f32, offset: f32) {
        self.payload_bytes +=
            self.floats(format!("{name}.scale_offset"), &[2], &[scale, offset]) as u64;
    }

    fn codebook(&mut self, name: &str, codes: &[u8], levels: &[u8], coded: &Coded) -> (Value, u32) {
        let count = codes.len() as u64;
        let codebook_bits = 8 * levels.len() as u64;
        let code_bits = u64::from(coded.bits) * count;
        let counted = coded.stored_bits.saturating_sub(64);
        if counted == 8 * count && counted < code_bits + codebook_bits {
            // A codebook would cost more than it saves.
            let t: Vec<u8> = codes
                .iter()
                .map(|&code| levels[usize::from(code)])
                .collect();
            self.stream.push(&t, 8);
            return (json!({ "scheme": "grid" }), 8);
        }
        self.stream.push(codes, coded.bits);
        let size = self.put(
            format!("{name}.levels"),
            Dtype::U8,
            &[levels.len()],
            levels.to_vec(),
        );
        // Powers of two and their sums follow from the bits: the page does not count them, and they are here for readers
        // that do not know the method.
        let follows = counted == code_bits;
        if !follows {
            self.payload_bytes += size as u64;
        }
        (
            json!({ "scheme": "codebook", "levels_follow_from_bits": follows }),
            coded.bits,
        )
    }
}

/// An activation as it is named in files.
pub(super) fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Identity => "identity",
        Activation::Relu => "relu",
        Activation::Relu6 => "relu6",
        Activation::Imported(Curve::LeakyRelu { .. }) => "leaky_relu",
        Activation::Imported(Curve::Clip { .. }) => "clip",
        Activation::Imported(Curve::Sigmoid) => "sigmoid",
        Activation::Imported(Curve::Tanh) => "tanh",
        Activation::Imported(Curve::HardSwish) => "hard_swish",
    }
}

/// The slope of a leaky ReLU, the bounds of a clip; nothing for others.
fn activation_parameters(activation: Activation) -> Vec<f32> {
    match activation {
        Activation::Imported(Curve::LeakyRelu { slope }) => vec![slope],
        Activation::Imported(Curve::Clip { low, high }) => vec![low, high],
        _ => Vec::new(),
    }
}
