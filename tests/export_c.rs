//! The C export compiles without a warning and predicts as the packed engine does; what it cannot do names its layer.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::c_code::{classes, curves_of_c, header_tokens, run_c, run_cpp};
use common::kept::{imported, labelled, names, start};
use common::runs::{PACKED, finish, session};
use ddq_playground::io::export::export;
use ddq_playground::kernels::deployed::Deployed;
use ddq_playground::session::{Session, Which};

/// Levels that bytes do not hold: the packed engine has none of them.
const WIDE: &[&str] = &[
    "model=mlp method=lsq weightBits=4 activationBits=8 epochs=1",
    "model=cnn method=lsq weightBits=8 activationBits=8 epochs=1",
    "model=mobile method=lsq weightBits=6 activationBits=8 epochs=1 batchSize=64",
    "model=mlp method=pact weightBits=5 activationBits=8 epochs=1",
    "model=cnn method=pact weightBits=8 activationBits=8 epochs=1",
    "data=moons model=mlp method=lsq weightBits=6 activationBits=8 samples=200 hidden=9-7 pretrainEpochs=4 epochs=2",
];

/// Mean difference of logits in parts of their span; see `tests/deployed.rs`.
const MEAN: f32 = 5e-4;
/// Logits closer than this, in parts of their span, count as equal.
const TIE: f32 = 1e-6;

fn finished(given: &str) -> Session {
    let mut session = session(given).unwrap();
    finish(&mut session);
    session
}

/// Where sums are floats in training, or a curve comes from a table, a value within rounding of a threshold may fall to
/// the other side of it: few do. Logits that are equal but for rounding have either class.
fn agree(told: &str, found: &[f32], expected: &[f32], count: usize) {
    assert_eq!(found.len(), expected.len());
    let (low, high) = expected
        .iter()
        .fold((f32::MAX, f32::MIN), |(l, h), &z| (l.min(z), h.max(z)));
    let span = high - low;
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / found.len() as f32;
    assert!(
        mean <= MEAN * span,
        "{told}: logits differ by {mean} on average, of {span}"
    );
    for (z, class) in expected.chunks_exact(count).zip(classes(found, count)) {
        let best = z.iter().fold(f32::MIN, |most, &z| most.max(z));
        assert!(
            best - z[class] <= TIE * span,
            "{told}: class {class} of {z:?}"
        );
    }
}

fn apart(found: &[f32], expected: &[f32]) -> usize {
    assert_eq!(found.len(), expected.len());
    let pairs = found.iter().zip(expected);
    pairs.filter(|(a, b)| a.to_bits() != b.to_bits()).count()
}

#[test]
fn built_in_networks_have_the_logits_of_the_packed_engine_to_the_last_bit() {
    for (number, given) in PACKED.iter().enumerate() {
        let mut session = finished(given);
        let mut deployed = Deployed::new(&session.deployment().unwrap()).unwrap();
        let inputs = session.samples("test").unwrap().inputs.clone();
        let found = run_c(&mut session, &format!("packed{number}"), &inputs);
        let expected = deployed.predict(&inputs).unwrap();
        assert_eq!(apart(&found, &expected), 0, "{given}");
    }
}

#[test]
fn levels_beyond_a_byte_have_the_classes_of_the_page() {
    for (number, given) in WIDE.iter().enumerate() {
        let mut session = finished(given);
        assert!(session.deployment().is_err(), "{given}");
        let inputs = session.samples("test").unwrap().inputs.clone();
        let found = run_c(&mut session, &format!("wide{number}"), &inputs);
        let expected = session.predict(&inputs, Which::Current).unwrap();
        agree(given, &found, &expected, session.data().classes);
    }
}

/// Concatenation, constants, curves, uneven windows, groups and dilations; in every third run levels beyond a byte.
#[test]
fn imported_networks_have_the_numbers_of_the_packed_engine() {
    const METHODS: [&str; 3] = [
        "method=uniform weightBits=8 activationBits=8",
        "method=ddq learnBits=false weightBits=4 activationBits=6",
        "method=lsq weightBits=5 activationBits=8",
    ];
    let mut exact = 0;
    for name in names() {
        let mut network = imported(&name).network;
        let digits = network.input_shape().per_sample() == 64 && network.classes() == 10;
        let data = (!digits).then(|| labelled(&mut network, 600, 5));
        let kind = if digits { "digits" } else { "own" };
        for method in METHODS {
            let given = format!("data={kind} {method} epochs=1");
            let mut session = start(&given, network.clone(), data.clone()).unwrap();
            finish(&mut session);
            let inputs = session.samples("test").unwrap().inputs.clone();
            let found = run_c(&mut session, &format!("{name}-{}", &method[7..10]), &inputs);
            let source = export(&mut session, "c-source").unwrap().bytes;
            let from_table = String::from_utf8(source).unwrap().contains("HAS_SIGMOID 1");
            let packed = session.deployment().ok();
            let expected = match &packed {
                Some(bytes) => Deployed::new(bytes).unwrap().predict(&inputs).unwrap(),
                None => session.predict(&inputs, Which::Current).unwrap(),
            };
            let told = format!("{name} {method}");
            if packed.is_some() && !from_table {
                assert_eq!(apart(&found, &expected), 0, "{told}");
                exact += 1;
            }
            agree(&told, &found, &expected, session.data().classes);
        }
    }
    assert!(exact > 60, "{exact} runs were compared bit by bit");
}

