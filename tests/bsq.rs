//! BSQ: its planes, its lasso, and what changes the number of planes.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::gradients::{check, dot};
use ddq_playground::methods::bsq::planes::{Planes, largest_code};
use ddq_playground::methods::bsq::quantizer::{Bsq, MOST_DEPLOYED, Shrinkage, Training};
use ddq_playground::quant::uniform::Uniform;
use ddq_playground::quant::{End, Quantizer, Role};
use ddq_playground::rng::{Rng, Stream};
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
    let activation = common::quantizers::quantizer("bsq", Role::Activation, 4, &[0.0, 1.0]);
    assert!(activation.downcast::<Uniform>().is_some() && activation.held().is_none());
}
