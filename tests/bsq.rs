//! BSQ: its planes, its lasso, what changes the number of planes, and whole runs.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::gradients::{check, dot};
use ddq_playground::quant::bsq::planes::{Planes, largest_code};
use ddq_playground::quant::bsq::{Bsq, End, MOST_DEPLOYED, Shrinkage, Training};
use ddq_playground::quant::{Quantizer, Role};
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::session::{Session, Snapshot};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;

const TRAINED: Training = Training::Planes(0);

fn normals(rng: &mut Rng, count: usize) -> Vec<f32> {
    (0..count).map(|_| rng.normal()).collect()
}

fn quantized(bsq: &Bsq, w: &[f32]) -> Vec<f32> {
    let mut w_q = vec![f32::NAN; w.len()];
    bsq.quantize(w, &mut w_q);
    w_q
}

fn held(bsq: &Bsq) -> Vec<f32> {
    bsq.held().unwrap().to_vec()
}

/// Moves the entries of the planes as an optimizer might, and brings them back to [0, 2].
fn disturb(bsq: &mut Bsq, rng: &mut Rng, size: f32) {
    let mut first = true;
    bsq.visit_parameters(&mut |parameter| {
        if first {
            parameter
                .value
                .iter_mut()
                .for_each(|value| *value += size * rng.normal());
        }
        first = false;
    });
    bsq.constrain();
}

fn is_binary(bsq: &Bsq) -> bool {
    bsq.trained().unwrap().halves().all(|(p, q)| {
        p.iter()
            .zip(q)
            .all(|(&p, &q)| (p == 0.0 || p == 1.0) && (q == 0.0 || q == 1.0) && p * q == 0.0)
    })
}

