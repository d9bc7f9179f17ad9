//! Whole runs of BSQ: that planes drop, the budget is kept, the accuracy stays, and the same seed gives the same bits.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::kept::start;
use common::runs::{finish, session};
use ddq_playground::session::Snapshot;
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;

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

/// The float `mlp`, which has no batch norm, with weights of its first layer sixteen times as large: the logits grow as much,
/// and the classes stay. A step of unclipped planes grows with the square of the weights' range.
#[test]
fn a_network_without_batch_norm_keeps_what_it_knows_where_its_weights_are_large() {
    const FACTOR: f32 = 16.0;
    let mut float = session("model=mlp method=float epochs=0").unwrap();
    let mut network = float.network().clone();
    let scale = |values: &mut [f32], by: f32| values.iter_mut().for_each(|value| *value *= by);
    for (layer, linear) in network.linears_mut().enumerate() {
        if layer == 0 {
            scale(&mut linear.weight.value, FACTOR);
        }
        if let Some(bias) = &mut linear.bias {
            scale(&mut bias.value, FACTOR);
        }
    }
    // The accuracies after the epochs.
    let course = |method: &str| {
        let given = format!("data=digits {method} activationBits=8 epochs=6 seed=1");
        let mut session = start(&given, network.clone(), None).unwrap();
        let mut found = Vec::new();
        let mut evaluations = 0;
        while session.step(1).unwrap().phase != Phase::Done {
            let progress = session.progress();
            if progress.evaluations > evaluations && progress.epoch > 0 {
                found.push(session.tested().unwrap().accuracy);
            }
            evaluations = progress.evaluations;
        }
        found
    };
    let least = |course: &[f64]| course.iter().copied().fold(1.0, f64::min);
    let end = |course: &[f64]| *course.last().unwrap();
    let uniform = course("method=uniform weightBits=5");
    let bsq = course("method=bsq budgetBits=5");
    assert!(least(&bsq) >= 0.9, "{bsq:?}");
    assert!(end(&bsq) >= end(&uniform) - 0.03, "{bsq:?}, {uniform:?}");
    // The paper's form, without clipping, is lost on the way.
    let unclipped = course("method=bsq budgetBits=5 planeClip=0");
    assert!(least(&unclipped) < 0.5, "{unclipped:?}");
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

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
