//! Meeting a budget in bits with gates.
//!
//! While bits are learned, the objective pushes gates down; when gates freeze, the allocation is
//! projected onto the budget.
//!
//! Hinge (the default): loss + μ·relu(average bits − T), with T falling linearly from the starting
//! average to the budget. Its gradient reaches the last ON gate of a tensor only, as μ times the
//! bits that dropping this gate would save per weight. This form is our own: on a trained network
//! the product form has a force ∝ loss, which vanishes exactly when the network is good.
//! Product (our reading of the paper's objective): loss·P with P the product of (ζ/ζ*)^α over the
//! budgets whose size ζ exceeds ζ*; its gradient α·L·P·(∂ζ/∂s)/ζ is the same for all gates of a tensor.
//! Gates that are fixed, such as those of exempt and locked layers, take no part in either.

use super::quantizer::Ddq;
use crate::nn::network::{Linear, Network};
use crate::quant::Quantizer;
use crate::train::budget::{Budget, Scope};

/// A gate that can be switched: of which layer, what the switch changes in bits, its logit.
struct Candidate {
    layer: usize,
    bits: u64,
    logit: f32,
}

fn gates_mut(scope: Scope, linear: &mut Linear) -> Option<&mut Ddq> {
    let quantizer = match scope {
        Scope::Weights => &mut linear.weight_quantizer,
        Scope::Activations => &mut linear.activation_quantizer,
    };
    quantizer.as_deref_mut()?.downcast_mut()
}

/// Bits that a tensor of `count` values costs at `bits` effective bits.
fn cost(scope: Scope, ddq: &Ddq, count: usize, bits: u32) -> u64 {
    match scope {
        Scope::Weights => ddq.stored_bits_at(bits, count),
        Scope::Activations => u64::from(bits) * count as u64,
    }
}

/// Adds the hinge's gradient to the last ON gate of every tensor while the average exceeds
/// `target` bits.
pub fn add_hinge(budget: &Budget, network: &mut Network, target: f32, weight: f32) {
    let (bits, values) = budget.scope.total(network);
    if bits as f32 <= target * values as f32 {
        return;
    }
    let scope = budget.scope;
    for linear in network.linears_mut() {
        let count = scope.tensor(linear).0;
        let Some(ddq) = gates_mut(scope, linear) else {
            continue;
        };
        if let Some(saved) = saving(scope, ddq, count) {
            ddq.add_last_gate_gradient(weight * saved as f32 / values as f32);
        }
    }
}

/// Size over budget, ζ/ζ*; 1 where the budget is met.
fn excess(budget: &Budget, network: &Network) -> f32 {
    let (bits, values) = budget.scope.total(network);
    (bits as f32 / (budget.bits * values as f32)).max(1.0)
}

/// Adds `weight`·(∂ζ/∂s)/ζ to every gate.
fn add_relative_size_gradient(budget: &Budget, network: &mut Network, weight: f32) {
    let bits = budget.scope.total(network).0;
    let scope = budget.scope;
    for linear in network.linears_mut() {
        let count = scope.tensor(linear).0;
        if let Some(ddq) = gates_mut(scope, linear) {
            ddq.add_gate_gradient(weight * count as f32 / bits as f32);
        }
    }
}

/// Switches gates until the budget is met and nothing more fits: above it, drops the last ON
/// gate with the smallest logit; below, switches on the gate with the largest logit that fits.
pub fn project(budget: &Budget, network: &mut Network) {
    loop {
        let (bits, values) = budget.scope.total(network);
        if bits <= budget.allowed_bits(values) {
            break;
        }
        let drops = candidates(budget, network, saving, Ddq::last_on_logit);
        // Only a drop that saves bits brings the total nearer to the budget.
        let Some(weakest) = drops.into_iter().min_by(|a, b| a.logit.total_cmp(&b.logit)) else {
            break;
        };
        switch(budget, network, weakest.layer, Ddq::drop_last_gate);
    }
    loop {
        let (bits, values) = budget.scope.total(network);
        let room = budget.allowed_bits(values).saturating_sub(bits);
        let adds = candidates(budget, network, cost_of_more, Ddq::first_off_logit);
        let fitting = adds.into_iter().filter(|c| c.bits <= room);
        let Some(strongest) = fitting.max_by(|a, b| a.logit.total_cmp(&b.logit)) else {
            break;
        };
        switch(budget, network, strongest.layer, Ddq::add_gate);
    }
}

fn candidates(
    budget: &Budget,
    network: &Network,
    bits: fn(Scope, &Ddq, usize) -> Option<u64>,
    logit: fn(&Ddq) -> Option<f32>,
) -> Vec<Candidate> {
    let tensors = network.linears().enumerate().filter_map(|(layer, linear)| {
        let (count, quantizer) = budget.scope.tensor(linear);
        let ddq = quantizer?.downcast::<Ddq>()?;
        Some(Candidate {
            layer,
            bits: bits(budget.scope, ddq, count)?,
            logit: logit(ddq)?,
        })
    });
    tensors.collect()
}

fn switch(budget: &Budget, network: &mut Network, layer: usize, change: fn(&mut Ddq)) {
    if let Some(ddq) = network
        .linears_mut()
        .nth(layer)
        .and_then(|linear| gates_mut(budget.scope, linear))
    {
        change(ddq);
    }
}

/// The product objective loss·P, P = Π (ζ/ζ*)^α over the budgets that are exceeded: adds α·L·P·(∂ζ/∂s)/ζ of each of
/// them to its gates, and gives P, by which the task gradient is to be multiplied.
pub fn add_product(budgets: &[Budget], network: &mut Network, loss: f32, exponent: f32) -> f32 {
    let total: f32 = budgets.iter().map(|b| excess(b, network)).product();
    let factor = libm::expf(exponent * libm::logf(total));
    for budget in budgets {
        if excess(budget, network) > 1.0 {
            add_relative_size_gradient(budget, network, exponent * loss * factor);
        }
    }
    factor
}

/// Bits saved by dropping the last ON gate; None where the tensor is at its minimum, frozen, or
/// would not get smaller (its codebook is stored plainly).
fn saving(scope: Scope, ddq: &Ddq, count: usize) -> Option<u64> {
    let bits = ddq.bits();
    if ddq.is_frozen() || bits <= ddq.min_bits() {
        return None;
    }
    let saved = cost(scope, ddq, count, bits).saturating_sub(cost(scope, ddq, count, bits - 1));
    // Where this bit alone saves nothing, the way down still leads through it.
    Some(saved)
}

/// Bits that switching on one more gate costs; None where all are on or the tensor is frozen.
fn cost_of_more(scope: Scope, ddq: &Ddq, count: usize) -> Option<u64> {
    let bits = ddq.bits();
    if ddq.is_frozen() || bits >= ddq.storage_bits() {
        return None;
    }
    Some(cost(scope, ddq, count, bits + 1).saturating_sub(cost(scope, ddq, count, bits)))
}