/// Δ·round(clip(w/Δ)) with Δ = max |w| / S, written independently.
fn plain(w: &[f32], planes: u32) -> Vec<f32> {
    let last = f64::from((1 << planes) - 1);
    let most = w.iter().fold(0.0f32, |most, w| most.max(w.abs()));
    let step = most / last as f32;
    w.iter()
        .map(|&w| {
            step * (f64::from(w) / f64::from(step))
                .clamp(-last, last)
                .round_ties_even() as f32
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_fresh_network_computes_what_plain_quantization_does(seed in 0u64..10_000, planes in 1u32..=8, count in 1usize..80) {
        let w = normals(&mut Rng::new(seed, Stream::Test), count);
        let bsq = Bsq::new(planes, &w, TRAINED);
        let expected = plain(&w, planes);
        // A tie may round to either side: Δ differs in its last digit from a quotient in double precision.
        let near_tie = |w: f32| ((w / bsq.step()).abs().fract() - 0.5).abs() < 1e-3;
        for (index, (found, expected)) in quantized(&bsq, &w).into_iter().zip(expected).enumerate() {
            prop_assert!(found == expected || near_tie(w[index]), "{found} {expected}");
        }
        // What the layer holds from then on is the same to the last bit.
        prop_assert_eq!(quantized(&bsq, &w), quantized(&bsq, &held(&bsq)));
        prop_assert_eq!(quantized(&bsq, &w), held(&bsq));
        prop_assert!(is_binary(&bsq));
    }

    #[test]
    fn requantization_and_adjustment_keep_the_weights_exactly(
        seed in 0u64..10_000, planes in 1u32..=8, count in 1usize..80, size in 0.0f32..1.5, fewest in 0u32..=3,
    ) {
        let mut rng = Rng::new(seed, Stream::Test);
        let w = normals(&mut rng, count);
        let mut bsq = Bsq::new(planes, &w, Training::Planes(fewest));
        disturb(&mut bsq, &mut rng, size);
        let (step, cap) = (bsq.step(), largest_code(8));
        let codes: Vec<f32> = {
            let mut codes = vec![0.0; count];
            bsq.trained().unwrap().codes(&mut codes);
            codes.iter().map(|code| code.round_ties_even()).collect()
        };
        bsq.requantize();
        prop_assert!(is_binary(&bsq));
        prop_assert!(bsq.planes() <= 8);
        prop_assert!(bsq.planes() >= planes);
        for (found, code) in held(&bsq).into_iter().zip(&codes) {
            // Beyond the cap of 8 planes, and only there, a weight is clipped.
            prop_assert_eq!(found, step * code.clamp(-cap, cap));
        }
        let before = held(&bsq);
        bsq.adjust();
        prop_assert!(is_binary(&bsq));
        prop_assert!(bsq.planes() >= fewest.min(planes));
        prop_assert_eq!(&held(&bsq), &before);
        prop_assert_eq!(&quantized(&bsq, &before), &before);
        let (planes, step) = (bsq.planes(), bsq.step());
        bsq.adjust();
        bsq.requantize();
        prop_assert_eq!((bsq.planes(), bsq.step()), (planes, step), "adjusting again changes nothing");
        prop_assert_eq!(&held(&bsq), &before);
    }

    #[test]
    fn a_plane_more_keeps_the_weights_and_a_plane_less_errs_as_foretold(seed in 0u64..10_000, planes in 2u32..=7, low in any::<bool>()) {
        let end = if low { End::Low } else { End::High };
        let w = normals(&mut Rng::new(seed, Stream::Test), 60);
        let mut bsq = Bsq::new(planes, &w, TRAINED);
        prop_assert!(bsq.error_without(end, &w).is_none(), "planes in training are not dropped by force");
        bsq.freeze();
        let before = quantized(&bsq, &w);
        if planes < MOST_DEPLOYED {
            prop_assert!(bsq.rounding_noise(&w).is_some());
            bsq.refine();
            prop_assert_eq!(quantized(&bsq, &before), before.clone());
            bsq.drop_plane(End::Low);
            prop_assert_eq!(bsq.planes(), planes);
        }
        let foretold = bsq.error_without(end, &w).unwrap();
        bsq.drop_plane(end);
        prop_assert_eq!(bsq.planes(), planes - 1);
        prop_assert_eq!(bsq.error(&w), foretold);
        let (squares, norm) = quantized(&bsq, &w).iter().zip(&w)
            .fold((0.0, 0.0), |(e, n), (&q, &w)| (e + f64::from(q - w).powi(2), n + f64::from(w).powi(2)));
        prop_assert!((squares / norm - foretold).abs() <= 1e-6 * (1.0 + foretold));
        let states = bsq.states(&w);
        let gone: Vec<_> = states.iter().filter_map(|state| state.dropped).collect();
        prop_assert_eq!(gone.iter().filter(|&&gone| gone == end).count(), if low && planes < MOST_DEPLOYED { 2 } else { 1 });
    }

    #[test]
    fn no_run_ends_above_its_budget(
        seed in 0u64..1000, tenths in 23u32..=80, planes in 3u32..=8, min in 2u32..=4, alpha in 0u32..=3, lock in 0usize..6,
        hold in any::<bool>(), last in any::<bool>(), epochs in 0u32..=2, freeze in 0u32..=2,
    ) {
        let budget = f64::from(tenths) / 10.0;
        let locks = ["", "0:8", "1:2", "2:5", "0:3,1:4", "2:8"][lock];
        let given = format!(
            "data=xor samples=80 hidden=24-12 method=bsq startPlanes={planes} minBits={min} budgetBits={budget} locks={locks} \
             lassoStrength={} holdNorm={hold} exemptLast={last} freezeAt={} pretrainEpochs=1 epochs={epochs} seed={seed}",
            [0.0, 0.1, 1.0, 30.0][alpha as usize], [0.0, 0.5, 1.0][freeze as usize],
        );
        let Ok(mut session) = session(&given) else { return Ok(()) };
        let end = finish(&mut session);
        prop_assert!(end.sizes.average_bits() <= budget, "{} bits of {budget}", end.sizes.average_bits());
        let bits: Vec<u32> = end.layers.iter().map(|layer| layer.weight.bits).collect();
        let locked: Vec<(usize, u32)> = Options::parse(&[("locks".to_owned(), locks.to_owned())]).unwrap().locks();
        for (layer, &bits) in bits.iter().enumerate() {
            let pinned = locked.iter().find(|(at, _)| *at == layer).map(|(_, bits)| *bits);
            let pinned = pinned.or((last && layer == 2).then_some(8));
            prop_assert!((min..=8).contains(&bits) || pinned.is_some(), "layer {layer}: {bits}");
            prop_assert!(pinned.is_none_or(|pinned| bits == pinned), "layer {layer}: {bits}");
        }
        prop_assert!(session.deployment().is_ok());
    }
}

#[test]
fn gradients_of_planes_and_step_match_central_differences_of_the_unrounded_forward() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed, Stream::Test);
        let planes = 1 + rng.below(8) as u32;
        let (w, upstream) = (normals(&mut rng, 30), normals(&mut rng, 30));
        let mut bsq = Bsq::new(planes, &w, TRAINED);
        bsq.set_shrinkage(Shrinkage::Network);
        disturb(&mut bsq, &mut rng, 0.3);
        let w = held(&bsq);
        let (mut w_q, mut dx) = (w.clone(), vec![f32::NAN; w.len()]);
        bsq.forward(&w, &mut w_q);
        bsq.backward(&w, &upstream, &mut dx);
        assert!(
            dx.iter().all(|&d| d == 0.0),
            "the layer's weight is not trained beside the planes"
        );
        let step = bsq.step();
        let entries = bsq.trained().unwrap().entries().clone();
        // Δ·C without rounding and clip, from p and q in their order.
        let unrounded = |entries: &[f32], step: f32| -> Vec<f32> {
            let weight = |index: usize| {
                let bit = |plane: u32| {
                    let at = 2 * w.len() * plane as usize + index;
                    (entries[at] - entries[at + w.len()]) * (1u32 << plane) as f32
                };
                step * (0..planes).map(bit).sum::<f32>()
            };
            (0..w.len()).map(weight).collect()
        };
        let what = format!("p and q of {planes} planes, seed {seed}");
        check(
            &what,
            &entries.value,
            &entries.gradient,
            0.25,
            2e-3,
            |entries| dot(&unrounded(entries, step), &upstream),
        );
        let codes: Vec<f32> = w_q.iter().map(|w_q| w_q / step).collect();
        check(
            "the step",
            &[step],
            &[bsq.step_gradient()],
            1e-2 * step,
            2e-3,
            |at| {
                dot(
                    &codes.iter().map(|code| at[0] * code).collect::<Vec<_>>(),
                    &upstream,
                )
            },
        );
    }
}