#[test]
fn sigmoid_and_tanh_are_right_to_2e_7() {
    let network = imported("activations-13").network;
    let data = labelled(&mut network.clone(), 160, 5);
    let given = "data=own method=uniform weightBits=8 activationBits=8 epochs=0";
    let mut session = start(given, network, Some(data)).unwrap();
    finish(&mut session);
    let steps = (-40_000..=40_000).map(|i| i as f32 / 1999.0);
    let x: Vec<f32> = steps.chain([-1e30, -1e-30, 1e-30, 1e30]).collect();
    let found = curves_of_c(&mut session, "curves", &x);
    assert_eq!(found.len(), 2 * x.len());
    for (x, pair) in x.iter().zip(found.chunks_exact(2)) {
        let x = f64::from(*x);
        let expected = [1.0 / (1.0 + (-x).exp()), x.tanh()];
        for (y, exact) in pair.iter().zip(expected) {
            assert!((f64::from(*y) - exact).abs() <= 2e-7, "{x}: {y}, {exact}");
        }
    }
}

#[test]
fn a_program_in_cpp_links_to_it_and_gets_the_same_logits() {
    let mut session = finished("model=mlp method=ddq learnBits=false epochs=1");
    let inputs = session.samples("test").unwrap().inputs[..64 * 20].to_vec();
    let expected = run_c(&mut session, "from-c", &inputs);
    let found = run_cpp(&mut session, "from-cpp", &inputs);
    assert_eq!(apart(&found, &expected), 0);
}

/// Names that end a comment, join lines or begin another one, in `-std=c99` with its trigraphs.
const HOSTILE: [&str; 8] = [
    "**// int evil(void){return 666;} /*",
    "*/ int evil(void){return 666;} /*",
    "*??/\n/ int evil(void){return 666;} /*",
    "*\\\n/ int evil(void){return 666;} /*",
    "// \u{202e}*/",
    "back\\",
    "??/",
    "\"quoted\" 'names'",
];

#[test]
fn names_stay_in_their_comments() {
    let run_with = |class_names: Vec<String>, layer: &str| {
        let mut network = imported("conv-strides").network;
        let mut data = labelled(&mut network, 160, 5);
        data.class_names = class_names;
        network
            .linears_mut()
            .for_each(|l| l.name = layer.to_owned());
        let given = "data=own method=uniform weightBits=8 activationBits=8 epochs=0";
        let mut session = start(given, network, Some(data)).unwrap();
        finish(&mut session);
        session
    };
    let plain: Vec<String> = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let expected = header_tokens(&mut run_with(plain.clone(), "layer"), "plain-names");
    assert!(expected.contains("own_uniform_class"), "{expected}");
    for (number, name) in HOSTILE.iter().enumerate() {
        let mut names = plain.clone();
        names[1] = (*name).to_owned();
        let mut session = run_with(names, name);
        let place = format!("hostile-name-{number}");
        assert_eq!(header_tokens(&mut session, &place), expected, "{name}");
        let inputs = session.samples("test").unwrap().inputs.clone();
        assert!(!run_c(&mut session, &place, &inputs).is_empty(), "{name}");
        let source = export(&mut session, "c-source").unwrap().bytes;
        assert!(
            !String::from_utf8(source).unwrap().contains("{return"),
            "{name}"
        );
    }
}

#[test]
fn what_c_cannot_hold_names_the_layer_and_says_why() {
    let refused = |given: &str, steps: usize| {
        let mut session = session(given).unwrap();
        session.step(steps).unwrap();
        export(&mut session, "c-header").unwrap_err().to_string()
    };
    let cases = [
        (
            "model=mlp method=float epochs=0",
            1000,
            "export as C, at the weights of dense1: expected a quantized network, got 32-bit floats",
        ),
        (
            "model=mlp method=ddq epochs=4",
            40,
            "export as C, at the weights of dense1: expected equally spaced levels, or levels on their integer grid: a run in its last part, got levels still moving",
        ),
        (
            "model=mlp method=lsq activationBits=0 epochs=0",
            1000,
            "export as C, at the input activations of dense2: expected quantized ones (option activationBits from 1 to 8), got 32-bit floats, as activationBits 0 leaves them",
        ),
    ];
    for (given, steps, told) in cases {
        assert_eq!(refused(given, steps), told);
    }
}
