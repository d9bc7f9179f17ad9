//! The trace of a run: the same for the same options and seed, whatever the pace and however often it was saved.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::runs::{finish, run, session};
use ddq_playground::session::Session;
use ddq_playground::train::trainer::Phase;
use std::collections::BTreeMap;

const MOONS: &str =
    "data=moons samples=300 batchSize=32 epochs=3 pretrainEpochs=2 hidden=12-8 budgetBits=8";

/// The trace at the end of a run in slices of `slices`.
fn trace(given: &str, slices: usize) -> String {
    let mut session = session(given).unwrap();
    while session.step(slices).unwrap().phase != Phase::Done {}
    session.snapshot().trace.digits()
}

#[test]
fn the_same_options_and_seed_have_the_same_trace_at_any_pace() {
    let slow = trace(MOONS, 1);
    for slices in [2, 7, 1000] {
        assert_eq!(trace(MOONS, slices), slow, "{slices} slices at a time");
    }
}

#[test]
fn looking_at_a_run_leaves_no_trace() {
    let mut looked_at = session(MOONS).unwrap();
    while looked_at.step(3).unwrap().phase != Phase::Done {
        looked_at.snapshot();
        looked_at
            .evaluate("test", ddq_playground::session::Which::Current)
            .unwrap();
        looked_at.save();
    }
    assert_eq!(looked_at.snapshot().trace.digits(), trace(MOONS, 1));
}

#[test]
fn another_seed_and_every_changed_option_have_another_trace() {
    let changes = [
        "",
        "seed=2",
        "samples=304",
        "noise=0.11",
        "hidden=12-9",
        "method=lsq",
        "method=uniform",
        "weightBits=5",
        "activationBits=5",
        "budgetBits=6.5",
        "learningRate=0.011",
        "levelLearningRate=0.0021",
        "optimizer=adam",
        "weightDecay=0.02",
        "batchSize=33",
        "epochs=4",
        "pretrainEpochs=3",
        "freezeAt=0.8",
        "precision=e4m3",
    ];
    let mut seen = BTreeMap::new();
    for change in changes {
        let found = trace(&format!("{MOONS} {change}"), 100);
        if let Some(other) = seen.insert(found, change) {
            panic!("\"{other}\" and \"{change}\" have the same trace");
        }
    }
}

#[test]
fn a_run_saved_and_restored_anywhere_has_the_trace_of_an_uninterrupted_one() {
    for method in ["ddq", "lsq", "bsq", "float"] {
        let given = format!("{MOONS} method={method}");
        let expected = trace(&given, 1);
        let mut current = session(&given).unwrap();
        let mut stops = 0;
        while current.step(9).unwrap().phase != Phase::Done {
            let before = current.snapshot();
            current = Session::restore(&current.save()).unwrap();
            assert_eq!(current.snapshot().trace, before.trace);
            stops += 1;
        }
        assert!(stops > 3);
        assert_eq!(current.snapshot().trace.digits(), expected, "{method}");
    }
}

#[test]
fn every_epoch_of_every_phase_changes_the_trace_and_nothing_else_does() {
    let mut session = session(MOONS).unwrap();
    let mut last = session.snapshot().trace;
    let mut changes = Vec::new();
    loop {
        let progress = session.step(1).unwrap();
        let now = session.snapshot().trace;
        assert_eq!(now.evaluations, progress.evaluations);
        assert_eq!(
            now.hash != last.hash,
            now.evaluations == last.evaluations + 1
        );
        if now != last {
            changes.push(progress.step / progress.steps_per_epoch);
        }
        last = now;
        if progress.phase == Phase::Done {
            break;
        }
    }
    // Two float epochs, the quantized network before its training, and three epochs with it.
    assert_eq!(changes, [1, 2, 2, 3, 4, 5]);
}

#[test]
fn a_run_without_epochs_and_one_from_a_checkpoint_have_traces_too() {
    let none = run("data=digits model=mlp epochs=0");
    assert_eq!(none.trace.evaluations, 2);
    let mut one = session("data=digits model=mlp epochs=1").unwrap();
    assert_eq!(one.snapshot().trace.evaluations, 0);
    let one = finish(&mut one);
    assert_eq!(one.trace.evaluations, 3);
    assert_ne!(one.trace.hash, none.trace.hash);
}