#[test]
fn the_lassos_gradient_matches_central_differences() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed, Stream::Test);
        let mut bsq = Bsq::new(1 + rng.below(8) as u32, &normals(&mut rng, 20), TRAINED);
        disturb(&mut bsq, &mut rng, 0.3);
        bsq.add_lasso_gradient(0.7);
        let mut planes = bsq.trained().unwrap().clone();
        let entries = planes.entries().clone();
        check(
            "the lasso",
            &entries.value,
            &entries.gradient,
            2e-2,
            2e-3,
            |at| {
                planes.parameter().value.copy_from_slice(at);
                0.7 * f64::from(planes.lasso())
            },
        );
    }
    // B by its definition, and its gradient where a plane is empty.
    let mut planes = Planes::new(&[3.0, -3.0, 1.0], 3);
    let by_hand = 3f32.sqrt() + 2f32.sqrt() + 1e-4;
    assert!((planes.lasso() - by_hand).abs() < 1e-6);
    planes.add_lasso_gradient(1.0);
    assert!(
        planes.entries().gradient[12..]
            .iter()
            .all(|&gradient| gradient == 0.0)
    );
}

#[test]
fn from_the_freeze_on_gradients_match_those_of_a_clipped_grid() {
    for seed in 0..8 {
        let mut rng = Rng::new(seed, Stream::Test);
        let (w, upstream) = (normals(&mut rng, 60), normals(&mut rng, 60));
        let mut bsq = Bsq::new(3, &w, TRAINED);
        bsq.freeze();
        bsq.drop_plane(End::High);
        let step = bsq.step();
        let last = largest_code(2);
        let (mut w_q, mut dx) = (w.clone(), w.clone());
        bsq.forward(&w, &mut w_q);
        bsq.backward(&w, &upstream, &mut dx);
        let clipped = |w: &f32| w.clamp(-last * step, last * step);
        assert!(w.iter().any(|w| clipped(w) != *w));
        check("the weight", &w, &dx, 1e-4, 2e-2, |w| {
            dot(&w.iter().map(clipped).collect::<Vec<_>>(), &upstream)
        });
        check(
            "the step",
            &[step],
            &[bsq.step_gradient()],
            1e-4 * step,
            1e-2,
            |at| {
                let value = |&w: &f32| {
                    let v = (w / step).clamp(-last, last);
                    at[0] * ((w / at[0]).clamp(-last, last) + v.round_ties_even() - v)
                };
                dot(&w.iter().map(value).collect::<Vec<_>>(), &upstream)
            },
        );
        assert!(
            bsq.held().is_none(),
            "the layer trains its own weight again"
        );
    }
}

