//! Project files: a run saved anywhere and restored goes on to the same bits; a broken file is refused in words.
#![cfg(not(target_arch = "wasm32"))]

use ddq_playground::error::Error;
use ddq_playground::session::{Session, Snapshot, Which};
use ddq_playground::train::option_table::TABLE;
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;
use std::path::Path;

fn session(given: &str) -> Session {
    let pairs: Vec<(String, String)> = given
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let options = Options::parse(&pairs).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/checkpoints");
    let checkpoint = std::fs::read(format!("{folder}/{}.bin", options.text("model")));
    Session::new(options, checkpoint.ok().as_deref()).unwrap_or_else(|e| panic!("{given}: {e}"))
}

/// Takes slices until `slices` are done or the run ends; the slices taken.
fn advance(session: &mut Session, slices: usize) -> usize {
    for taken in 0..slices {
        if session.progress().phase == Phase::Done {
            return taken;
        }
        let _ = session.step(1);
    }
    slices
}

fn finish(session: &mut Session) -> usize {
    advance(session, usize::MAX)
}

/// Every number of a session, NaN made comparable: its saved state, the snapshot, evaluations, logits.
fn numbers(session: &mut Session) -> (Vec<u8>, String) {
    let saved = session.save();
    let snapshot: Snapshot = session.snapshot();
    let current = session.evaluate("test", Which::Current).unwrap();
    let reference = session.evaluate("train", Which::Reference).unwrap();
    let x: Vec<f32> =
        session.samples("test").unwrap().inputs[..10 * session.data().shape.inputs()].to_vec();
    let logits = session.predict(&x, Which::Current).unwrap();
    let bits: Vec<u32> = logits.iter().map(|logit| logit.to_bits()).collect();
    (
        saved,
        format!("{snapshot:?} {current:?} {reference:?} {bits:?}"),
    )
}

/// Runs to the end at once, and with a save and a restore after each number of slices in `stops`.
fn resumes(given: &str, stops: impl Fn(usize) -> Vec<usize>) {
    let mut whole = session(given);
    let slices = finish(&mut whole);
    let expected = numbers(&mut whole);
    for stop in stops(slices) {
        let mut first = session(given);
        advance(&mut first, stop);
        let bytes = first.save();
        let mut second =
            Session::restore(&bytes).unwrap_or_else(|e| panic!("{given} after {stop}: {e}"));
        assert_eq!(second.save(), bytes, "{given} after {stop}: saved again");
        assert_eq!(
            numbers(&mut second),
            numbers(&mut first),
            "{given} after {stop}"
        );
        let rest = finish(&mut second);
        if second.snapshot().search.is_none() {
            assert_eq!(stop + rest, slices, "{given} after {stop}: as many slices");
        }
        let found = numbers(&mut second);
        assert!(
            found == expected,
            "{given} after {stop}: another end\n{}\n{}",
            found.1,
            expected.1
        );
    }
}

/// Two mini-batches of 512 make an epoch's three, so that a run is short; an evaluation has three slices.
const DIGITS: &str = "data=digits batchSize=512 epochs=4 seed=3";
const MOONS: &str =
    "data=moons samples=600 batchSize=64 epochs=4 pretrainEpochs=2 hidden=12-8 seed=5";

/// Quantized from the options or by gradient, with what each has of its own.
const TRAINED: [&str; 14] = [
    "method=float",
    "method=uniform weightBits=3",
    "method=uniform weightBits=6 range=minmax optimizer=sgd",
    "method=uniform weightBits=4 budgetBits=3.5",
    "method=dorefa weightBits=3",
    "method=lsq weightBits=3 optimizer=adam",
    "method=pact weightBits=3 schedule=step",
    "method=pot weightBits=4",
    "method=apot weightBits=5",
    "method=ddq learnBits=false weightBits=5 gradientCorrection=0.1",
    "method=ddq weightBits=6 budgetBits=4.5 minBits=1",
    "method=ddq weightBits=6 budgetBits=4.5 activationBudgetBits=4 freezeAt=0.4",
    "method=ddq weightBits=6 budgetBits=4.5 objective=product gateInit=threshold",
    "method=ddq weightBits=5 budgetBits=4.5 exemptFirst=true locks=1:4",
];

/// Stops all over a run of `slices`: its ends, and every `stride`-th slice, which falls on mini-batches, on each slice
/// of an evaluation and around the freeze.
fn all_over(slices: usize, stride: usize) -> Vec<usize> {
    (0..slices)
        .step_by(stride)
        .chain([1, slices - 1, slices])
        .collect()
}

#[test]
fn every_method_resumes_to_the_same_bits_on_points_from_every_slice_of_a_phase() {
    for method in TRAINED {
        resumes(&format!("{MOONS} {method}"), |slices| all_over(slices, 5));
    }
    // Every single slice of a whole run, with the float training before it.
    resumes(&format!("{MOONS} {}", TRAINED[11]), |slices| {
        (0..=slices).collect()
    });
}

#[test]
fn every_method_resumes_to_the_same_bits_on_digits_in_every_model() {
    for model in ["mlp", "cnn", "mobile"] {
        for (index, method) in TRAINED.iter().enumerate() {
            let given = format!("{DIGITS} model={model} {method}");
            resumes(&given, |slices| {
                vec![
                    1 + index % 3,
                    slices / 2,
                    slices / 2 + 2,
                    slices - 2 - index % 4,
                ]
            });
        }
    }
}
