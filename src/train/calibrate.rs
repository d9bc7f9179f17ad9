//! Gives a float network its quantizers: ranges from the weights themselves and from the layer
//! inputs that training samples cause.

use super::allocation::{Allocation, LayerQuantizers, pinned};
use super::evaluate::load_batch;
use super::options::Options;
#[cfg(feature = "methods")]
use super::options::invalid;
use super::recipe::quantizer_settings;
use crate::data::Dataset;
#[cfg(feature = "methods")]
use crate::error::Error;
use crate::nn::network::{Mode, Network};
use crate::nn::tensor::Tensor;
use crate::quant::{self, Role};

/// Training samples that activations are calibrated on: the first ones of the split, whose order
/// the seed decides.
pub const CALIBRATION_SAMPLES: usize = 256;

/// The real-valued input of every layer for the calibration samples, in graph order.
pub fn calibration_inputs(network: &mut Network, data: &Dataset) -> Vec<Vec<f32>> {
    let mut batch = Tensor::default();
    let indices: Vec<usize> = (0..data.train.len().min(CALIBRATION_SAMPLES)).collect();
    load_batch(data, &data.train, &indices, &mut batch);
    network.forward(&batch, Mode::Eval);
    (0..network.linears().count())
        .map(|layer| network.linear_input(layer).data().to_vec())
        .collect()
}

/// Attaches quantizers with the bits of `allocation` to every layer with weights: to its weights, and to its input
/// unless that is the network's own input, or `activationBits` is 0. Does nothing for the method "float".
pub fn attach_quantizers(
    network: &mut Network,
    data: &Dataset,
    options: &Options,
    allocation: &Allocation,
) {
    let inputs = calibration_inputs(network, data);
    let pins = pinned(options, inputs.len());
    let last = inputs.len().saturating_sub(1);
    let learns_weights = options.learns_bits();
    let learns_activations = options.learns_activation_bits();
    let method = options.quantizer();
    let build = |role, bits, values: &[f32], learned| {
        quant::build(
            method,
            role,
            bits,
            values,
            &quantizer_settings(options, role, learned),
        )
    };
    // Only an imported network computes something before its first layer.
    let first_hand = !cfg!(feature = "files") || network.reads_input(0);
    for (layer, linear) in network.linears_mut().enumerate() {
        let exempt = (layer == 0 && options.flag("exemptFirst"))
            || (layer == last && options.flag("exemptLast"));
        linear.weight_quantizer = build(
            Role::Weight,
            allocation.weight[layer],
            &linear.weight.value,
            learns_weights && pins[layer].is_none(),
        );
        linear.follow_quantizer();
        if (layer > 0 || !first_hand) && !options.leaves_activations() {
            linear.activation_quantizer = build(
                Role::Activation,
                allocation.activation[layer],
                &inputs[layer],
                learns_activations && !exempt,
            );
        }
    }
}

/// Checks that every input has the bits that `allocation` gives it: one that goes below 0 may need a bit more.
///
/// # Errors
/// `InvalidOption` that names the first layer whose input has not.
#[cfg(feature = "methods")]
pub fn check_activations(
    network: &Network,
    options: &Options,
    allocation: &Allocation,
) -> Result<(), Error> {
    for (linear, &bits) in network.linears().zip(&allocation.activation) {
        let fewest = match &linear.activation_quantizer {
            Some(quantizer) if quantizer.bits() > bits => quantizer.bits(),
            _ => continue,
        };
        let (quantizer, layer) = (options.quantizer(), &linear.name);
        return Err(invalid(
            "activationBits",
            &bits.to_string(),
            &format!(
                "{fewest} to 8 bits for {quantizer} where inputs have a sign, as those of layer {layer} have"
            ),
        ));
    }
    Ok(())
}

/// Attaches quantizers that are ready, in graph order.
pub fn attach(network: &mut Network, made: Vec<LayerQuantizers>) {
    for (linear, made) in network.linears_mut().zip(made) {
        linear.weight_quantizer = Some(made.weight);
        linear.activation_quantizer = made.activation;
    }
}
