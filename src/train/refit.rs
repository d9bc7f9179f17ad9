//! The levels of learned tensors, fit to the bits that were found.
//!
//! While gates learn, a tensor has the levels of all its storage bits, over a range that suits so many. Gates that fall
//! merge them into block means: few levels over a wide range, far from the best ones, which the small learning rate of
//! levels doesn't reach in the rest of a run. So when gates freeze, every tensor that has merged levels gets equal steps over
//! the range that `range` finds for its bits: by default the one with the least squared error.
//!
//! Weights come first, from their own values; then activations, from what calibration samples cause in the network with
//! its weights quantized anew. Nothing of this is random.

use super::calibrate::calibration_inputs;
use crate::data::Dataset;
use crate::nn::network::Network;
use crate::quant::range::{RangeRule, range};
use crate::quant::{Ddq, Quantizer};

/// Fits the levels of every tensor whose gates learn to the gates that are on. To be called before they are frozen.
pub fn refit(network: &mut Network, data: &Dataset, rule: RangeRule) {
    let mut activations = false;
    for linear in network.linears_mut() {
        if let Some(ddq) = learning(&mut linear.weight_quantizer) {
            ddq.refit(range(rule, &linear.weight.value, ddq.bits()));
        }
        activations |= learning(&mut linear.activation_quantizer).is_some();
    }
    if !activations {
        return;
    }
    let inputs = calibration_inputs(network, data);
    for (linear, input) in network.linears_mut().zip(&inputs) {
        if let Some(ddq) = learning(&mut linear.activation_quantizer) {
            ddq.refit(range(rule, input, ddq.bits()));
        }
    }
}

/// The quantizer, if it is a DDQ whose gates still learn.
fn learning(quantizer: &mut Option<Box<dyn Quantizer>>) -> Option<&mut Ddq> {
    let ddq = quantizer.as_deref_mut()?.as_ddq_mut()?;
    (!ddq.is_frozen()).then_some(ddq)
}
