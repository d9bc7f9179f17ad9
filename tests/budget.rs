//! Budgets in bits: what the objectives add to which gates, and where the projection at the freeze ends.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::gradients::check;
use ddq_playground::methods::ddq::Ddq;
use ddq_playground::methods::ddq::gates::{add_hinge, add_product, project};
use ddq_playground::methods::ddq::{DdqSettings, GateInit, GateOrder};
use ddq_playground::nn::models::mlp;
use ddq_playground::nn::network::Network;
use ddq_playground::nn::tensor::Shape;
use ddq_playground::quant::{Quantizer, Role};
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::train::budget::{Budget, Scope};
use proptest::prelude::*;

const WEIGHTS: Budget = Budget {
    scope: Scope::Weights,
    bits: 3.0,
};
const ACTIVATIONS: Budget = Budget {
    scope: Scope::Activations,
    bits: 2.5,
};

const LEARNED: DdqSettings = DdqSettings {
    learn_gates: true,
    gate_init: GateInit::Staggered,
    order: GateOrder::Prefix,
    min_bits: 1,
    gradient_correction: 0.0,
};

/// Equally spaced levels, one gate for each logit.
fn ddq(role: Role, logits: &[f32], settings: DdqSettings) -> Ddq {
    let q = (0..1 << logits.len()).map(|i| i as f32).collect();
    Ddq::from_parts(role, q, logits.to_vec(), settings)
}

/// A perceptron of uneven layers; `made` gives the quantizers of each.
fn network(mut made: impl FnMut(usize, Role) -> Ddq) -> Network {
    let mut rng = Rng::new(0, Stream::Test);
    let mut network = mlp(Shape::features(12, 1), &[30, 5, 18], 4, &mut rng);
    for (layer, linear) in network.linears_mut().enumerate() {
        linear.weight_quantizer = Some(Box::new(made(layer, Role::Weight)));
        if layer > 0 {
            linear.activation_quantizer = Some(Box::new(made(layer, Role::Activation)));
        }
    }
    network
}

/// The gates of one tensor.
fn gates(network: &Network, layer: usize, role: Role) -> &Ddq {
    let linear = network.linears().nth(layer).unwrap();
    let quantizer = match role {
        Role::Weight => &linear.weight_quantizer,
        Role::Activation => &linear.activation_quantizer,
    };
    quantizer.as_deref().unwrap().downcast().unwrap()
}

