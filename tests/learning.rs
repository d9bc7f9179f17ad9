//! Whole runs on real data: that they learn, keep their budget, repeat, and stop where they must.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::runs::{finish, run, session};
use ddq_playground::session::{Session, Snapshot, Which};
use ddq_playground::train::budget::Scope;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;

fn test_accuracy(snapshot: &Snapshot) -> f64 {
    snapshot.test_accuracy.unwrap()
}

/// The page's first preset.
const DEFAULT: &str = "data=digits model=mobile method=ddq learnBits=true weightBits=6 activationBits=6 \
    budgetBits=3 activationBudgetBits=4 epochs=8";

fn weight_bits(snapshot: &Snapshot) -> Vec<u32> {
    snapshot
        .layers
        .iter()
        .map(|layer| layer.weight.bits)
        .collect()
}

#[test]
fn the_default_run_keeps_the_accuracy_at_three_bits_and_layers_differ() {
    for seed in 1..=3 {
        let end = run(&format!("{DEFAULT} seed={seed}"));
        let float = end.float_accuracy.unwrap();
        assert!(float >= 0.975, "seed {seed}: float {float}");
        let lost = float - test_accuracy(&end);
        assert!(lost <= 0.025, "seed {seed}: lost {lost}");
        assert!(
            end.sizes.average_bits() <= 3.0,
            "seed {seed}: {}",
            end.sizes.average_bits()
        );
        let mut bits = weight_bits(&end);
        bits.sort_unstable();
        bits.dedup();
        assert!(bits.len() >= 3, "seed {seed}: layers settle at {bits:?}");
    }
}

#[test]
fn an_accuracy_is_that_of_the_network_it_was_measured_on() {
    let mut session = session("model=mlp budgetBits=4 epochs=2").unwrap();
    let mut tested_in = Vec::new();
    loop {
        let snapshot = session.snapshot();
        let now = snapshot.progress;
        let quantized = matches!(now.phase, Phase::Quantize | Phase::Finetune);
        let network_tested = now.evaluations >= if quantized { 2 } else { 1 };
        assert_eq!(
            snapshot.test_accuracy.is_some(),
            network_tested,
            "{:?}, {} evaluations",
            now.phase,
            now.evaluations
        );
        assert_eq!(
            snapshot.test_accuracy.is_some(),
            snapshot.test_epoch.is_some()
        );
        if quantized {
            tested_in.extend(snapshot.test_epoch.map(|tested| now.epoch - tested));
            // Two evaluations precede the first mini-batch, and one more follows each epoch.
            assert_eq!(
                snapshot.test_epoch,
                (now.evaluations >= 2).then(|| now.evaluations - 2)
            );
        }
        if session.step(1).unwrap().phase == Phase::Done {
            break;
        }
    }
    assert!(tested_in.contains(&0) && tested_in.contains(&1));
    assert_eq!(session.snapshot().test_epoch, Some(2));
}

#[test]
fn fixed_precision_stays_near_float_on_every_model() {
    // Test accuracy at 4, 3 and 2 bits that every seed must reach.
    for (model, floors) in [
        ("mlp", [0.96, 0.955, 0.94]),
        ("cnn", [0.975, 0.97, 0.955]),
        ("mobile", [0.965, 0.94, 0.88]),
    ] {
        for (bits, floor) in [4, 3, 2].into_iter().zip(floors) {
            for seed in 1..=3 {
                let end = run(&format!(
                    "model={model} method=ddq learnBits=false weightBits={bits} activationBits={bits} seed={seed}"
                ));
                let reached = test_accuracy(&end);
                assert!(
                    reached >= floor,
                    "{model} {bits} bits seed {seed}: {reached}"
                );
                assert!(weight_bits(&end).iter().all(|&b| b == bits));
            }
        }
    }
}

