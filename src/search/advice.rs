//! Questions about a run's bits: what one bit more or less of a layer would cost, and which bits another budget would
//! give. Both look at the network's weights as they stand, with uniform levels of the best range and no training.

use super::evaluator::{PostTraining, Score};
use super::problem::{MOST_BITS, Problem};
use super::sensitivity::least_loss;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::text::number;
use crate::train::allocation::Allocation;
use crate::train::options::{Options, invalid};
use crate::train::points::rounded_up;

/// Training samples that losses are measured on.
const SAMPLES: usize = 256;

/// What a layer's weights would be like at some bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alternative {
    /// Weight bits of the layer.
    pub bits: u32,
    /// How the whole network does on the training samples asked.
    pub score: Score,
    /// Stored bytes of the layer's weights.
    pub bytes: u64,
}

/// The network of a run, ready to be asked.
pub struct Advice {
    problem: Problem,
    network: PostTraining,
    /// Logit error of each layer alone at 1 to 8 bits, filled in layer by layer.
    errors: Vec<Vec<f64>>,
}

impl Advice {
    /// For the network as it stands; its quantizers are left out.
    ///
    /// # Errors
    /// `InvalidOption` for a budget that pinned layers alone exceed.
    pub fn new(options: &Options, network: &Network, data: &Dataset) -> Result<Self, Error> {
        let mut float = network.clone();
        for linear in float.linears_mut() {
            (linear.weight_quantizer, linear.activation_quantizer) = (None, None);
        }
        Ok(Self {
            problem: Problem::new(options, &float)?,
            network: PostTraining::new(&float, data, SAMPLES),
            errors: Vec::new(),
        })
    }

    /// A bit less, the bits as they are, and a bit more of one layer, the others at `bits`.
    ///
    /// # Errors
    /// `Shape` for a layer that the network does not have.
    pub fn why(&mut self, layer: usize, bits: &Allocation) -> Result<Vec<Alternative>, Error> {
        let Some(&now) = bits.weight.get(layer) else {
            return Err(Error::Shape {
                what: "layer of why".to_owned(),
                expected: format!("0 to {}", bits.weight.len().saturating_sub(1)),
                got: layer.to_string(),
            });
        };
        let widths = now.saturating_sub(1).max(1)..=(now + 1).min(MOST_BITS);
        let mut weight = bits.weight.clone();
        let mut alternative = |width| {
            weight[layer] = width;
            Alternative {
                bits: width,
                score: self.network.score(&weight, &bits.activation),
                bytes: self.problem.cost(layer, width).div_ceil(8),
            }
        };
        Ok(widths.map(&mut alternative).collect())
    }

    /// Measures one more layer's errors; the part that is done, in [0, 1].
    pub fn prepare(&mut self) -> f64 {
        let layers = self.problem.layers.len();
        let layer = self.errors.len();
        if layer < layers {
            let mut bits = vec![None; layers];
            let error = |width| {
                bits[layer] = Some(width);
                self.network.logit_error(&bits)
            };
            let errors = (1..=MOST_BITS).map(error).collect();
            self.errors.push(errors);
        }
        self.errors.len() as f64 / layers.max(1) as f64
    }

    /// The bits with the least error within `budget` stored bits per weight.
    ///
    /// # Errors
    /// `Shape` before [`Advice::prepare`] has measured every layer; `InvalidOption` for a budget that the fewest bits of the
    /// layers exceed, with the least that they need.
    pub fn solve(&mut self, budget: f32) -> Result<Allocation, Error> {
        let (measured, layers) = (self.errors.len(), self.problem.layers.len());
        if measured < layers {
            return Err(Error::Shape {
                what: "solve".to_owned(),
                expected: format!("all {layers} layers to be measured by prepare"),
                got: measured.to_string(),
            });
        }
        let weights: usize = self.problem.layers.iter().map(|layer| layer.weights).sum();
        let fewest = self.problem.total(&self.problem.fewest());
        let capacity = (f64::from(budget) * weights as f64) as u64;
        if fewest > capacity {
            let least = number(rounded_up(fewest as f64, weights));
            return Err(invalid(
                "budgetBits",
                &number(f64::from(budget)),
                &format!("at least {least} for this network, with its scales"),
            ));
        }
        self.problem.capacity = capacity;
        let weight = least_loss(&self.problem, |layer, bits| {
            self.errors[layer][bits as usize - 1]
        });
        Ok(self.problem.allocation(weight))
    }

    /// Stored bits per weight of an allocation.
    pub fn average_bits(&self, allocation: &Allocation) -> f64 {
        let weights: usize = self.problem.layers.iter().map(|layer| layer.weights).sum();
        self.problem.total(&allocation.weight) as f64 / weights.max(1) as f64
    }

    /// The network with quantizers of these bits, on the grid of the kernels.
    pub fn quantized(&mut self, allocation: &Allocation) -> &Network {
        self.network
            .quantized(&allocation.weight, &allocation.activation)
    }
}