/// A perceptron whose gates stand anywhere, in any order.
fn with_random_gates(seed: u64, bits: u32) -> Network {
    let mut rng = Rng::new(seed, Stream::Test);
    network(|_, role| {
        let mut logits: Vec<f32> = (0..bits).map(|_| rng.uniform_in(-0.5, 1.0)).collect();
        logits[0] = 0.5;
        ddq(role, &logits, LEARNED)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_projection_never_exceeds_the_budget_and_leaves_no_gate_that_fits(
        seed in 0u64..10_000, bits in 1.2f32..7.5, start in 2u32..=8, activations in any::<bool>(),
    ) {
        let scope = if activations { Scope::Activations } else { Scope::Weights };
        let budget = Budget { scope, bits };
        let mut network = with_random_gates(seed, start);
        prop_assume!(budget.check(&network, "budgetBits").is_ok());
        project(&budget, &mut network);
        let (total, values) = scope.total(&network);
        let allowed = (f64::from(bits) * values as f64) as u64;
        prop_assert!(total <= allowed, "{total} bits of {allowed}");
        for linear in network.linears() {
            let (count, quantizer) = match scope {
                Scope::Weights => (linear.weight.value.len(), &linear.weight_quantizer),
                Scope::Activations => (linear.input_elements(), &linear.activation_quantizer),
            };
            let Some(ddq) = quantizer.as_deref().and_then(|q| q.downcast::<Ddq>()) else { continue };
            prop_assert!(ddq.bits() >= ddq.min_bits());
            if ddq.bits() < ddq.storage_bits() {
                let cost = |bits: u32| match scope {
                    Scope::Weights => ddq.stored_bits_at(bits, count),
                    Scope::Activations => u64::from(bits) * count as u64,
                };
                prop_assert!(total + cost(ddq.bits() + 1) - cost(ddq.bits()) > allowed);
            }
        }
    }
}

#[test]
fn the_projection_drops_the_weakest_gate_first() {
    // One bit above the budget: any gate would do.
    let mut network = network(|layer, role| {
        let last = [0.4, 0.3, 0.2, 0.5][layer];
        ddq(role, &[0.9, 0.8, last], LEARNED)
    });
    let total = Scope::Weights.total(&network);
    let bits = (total.0 - 1) as f32 / total.1 as f32;
    let scope = Scope::Weights;
    project(&Budget { scope, bits }, &mut network);
    let bits: Vec<u32> = (0..4)
        .map(|layer| gates(&network, layer, Role::Weight).bits())
        .collect();
    assert_eq!(bits, [3, 3, 2, 3]);
}

#[test]
fn the_hinge_pushes_the_last_gate_alone_and_in_proportion_to_what_it_saves() {
    let mut network = network(|_, role| ddq(role, &[0.9, 0.8, 0.7, 0.6, 0.5, -0.1], LEARNED));
    let (total, values) = Scope::Weights.total(&network);
    add_hinge(&WEIGHTS, &mut network, total as f32 / values as f32, 1.0);
    add_hinge(&WEIGHTS, &mut network, 3.0, 0.7);
    for (layer, linear) in network.linears().enumerate() {
        let ddq = gates(&network, layer, Role::Weight);
        let count = linear.weight.value.len();
        let saved = ddq.stored_bits_at(5, count) - ddq.stored_bits_at(4, count);
        let expected = 0.7 * saved as f32 / values as f32;
        let found = ddq.gradients().1;
        assert!((found[4] - expected).abs() < 1e-6, "{layer}: {found:?}");
        assert!(found.iter().enumerate().all(|(at, &g)| at == 4 || g == 0.0));
    }
}

/// loss·Π (ζ/ζ*)^α with the sizes ζ as functions of every tensor's effective bits, codes alone moving with them.
#[test]
fn the_gradient_of_the_product_objective_matches_central_differences_under_two_budgets() {
    let (loss, exponent) = (1.7, 0.8);
    let mut network = network(|layer, role| {
        let logits = [0.9, 0.8, 0.7, 0.6, 0.5, -0.1];
        ddq(role, &logits[..6 - layer % 2], LEARNED)
    });
    let budgets = [WEIGHTS, ACTIVATIONS];
    let sizes = budgets.map(|budget| budget.scope.total(&network));
    let (mut counts, mut roles) = (Vec::new(), Vec::new());
    for (layer, linear) in network.linears().enumerate() {
        counts.push(linear.weight.value.len() as f64);
        roles.push((layer, Role::Weight));
        if layer > 0 {
            counts.push(linear.input_elements() as f64);
            roles.push((layer, Role::Activation));
        }
    }
    // A change in the effective bits of each tensor.
    let objective = |change: &[f32]| {
        let mut value = f64::from(loss);
        for (budget, (bits, values)) in budgets.iter().zip(sizes) {
            let of = |role| (role == Role::Weight) == (budget.scope == Scope::Weights);
            let tensors = change.iter().zip(&counts).zip(&roles);
            let moved: f64 = tensors
                .filter(|(_, (_, role))| of(*role))
                .map(|((&change, count), _)| f64::from(change) * count)
                .sum();
            let ratio = (bits as f64 + moved) / (f64::from(budget.bits) * values as f64);
            value *= ratio.powf(f64::from(exponent));
        }
        value
    };
    let factor = add_product(&budgets, &mut network, loss, exponent);
    let unmoved = vec![0.0; counts.len()];
    let expected = objective(&unmoved) / f64::from(loss);
    assert!(expected > 2.0 && (f64::from(factor) - expected).abs() < 1e-5 * expected);
    let gradient_of = |&(layer, role): &(usize, Role)| {
        let all = gates(&network, layer, role).gradients().1;
        assert!(all.iter().all(|g| *g == all[0]), "{all:?}");
        all[0]
    };
    let gradient: Vec<f32> = roles.iter().map(gradient_of).collect();
    check("product", &unmoved, &gradient, 1e-2, 1e-4, objective);
}

#[test]
fn a_budget_that_is_met_leaves_the_product_to_the_other() {
    let mut network = network(|_, role| ddq(role, &[0.9, 0.8, 0.7, 0.6], LEARNED));
    let met = Budget {
        bits: 30.0,
        ..WEIGHTS
    };
    let factor = add_product(&[met, ACTIVATIONS], &mut network, 1.0, 1.0);
    assert!((factor - 4.0 / 2.5).abs() < 1e-5, "{factor}");
    assert!(
        gates(&network, 1, Role::Weight)
            .gradients()
            .1
            .iter()
            .all(|g| *g == 0.0)
    );
    assert!(
        gates(&network, 1, Role::Activation)
            .gradients()
            .1
            .iter()
            .all(|g| *g > 0.0)
    );
}

#[test]
fn neither_objective_moves_gates_that_are_fixed() {
    for learned in [false, true] {
        let settings = DdqSettings {
            learn_gates: learned,
            ..LEARNED
        };
        let mut network = network(|_, role| ddq(role, &[0.9, 0.8, 0.7, 0.6], settings));
        for budget in [WEIGHTS, ACTIVATIONS] {
            add_hinge(&budget, &mut network, 2.0, 1.0);
        }
        add_product(&[WEIGHTS, ACTIVATIONS], &mut network, 1.0, 1.0);
        for (layer, role) in [(0, Role::Weight), (3, Role::Weight), (2, Role::Activation)] {
            let found = gates(&network, layer, role).gradients().1;
            assert_eq!(found.iter().any(|g| *g != 0.0), learned, "{layer} {role:?}");
        }
    }
}

#[test]
fn a_step_leaves_the_fewest_bits_on() {
    for min_bits in 0..=3 {
        let settings = DdqSettings {
            min_bits,
            ..LEARNED
        };
        let mut ddq = ddq(Role::Weight, &[0.01; 3], settings);
        ddq.visit_parameters(&mut |parameter| {
            if parameter.value.len() == 3 {
                parameter.value.fill(-0.5);
            }
        });
        ddq.constrain();
        assert_eq!(ddq.bits(), min_bits);
        assert_eq!(ddq.last_on_logit(), None);
    }
}

#[test]
fn sorted_gates_lose_the_one_with_the_smallest_logit_and_prefix_gates_all_behind_it() {
    for (order, bits, expected) in [
        (GateOrder::Sorted, 3, [0.7, 0.3, 0.1, -0.2]),
        (GateOrder::Prefix, 1, [0.3, -0.2, 0.7, 0.1]),
    ] {
        let settings = DdqSettings { order, ..LEARNED };
        let mut ddq = ddq(Role::Weight, &[0.3, -0.2, 0.7, 0.1], settings);
        ddq.constrain();
        assert_eq!((ddq.bits(), ddq.gate_logits()), (bits, &expected[..]));
    }
}
