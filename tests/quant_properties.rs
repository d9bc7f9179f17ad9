//! What holds for every quantizer, whatever it is given.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::gradients::{check, dot};
use ddq_playground::quant::apot::additive;
use ddq_playground::quant::ddq::DdqSettings;
use ddq_playground::quant::ddq::structure::{effective_levels, structure_matrix};
use ddq_playground::quant::dorefa::Dorefa;
use ddq_playground::quant::lsq::Lsq;
use ddq_playground::quant::pact::Pact;
use ddq_playground::quant::pot::power_of_two;
use ddq_playground::quant::range::RangeRule;
use ddq_playground::quant::{Ddq, QUANTIZERS, Quantizer, Role, Settings, build};
use ddq_playground::rng::{Rng, Stream};
use proptest::prelude::*;

/// Ordinary values, and those that break things.
fn value() -> impl Strategy<Value = f32> {
    prop_oneof![
        12 => -4.0f32..4.0,
        1 => Just(0.0),
        1 => Just(-0.0),
        1 => Just(f32::NAN),
        1 => Just(f32::INFINITY),
        1 => Just(f32::NEG_INFINITY),
        1 => Just(3e38),
        1 => Just(-3e38),
        1 => Just(1e-42),
    ]
}

fn tensor() -> impl Strategy<Value = Vec<f32>> {
    prop_oneof![
        4 => prop::collection::vec(value(), 1..120),
        1 => (value(), 1usize..60).prop_map(|(v, n)| vec![v; n]),
    ]
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Weight), Just(Role::Activation)]
}

fn settings() -> impl Strategy<Value = Settings> {
    let rule = prop_oneof![Just(RangeRule::Mse), Just(RangeRule::MinMax)];
    let correction = prop_oneof![Just(0.0f32), Just(0.5)];
    (rule, any::<bool>(), correction).prop_map(|(range, learn_gates, gradient_correction)| {
        Settings {
            range,
            ddq: DdqSettings {
                learn_gates,
                gradient_correction,
                ..DdqSettings::default()
            },
        }
    })
}

/// One step down the gradient, as an optimizer would.
fn descend(quantizer: &mut dyn Quantizer, rate: f32) {
    quantizer.visit_parameters(&mut |parameter| {
        for (value, gradient) in parameter.value.iter_mut().zip(&parameter.gradient) {
            *value -= rate * gradient;
        }
        parameter.zero_gradient();
    });
    quantizer.constrain();
}