#[test]
fn pretraining_and_quantizing_in_one_run_learns_three_spirals() {
    let given = "data=spiral3 model=mlp method=ddq learnBits=true weightBits=6 activationBits=6 budgetBits=4 epochs=30";
    for seed in 1..=3 {
        let end = run(&format!("{given} seed={seed}"));
        assert!(
            end.float_accuracy.unwrap() >= 0.97,
            "seed {seed}: {:?}",
            end.float_accuracy
        );
        assert!(
            test_accuracy(&end) >= 0.95,
            "seed {seed}: {:?}",
            end.test_accuracy
        );
        assert!(end.sizes.average_bits() <= 4.0);
    }
}

#[test]
fn the_papers_product_objective_ends_within_the_budget_too() {
    let end = run(&format!(
        "{DEFAULT} objective=product gateInit=threshold epochs=2 seed=1"
    ));
    assert!(end.sizes.average_bits() <= 3.0);
    assert!(test_accuracy(&end) > 0.5);
}

#[test]
fn exempt_and_locked_layers_keep_their_bits_under_the_product() {
    let given = "model=mlp method=ddq budgetBits=6.5 objective=product gateInit=threshold epochs=2";
    let end = run(&format!(
        "{given} exemptFirst=true exemptLast=true activationBudgetBits=4"
    ));
    let bits = weight_bits(&end);
    assert_eq!((bits[0], bits[2]), (8, 8), "{bits:?}");
    let bits = |layer: usize| end.layers[layer].activation.as_ref().unwrap().bits;
    assert_eq!(bits(2), 8);
    assert!(bits(1) < 6, "{}", bits(1));
    let end = run(&format!("{given} locks=2:8 budgetExponent=10"));
    assert_eq!(weight_bits(&end)[2], 8);
}

/// A step of plain SGD under a budget that is exceeded by r is r^α times as long.
#[test]
fn the_product_multiplies_the_task_gradient() {
    let first_step = |exponent: f64| {
        let mut session = session(&format!(
            "model=mlp method=ddq budgetBits=3 objective=product budgetExponent={exponent} optimizer=sgd momentum=0 \
             weightDecay=0 levelLearningRate=0 gateLearningRate=0 seed=4"
        ))
        .unwrap();
        let weights = |session: &mut Session| {
            session
                .network()
                .linears()
                .next()
                .unwrap()
                .weight
                .value
                .clone()
        };
        let before = weights(&mut session);
        while session.step(1).unwrap().step == 0 {}
        let after = weights(&mut session);
        let average = f64::from(Scope::Weights.average(session.network()));
        let moved = before
            .iter()
            .zip(&after)
            .map(|(a, b)| f64::from(a - b).powi(2));
        (moved.sum::<f64>().sqrt(), average)
    };
    let ((plain, average), (multiplied, _)) = (first_step(0.0), first_step(1.0));
    let (found, expected) = (multiplied / plain, average / 3.0);
    assert!(
        expected > 1.9 && (found - expected).abs() < 1e-3 * expected,
        "{found} for {expected}"
    );
}

