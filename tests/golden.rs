//! Golden vectors: values and gradients from an independent implementation in double precision, in
//! `tests/golden/*.json`, or in the folder that GOLDEN_DIR names. A case of unknown kind fails.
#![cfg(not(target_arch = "wasm32"))]

mod golden_cases;

use golden_cases::{Case, baselines, ddq, layers, trajectory};
use std::path::PathBuf;

fn check(case: &Case) {
    if case.has("log") && case.has("final") {
        trajectory::check(case);
    } else if case.has("ghat") {
        ddq::check(case);
    } else if case.has("kind") {
        baselines::check(case);
    } else if case.has("grads") {
        layers::check(case);
    } else {
        panic!("{}: a case of unknown kind", case.name());
    }
}

#[test]
fn every_case_of_every_file_agrees() {
    let folder = std::env::var_os("GOLDEN_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")),
        PathBuf::from,
    );
    let mut cases = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        for case in golden_cases::read(&path) {
            check(&case);
            cases += 1;
        }
    }
    assert!(cases > 0, "no golden case in {}", folder.display());
}

#[test]
#[should_panic(expected = "a case of unknown kind")]
fn a_case_of_unknown_kind_fails() {
    check(&Case::parse("made up", r#"{"name": "nonsense", "x": 1}"#));
}

#[test]
#[should_panic(expected = "x_q[1]")]
fn a_wrong_value_fails() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/ddq.json");
    let mut case = golden_cases::read(file.as_ref()).swap_remove(0);
    case.nudge("x_q", 1, 1e-4);
    check(&case);
}
