//! Budgets in bits: what a network costs, and whether that is allowed. Every size is stored bits, codebooks and scales included.

use crate::error::Error;
use crate::nn::network::{Linear, Network};
use crate::quant::Quantizer;
use crate::text::number;
use crate::train::options::invalid;

/// Whose bits a budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Stored bits of all weights.
    Weights,
    /// Code bits of the activations of one sample (activations are never stored with a codebook
    /// per sample, so only their codes count).
    Activations,
}

/// A bound on the average bits of weights or of activations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Whose bits.
    pub scope: Scope,
    /// Bits per weight, or per activation element, at the end.
    pub bits: f32,
}

impl Scope {
    /// Number of values of the scope's tensor in this layer, and its quantizer.
    pub fn tensor<'a>(&self, linear: &'a Linear) -> (usize, Option<&'a dyn Quantizer>) {
        match self {
            Scope::Weights => (
                linear.weight.value.len(),
                linear.weight_quantizer.as_deref(),
            ),
            Scope::Activations => (
                linear.input_elements(),
                linear.activation_quantizer.as_deref(),
            ),
        }
    }

    /// Total bits and total values of the scope. A layer without a quantizer counts 32 bits a
    /// weight; the network's own input is not counted.
    pub fn total(&self, network: &Network) -> (u64, usize) {
        let mut total = (0, 0);
        for linear in network.linears() {
            let (count, quantizer) = self.tensor(linear);
            let bits = match (self, quantizer) {
                (Scope::Weights, Some(quantizer)) => quantizer.stored_bits(count),
                (Scope::Activations, Some(quantizer)) => u64::from(quantizer.bits()) * count as u64,
                (Scope::Weights, None) => 32 * count as u64,
                (Scope::Activations, None) => continue,
            };
            total = (total.0 + bits, total.1 + count);
        }
        total
    }

    /// Average bits of the scope.
    pub fn average(&self, network: &Network) -> f32 {
        let (bits, count) = self.total(network);
        bits as f32 / count.max(1) as f32
    }
}

impl Budget {
    /// Bits that the budget allows for `count` values.
    pub fn allowed_bits(&self, count: usize) -> u64 {
        (f64::from(self.bits) * count as f64).floor() as u64
    }

    /// Whether the network is within the budget.
    pub fn holds(&self, network: &Network) -> bool {
        let (bits, values) = self.scope.total(network);
        bits <= self.allowed_bits(values)
    }

    /// Bits that the budget leaves.
    #[cfg(feature = "methods")]
    pub fn room(&self, network: &Network) -> u64 {
        let (bits, values) = self.scope.total(network);
        self.allowed_bits(values).saturating_sub(bits)
    }

    /// Checks that the budget can be met at all.
    ///
    /// # Errors
    /// `InvalidOption` that says the smallest average that can be reached.
    pub fn check(&self, network: &Network, option: &str) -> Result<(), Error> {
        let (mut least, mut values) = (0, 0);
        for linear in network.linears() {
            let (count, quantizer) = self.scope.tensor(linear);
            let Some(quantizer) = quantizer else { continue };
            values += count;
            least += match self.scope {
                Scope::Weights => quantizer.fewest_stored_bits(count),
                Scope::Activations => u64::from(quantizer.fewest_bits()) * count as u64,
            };
        }
        if least <= self.allowed_bits(values) {
            return Ok(());
        }
        // Rounded up, so that the number printed is one that works.
        let reachable = (least as f64 / values as f64 * 100.0).ceil() / 100.0;
        Err(invalid(
            option,
            &number(f64::from(self.bits)),
            &format!(
                "at least {} for this network, with its codebooks and scales",
                number(reachable)
            ),
        ))
    }
}

/// Bits per weight with two decimals that hold `bits`, as an f32 too.
pub fn rounded_up(bits: f64, weights: usize) -> f64 {
    let weights = weights.max(1) as f64;
    let rounded = (bits / weights * 100.0).ceil() / 100.0;
    if f64::from(rounded as f32) * weights < bits {
        rounded + 0.01
    } else {
        rounded
    }
}
