//! The API in the browser: `wasm-pack test --headless --chrome`, in every build.
#![cfg(target_arch = "wasm32")]

use ddq_playground::web::session::{WebSession, option_table};
use js_sys::{Array, Float32Array, JSON, Object, Reflect};
use wasm_bindgen::{JsCast, JsError, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

fn get(object: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(object.clone(), |at, name| {
        assert!(
            Reflect::has(&at, &name.into()).unwrap(),
            "{path} is missing at {name}"
        );
        Reflect::get(&at, &name.into()).unwrap()
    })
}

fn number(object: &JsValue, path: &str) -> f64 {
    let value = get(object, path);
    value
        .as_f64()
        .unwrap_or_else(|| panic!("{path} is {value:?}"))
}

fn length(object: &JsValue, path: &str) -> u32 {
    number(object, &format!("{path}.length")) as u32
}

fn try_session(options: &JsValue) -> Result<WebSession, JsError> {
    let object: &Object = options.unchecked_ref();
    let names = Object::keys(object)
        .iter()
        .map(|name| name.as_string().unwrap())
        .collect();
    WebSession::new(names, Object::values(object).to_vec(), None)
}

fn session(options: &str) -> WebSession {
    try_session(&JSON::parse(options).unwrap()).unwrap_or_else(|_| panic!("{options} was refused"))
}

fn message(error: JsError) -> String {
    String::from(
        JsValue::from(error)
            .unchecked_ref::<js_sys::Error>()
            .message(),
    )
}

const SMALL: &str = r#"{"data":"moons","samples":80,"hidden":"16-16","method":"ddq","learnBits":true,"budgetBits":5.5,
    "activationBudgetBits":4,"pretrainEpochs":2,"epochs":4,"batchSize":16}"#;

fn finish(session: &mut WebSession) -> JsValue {
    loop {
        let progress = session.step(1).ok().unwrap();
        if get(&progress, "done").is_truthy() {
            return progress;
        }
    }
}

#[wasm_bindgen_test]
fn this_is_the_build_that_was_asked_for() {
    let expected =
        option_env!("DDQ_EXPECT_BUILD").expect("DDQ_EXPECT_BUILD is set by scripts/test-wasm.sh");
    let built = match (
        cfg!(target_feature = "relaxed-simd"),
        cfg!(target_feature = "simd128"),
    ) {
        (true, _) => "relaxed",
        (false, true) => "simd128",
        (false, false) => "scalar",
    };
    assert_eq!(built, expected);
}

// Nobody trains with relaxed SIMD: products and sums may be fused there, and pkg/relaxed holds the kernels alone.
#[cfg(not(target_feature = "relaxed-simd"))]
#[wasm_bindgen_test]
fn seeded_losses_are_the_same_bits_in_every_build_and_engine() {
    let curves: Array = JSON::parse(include_str!("loss-curves.json"))
        .unwrap()
        .unchecked_into();
    assert!(curves.length() >= 3);
    for curve in curves.iter() {
        let options = get(&curve, "options");
        let mut session = try_session(&options).ok().unwrap();
        let expected: Array = get(&curve, "losses").unchecked_into();
        for (index, expected) in expected.iter().enumerate() {
            // Slices of an evaluation train nothing.
            let progress = loop {
                let progress = session.step(1).ok().unwrap();
                if number(&progress, "step") as usize > index {
                    break progress;
                }
            };
            assert_eq!(
                number(&progress, "loss"),
                expected.as_f64().unwrap(),
                "mini-batch {index} of {options:?}"
            );
        }
        finish(&mut session);
        assert_eq!(get(&session.snapshot(), "trace"), get(&curve, "trace"));
    }
}

#[wasm_bindgen_test]
fn a_run_goes_through_its_phases_and_its_snapshot_has_every_number() {
    let mut session = session(SMALL);
    let start = session.progress();
    assert_eq!(get(&start, "phase").as_string().unwrap(), "pretrain");
    let end = finish(&mut session);
    assert_eq!(get(&end, "phase").as_string().unwrap(), "done");
    assert_eq!(number(&end, "step"), number(&end, "stepsPerEpoch") * 6.0);

    let snapshot = session.snapshot();
    assert!(number(&snapshot, "averageBits") <= 5.5);
    assert!(number(&snapshot, "sizeBytes") < number(&snapshot, "floatSizeBytes"));
    for name in ["trainAccuracy", "testAccuracy", "floatAccuracy"] {
        assert!((0.0..=1.0).contains(&number(&snapshot, name)), "{name}");
    }
    assert_eq!(length(&snapshot, "layers"), 3);
    let second: Array = get(&snapshot, "layers").unchecked_into();
    let layer = second.get(1);
    assert_eq!(number(&layer, "parameters"), 256.0);
    for tensor in ["weight", "activation"] {
        let at = |name: &str| format!("{tensor}.{name}");
        let levels = length(&layer, &at("levels"));
        assert_eq!(levels, 1 << number(&layer, &at("bits")) as u32);
        assert_eq!(length(&layer, &at("stepSizes")), levels - 1);
        assert_eq!(length(&layer, &at("rawLevels")), 64);
        assert_eq!(length(&layer, &at("gates.logits")), 6);
        assert_eq!(length(&layer, &at("gates.on")), 6);
        assert_eq!(length(&layer, &at("latentHistogram")), 64);
        assert_eq!(length(&layer, &at("quantizedHistogram")), 64);
        assert!(number(&layer, &at("min")) <= number(&layer, &at("max")));
        assert!(number(&layer, &at("relativeError")) >= 0.0);
    }
}

