//! Backward passes in narrow formats: against one that carries its scales literally, and against plain 32-bit float.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::literal::{Literal, gradients};
use common::quantizers::quantizer;
use ddq_playground::nn::loss::softmax_cross_entropy;
use ddq_playground::nn::models::{cnn, mlp, mobile};
use ddq_playground::nn::network::{Mode, Network};
use ddq_playground::nn::node::Op;
use ddq_playground::nn::precision::format::Rounder;
use ddq_playground::nn::precision::{Format, LossScaling, Outcome, Policy};
use ddq_playground::nn::store::{GradientStore, Passed};
use ddq_playground::nn::tensor::{Shape, Tensor};
use ddq_playground::parameter::Group;
use ddq_playground::quant::Role;
use ddq_playground::rng::{Rng, Stream};
use proptest::prelude::*;

const FORMATS: [Format; 4] = [Format::F32, Format::F16, Format::E5m2, Format::E4m3];
const ADAPTIVE: Policy = Policy::Adaptive { underflow: 1e-3 };

/// The built-in models on one batch, after a forward pass in training mode, with dL/dlogits. A backward pass uses up
/// what the forward pass left: another one needs [`forward`] again.
fn models(seed: u64) -> [(&'static str, Network, Tensor); 3] {
    let digits = Shape::image(1, 8, 8, 1);
    let mut rng = Rng::new(seed, Stream::Init);
    let networks = [
        ("mlp", mlp(digits, &[48, 40, 24], 10, &mut rng)),
        ("cnn", cnn(digits, 10, &mut rng).unwrap()),
        ("mobile", mobile(digits, 10, &mut rng).unwrap()),
    ];
    networks.map(|(name, mut network)| {
        let d = forward(&mut network, seed);
        (name, network, d)
    })
}

fn forward(network: &mut Network, seed: u64) -> Tensor {
    let mut rng = Rng::new(seed, Stream::Test);
    let shape = network.input_shape().with_batch(48);
    let x = Tensor::from_vec(shape, (0..shape.len()).map(|_| rng.normal()).collect());
    let labels: Vec<u8> = (0..48).map(|_| rng.below(10) as u8).collect();
    let mut d = Tensor::default();
    softmax_cross_entropy(network.forward(&x, Mode::Train), &labels, &mut d);
    network.zero_gradients();
    d
}

/// Where two lists of gradients differ first, for people; None where all bits are equal.
fn difference(a: &[Vec<u32>], b: &[Vec<u32>]) -> Option<String> {
    assert_eq!(a.len(), b.len());
    let unequal = |(at, (a, b)): (usize, (&Vec<u32>, &Vec<u32>))| {
        let here = a.iter().zip(b).position(|(a, b)| a != b)?;
        let value = |list: &[u32]| f32::from_bits(list[here]);
        Some(format!(
            "parameter {at}[{here}]: {:e} against {:e}",
            value(a),
            value(b)
        ))
    };
    a.iter().zip(b).enumerate().find_map(unequal)
}

fn bits(gradients: &[Vec<f32>]) -> Vec<Vec<u32>> {
    // −0 and 0 are the same number; a scale may not tell them apart.
    let one = |x: &f32| (x + 0.0).to_bits();
    gradients
        .iter()
        .map(|list| list.iter().map(one).collect())
        .collect()
}

/// The factors that `scaling` found, node by node.
fn factors(scaling: &LossScaling, network: &Network) -> Vec<f32> {
    let report = scaling.report(network);
    let mut layers = report.layers.iter();
    let mut factor = |op: &Op| match op {
        Op::Linear(_) => layers.next().unwrap().map_or(1.0, |layer| layer.factor),
        _ => 1.0,
    };
    network
        .nodes()
        .iter()
        .map(|node| factor(&node.op))
        .collect()
}

#[test]
fn powers_of_two_carried_through_the_network_change_no_bit_of_the_gradients() {
    for seed in 1..=3 {
        for (name, mut network, d) in models(seed) {
            network.backward(&d);
            let plain = bits(&gradients(&mut network));
            for round in 0..4 {
                let factor = |at: usize| 2f32.powi((at as i32 * 5 + round) % 7 - 2);
                let factors: Vec<f32> = (0..network.nodes().len()).map(factor).collect();
                let literal = Literal::new(Format::F32, 2f32.powi(6 * round), factors);
                forward(&mut network, seed);
                let found = literal.run(&mut network, &d);
                let differs = difference(&bits(&found), &plain);
                assert_eq!(differs, None, "{name} seed {seed} round {round}");
            }
        }
    }
}

#[test]
fn held_gradients_are_those_of_scales_carried_literally() {
    let dynamic = Policy::Dynamic {
        start: 64.0,
        growth: 5,
    };
    for seed in 1..=3 {
        for (name, mut network, d) in models(seed) {
            network.backward(&d);
            let plain = bits(&gradients(&mut network));
            for format in FORMATS {
                for policy in [
                    Policy::Constant(1.0),
                    Policy::Constant(512.0),
                    dynamic,
                    ADAPTIVE,
                ] {
                    let mut scaling = LossScaling::new(format, policy, 1);
                    forward(&mut network, seed);
                    scaling.backward(&mut network, &d);
                    let held = bits(&gradients(&mut network));
                    let loss_scale = scaling.report(&network).loss_scale;
                    let literal = Literal::new(format, loss_scale, factors(&scaling, &network));
                    forward(&mut network, seed);
                    let expected = bits(&literal.run(&mut network, &d));
                    let differs = difference(&held, &expected);
                    assert_eq!(differs, None, "{name} seed {seed} {format:?} {policy:?}");
                    assert_eq!(
                        held == plain,
                        format == Format::F32,
                        "{name} {format:?} {policy:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_factors_of_the_layers_make_up_the_scale() {
    for (name, mut network, d) in models(4) {
        let mut scaling = LossScaling::new(Format::E4m3, ADAPTIVE, 1);
        scaling.backward(&mut network, &d);
        let report = scaling.report(&network);
        let mut reached = report.loss_scale;
        let power_of_two = |x: f32| x > 0.0 && x.is_finite() && x.to_bits() & 0x007f_ffff == 0;
        assert!(power_of_two(reached) && reached > 1.0);
        // From the last layer to the second; the first has no gradient to pass on.
        assert!(report.layers[0].is_none() && report.layers[1..].iter().all(Option::is_some));
        let mut merges = 0;
        for layer in report.layers.iter().flatten().rev() {
            assert!(
                power_of_two(layer.scale) && power_of_two(layer.factor),
                "{name} {layer:?}"
            );
            merges += usize::from(reached * layer.factor != layer.scale);
            reached = layer.scale;
        }
        // Only where a shortcut meets its branch may another scale go on.
        assert!(
            merges <= if name == "mobile" { 1 } else { 0 },
            "{name}: {merges}"
        );
    }
}

/// The reduction length that each layer tells, from the last to the second.
#[derive(Default)]
struct Reductions(Vec<usize>);

impl GradientStore for Reductions {
    fn pass(&mut self, _: usize, passed: Passed<'_>) {
        self.0.push(passed.reduction);
    }
}

#[test]
fn a_depthwise_layer_tells_nine_products_and_the_others_all_their_outputs() {
    for (name, mut network, d) in models(9) {
        let mut told = Reductions::default();
        network.backward_through(&d, &mut told);
        let expected = network.linears().skip(1).map(|linear| {
            let taps = if linear.kind().ends_with("3×3") {
                9
            } else {
                1
            };
            let depthwise = linear.kind().starts_with("depthwise");
            taps * if depthwise { 1 } else { linear.outputs() }
        });
        told.0.reverse();
        assert_eq!(told.0, expected.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn less_of_the_gradients_is_lost_with_adaptive_scales() {
    for seed in 1..=3 {
        for (name, mut network, d) in models(seed) {
            for format in [Format::F16, Format::E5m2, Format::E4m3] {
                let mut lost = |policy: Policy| {
                    let mut scaling = LossScaling::new(format, policy, 1);
                    forward(&mut network, seed);
                    scaling.backward(&mut network, &d);
                    scaling
                        .report(&network)
                        .layers
                        .into_iter()
                        .flatten()
                        .map(|l| l.underflow)
                        .collect::<Vec<_>>()
                };
                let (none, adaptive) = (lost(Policy::Constant(1.0)), lost(ADAPTIVE));
                assert!(none.len() > 2 && none.len() == adaptive.len());
                for (none, adaptive) in none.iter().zip(&adaptive) {
                    assert!(
                        adaptive <= none,
                        "{name} seed {seed} {format:?}: {adaptive} against {none}"
                    );
                }
                if format == Format::E4m3 {
                    let sum = |list: &[f64]| list.iter().sum::<f64>();
                    assert!(
                        sum(&adaptive) < 0.5 * sum(&none),
                        "{name} seed {seed}: {adaptive:?} {none:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn statistics_are_taken_at_the_interval_and_kept_in_between() {
    let [(_, mut network, d), ..] = models(5);
    let mut scaling = LossScaling::new(Format::E4m3, ADAPTIVE, 3);
    let mut small = d.clone();
    small.data_mut().iter_mut().for_each(|d| *d /= 64.0);
    let mut found = Vec::new();
    for step in 0..7 {
        scaling.backward(&mut network, if step == 0 { &d } else { &small });
        found.push(scaling.report(&network));
    }
    assert!(
        found[0] == found[1] && found[1] == found[2],
        "the scales of step 0 hold for three steps"
    );
    assert_eq!(found[3].loss_scale, 64.0 * found[0].loss_scale);
    assert!(found[3] == found[4] && found[4] == found[5]);
    assert_eq!(found[6].loss_scale, found[3].loss_scale);
}

#[test]
fn the_dynamic_scale_halves_on_overflow_and_doubles_after_clean_steps() {
    let [(_, mut network, d), ..] = models(6);
    let policy = Policy::Dynamic {
        start: 65_536.0 * 256.0,
        growth: 3,
    };
    let mut scaling = LossScaling::new(Format::E4m3, policy, 10);
    let mut scale = 65_536.0 * 256.0;
    let mut skipped = 0;
    while scaling.backward(&mut network, &d) == Outcome::Overflow {
        skipped += 1;
        scale /= 2.0;
        let report = scaling.report(&network);
        assert_eq!((report.loss_scale, report.skipped_steps), (scale, skipped));
    }
    assert!(skipped > 3);
    // The clean step just taken was the first of three.
    assert_eq!(scaling.backward(&mut network, &d), Outcome::Usable);
    assert_eq!(scaling.backward(&mut network, &d), Outcome::Usable);
    assert_eq!(scaling.report(&network).loss_scale, 2.0 * scale);
    assert_eq!(scaling.backward(&mut network, &d), Outcome::Overflow);
    let mut broken = d.clone();
    broken.data_mut()[0] = f32::NAN;
    assert_eq!(
        scaling.backward(&mut network, &broken),
        Outcome::Overflow,
        "so does NaN"
    );
}

#[test]
fn quantizers_see_unscaled_gradients() {
    for method in ["lsq", "pact", "ddq"] {
        for (name, mut network, _) in models(7) {
            for linear in network.linears_mut() {
                let w = linear.weight.value.clone();
                linear.weight_quantizer = Some(quantizer(method, Role::Weight, 4, &w));
                let x: Vec<f32> = (0..64).map(|at| at as f32 / 32.0).collect();
                linear.activation_quantizer = Some(quantizer(method, Role::Activation, 4, &x));
            }
            let d = forward(&mut network, 7);
            network.backward(&d);
            let plain = gradients(&mut network);
            for policy in [Policy::Constant(2048.0), ADAPTIVE] {
                forward(&mut network, 7);
                LossScaling::new(Format::F32, policy, 1).backward(&mut network, &d);
                let exact = bits(&gradients(&mut network));
                assert_eq!(difference(&exact, &bits(&plain)), None, "{method} {name}");
                forward(&mut network, 7);
                LossScaling::new(Format::F16, policy, 1).backward(&mut network, &d);
                let held = gradients(&mut network);
                let mut at = 0;
                let (mut dot, mut square, mut own) = (0.0, 0.0, 0.0);
                network.visit_parameters(&mut |p| {
                    if matches!(p.group, Group::Levels | Group::Gates) {
                        for (&x, &y) in held[at].iter().zip(&plain[at]) {
                            let (x, y) = (f64::from(x), f64::from(y));
                            (dot, square, own) = (dot + x * y, square + y * y, own + x * x);
                        }
                    }
                    at += 1;
                });
                assert!(square > 0.0, "{method} {name} has gradients of its own");
                let (ratio, cosine) = (dot / square, dot / (square * own).sqrt());
                assert!(
                    (ratio - 1.0).abs() < 0.02 && cosine > 0.999,
                    "{method} {name}: {ratio} {cosine}"
                );
            }
        }
    }
}

#[test]
fn operands_are_rounded_in_training_and_nowhere_else() {
    let rounder = Rounder::new(Format::E4m3);
    for (name, mut network, d) in models(8) {
        let mut rng = Rng::new(8, Stream::Test);
        let shape = network.input_shape().with_batch(48);
        let x = Tensor::from_vec(shape, (0..shape.len()).map(|_| rng.normal()).collect());
        let exact = network.forward(&x, Mode::Eval).clone();
        network
            .linears_mut()
            .for_each(|linear| linear.operand_rounder = rounder);
        assert_eq!(
            *network.forward(&x, Mode::Eval),
            exact,
            "{name}: evaluation has its 32-bit weights"
        );
        network.forward(&x, Mode::Train);
        let first = network.linears().next().unwrap().clone();
        let own = network
            .linears()
            .map(|linear| linear.weight.value.clone())
            .collect::<Vec<_>>();
        // By hand: the first layer with rounded weights on a rounded input.
        let round = |list: &[f32]| {
            list.iter()
                .map(|&v| Format::E4m3.round(v))
                .collect::<Vec<f32>>()
        };
        let mut by_hand = first.clone();
        by_hand.operand_rounder = None;
        by_hand.weight.value = round(&by_hand.weight.value);
        let x_rounded = Tensor::from_vec(shape, round(x.data()));
        let (mut expected, mut got) = (Tensor::default(), Tensor::default());
        by_hand.forward(&x_rounded, Mode::Train, &mut expected);
        let mut first = first;
        first.forward(&x, Mode::Train, &mut got);
        assert_eq!(got, expected, "{name}");
        // And back: dL/dW from the rounded input, dL/dx from the rounded weights, straight through.
        let mut d_y = Tensor::zeros(got.shape());
        d_y.data_mut().iter_mut().for_each(|v| *v = rng.normal());
        let (mut d_x, mut expected_d_x) = (Tensor::default(), Tensor::default());
        first.backward(&x, &d_y, Some(&mut d_x), &mut Vec::new());
        by_hand.backward(&x_rounded, &d_y, Some(&mut expected_d_x), &mut Vec::new());
        assert_eq!(d_x, expected_d_x, "{name}");
        assert_eq!(first.weight.gradient, by_hand.weight.gradient, "{name}");
        network.backward(&d);
        let after = network
            .linears()
            .map(|linear| linear.weight.value.clone())
            .collect::<Vec<_>>();
        assert_eq!(own, after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn gradients_and_scales_stay_finite_whatever_comes(
        seed in 0u64..1000, size in -30i32..30, format in 0usize..4, adaptive in any::<bool>(), interval in 1usize..4,
    ) {
        let policy = if adaptive { ADAPTIVE } else { Policy::Constant(1024.0) };
        for (name, mut network, mut d) in models(seed) {
            d.data_mut().iter_mut().for_each(|d| *d *= 2f32.powi(size));
            let mut scaling = LossScaling::new(FORMATS[format], policy, interval);
            for _ in 0..3 {
                forward(&mut network, seed);
                scaling.backward(&mut network, &d);
                d.data_mut().iter_mut().for_each(|d| *d *= 16.0);
            }
            prop_assert!(gradients(&mut network).iter().flatten().all(|g| g.is_finite()), "{name}");
            for layer in scaling.report(&network).layers.iter().flatten() {
                prop_assert!(layer.scale > 0.0 && layer.scale.is_finite(), "{name} {layer:?}");
                prop_assert_eq!(layer.scale.to_bits() & 0x007f_ffff, 0);
                prop_assert!((0.0..=1.0).contains(&layer.underflow) && (0.0..=1.0).contains(&layer.mean_underflow));
            }
        }
    }
}