#[test]
fn activations_keep_two_bits_where_weights_may_have_one() {
    let given = "model=mlp method=ddq minBits=1 budgetBits=1.5 activationBudgetBits=2 epochs=1";
    let activation_bits = |end: &Snapshot| -> Vec<u32> {
        let inputs = end
            .layers
            .iter()
            .filter_map(|layer| layer.activation.as_ref());
        inputs.map(|activation| activation.bits).collect()
    };
    let end = run(given);
    assert!(weight_bits(&end).contains(&1), "{:?}", weight_bits(&end));
    assert_eq!(activation_bits(&end), [2, 2]);
    let end = run(&given.replace(
        "activationBudgetBits=2",
        "activationBudgetBits=1 minActivationBits=1",
    ));
    assert_eq!(activation_bits(&end), [1, 1]);
    let end = run(&given.replace(
        "activationBudgetBits=2",
        "activationBudgetBits=4.5 minActivationBits=4",
    ));
    assert!(activation_bits(&end).iter().all(|bits| *bits >= 4));
    for (more, expected) in [
        (
            "activationBudgetBits=1.5",
            "\"activationBudgetBits\": expected at least 2",
        ),
        (
            "minActivationBits=7",
            "\"minActivationBits\": expected at most activationBits",
        ),
    ] {
        let error = session(&format!("{given} {more}"))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

/// No method gives a tensor another width than it was asked for without saying so.
#[test]
fn given_bits_are_kept_or_refused() {
    let given = "model=mobile epochs=0 learnBits=false budgetBits=0";
    for method in [
        "uniform", "dorefa", "lsq", "pact", "pot", "apot", "ddq", "bsq",
    ] {
        let signed = ["lsq", "pot", "apot", "bsq"].contains(&method);
        for bits in 1..=2 {
            let begun = session(&format!(
                "{given} method={method} weightBits={bits} activationBits=4"
            ));
            if signed && bits == 1 {
                let error = begun.err().unwrap().to_string();
                let expected = format!(
                    "\"weightBits\": expected 2 to 8 bits for {method}, whose weights have a sign"
                );
                assert!(error.contains(&expected), "{error}");
            } else {
                let shown = weight_bits(&finish(&mut begun.unwrap()));
                assert!(
                    shown.iter().all(|b| *b == bits),
                    "{method}: {shown:?} of {bits}"
                );
            }
        }
        let locked = session(&format!(
            "{given} method={method} weightBits=4 activationBits=4 locks=1:1"
        ));
        assert_eq!(locked.is_err(), signed, "{method}");
        // Inputs of linear bottlenecks have a sign, those behind a ReLU have none.
        let one = format!("{given} method={method} weightBits=4 activationBits=1");
        match ["lsq", "pot", "apot"].contains(&method) {
            true => {
                let error = session(&one).err().unwrap().to_string();
                let expected = format!(
                    "\"activationBits\": expected 2 to 8 bits for {method} where inputs have a sign"
                );
                assert!(
                    error.contains(&expected) && error.contains("layer block2.expand"),
                    "{error}"
                );
            }
            false => assert!(session(&one).is_ok(), "{method}"),
        }
        let end = run(&one.replace("mobile", "mlp"));
        let inputs = end
            .layers
            .iter()
            .filter_map(|layer| layer.activation.as_ref());
        assert!(
            inputs.into_iter().all(|activation| activation.bits == 1),
            "{method}"
        );
    }
}

#[test]
fn exempt_layers_stay_at_eight_bits() {
    let given = "model=mlp method=ddq learnBits=true exemptFirst=true exemptLast=true epochs=2";
    let end = run(&format!("{given} budgetBits=6.5"));
    let bits = weight_bits(&end);
    assert_eq!((bits[0], bits[2]), (8, 8));
    assert!(end.sizes.average_bits() <= 6.5);
    // The exempt layers and the least of the others take more than 6 bits per weight.
    let error = session(&format!("{given} budgetBits=6")).err().unwrap();
    assert!(error.to_string().contains("at least 6."), "{error}");
}

#[test]
fn the_same_seed_gives_the_same_bits_and_slices_do_not_matter() {
    let given = "model=mlp method=ddq epochs=2 seed=5";
    let mut whole = session(given).unwrap();
    while whole.step(1000).unwrap().phase != Phase::Done {}
    let mut sliced = session(given).unwrap();
    while sliced.step(7).unwrap().phase != Phase::Done {
        // Questions must not disturb a run.
        sliced.snapshot();
        sliced.evaluate("test", Which::Current).unwrap();
        sliced.predict(&[0.25; 64], Which::Reference).unwrap();
    }
    assert_eq!(whole.snapshot(), sliced.snapshot());
    let other = run("model=mlp method=ddq epochs=2 seed=6");
    assert_ne!(whole.snapshot().progress.loss, other.progress.loss);
}

#[test]
fn a_loss_that_is_not_finite_stops_the_run_and_keeps_the_last_good_state() {
    let mut session =
        session("model=mlp method=float epochs=3 optimizer=sgd learningRate=10 weightDecay=1")
            .unwrap();
    let before = session.evaluate("test", Which::Current).unwrap();
    assert!(before.accuracy > 0.9);
    let error = loop {
        match session.step(1) {
            Ok(progress) => assert_ne!(progress.phase, Phase::Done, "the run should have failed"),
            Err(error) => break error,
        }
    };
    let text = error.to_string();
    assert!(
        text.contains("last good state is kept") && text.contains("learning rate"),
        "{text}"
    );
    assert_eq!(session.step(1).unwrap_err(), error, "it stays stopped");
    let after = session.evaluate("test", Which::Current).unwrap();
    assert!(after.loss.is_finite() && after.accuracy > 0.9, "{after:?}");
    assert!(
        session
            .predict(&[0.0; 64], Which::Current)
            .unwrap()
            .iter()
            .all(|z| z.is_finite())
    );
    assert!(
        session
            .snapshot()
            .layers
            .iter()
            .all(|l| l.weight.levels.iter().all(|v| v.is_finite()))
    );
}

#[test]
fn a_budget_out_of_reach_names_the_smallest_that_is_not() {
    let error = session("model=mlp method=ddq learnBits=true budgetBits=1")
        .err()
        .unwrap()
        .to_string();
    let rest = error
        .split("at least ")
        .nth(1)
        .unwrap_or_else(|| panic!("{error}"));
    let reachable: f64 = rest.split(' ').next().unwrap().parse().unwrap();
    assert!(
        error.contains("\"budgetBits\"") && reachable > 1.0,
        "{error}"
    );
    let end = run(&format!(
        "model=mlp method=ddq learnBits=true budgetBits={reachable} epochs=1"
    ));
    assert!(end.sizes.average_bits() <= reachable);
}

#[test]
fn every_method_runs_through_and_sizes_are_those_of_its_layers() {
    for method in ddq_playground::train::methods::NAMES {
        let end = run(&format!(
            "data=moons samples=100 method={method} pretrainEpochs=3 epochs=2"
        ));
        let sum: u64 = end.layers.iter().map(|layer| layer.weight.size_bits).sum();
        assert_eq!(sum, end.sizes.weight_bits, "{method}");
        for layer in &end.layers {
            let Some(activation) = &layer.activation else {
                continue;
            };
            assert_eq!(
                activation.latent_histogram.iter().sum::<u32>(),
                activation.quantized_histogram.iter().sum::<u32>()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_run_ends_above_its_budget(
        budget in 20u32..80, activations in 20u32..80, seed in 0u32..1000, start in 4u32..=8, min in 1u32..=2,
        product in any::<bool>(),
    ) {
        let objective = if product { "product" } else { "hinge" };
        let (budget, activations) = (f64::from(budget) / 10.0, f64::from(activations) / 10.0);
        let given = format!(
            "data=xor samples=80 hidden=24-12 method=ddq learnBits=true weightBits={start} activationBits={start} \
             budgetBits={budget} activationBudgetBits={activations} minBits={min} objective={objective} \
             pretrainEpochs=1 epochs=2 seed={seed}"
        );
        let Ok(mut session) = session(&given) else { return Ok(()) };
        let end = finish(&mut session);
        prop_assert!(end.sizes.average_bits() <= budget, "{} bits of {budget}", end.sizes.average_bits());
        let inputs = [(1, 24.0), (2, 12.0)];
        let bits = |&(layer, count): &(usize, f64)| {
            count * f64::from(end.layers[layer].activation.as_ref().unwrap().bits)
        };
        let average = inputs.iter().map(bits).sum::<f64>() / 36.0;
        prop_assert!(average <= activations, "{average} activation bits of {activations}");
    }
}