#[wasm_bindgen_test]
fn evaluation_and_prediction_agree() {
    let mut session = session(SMALL);
    finish(&mut session);
    let found = session.evaluate("test", false).ok().unwrap();
    let samples = session.samples("test", None).ok().unwrap();
    let inputs: Float32Array = get(&samples, "inputs").unchecked_into();
    let logits = session
        .predict(&inputs.to_vec(), false)
        .ok()
        .unwrap()
        .to_vec();
    let labels = js_sys::Uint8Array::from(get(&samples, "labels")).to_vec();
    assert_eq!(logits.len(), 2 * labels.len());
    let right = logits
        .chunks(2)
        .zip(&labels)
        .filter(|(z, label)| u8::from(z[1] > z[0]) == **label);
    assert_eq!(
        number(&found, "accuracy"),
        right.count() as f64 / labels.len() as f64
    );
    let confusion: js_sys::Uint32Array = get(&found, "confusion").unchecked_into();
    assert_eq!(
        confusion.to_vec().iter().sum::<u32>() as usize,
        labels.len()
    );
    let float = session
        .predict(&inputs.to_vec(), true)
        .ok()
        .unwrap()
        .to_vec();
    assert_ne!(float, logits, "the float network is another one");
}

#[wasm_bindgen_test]
fn errors_name_the_option_the_value_and_what_is_allowed() {
    for (options, parts) in [
        (
            r#"{"weightBits":9}"#,
            ["\"weightBits\"", "9", "from 1 to 8"],
        ),
        (r#"{"method":"magic"}"#, ["\"method\"", "magic", "ddq"]),
        (
            r#"{"metod":"ddq"}"#,
            ["\"metod\"", "unknown option", "method"],
        ),
        (
            r#"{"data":"moons","model":"cnn"}"#,
            ["cnn", "mlp", "2-D data"],
        ),
    ] {
        let error = message(try_session(&JSON::parse(options).unwrap()).err().unwrap());
        for part in parts {
            assert!(error.contains(part), "{error} does not say {part}");
        }
    }
    let mut session = session(SMALL);
    let error = message(session.predict(&[1.0, 2.0, 3.0], false).err().unwrap());
    assert!(
        error.contains("multiple of 2") && error.contains("got 3"),
        "{error}"
    );
    let error = message(session.evaluate("tset", false).err().unwrap());
    assert!(
        error.contains("tset") && error.contains("train, test"),
        "{error}"
    );
    session.step(3).ok().unwrap();
}

#[wasm_bindgen_test]
fn the_option_table_has_a_default_that_its_own_rule_accepts() {
    let rows = option_table();
    assert!(rows.length() > 20);
    let first = session(SMALL);
    let options = first.options();
    for row in rows.iter() {
        let name = get(&row, "name").as_string().unwrap();
        assert!(!get(&row, "help").as_string().unwrap().is_empty());
        assert!(
            !get(&options, &name).is_undefined(),
            "{name} has no value in force"
        );
        let default = get(&row, "default");
        if default.is_null() {
            continue;
        }
        let object = Object::new();
        for (name, value) in [("data", "moons".into()), (name.as_str(), default)] {
            Reflect::set(&object, &name.into(), &value).unwrap();
        }
        if name != "data" {
            assert!(
                try_session(&object).is_ok(),
                "the default of {name} is refused"
            );
        }
    }
}

#[wasm_bindgen_test]
fn a_session_saved_in_any_slice_goes_on_to_the_same_bits() {
    let mut whole = session(SMALL);
    finish(&mut whole);
    let end =
        |session: &mut WebSession| String::from(JSON::stringify(&session.snapshot()).unwrap());
    let expected = end(&mut whole);
    for slices in [0, 3, 5, 11, 16, 23] {
        let mut first = session(SMALL);
        for _ in 0..slices {
            first.step(1).ok().unwrap();
        }
        let bytes = first.save("curves".to_owned());
        let mut second = WebSession::restore(&bytes).ok().unwrap();
        assert_eq!(second.note(), "curves");
        assert!(second.save("curves".to_owned()) == bytes);
        finish(&mut second);
        assert_eq!(end(&mut second), expected, "saved after {slices} slices");
        let error = WebSession::restore(&bytes[..bytes.len() / 2])
            .err()
            .unwrap();
        assert!(message(error).starts_with("project file, at byte 8: expected the checksum"));
    }
}
