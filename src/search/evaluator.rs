//! A float network asked how it does at given bits without training: uniform levels over the range of least squared
//! error for every tensor and width, made once and then exchanged.

use crate::data::Dataset;
use crate::nn::loss::softmax_cross_entropy;
use crate::nn::network::{Mode, Network};
use crate::nn::tensor::Tensor;
use crate::quant::range::{RangeRule, range};
use crate::quant::uniform::Uniform;
use crate::quant::{Quantizer, Role};
use crate::train::calibrate::calibration_inputs;
use crate::train::evaluate::{correct, load_batch};

/// Training samples that the accuracy of an allocation is measured on.
pub const SCORE_SAMPLES: usize = 512;

/// How a quantized network does on the calibration samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Part of the samples classified rightly, in [0, 1].
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub loss: f64,
}

impl Score {
    /// Whether this is better: more accurate, or as accurate with less loss.
    pub fn beats(&self, other: &Score) -> bool {
        self.accuracy > other.accuracy
            || (self.accuracy == other.accuracy && self.loss < other.loss)
    }
}

/// A network, samples, and the quantizers of every tensor and width.
pub struct PostTraining {
    network: Network,
    input: Tensor,
    labels: Vec<u8>,
    reference: Tensor,
    gradient: Tensor,
    /// Quantizers of widths 0 to 8 for each layer's weights and input, made when first asked for.
    made: Vec<[Widths; 2]>,
    layer_inputs: Vec<Vec<f32>>,
}

type Widths = [Option<Box<dyn Quantizer>>; 9];

impl PostTraining {
    /// A float network and the first `samples` training samples. Test samples are never looked at.
    pub fn new(network: &Network, data: &Dataset, samples: usize) -> Self {
        let mut network = network.clone();
        let layer_inputs = calibration_inputs(&mut network, data);
        let indices: Vec<usize> = (0..data.train.len().min(samples)).collect();
        let mut input = Tensor::default();
        load_batch(data, &data.train, &indices, &mut input);
        let reference = network.forward(&input, Mode::Eval).clone();
        Self {
            labels: data.train.labels[..indices.len()].to_vec(),
            made: layer_inputs.iter().map(|_| Default::default()).collect(),
            network,
            input,
            reference,
            gradient: Tensor::default(),
            layer_inputs,
        }
    }

    /// The network whose layers are asked.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The quantizer of a tensor at `bits`, 1 to 8.
    fn quantizer(&mut self, layer: usize, role: Role, bits: u32) -> Box<dyn Quantizer> {
        let slot = &mut self.made[layer][role as usize][bits as usize];
        if slot.is_none() {
            let linear = self.network.linears().nth(layer);
            let values = match (role, linear) {
                (Role::Weight, Some(linear)) => &linear.weight.value,
                _ => &self.layer_inputs[layer],
            };
            let bounds = range(RangeRule::Mse, values, bits);
            *slot = Some(Box::new(Uniform::new(role, bits, bounds, RangeRule::Mse)));
        }
        slot.clone()
            .unwrap_or_else(|| unreachable!("it was just made"))
    }

    /// Gives every layer its bits; None leaves a tensor as it is in float.
    fn set(&mut self, weight: &[Option<u32>], activation: &[Option<u32>]) {
        let first_hand = self.network.reads_input(0);
        for layer in 0..weight.len() {
            let weight = weight[layer].map(|bits| self.quantizer(layer, Role::Weight, bits));
            // The network's own input is never quantized.
            let activation = activation[layer]
                .filter(|_| !first_hand || layer > 0)
                .map(|bits| self.quantizer(layer, Role::Activation, bits));
            if let Some(linear) = self.network.linears_mut().nth(layer) {
                (linear.weight_quantizer, linear.activation_quantizer) = (weight, activation);
            }
        }
    }

    /// The network with these bits everywhere (0: floats), its levels on the grid of the kernels.
    pub fn quantized(&mut self, weight: &[u32], activation: &[u32]) -> &Network {
        self.set_all(weight, activation);
        for linear in self.network.linears_mut() {
            linear
                .quantizers_mut()
                .for_each(|quantizer| quantizer.freeze());
        }
        &self.network
    }

    fn set_all(&mut self, weight: &[u32], activation: &[u32]) {
        let some = |bits: &[u32]| {
            let quantized = |&bits: &u32| (bits > 0).then_some(bits);
            bits.iter().map(quantized).collect::<Vec<_>>()
        };
        self.set(&some(weight), &some(activation));
    }

    /// How the network does with these bits everywhere (0: floats).
    pub fn score(&mut self, weight: &[u32], activation: &[u32]) -> Score {
        self.set_all(weight, activation);
        self.measure()
    }

    fn measure(&mut self) -> Score {
        let logits = self.network.forward(&self.input, Mode::Eval);
        let loss = softmax_cross_entropy(logits, &self.labels, &mut self.gradient);
        let right = correct(logits, &self.labels);
        Score {
            accuracy: right as f64 / self.labels.len().max(1) as f64,
            loss: f64::from(loss),
        }
    }

    /// How the float network does.
    pub fn float_score(&mut self) -> Score {
        let nothing = vec![None; self.made.len()];
        self.set(&nothing, &nothing);
        self.measure()
    }

    /// Mean squared difference of the logits from the float network's, with the weights of each layer at the bits
    /// given and all else in float.
    pub fn logit_error(&mut self, weight: &[Option<u32>]) -> f64 {
        self.set(weight, &vec![None; weight.len()]);
        let logits = self.network.forward(&self.input, Mode::Eval);
        let pairs = logits.data().iter().zip(self.reference.data());
        let sum: f64 = pairs
            .map(|(&a, &b)| f64::from(a - b) * f64::from(a - b))
            .sum();
        sum / self.reference.data().len().max(1) as f64
    }

    /// Squared error ‖Q_b(W) − W‖² of one layer's weights.
    pub fn weight_error(&mut self, layer: usize, bits: u32) -> f64 {
        let quantizer = self.quantizer(layer, Role::Weight, bits);
        let Some(linear) = self.network.linears().nth(layer) else {
            return 0.0;
        };
        let w = &linear.weight.value;
        let mut w_q = vec![0.0; w.len()];
        quantizer.quantize(w, &mut w_q);
        let pairs = w.iter().zip(&w_q);
        pairs
            .map(|(&w, &q)| f64::from(w - q) * f64::from(w - q))
            .sum()
    }
}
