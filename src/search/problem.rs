//! What an allocation of bits must respect: how few and how many bits each layer may have, what they cost, and the
//! budget. Costs are stored bits of uniform codes: b bits a weight and 64 for the two numbers that decode them.

use crate::error::Error;
use crate::nn::network::Network;
use crate::text::number;
use crate::train::allocation::{Allocation, pinned};
use crate::train::options::{Options, invalid};

/// Bits beyond the codes that a layer stores: scale and offset.
const OVERHEAD_BITS: u64 = 64;
/// Most bits of a layer.
pub const MOST_BITS: u32 = 8;

/// One layer as searches see it.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerFacts {
    /// Weights.
    pub weights: usize,
    /// Multiply–accumulates for one sample.
    pub macs: usize,
    /// Numbers of the input.
    pub input_elements: usize,
    /// Fewest and most bits of the weights: the same where they are pinned.
    pub bits: (u32, u32),
}

/// The layers and the budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// In graph order.
    pub layers: Vec<LayerFacts>,
    /// Bits of the input activations, 0 for floats; the first layer's are not used.
    pub activation: Vec<u32>,
    /// Stored bits of all weights that must not be exceeded.
    pub capacity: u64,
}

impl Problem {
    /// The problem of a network and checked options.
    ///
    /// # Errors
    /// `InvalidOption` for a budget that not even the fewest bits meet.
    pub fn new(options: &Options, network: &Network) -> Result<Self, Error> {
        let count = network.linears().count();
        let fewest = options.integer("minBits") as u32;
        let pins = pinned(options, count);
        let layers: Vec<LayerFacts> = network
            .linears()
            .zip(pins)
            .map(|(linear, pin)| LayerFacts {
                weights: linear.weight.value.len(),
                macs: linear.macs(),
                input_elements: linear.input_elements(),
                bits: pin.map_or((fewest, MOST_BITS), |bits| (bits, bits)),
            })
            .collect();
        let weights: usize = layers.iter().map(|layer| layer.weights).sum();
        let budget = options.budget_bits().unwrap_or(f32::INFINITY);
        let problem = Self {
            layers,
            activation: Allocation::of_options(options, count).activation,
            capacity: (f64::from(budget) * weights as f64) as u64,
        };
        let least = problem.total(&problem.fewest());
        if least <= problem.capacity {
            return Ok(problem);
        }
        // Rounded up, so that the number printed is one that works.
        let reachable = (least as f64 / weights as f64 * 100.0).ceil() / 100.0;
        Err(invalid(
            "budgetBits",
            &number(f64::from(budget)),
            &format!(
                "at least {} for this network, with its scales",
                number(reachable)
            ),
        ))
    }

    /// Stored bits of one layer.
    pub fn cost(&self, layer: usize, bits: u32) -> u64 {
        u64::from(bits) * self.layers[layer].weights as u64 + OVERHEAD_BITS
    }

    /// Stored bits of all layers.
    pub fn total(&self, bits: &[u32]) -> u64 {
        bits.iter()
            .enumerate()
            .map(|(layer, &bits)| self.cost(layer, bits))
            .sum()
    }

    /// Whether an allocation is within the budget and within each layer's bounds.
    pub fn allows(&self, bits: &[u32]) -> bool {
        let within = self.layers.iter().zip(bits);
        self.total(bits) <= self.capacity
            && within
                .into_iter()
                .all(|(layer, bits)| (layer.bits.0..=layer.bits.1).contains(bits))
    }

    /// The fewest bits of every layer.
    pub fn fewest(&self) -> Vec<u32> {
        self.layers.iter().map(|layer| layer.bits.0).collect()
    }

    /// The most bits of every layer.
    pub fn most(&self) -> Vec<u32> {
        self.layers.iter().map(|layer| layer.bits.1).collect()
    }

    /// Layers whose bits are free.
    pub fn free(&self) -> impl Iterator<Item = usize> {
        let free =
            |(index, layer): (usize, &LayerFacts)| (layer.bits.0 < layer.bits.1).then_some(index);
        self.layers.iter().enumerate().filter_map(free)
    }

    /// HAQ's wall (Wang et al. 2019): bits fall one by one, from the last layer to the first, round after round, until
    /// the budget holds. An allocation within the budget stays as it is.
    pub fn wall(&self, bits: &mut [u32]) {
        while self.total(bits) > self.capacity {
            for layer in (0..bits.len()).rev() {
                if bits[layer] > self.layers[layer].bits.0 {
                    bits[layer] -= 1;
                }
                if self.total(bits) <= self.capacity {
                    return;
                }
            }
        }
    }

    /// The allocation with these weight bits.
    pub fn allocation(&self, weight: Vec<u32>) -> Allocation {
        Allocation {
            weight,
            activation: self.activation.clone(),
        }
    }
}