fn check_state(quantizer: &dyn Quantizer, x_q: &[f32]) {
    let levels = quantizer.levels();
    assert!(!levels.is_empty() && levels.len() <= 1 << quantizer.bits());
    assert!(
        levels.iter().all(|level| level.is_finite()),
        "levels {levels:?}"
    );
    assert!(
        levels.windows(2).all(|pair| pair[0] <= pair[1]),
        "order {levels:?}"
    );
    let nearest = |v: f32| {
        levels
            .iter()
            .map(|l| (l - v).abs())
            .fold(f32::INFINITY, f32::min)
    };
    // PACT and LSQ compute a level, the others look it up: equal but for rounding.
    let largest = levels.iter().fold(0.0f32, |m, l| m.max(l.abs()));
    for &v in x_q {
        assert!(
            nearest(v) <= 1e-6 * largest,
            "{v} is no level of {levels:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_input_breaks_a_quantizer(
        x in tensor(), y in tensor(), method in 0..QUANTIZERS.len(), bits in 1u32..=8, role in role(),
        settings in settings(), freeze in any::<bool>(), seed in 0u64..1000,
    ) {
        let mut rng = Rng::new(seed, Stream::Test);
        let mut quantizer = build(QUANTIZERS[method].0, role, bits, &x, &settings).unwrap();
        for (step, x) in [&x, &y, &x].into_iter().enumerate() {
            if freeze && step == 2 {
                quantizer.freeze();
            }
            let (mut x_q, mut dx) = (vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
            quantizer.forward(x, &mut x_q);
            check_state(quantizer.as_ref(), &x_q);
            let mut again = vec![f32::NAN; x.len()];
            quantizer.quantize(x, &mut again);
            prop_assert_eq!(&again, &x_q);
            let upstream: Vec<f32> = x.iter().map(|_| rng.normal()).collect();
            quantizer.backward(x, &upstream, &mut dx);
            prop_assert!(dx.iter().all(|d| d.is_finite()));
            quantizer.visit_parameters(&mut |p| assert!(p.gradient.iter().all(|g| g.is_finite())));
            descend(quantizer.as_mut(), 0.01);
            check_state(quantizer.as_ref(), &[]);
        }
    }

    #[test]
    fn rows_of_u_sum_to_z_and_bits_count_the_blocks(
        gates in prop::collection::vec(any::<bool>(), 0..7), seed in 0u64..1000,
    ) {
        let mut rng = Rng::new(seed, Stream::Test);
        let n = 1usize << gates.len();
        let z = (1 << gates.iter().filter(|gate| !**gate).count()) as f32;
        for row in structure_matrix(&gates).chunks_exact(n) {
            prop_assert_eq!(row.iter().sum::<f32>(), z);
        }
        // As a quantizer holds them, gates are a prefix of ones.
        let mut q: Vec<f32> = (0..n).map(|_| rng.normal()).collect();
        q.sort_by(f32::total_cmp);
        let logits = gates.iter().map(|&on| if on { 0.3 } else { -0.3 }).collect();
        let ddq = Ddq::from_parts(Role::Weight, q, logits, DdqSettings::default());
        let mut blocks = ddq.levels().to_vec();
        blocks.dedup();
        prop_assert_eq!(blocks.len(), 1 << ddq.bits());
        prop_assert_eq!(ddq.bits() as usize, gates.iter().take_while(|gate| **gate).count());
    }
}

fn normals(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.normal()).collect()
}

/// DDQ's gradient of q against central differences of Σ δ·x_q + β·mean (x_q − x)², codes held fixed.
#[test]
fn ddqs_level_gradient_matches_central_differences() {
    for seed in 0..12 {
        let mut rng = Rng::new(seed, Stream::Test);
        let bits = 1 + rng.below(5);
        let on = rng.below(bits + 1);
        let logits = (0..bits)
            .map(|bit| if bit < on { 0.5 } else { -0.5 })
            .collect();
        let mut q = normals(&mut rng, 1 << bits);
        q.sort_by(f32::total_cmp);
        let beta = 0.7;
        let settings = DdqSettings {
            learn_gates: true,
            gradient_correction: beta,
            ..DdqSettings::default()
        };
        let mut ddq = Ddq::from_parts(Role::Weight, q.clone(), logits, settings);
        let (x, upstream) = (normals(&mut rng, 50), normals(&mut rng, 50));
        let (mut x_q, mut dx) = (x.clone(), x.clone());
        ddq.forward(&x, &mut x_q);
        ddq.backward(&x, &upstream, &mut dx);
        let raw = ddq.raw_codes().to_vec();
        let gates: Vec<f32> = ddq.gates_on().iter().map(|&g| f32::from(g)).collect();
        check(
            &format!("q, seed {seed}"),
            &q,
            ddq.gradients().0,
            1e-2,
            1e-3,
            |q| {
                let levels = effective_levels(q, &gates);
                let x_q: Vec<f32> = raw.iter().map(|&code| levels[usize::from(code)]).collect();
                let squares = x
                    .iter()
                    .zip(&x_q)
                    .map(|(x, x_q)| f64::from(x_q - x).powi(2));
                dot(&x_q, &upstream) + f64::from(beta) * squares.sum::<f64>() / x.len() as f64
            },
        );
        // The gates: x_q is linear in each, the others held fixed.
        check(
            &format!("ĝ, seed {seed}"),
            &gates,
            ddq.gradients().1,
            0.25,
            1e-3,
            |gates| {
                let levels = effective_levels(&q, gates);
                raw.iter()
                    .zip(&upstream)
                    .map(|(&code, &u)| f64::from(levels[usize::from(code)] * u))
                    .sum()
            },
        );
    }
}

/// The straight-through gradients of the classic quantizers are those of smooth functions: rounding
/// adds a constant.
#[test]
fn the_classic_quantizers_match_central_differences_of_their_surrogates() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed, Stream::Test);
        let bits = 2 + rng.below(4) as u32;
        let signed = rng.below(2) == 1;
        let (x, upstream) = (normals(&mut rng, 60), normals(&mut rng, 60));
        let (mut x_q, mut dx) = (x.clone(), x.clone());

        let step = 0.31;
        let mut lsq = Lsq::new(bits, signed, step);
        lsq.forward(&x, &mut x_q);
        lsq.backward(&x, &upstream, &mut dx);
        let (low, high) = (
            lsq.levels()[0] / step,
            lsq.levels()[lsq.levels().len() - 1] / step,
        );
        let scale = 1.0 / (x.len() as f32 * high).sqrt();
        let gradient = [lsq.step_gradient() / scale];
        check("LSQ step", &[step], &gradient, 1e-3, 2e-3, |at| {
            let value = |&x: &f32| {
                let v = x / step;
                let rounding = v.clamp(low, high).round_ties_even() - v.clamp(low, high);
                at[0] * ((x / at[0]).clamp(low, high) + rounding)
            };
            dot(&x.iter().map(value).collect::<Vec<_>>(), &upstream)
        });

        let clip = 1.13;
        let mut pact = Pact::new(bits, signed, clip);
        pact.forward(&x, &mut x_q);
        pact.backward(&x, &upstream, &mut dx);
        check(
            "PACT clip",
            &[clip],
            &[pact.clip_gradient()],
            1e-3,
            2e-3,
            |at| {
                let low = if signed { -at[0] } else { 0.0 };
                dot(
                    &x.iter().map(|x| x.clamp(low, at[0])).collect::<Vec<_>>(),
                    &upstream,
                )
            },
        );

        let scale = 1.21;
        let mut pot = power_of_two(Role::Activation, bits, signed, scale);
        pot.forward(&x, &mut x_q);
        pot.backward(&x, &upstream, &mut dx);
        check(
            "PoT scale",
            &[scale],
            &[pot.scale_gradient()],
            1e-2,
            1e-3,
            |at| {
                dot(
                    &x_q.iter().map(|v| v / scale * at[0]).collect::<Vec<_>>(),
                    &upstream,
                )
            },
        );

        // Not where a value stands: there the surrogate has a corner.
        let scale = 1.17;
        let mut apot = additive(Role::Activation, bits, signed, scale);
        apot.forward(&x, &mut x_q);
        apot.backward(&x, &upstream, &mut dx);
        let low = if signed { -1.0 } else { 0.0 };
        let gradient = [apot.scale_gradient()];
        check("APoT clip", &[scale], &gradient, 1e-3, 2e-3, |at| {
            let value = |(&x, &x_q): (&f32, &f32)| {
                let rounding = x_q / scale - (x / scale).clamp(low, 1.0);
                at[0] * ((x / at[0]).clamp(low, 1.0) + rounding)
            };
            dot(
                &x.iter().zip(&x_q).map(value).collect::<Vec<_>>(),
                &upstream,
            )
        });

        if bits > 1 {
            let mut dorefa = Dorefa::new(bits, &x);
            dorefa.forward(&x, &mut x_q);
            dorefa.backward(&x, &upstream, &mut dx);
            let bound = dorefa.levels()[dorefa.levels().len() - 1];
            check("DoReFa", &x, &dx, 1e-3, 2e-3, |x| {
                let value = |x: &f32| bound * (2.0 * (x.tanh() / (2.0 * bound) + 0.5) - 1.0);
                dot(&x.iter().map(value).collect::<Vec<_>>(), &upstream)
            });
        }
    }
}
