//! Meeting a budget in bits with DDQ's gates.
//!
//! While bits are learned, the objective pushes gates down; when gates freeze, the allocation is
//! projected onto the budget. Every size here is stored bits, codebooks and scales included.
//!
//! Hinge (the default): loss + μ·relu(average bits − T), with T falling linearly from the starting
//! average to the budget. Its gradient reaches the last ON gate of a tensor only, as μ times the
//! bits that dropping this gate would save per weight. This form is our own: on a trained network
//! the product form has a force ∝ loss, which vanishes exactly when the network is good.
//! Product (our reading of the paper's objective): loss·P with P the product of (ζ/ζ*)^α over the
//! budgets whose size ζ exceeds ζ*; its gradient α·L·P·(∂ζ/∂s)/ζ is the same for all gates of a tensor.
//! Gates that are fixed, such as those of exempt and locked layers, take no part in either.

use crate::error::Error;
use crate::nn::network::{Linear, Network};
#[cfg(feature = "methods")]
use crate::quant::Bsq;
use crate::quant::{Ddq, Quantizer};
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
    fn tensor<'a>(&self, linear: &'a Linear) -> (usize, Option<&'a dyn Quantizer>) {
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

    fn ddq_mut<'a>(&self, linear: &'a mut Linear) -> Option<&'a mut Ddq> {
        match self {
            Scope::Weights => linear.weight_quantizer.as_deref_mut()?.as_ddq_mut(),
            Scope::Activations => linear.activation_quantizer.as_deref_mut()?.as_ddq_mut(),
        }
    }

    /// Bits that a tensor of `count` values costs at `bits` effective bits.
    fn cost(&self, ddq: &Ddq, count: usize, bits: u32) -> u64 {
        match self {
            Scope::Weights => ddq.stored_bits_at(bits, count),
            Scope::Activations => u64::from(bits) * count as u64,
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

/// A gate that can be switched: of which layer, what the switch changes in bits, its logit.
struct Candidate {
    layer: usize,
    bits: u64,
    logit: f32,
}

impl Budget {
    fn allowed_bits(&self, count: usize) -> u64 {
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

    /// Adds the hinge's gradient to the last ON gate of every tensor while the average exceeds
    /// `target` bits.
    pub fn add_hinge(&self, network: &mut Network, target: f32, weight: f32) {
        let (bits, values) = self.scope.total(network);
        if bits as f32 <= target * values as f32 {
            return;
        }
        let scope = self.scope;
        for linear in network.linears_mut() {
            let count = scope.tensor(linear).0;
            let Some(ddq) = scope.ddq_mut(linear) else {
                continue;
            };
            if let Some(saved) = saving(scope, ddq, count) {
                ddq.add_last_gate_gradient(weight * saved as f32 / values as f32);
            }
        }
    }

    /// Size over budget, ζ/ζ*; 1 where the budget is met.
    fn excess(&self, network: &Network) -> f32 {
        let (bits, values) = self.scope.total(network);
        (bits as f32 / (self.bits * values as f32)).max(1.0)
    }

    /// Adds `weight`·(∂ζ/∂s)/ζ to every gate.
    fn add_relative_size_gradient(&self, network: &mut Network, weight: f32) {
        let bits = self.scope.total(network).0;
        let scope = self.scope;
        for linear in network.linears_mut() {
            let count = scope.tensor(linear).0;
            if let Some(ddq) = scope.ddq_mut(linear) {
                ddq.add_gate_gradient(weight * count as f32 / bits as f32);
            }
        }
    }

    /// Switches gates until the budget is met and nothing more fits: above it, drops the last ON
    /// gate with the smallest logit; below, switches on the gate with the largest logit that fits.
    pub fn project(&self, network: &mut Network) {
        loop {
            let (bits, values) = self.scope.total(network);
            if bits <= self.allowed_bits(values) {
                break;
            }
            let drops = self.candidates(network, saving, Ddq::last_on_logit);
            // Only a drop that saves bits brings the total nearer to the budget.
            let Some(weakest) = drops.into_iter().min_by(|a, b| a.logit.total_cmp(&b.logit)) else {
                break;
            };
            self.switch(network, weakest.layer, Ddq::drop_last_gate);
        }
        loop {
            let (bits, values) = self.scope.total(network);
            let room = self.allowed_bits(values).saturating_sub(bits);
            let adds = self.candidates(network, cost_of_more, Ddq::first_off_logit);
            let fitting = adds.into_iter().filter(|c| c.bits <= room);
            let Some(strongest) = fitting.max_by(|a, b| a.logit.total_cmp(&b.logit)) else {
                break;
            };
            self.switch(network, strongest.layer, Ddq::add_gate);
        }
    }

    fn candidates(
        &self,
        network: &Network,
        bits: fn(Scope, &Ddq, usize) -> Option<u64>,
        logit: fn(&Ddq) -> Option<f32>,
    ) -> Vec<Candidate> {
        let tensors = network.linears().enumerate().filter_map(|(layer, linear)| {
            let (count, quantizer) = self.scope.tensor(linear);
            let ddq = quantizer?.as_ddq()?;
            Some(Candidate {
                layer,
                bits: bits(self.scope, ddq, count)?,
                logit: logit(ddq)?,
            })
        });
        tensors.collect()
    }

    fn switch(&self, network: &mut Network, layer: usize, change: fn(&mut Ddq)) {
        if let Some(ddq) = network
            .linears_mut()
            .nth(layer)
            .and_then(|linear| self.scope.ddq_mut(linear))
        {
            change(ddq);
        }
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
            least += match quantizer.as_ddq() {
                Some(ddq) if ddq.is_frozen() => self.scope.cost(ddq, count, ddq.bits()),
                Some(ddq) => (ddq.min_bits()..=ddq.bits())
                    .map(|b| self.scope.cost(ddq, count, b))
                    .min()
                    .unwrap_or(0),
                None => least_bits(quantizer, count),
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

/// The product objective loss·P, P = Π (ζ/ζ*)^α over the budgets that are exceeded: adds α·L·P·(∂ζ/∂s)/ζ of each of
/// them to its gates, and gives P, by which the task gradient is to be multiplied.
pub fn add_product(budgets: &[Budget], network: &mut Network, loss: f32, exponent: f32) -> f32 {
    let excess: f32 = budgets.iter().map(|b| b.excess(network)).product();
    let factor = libm::expf(exponent * libm::logf(excess));
    for budget in budgets {
        if budget.excess(network) > 1.0 {
            budget.add_relative_size_gradient(network, exponent * loss * factor);
        }
    }
    factor
}

/// Fewest stored bits that a quantizer other than DDQ may come to.
fn least_bits(quantizer: &dyn Quantizer, count: usize) -> u64 {
    #[cfg(feature = "methods")]
    if let Some(bsq) = quantizer.as_bsq() {
        return Bsq::stored_bits_at(bsq.fewest_planes(), count);
    }
    quantizer.stored_bits(count)
}

/// Bits saved by dropping the last ON gate; None where the tensor is at its minimum, frozen, or
/// would not get smaller (its codebook is stored plainly).
fn saving(scope: Scope, ddq: &Ddq, count: usize) -> Option<u64> {
    let bits = ddq.bits();
    if ddq.is_frozen() || bits <= ddq.min_bits() {
        return None;
    }
    let saved = scope
        .cost(ddq, count, bits)
        .saturating_sub(scope.cost(ddq, count, bits - 1));
    // Where this bit alone saves nothing, the way down still leads through it.
    Some(saved)
}

/// Bits that switching on one more gate costs; None where all are on or the tensor is frozen.
fn cost_of_more(scope: Scope, ddq: &Ddq, count: usize) -> Option<u64> {
    let bits = ddq.bits();
    if ddq.is_frozen() || bits >= ddq.storage_bits() {
        return None;
    }
    Some(
        scope
            .cost(ddq, count, bits + 1)
            .saturating_sub(scope.cost(ddq, count, bits)),
    )
}