#[test]
fn only_planes_without_a_bit_go_and_the_sign_counts() {
    // 12 = 1100 and 4 = 100: two empty planes below, four above of eight.
    let step = 0.5;
    let mut bsq = Bsq::new(8, &[255.0 * step, 12.0 * step, -4.0 * step], TRAINED);
    assert_eq!((bsq.bits(), bsq.stored_bits(3)), (9, 9 * 3 + 64));
    bsq.adjust();
    assert_eq!(bsq.planes(), 8, "255 has every bit");
    bsq.visit_parameters(&mut |parameter| {
        if parameter.value.len() > 1 {
            // The first weight's p of every plane.
            parameter.value.iter_mut().step_by(6).for_each(|p| *p = 0.0);
        }
    });
    bsq.set_shrinkage(Shrinkage::Network);
    bsq.constrain();
    assert_eq!(held(&bsq), [0.0, 6.0, -2.0]);
    bsq.requantize();
    bsq.adjust();
    assert_eq!((bsq.planes(), bsq.bits(), bsq.step()), (2, 3, 4.0 * step));
    assert_eq!(held(&bsq), [0.0, 6.0, -2.0]);
    assert_eq!(bsq.levels(), [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0]);
    let states = bsq.states(&held(&bsq));
    let gone: Vec<_> = states.iter().map(|state| state.dropped).collect();
    let [low, high] = [Some(End::Low), Some(End::High)];
    assert_eq!(gone, [low, low, None, None, high, high, high, high]);
    assert!((states[2].set - 2.0 / 3.0).abs() < 1e-6 && (states[3].set - 1.0 / 3.0).abs() < 1e-6);
    // One plane is three levels: two bits, not one.
    let ternary = Bsq::new(1, &[1.0, -1.0, 0.2], Training::Grid);
    assert_eq!((ternary.bits(), ternary.levels().len()), (2, 3));
}

