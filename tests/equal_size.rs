//! Budgets that count codes: every method gets the bytes that uniform levels of the same bits take.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::runs::session;
use ddq_playground::session::{Session, Snapshot};
use ddq_playground::train::trainer::Phase;

/// The network before its training at these bits.
fn before(given: &str) -> Snapshot {
    let mut session = session(&format!("{given} budgetCounts=codes epochs=0")).unwrap();
    while session.step(1).unwrap().phase != Phase::Done {}
    session.snapshot()
}

/// b·n + 64·L in bits.
fn allowed(end: &Snapshot, bits: u64) -> u64 {
    let weights: usize = end.layers.iter().map(|layer| layer.parameters).sum();
    bits * weights as u64 + 64 * end.layers.len() as u64
}

fn stored(end: &Snapshot) -> u64 {
    end.layers.iter().map(|layer| layer.weight.size_bits).sum()
}

#[test]
fn methods_with_given_bits_have_just_the_bits_of_the_budget() {
    for model in ["mlp", "cnn", "mobile"] {
        for bits in [2u32, 3, 6, 8] {
            for method in ["uniform", "lsq", "pact", "dorefa", "pot", "apot"] {
                let end = before(&format!(
                    "model={model} method={method} activationBits=8 budgetBits={bits}"
                ));
                let what = format!("{model} {method} {bits}");
                assert!(
                    end.layers.iter().all(|layer| layer.weight.bits == bits),
                    "{what}"
                );
                assert!(stored(&end) <= allowed(&end, u64::from(bits)), "{what}");
            }
        }
        let fraction = before(&format!("model={model} method=uniform budgetBits=3.7"));
        assert!(fraction.layers.iter().all(|layer| layer.weight.bits == 3));
        let given = before(&format!(
            "model={model} method=uniform weightBits=3 budgetBits=6"
        ));
        assert!(given.layers.iter().all(|layer| layer.weight.bits == 3));
    }
}

#[test]
fn all_others_have_the_same_bytes_and_use_them() {
    for model in ["mlp", "mobile"] {
        for method in [
            "ddq",
            "bsq",
            "sensitivity",
            "greedy",
            "ompq",
            "hawq",
            "random",
            "multipoint",
        ] {
            let end = before(&format!(
                "model={model} method={method} activationBits=8 budgetBits=3"
            ));
            let (used, most) = (stored(&end), allowed(&end, 3));
            assert!(
                used <= most && used * 20 >= most * 17,
                "{model} {method}: {used} of {most}"
            );
        }
    }
}

/// Options of a saved run say what it was held to, and a restored run is held to the same.
#[test]
fn the_rule_is_applied_once() {
    let start = || {
        session("model=mlp method=ddq budgetBits=3 budgetCounts=codes epochs=1 pretrained=true")
            .unwrap()
    };
    let budget = |session: &Session| session.options().budget_bits().unwrap();
    let mut once = start();
    let held = budget(&once);
    assert!(held > 3.0 && held < 3.1, "{held}");
    once.step(5).unwrap();
    let again = Session::restore(&once.save()).unwrap();
    assert_eq!(budget(&again), held);
}
