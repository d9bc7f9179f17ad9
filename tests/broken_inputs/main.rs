//! One table of broken inputs over all formats: each is refused with its name, the place, what was expected and what
//! was got, and a run that goes on meanwhile ends in the same bits as one that nothing disturbed.
//!
//! The formats' own tests go deeper (`dataset`, `onnx`, `project`, `deployed`); this one says that no kind of damage is
//! forgotten.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../common/given.rs"]
mod given;
mod networks;
mod tables;
#[path = "../dataset/write.rs"]
mod write;

use ddq_playground::session::{Assets, Session};

/// What can be wrong with a file: the least that the table has to show.
const KINDS: [&str; 15] = [
    "truncated",
    "wrong magic",
    "NaN",
    "cycle",
    "negative size",
    "too large unpacked",
    "10⁹ rows claimed",
    "duplicate names",
    "missing initializer",
    "label out of range",
    "ragged rows",
    "no number",
    "byte order mark",
    "CRLF",
    "empty",
];

/// A kind of damage, the error of a file with it, and what the error says behind the file's name.
pub struct Case {
    kind: &'static str,
    error: String,
    words: &'static str,
}

/// A run on points of the plane.
fn run() -> Session {
    let given = "data=moons samples=100 hidden=8 pretrainEpochs=1 epochs=1 budgetBits=8";
    Session::new(given::options(given).unwrap(), Assets::default()).unwrap()
}

#[test]
fn every_kind_of_damage_is_named_and_a_run_goes_on_undisturbed() {
    let (mut disturbed, mut alone) = (run(), run());
    let cases: Vec<fn() -> Case> = [&tables::CASES[..], &networks::CASES].concat();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut missing = KINDS.to_vec();
    for case in &cases {
        let Case { kind, error, words } = case();
        assert!(error.contains(words), "{kind}: {error}\nhas no\n{words}");
        assert!(
            error.contains("expected ") && error.contains(", got "),
            "{kind}: {error}"
        );
        missing.retain(|missing| *missing != kind);
        disturbed.step(1).unwrap();
        alone.step(1).unwrap();
    }
    assert!(missing.is_empty(), "no case of {missing:?}");
    assert!(disturbed.save() == alone.save(), "the run was disturbed");
}
