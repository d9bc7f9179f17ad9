//! Levels of learned tensors are fit to the bits that were found when gates freeze.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::runs::{run, session};
use ddq_playground::methods::ddq::Ddq;
use ddq_playground::methods::ddq::refit::refit;
use ddq_playground::nn::network::Network;
use ddq_playground::parameter::Group;
use ddq_playground::quant::Quantizer;
use ddq_playground::quant::range::{RangeRule, range};
use ddq_playground::train::calibrate::calibration_inputs;
use ddq_playground::train::trainer::Phase;

/// Both weights and activations learned, at few bits: what a run loses whose levels are those of its first range.
#[test]
fn learned_bits_keep_the_accuracy_where_there_are_few() {
    let seeds = 1..=8;
    let reached = seeds.clone().map(|seed| {
        let given = "model=mobile method=ddq budgetBits=2.5 activationBudgetBits=2.5";
        let end = run(&format!("{given} seed={seed}"));
        assert!(end.sizes.average_bits() <= 2.5 && end.sizes.average_activation_bits <= 2.5);
        end.test_accuracy.unwrap()
    });
    let mean = reached.sum::<f64>() / seeds.count() as f64;
    assert!(mean >= 0.935, "{mean}");
}

/// Without a rate of their own, weights and levels are at the end what the freeze made of them.
#[test]
fn levels_at_the_end_are_those_of_a_range_for_their_bits() {
    for rule in ["mse", "minmax"] {
        let given = format!("model=mlp method=ddq range={rule} learningRate=0 levelLearningRate=0");
        let learned = run(&format!(
            "{given} budgetBits=3 activationBudgetBits=3 epochs=2"
        ));
        assert!(learned.layers.iter().any(|layer| layer.weight.bits < 4));
        for (at, layer) in learned.layers.iter().enumerate() {
            let bits = layer.weight.bits;
            let fixed = run(&format!(
                "{given} learnBits=false weightBits={bits} epochs=0"
            ));
            let expected = &fixed.layers[at].weight;
            let cell = (expected.max - expected.min) / 100.0;
            for (found, expected) in layer.weight.levels.iter().zip(&expected.levels) {
                assert!(
                    (found - expected).abs() <= cell,
                    "{rule}, layer {at}: {found} for {expected}"
                );
            }
        }
    }
}

fn ddq(quantizer: &Option<Box<dyn Quantizer>>) -> Option<&Ddq> {
    quantizer.as_deref()?.downcast()
}

/// Every tensor's quantizer, with the values that it quantizes.
fn tensors<'a>(network: &'a Network, inputs: &'a [Vec<f32>]) -> Vec<(&'a Ddq, &'a [f32])> {
    let mut all = Vec::new();
    for (linear, input) in network.linears().zip(inputs) {
        all.extend(ddq(&linear.weight_quantizer).map(|ddq| (ddq, &linear.weight.value[..])));
        all.extend(ddq(&linear.activation_quantizer).map(|ddq| (ddq, &input[..])));
    }
    all
}

#[test]
fn weights_and_activations_that_learn_get_equal_steps_and_others_keep_theirs() {
    let mut session =
        session("model=mobile method=ddq activationBudgetBits=3 exemptLast=true locks=2:5")
            .unwrap();
    while session.step(1).unwrap().phase != Phase::Quantize || session.progress().step < 40 {}
    let mut network = session.network().clone();
    for linear in network.linears_mut() {
        for quantizer in [
            &mut linear.weight_quantizer,
            &mut linear.activation_quantizer,
        ] {
            if let Some(ddq) = quantizer
                .as_deref_mut()
                .and_then(|quantizer| quantizer.downcast_mut::<Ddq>())
                && !ddq.is_frozen()
            {
                (0..3).for_each(|_| ddq.drop_last_gate());
            }
        }
    }
    let inputs = calibration_inputs(&mut network, session.data());
    let before = network.clone();
    refit(&mut network, session.data(), RangeRule::Mse);
    let mut kept = 0;
    for ((old, values), (new, _)) in tensors(&before, &inputs)
        .into_iter()
        .zip(tensors(&network, &inputs))
    {
        assert_eq!(old.gate_logits(), new.gate_logits());
        if old.is_frozen() {
            assert_eq!(old.raw_levels(), new.raw_levels());
            kept += 1;
            continue;
        }
        let (low, high) = range(RangeRule::Mse, values, new.bits());
        let step = (high - low) / ((1 << new.bits()) - 1) as f32;
        for (code, level) in new.levels().iter().enumerate() {
            let expected = low + step * code as f32;
            assert!(
                (level - expected).abs() <= 1e-4 * step,
                "{level} for {expected}"
            );
        }
        let raw_step = step / (1 << (new.storage_bits() - new.bits())) as f32;
        for pair in new.raw_levels().windows(2) {
            assert!((pair[1] - pair[0] - raw_step).abs() <= 1e-3 * raw_step);
        }
    }
    // Steps of the optimizer are counted in units of the new range.
    network.visit_parameters(&mut |parameter| {
        if parameter.group == Group::Levels {
            let largest = parameter.value.iter().fold(0.0f32, |m, q| m.max(q.abs()));
            let unit = parameter.unit;
            assert!(
                (0.5..1.1).contains(&(unit / largest)),
                "{unit} of {largest}"
            );
        }
    });
    // Weights of the last and the third layer, activations of the last.
    assert_eq!(kept, 3);
}
