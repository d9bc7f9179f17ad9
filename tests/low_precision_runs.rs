//! Whole runs with gradients in narrow formats: what is lost without a scale, and what scales bring back.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::runs::{finish, run, session};
use ddq_playground::nn::precision::Report;
use ddq_playground::session::{Snapshot, Which};
use ddq_playground::train::trainer::Phase;

/// Six hidden layers, large batches, plain SGD: (softmax − one-hot)/256 is below what E4M3 can hold.
const DEEP: &str = "model=mlp hidden=48-48-48-48-48-48 method=float pretrained=false pretrainEpochs=0 epochs=20 \
    optimizer=sgd momentum=0 learningRate=0.1 schedule=constant batchSize=256";

fn accuracy(snapshot: &Snapshot) -> f64 {
    snapshot.test_accuracy.unwrap()
}

fn report(snapshot: &Snapshot) -> &Report {
    snapshot.precision.as_ref().unwrap()
}

#[test]
fn eight_bit_gradients_teach_a_deep_net_nothing_without_a_scale_and_all_with_one() {
    for seed in 1..=3 {
        let end = |given: &str| run(&format!("{DEEP} seed={seed} {given}"));
        let float = accuracy(&end("precision=f32"));
        assert!(float > 0.88, "seed {seed}: float {float}");
        let none = end("precision=e4m3 lossScaling=none");
        assert!(
            accuracy(&none) < 0.5,
            "seed {seed}: none {}",
            accuracy(&none)
        );
        let adaptive = end("precision=e4m3");
        assert!(
            accuracy(&adaptive) > float - 0.04,
            "seed {seed}: {} of {float}",
            accuracy(&adaptive)
        );
        let (none, adaptive) = (report(&none), report(&adaptive));
        for (none, adaptive) in none
            .layers
            .iter()
            .flatten()
            .zip(adaptive.layers.iter().flatten())
        {
            assert!(
                adaptive.mean_underflow < none.mean_underflow,
                "seed {seed}: {adaptive:?} {none:?}"
            );
        }
        assert!(
            (256.0..=65536.0).contains(&adaptive.loss_scale),
            "{adaptive:?}"
        );
        // Half precision holds such gradients without help.
        let half = end("precision=f16 lossScaling=none");
        assert!(
            accuracy(&half) > float - 0.02,
            "seed {seed}: {} of {float}",
            accuracy(&half)
        );
    }
}

#[test]
fn fixed_and_dynamic_scales_save_it_too_and_a_step_that_overflows_is_skipped() {
    let fixed = run(&format!(
        "{DEEP} precision=e4m3 lossScaling=fixed lossScale=128"
    ));
    assert!(accuracy(&fixed) > 0.88 && report(&fixed).loss_scale == 128.0);
    let mut session = session(&format!(
        "{DEEP} precision=e4m3 lossScaling=dynamic lossScale=16777216 scaleGrowth=100"
    ))
    .unwrap();
    // Evaluation, calibration, evaluation: to the first mini-batch.
    let first = loop {
        let before = session.predict(&[0.3; 64], Which::Current).unwrap();
        if session.step(1).unwrap().step > 0 {
            break before;
        }
    };
    assert_eq!(session.snapshot().precision.unwrap().skipped_steps, 1);
    assert_eq!(
        session.predict(&[0.3; 64], Which::Current).unwrap(),
        first,
        "a skipped step changes nothing"
    );
    let end = finish(&mut session);
    let found = report(&end);
    assert!(found.skipped_steps > 5 && found.skipped_steps == found.overflow_steps);
    assert!(found.loss_scale < 65536.0, "{found:?}");
    assert!(accuracy(&end) > 0.88, "{}", accuracy(&end));
}

