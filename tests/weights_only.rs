//! `activationBits: 0`: weights are quantized, activations stay 32-bit floats, in every method and through to the files.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::given::options;
use common::runs::{finish, session};
use ddq_playground::error::Error;
use ddq_playground::io::export::export;
use ddq_playground::session::{Session, Which};
use serde_json::Value;

/// Every method that quantizes; searches on few episodes.
const METHODS: &[&str] = &[
    "uniform weightBits=4",
    "dorefa weightBits=4",
    "lsq weightBits=3",
    "pact weightBits=4",
    "pot weightBits=4",
    "apot weightBits=4",
    "ddq budgetBits=4",
    "ddq learnBits=false weightBits=3",
    "bsq budgetBits=5",
    "haq budgetBits=4 episodes=30",
    "ompq budgetBits=4",
    "hawq budgetBits=4",
    "sensitivity budgetBits=4",
    "greedy budgetBits=4",
    "random budgetBits=4 episodes=10",
    "multipoint budgetBits=4",
];

#[test]
fn every_method_trains_weights_alone_and_says_so_everywhere() {
    for method in METHODS {
        let given = format!(
            "model=mlp method={method} activationBits=0 exemptLast=true epochs=1 batchSize=64"
        );
        let mut session = session(&given).unwrap();
        let snapshot = finish(&mut session);
        assert_eq!(snapshot.sizes.average_activation_bits, 32.0, "{method}");
        for layer in &snapshot.layers {
            assert!(
                layer.weight.bits <= 8,
                "{method}: {} bits",
                layer.weight.bits
            );
            assert!(layer.activation.is_none(), "{method}: {}", layer.name);
        }
        assert!(snapshot.test_accuracy.unwrap() > 0.9, "{method}");
        let recipe: Value =
            serde_json::from_slice(&export(&mut session, "recipe").unwrap().bytes).unwrap();
        for layer in recipe["layers"].as_array().unwrap() {
            assert!(layer["input"].is_null() && layer["weight"]["bits"].is_u64());
        }
        assert!(session.bits().activation.iter().all(|&bits| bits == 0));
    }
}

#[test]
fn integers_are_refused_with_the_layer_and_the_option() {
    let mut session = session("model=mobile method=lsq activationBits=0 epochs=0").unwrap();
    finish(&mut session);
    for error in [
        session.deployment().unwrap_err(),
        export(&mut session, "c-source").unwrap_err(),
    ] {
        let told = error.to_string();
        assert!(
            told.contains("the input activations of block1.expand")
                && told.contains("option activationBits from 1 to 8")
                && told.contains("got 32-bit floats"),
            "{told}"
        );
    }
}

#[test]
fn a_saved_run_goes_on_to_the_same_bits() {
    let given = "model=mlp method=ddq budgetBits=4 activationBits=0 epochs=1 batchSize=64";
    let (mut whole, mut cut) = (session(given).unwrap(), session(given).unwrap());
    cut.step(13).unwrap();
    let mut again = Session::restore(&cut.save()).unwrap();
    finish(&mut whole);
    finish(&mut again);
    assert_eq!(whole.checkpoint(), again.checkpoint());
    assert_eq!(whole.snapshot().layers, again.snapshot().layers);
    assert_eq!(again.options().integer("activationBits"), 0);
}

#[test]
fn another_budget_and_why_ask_the_network_with_float_activations() {
    let mut session =
        session("model=mlp method=uniform weightBits=8 activationBits=0 epochs=0").unwrap();
    finish(&mut session);
    let bits = session.bits();
    let mut advice = session.advice().unwrap();
    let eight = advice.why(1, &bits).unwrap().pop().unwrap();
    let float = session.evaluate("train", Which::Reference);
    assert_eq!(eight.bits, 8);
    assert!((eight.score.accuracy - float.unwrap().accuracy).abs() < 0.02);
}

#[test]
fn what_needs_quantized_activations_is_refused_by_name() {
    let refused = |given: &str| match options(given) {
        Err(Error::InvalidOption {
            option, allowed, ..
        }) => (option, allowed),
        other => panic!("{given}: {other:?}"),
    };
    let (option, allowed) = refused("method=ddq activationBits=0 activationBudgetBits=4");
    assert_eq!(
        (option.as_str(), allowed.as_str()),
        ("activationBudgetBits", "0 where activationBits is 0")
    );
    let (option, allowed) = refused("method=haq activationBits=0 hardware=edge");
    assert_eq!(option, "hardware");
    assert!(allowed.starts_with("size where activationBits is 0"));
    assert!(options("method=hawq activationBits=0 hardware=edge").is_ok());
    assert_eq!(
        refused("activationBits=9"),
        ("activationBits".into(), "a whole number from 0 to 8".into())
    );
}
