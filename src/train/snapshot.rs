//! The numbers that the page shows: a plain copy of a run's state, per layer and per tensor.

use crate::nn::network::{Linear, Network};
use crate::quant::histogram::{BINS, histogram, relative_error, step_sizes};
use crate::quant::range::min_max;
use crate::quant::{Details, Quantizer};

/// One quantized tensor: a layer's weights, or a layer's input activations.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorSnapshot {
    /// Effective bits; 32 for an unquantized tensor, 9 where BSQ trains eight planes.
    pub bits: u32,
    /// Smallest effective level (smallest value for an unquantized tensor): the dynamic range.
    pub min: f32,
    /// Largest effective level (largest value for an unquantized tensor).
    pub max: f32,
    /// Differences of adjacent effective levels; empty for an unquantized tensor.
    pub step_sizes: Vec<f32>,
    /// Effective levels, ascending; empty for an unquantized tensor.
    pub levels: Vec<f32>,
    /// What the quantizer has beyond levels.
    pub details: Details,
    /// Counts of the real values in 64 bins over the histogram's range.
    pub latent_histogram: [u32; BINS],
    /// Counts of the quantized values in the same bins.
    pub quantized_histogram: [u32; BINS],
    /// Range of both histograms.
    pub histogram_range: (f32, f32),
    /// ‖x − x_q‖ / ‖x‖.
    pub relative_error: f64,
    /// Bits needed to store the tensor with its codebook and scales.
    pub size_bits: u64,
}

/// One layer with weights.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerSnapshot {
    /// Name, such as "block1.expand".
    pub name: String,
    /// Kind, such as "conv 1×1".
    pub kind: String,
    /// Number of weights.
    pub parameters: usize,
    /// Multiply-accumulates for one sample.
    pub macs: usize,
    /// Output channels: rows of the weight matrix.
    pub outputs: usize,
    /// Bit operations for one sample: products of a weight's bits and an activation's, of every point that multipoint adds.
    #[cfg(feature = "methods")]
    pub bit_ops: u64,
    /// The weights.
    pub weight: TensorSnapshot,
    /// The layer's input; None where the input is not quantized.
    pub activation: Option<TensorSnapshot>,
}

/// Sizes of a network in bits and bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sizes {
    /// Stored bits of all weights, with codebooks and scales.
    pub weight_bits: u64,
    /// Number of weights.
    pub weights: usize,
    /// Mean bits of an activation element; 32 where nothing is quantized.
    pub average_activation_bits: f64,
}

impl Sizes {
    /// Stored weight bits per weight.
    pub fn average_bits(&self) -> f64 {
        self.weight_bits as f64 / self.weights.max(1) as f64
    }

    /// Bytes of all weights, with codebooks and scales.
    pub fn bytes(&self) -> u64 {
        self.weight_bits.div_ceil(8)
    }

    /// Bytes of the weights as 32-bit floats.
    pub fn float_bytes(&self) -> u64 {
        4 * self.weights as u64
    }
}

/// Bits needed to store `count` values, quantized or not.
pub fn stored_bits(quantizer: Option<&dyn Quantizer>, count: usize) -> u64 {
    quantizer.map_or(32 * count as u64, |q| q.stored_bits(count))
}

/// The sizes of a network as it stands.
pub fn sizes(network: &Network) -> Sizes {
    let (mut weight_bits, mut weights, mut elements, mut activation_bits) = (0, 0, 0usize, 0u64);
    for linear in network.linears() {
        weights += linear.weight.value.len();
        weight_bits += stored_bits(
            linear.weight_quantizer.as_deref(),
            linear.weight.value.len(),
        );
        if let Some(quantizer) = &linear.activation_quantizer {
            elements += linear.input_elements();
            activation_bits += u64::from(quantizer.bits()) * linear.input_elements() as u64;
        }
    }
    let average_activation_bits = if elements == 0 {
        32.0
    } else {
        activation_bits as f64 / elements as f64
    };
    Sizes {
        weight_bits,
        weights,
        average_activation_bits,
    }
}

/// Snapshots of every layer with weights. Activations are those of the last forward pass.
pub fn layers(network: &Network) -> Vec<LayerSnapshot> {
    let mut scratch = Vec::new();
    let layer = |(index, linear): (usize, &Linear)| {
        let quantizer = linear.weight_quantizer.as_deref();
        let weight = tensor(quantizer, &linear.weight.value, &mut scratch);
        let activation = linear.activation_quantizer.as_deref().map(|quantizer| {
            let x = network.linear_input(index).data();
            tensor(Some(quantizer), x, &mut scratch)
        });
        LayerSnapshot {
            name: linear.name.clone(),
            kind: linear.kind(),
            parameters: linear.weight.value.len(),
            macs: linear.macs(),
            outputs: linear.outputs(),
            #[cfg(feature = "methods")]
            bit_ops: bit_ops(linear, index == 0, &weight, activation.as_ref()),
            weight,
            activation,
        }
    };
    network.linears().enumerate().map(layer).collect()
}

/// Bit operations of a layer for one sample. The network's own input counts 8 bits a number where weights are quantized, and
/// whatever else is not quantized 32.
#[cfg(feature = "methods")]
fn bit_ops(
    linear: &Linear,
    is_first: bool,
    weight: &TensorSnapshot,
    activation: Option<&TensorSnapshot>,
) -> u64 {
    let input_bits = match activation {
        Some(activation) => activation.bits,
        None if is_first && linear.weight_quantizer.is_some() => 8,
        None => 32,
    };
    let rows = linear.outputs().max(1) as u64;
    let points = weight.details.points.as_ref();
    let points = points.map_or(rows, |points| points.iter().copied().map(u64::from).sum());
    linear.macs() as u64 / rows * points * u64::from(weight.bits * input_bits)
}

fn tensor(quantizer: Option<&dyn Quantizer>, x: &[f32], x_q: &mut Vec<f32>) -> TensorSnapshot {
    let (low, high) = min_max(x);
    let levels = quantizer.map_or(&[][..], Quantizer::levels).to_vec();
    let (min, max) = match (levels.first(), levels.last()) {
        (Some(&first), Some(&last)) => (first, last),
        _ => (low, high),
    };
    x_q.resize(x.len(), 0.0);
    match quantizer {
        Some(quantizer) => quantizer.quantize(x, x_q),
        None => x_q.copy_from_slice(x),
    }
    let range = (low.min(min), high.max(max));
    TensorSnapshot {
        bits: quantizer.map_or(32, Quantizer::bits),
        min,
        max,
        step_sizes: step_sizes(&levels),
        levels,
        details: quantizer.map_or_else(Details::default, |q| q.details(x)),
        latent_histogram: histogram(x, range.0, range.1),
        quantized_histogram: histogram(x_q, range.0, range.1),
        histogram_range: range,
        relative_error: relative_error(x, x_q),
        size_bits: stored_bits(quantizer, x.len()),
    }
}