#[test]
fn quantized_training_with_8_bit_gradients_keeps_its_accuracy() {
    for (model, floor) in [("mlp", 0.95), ("cnn", 0.965), ("mobile", 0.95)] {
        for (tensors, less) in [("gradients", 0.0), ("all", 0.02)] {
            let given = format!(
                "model={model} method=ddq learnBits=false weightBits=4 precision=e4m3 roundedTensors={tensors}"
            );
            let end = run(&given);
            assert!(
                accuracy(&end) >= floor - less,
                "{model} {tensors}: {}",
                accuracy(&end)
            );
            assert!(report(&end).layers.iter().skip(1).all(Option::is_some));
        }
    }
}

#[test]
fn every_method_trains_in_every_format() {
    for method in ddq_playground::methods::NAMES {
        for (format, policy) in [
            ("f16", "dynamic"),
            ("e5m2", "fixed"),
            ("e4m3", "adaptive"),
            ("e4m3", "none"),
        ] {
            let end = run(&format!(
                "data=moons samples=100 method={method} pretrainEpochs=3 epochs=2 precision={format} lossScaling={policy} roundedTensors=all"
            ));
            assert!(
                end.progress.loss.is_finite() && accuracy(&end) > 0.3,
                "{method} {format} {policy}"
            );
            assert!(end.precision.is_some());
        }
    }
}

#[test]
fn learned_bits_meet_their_budget_with_8_bit_gradients() {
    let end = run(
        "model=mlp method=ddq learnBits=true weightBits=6 budgetBits=3 epochs=6 precision=e4m3",
    );
    assert!(
        end.sizes.average_bits() <= 3.0,
        "{}",
        end.sizes.average_bits()
    );
    assert!(accuracy(&end) > 0.93, "{}", accuracy(&end));
}

#[test]
fn the_same_seed_gives_the_same_bits_and_questions_do_not_disturb() {
    let given = "model=mobile method=lsq epochs=1 precision=e4m3 roundedTensors=all seed=5";
    let whole = run(given);
    let mut sliced = session(given).unwrap();
    while sliced.step(3).unwrap().phase != Phase::Done {
        sliced.snapshot();
        sliced.evaluate("test", Which::Current).unwrap();
    }
    assert_eq!(whole, sliced.snapshot());
    assert_ne!(
        whole.progress.loss,
        run("model=mobile method=lsq epochs=1 seed=5").progress.loss
    );
}

#[test]
fn precision_f32_is_plain_training_whatever_the_scaling() {
    let given = "model=mlp method=ddq epochs=2 seed=4";
    let plain = run(given);
    assert!(plain.precision.is_none());
    for scaling in [
        "lossScaling=none",
        "lossScaling=adaptive scaleInterval=1",
        "lossScaling=fixed roundedTensors=all",
    ] {
        assert_eq!(
            run(&format!("{given} precision=f32 {scaling}")),
            plain,
            "{scaling}"
        );
    }
}

#[test]
fn wrong_settings_are_refused_in_words() {
    let message = |given: &str| session(given).err().unwrap().to_string();
    let text = message("model=mlp precision=e4m3 lossScaling=fixed lossScale=1000");
    assert!(
        text.contains("\"lossScale\": expected a power of two, such as 1024, got 1000"),
        "{text}"
    );
    assert!(message("precision=bf16").contains("one of f32, f16, e5m2, e4m3"));
    assert!(message("lossScaling=static").contains("one of none, fixed, dynamic, adaptive"));
    let chosen =
        |given: &str, option: &str| session(given).unwrap().options().text(option).to_owned();
    assert_eq!(chosen("model=mlp", "lossScaling"), "none");
    assert_eq!(chosen("model=mlp precision=f16", "lossScaling"), "adaptive");
    let scale = |given: &str| session(given).unwrap().options().number("lossScale");
    assert_eq!(
        scale("model=mlp precision=f16 lossScaling=dynamic"),
        32768.0
    );
    assert_eq!(scale("model=mlp precision=e4m3 lossScaling=dynamic"), 256.0);
    assert_eq!(scale("model=mlp precision=e4m3 lossScaling=fixed"), 1024.0);
}
