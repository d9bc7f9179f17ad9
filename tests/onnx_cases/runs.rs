//! Imported networks in whole runs: fitted to data, quantized, put on packed integers.

use crate::common::given::options;
use crate::common::kept::{imported, labelled, names, start};
use crate::common::runs::finish;
use ddq_playground::kernels::deployed::Deployed;
use ddq_playground::methods::CATALOGUE;
use ddq_playground::nn::network::Mode;
use ddq_playground::nn::tensor::Tensor;
use ddq_playground::session::{Assets, Session, Which};
use ddq_playground::train::options::Options;

/// Mean difference of packed logits, in parts of their span; see `tests/deployed.rs`.
const MEAN: f32 = 5e-4;
/// Largest difference of a packed logit, in parts of their span.
const MOST: f32 = 0.05;

/// Compares the packed network with the one that it was made from.
fn packed_agrees(name: &str, session: &mut Session) {
    let mut deployed = Deployed::new(&session.deployment().unwrap()).unwrap();
    let inputs = session.samples("test").unwrap().inputs.clone();
    let expected = session.predict(&inputs, Which::Current).unwrap();
    let found = deployed.predict(&inputs).unwrap();
    let (low, high) = expected
        .iter()
        .fold((f32::MAX, f32::MIN), |(l, h), &z| (l.min(z), h.max(z)));
    let span = (high - low).max(1e-6);
    let differences: Vec<f32> = expected
        .iter()
        .zip(&found)
        .map(|(a, b)| (a - b).abs())
        .collect();
    let worst = differences.iter().fold(0.0f32, |most, d| most.max(*d));
    let mean = differences.iter().sum::<f32>() / differences.len() as f32;
    assert!(
        worst <= MOST * span && mean <= MEAN * span,
        "{name}: packed logits differ by {worst}, {mean} on average, of {span}"
    );
}

#[test]
fn a_digits_cnn_from_pytorch_keeps_its_accuracy_while_it_loses_its_bits() {
    for name in ["digits-9", "digits-17", "digits-dynamo"] {
        let mut session =
            start("epochs=3 budgetBits=3 seed=3", imported(name).network, None).unwrap();
        let float = session.evaluate("test", Which::Current).unwrap().accuracy;
        assert!(float > 0.9, "{name}: {float}");
        finish(&mut session);
        let snapshot = session.snapshot();
        assert_eq!(snapshot.float_accuracy, Some(float), "{name}");
        assert!(snapshot.sizes.average_bits() <= 3.0, "{name}");
        let accuracy = session.evaluate("test", Which::Current).unwrap().accuracy;
        assert!(accuracy > 0.9, "{name}: {accuracy} with 3 bits");
        packed_agrees(name, &mut session);
    }
}

#[test]
fn every_image_model_of_the_suite_runs_and_is_packed() {
    let mut run = 0;
    for name in names() {
        if name.starts_with("digits") || name.starts_with("mlp") {
            continue;
        }
        let mut network = imported(&name).network;
        let data = labelled(&mut network, 160, 5);
        let mut session = start(
            "data=own method=uniform weightBits=8 activationBits=8 epochs=1",
            network,
            Some(data),
        )
        .unwrap();
        finish(&mut session);
        packed_agrees(&name, &mut session);
        run += 1;
    }
    assert!(run > 30, "only {run} models ran");
}

#[test]
fn a_network_of_flat_features_takes_images_of_as_many_values() {
    let mut session = start(
        "method=float epochs=0",
        imported("mlp-batch-1").network,
        None,
    )
    .unwrap();
    assert!(session.evaluate("test", Which::Current).is_ok());
    let mut flat = imported("mlp-batch-1").network;
    let digits = session.samples("test").unwrap().inputs.clone();
    let mut x = Tensor::default();
    x.load_samples(flat.input_shape(), &digits[..64], &[0]);
    let expected = flat.forward(&x, Mode::Eval).to_samples();
    assert_eq!(
        session.predict(&digits[..64], Which::Current).unwrap(),
        expected
    );
}

#[test]
fn a_model_that_does_not_fit_the_data_is_refused_with_both_shapes() {
    let refused = |name: &str, given: &str| {
        start(given, imported(name).network, None)
            .err()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        refused("digits-13", "data=moons"),
        "the model's input: expected 2×1×1 values per sample, as the data have, got 1×8×8 values per sample"
    );
    let mut small = imported("conv-strides").network;
    let data = labelled(&mut small, 60, 1);
    let error = start("data=own", imported("digits-13").network, Some(data))
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("expected 2×7×6 values per sample, as the data have, got 1×8×8"),
        "{error}"
    );
    let session = Session::new(options("model=own").unwrap(), Assets::default());
    assert!(
        session
            .err()
            .unwrap()
            .to_string()
            .contains("an imported model")
    );
    let classes = {
        let mut network = imported("conv-strides").network;
        let mut data = labelled(&mut network, 60, 1);
        data.classes = 5;
        data.class_names.push("more".to_owned());
        start("data=own", network, Some(data))
            .err()
            .unwrap()
            .to_string()
    };
    assert!(
        classes.contains("expected 5 classes, as the data have, got 4 classes"),
        "{classes}"
    );
}

#[test]
fn an_imported_network_is_not_trained_before_it_is_quantized() {
    let chosen = options("model=own").unwrap();
    assert_eq!(
        (chosen.integer("pretrainEpochs"), chosen.flag("pretrained")),
        (0, false)
    );
    assert_eq!(
        options("model=own data=own")
            .unwrap()
            .for_data(1000)
            .integer("pretrainEpochs"),
        0
    );
    let error = Options::parse(
        &CATALOGUE,
        &[
            ("model".into(), "own".into()),
            ("pretrained".into(), "true".into()),
        ],
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("option \"pretrained\": expected false")
    );
}