#[test]
fn weights_without_information_neither_panic_nor_poison() {
    let cases: [&[f32]; 7] = [
        &[],
        &[0.0; 5],
        &[0.25; 5],
        &[f32::NAN; 3],
        &[f32::INFINITY, 1.0, f32::NAN, -0.5],
        &[f32::NEG_INFINITY],
        &[3e38, -3e38, 1e-42],
    ];
    for w in cases {
        let mut bsq = Bsq::new(8, w, TRAINED);
        let upstream = vec![1.0; w.len()];
        for _ in 0..3 {
            let x = held(&bsq);
            let (mut x_q, mut dx) = (x.clone(), x.clone());
            bsq.forward(&x, &mut x_q);
            bsq.backward(&x, &upstream, &mut dx);
            bsq.add_lasso_gradient(0.1);
            bsq.visit_parameters(&mut |parameter| {
                for (value, gradient) in parameter.value.iter_mut().zip(&parameter.gradient) {
                    *value -= 0.01 * gradient;
                }
            });
            bsq.constrain();
            bsq.requantize();
            bsq.adjust();
            assert!(
                held(&bsq)
                    .iter()
                    .chain(bsq.levels())
                    .chain(&x_q)
                    .all(|v| v.is_finite()),
                "{w:?}"
            );
        }
    }
    // All planes empty: none is left, and the layer gives zeros.
    let mut bsq = Bsq::new(4, &[0.0; 5], TRAINED);
    bsq.adjust();
    assert_eq!((bsq.planes(), bsq.bits(), bsq.stored_bits(5)), (0, 0, 64));
    assert_eq!(quantized(&bsq, &[1.0, -1.0, f32::NAN]), [0.0; 3]);
    // Unless some are to stay.
    let mut bsq = Bsq::new(4, &[0.0; 5], Training::Planes(2));
    bsq.adjust();
    assert_eq!(bsq.planes(), 2);
    // Only weights are planes: activations are not known before.
    let settings =
        ddq_playground::train::recipe::quantizer_settings(&Options::new(&[]).unwrap(), true);
    let activation =
        ddq_playground::quant::build("bsq", Role::Activation, 4, &[0.0, 1.0], &settings).unwrap();
    assert!(activation.as_bsq().is_none() && activation.held().is_none());
}

fn session(given: &str) -> Result<Session, ddq_playground::error::Error> {
    let pairs = given
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap());
    let pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let options = Options::parse(&pairs)?;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/checkpoints");
    let checkpoint = std::fs::read(format!("{folder}/{}.bin", options.text("model")));
    Session::new(options, checkpoint.ok().as_deref())
}

fn finish(session: &mut Session) -> Snapshot {
    while session.step(1).unwrap().phase != Phase::Done {}
    session.snapshot()
}

#[test]
fn planes_are_dropped_and_the_accuracy_stays_at_four_bits() {
    // Loss of accuracy that every seed must stay within.
    for (model, lost) in [("mobile", 0.02), ("cnn", 0.02), ("mlp", 0.025)] {
        for seed in 1..=3 {
            let mut session = session(&format!("model={model} method=bsq seed={seed}")).unwrap();
            let mut before_freeze = f64::NAN;
            while session.step(1).unwrap().phase != Phase::Done {
                let progress = session.progress();
                let last = progress.steps_per_epoch * progress.epochs / 2;
                if progress.phase == Phase::Quantize && progress.step + 1 == last {
                    before_freeze = session.snapshot().sizes.average_bits();
                }
            }
            let end = session.snapshot();
            let (float, reached) = (end.float_accuracy.unwrap(), end.test_accuracy.unwrap());
            assert!(
                reached >= float - lost,
                "{model} seed {seed}: {reached} of {float}"
            );
            assert!(end.sizes.average_bits() <= 4.0, "{model} seed {seed}");
            // It is the lasso that drops them, from 9 bits, not the projection at the end.
            assert!(
                before_freeze <= 5.0,
                "{model} seed {seed}: {before_freeze} bits before the freeze"
            );
            for layer in &end.layers {
                let planes = layer.weight.planes.as_ref().unwrap();
                let there = planes.iter().filter(|plane| plane.dropped.is_none());
                assert_eq!(
                    there.count() as u32 + 1,
                    layer.weight.bits,
                    "{}",
                    layer.name
                );
                assert_eq!(
                    layer.weight.size_bits,
                    u64::from(layer.weight.bits) * layer.parameters as u64 + 64
                );
            }
        }
    }
}

#[test]
fn without_a_lasso_no_plane_goes() {
    let mut session =
        session("model=mlp method=bsq budgetBits=0 lassoStrength=0 epochs=2").unwrap();
    loop {
        let progress = session.step(1).unwrap();
        if progress.phase == Phase::Quantize {
            let bits: Vec<u32> = session
                .snapshot()
                .layers
                .iter()
                .map(|layer| layer.weight.bits)
                .collect();
            assert_eq!(bits, [9, 9, 9]);
        }
        if progress.phase == Phase::Done {
            break;
        }
    }
    let end = session.snapshot();
    // Kernels hold eight.
    assert!(end.layers.iter().all(|layer| layer.weight.bits == 8));
}

#[test]
fn more_lasso_is_fewer_bits_and_memory_pulls_the_largest_layer_hardest() {
    let average = |given: &str| {
        let mut session = session(&format!(
            "model=cnn method=bsq budgetBits=0 epochs=4 {given}"
        ))
        .unwrap();
        finish(&mut session)
    };
    let (weak, strong) = (average("lassoStrength=0.1"), average("lassoStrength=1"));
    assert!(strong.sizes.average_bits() < weak.sizes.average_bits() - 1.0);
    let largest = |snapshot: &Snapshot| {
        snapshot
            .layers
            .iter()
            .max_by_key(|layer| layer.parameters)
            .unwrap()
            .weight
            .bits
    };
    let least = strong
        .layers
        .iter()
        .map(|layer| layer.weight.bits)
        .min()
        .unwrap();
    assert_eq!(largest(&strong), least);
    let alike = average("lassoStrength=1 memoryAware=false");
    assert!(largest(&alike) >= largest(&strong));
    let smallest = |snapshot: &Snapshot| {
        snapshot
            .layers
            .iter()
            .min_by_key(|layer| layer.parameters)
            .unwrap()
            .weight
            .bits
    };
    assert!(
        smallest(&alike) < smallest(&strong),
        "without the weights small layers are compressed too"
    );
}

#[test]
fn the_same_seed_gives_the_same_bits() {
    let given = "model=mlp method=bsq epochs=3 seed=4";
    let mut whole = session(given).unwrap();
    while whole.step(1000).unwrap().phase != Phase::Done {}
    let mut sliced = session(given).unwrap();
    while sliced.step(7).unwrap().phase != Phase::Done {
        sliced.snapshot();
    }
    assert_eq!(whole.snapshot(), sliced.snapshot());
    assert_eq!(whole.deployment().unwrap(), sliced.deployment().unwrap());
}

#[test]
fn bits_that_are_given_stay_and_leave_the_planes_out() {
    let mut given = session("model=mlp method=bsq learnBits=false weightBits=3 epochs=2").unwrap();
    let end = finish(&mut given);
    assert!(
        end.layers
            .iter()
            .all(|layer| layer.weight.bits == 3 && layer.weight.levels.len() == 7)
    );
    assert!(end.test_accuracy.unwrap() >= 0.93);
    let mut fitted =
        session("model=mlp method=bsq learnBits=false weightBits=8 budgetBits=4.5 epochs=0")
            .unwrap();
    assert!(
        finish(&mut fitted)
            .layers
            .iter()
            .all(|layer| layer.weight.bits == 4)
    );
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let refused = |given: &str| {
        session(&format!("model=mlp method=bsq {given}"))
            .err()
            .unwrap()
            .to_string()
    };
    for (given, words) in [
        ("locks=0:1", "2 to 8 bits for bsq"),
        ("learnBits=false weightBits=1", "2 to 8 bits for bsq"),
        ("startPlanes=3 minBits=5", "startPlanes"),
        ("budgetBits=1.5", "at least 2.0"),
        ("startPlanes=9", "from 1 to 8"),
    ] {
        assert!(
            refused(given).contains(words),
            "{given}: {}",
            refused(given)
        );
    }
    let mut early = session("model=mlp method=bsq").unwrap();
    early.step(20).unwrap();
    let error = early.deployment().unwrap_err().to_string();
    assert!(
        error.contains("dense1") && error.contains("9 bits"),
        "{error}"
    );
}
