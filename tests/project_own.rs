//! Project files of runs on a caller's data and of a caller's model: nothing of them can be had again, so all of it is kept.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::given::options;
use ddq_playground::data::{Dataset, SampleShape, Split};
use ddq_playground::error::Error;
use ddq_playground::io::onnx;
use ddq_playground::nn::network::Network;
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::session::{Assets, ModelFile, OwnModel, Session, Which};
use ddq_playground::train::trainer::Phase;

/// Two classes of points around two centres.
fn points(samples: usize) -> Dataset {
    let mut rng = Rng::new(3, Stream::Test);
    let shape = SampleShape {
        channels: 3,
        height: 1,
        width: 1,
    };
    let labels: Vec<u8> = (0..samples).map(|i| (i % 2) as u8).collect();
    let inputs = labels
        .iter()
        .flat_map(|&label| [0.0; 3].map(|_| f32::from(label) - 0.5 + 0.4 * rng.normal()))
        .collect();
    let names = ["cat", "dog"].map(str::to_owned).to_vec();
    Dataset::own(shape, names, Split { inputs, labels }, Split::default()).unwrap()
}

fn cnn() -> ModelFile {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx/digits-17.onnx");
    ModelFile {
        name: "digits-17.onnx".to_owned(),
        bytes: std::fs::read(path).unwrap(),
    }
}

fn read(file: &ModelFile) -> Result<Network, Error> {
    Ok(onnx::import(&file.name, &file.bytes)?.network)
}

fn session(given: &str, data: Option<Dataset>, model: Option<ModelFile>) -> Session {
    let own = model.map(|file| OwnModel {
        network: read(&file).unwrap(),
        file,
    });
    let assets = Assets {
        data,
        model: own,
        ..Assets::default()
    };
    Session::new(options(given).unwrap(), assets).unwrap()
}

/// Everything that a finished run says.
fn end(session: &mut Session) -> String {
    while session.step(1).unwrap().phase != Phase::Done {}
    let test = session.evaluate("test", Which::Current).unwrap();
    format!("{:?} {test:?}", session.snapshot())
}

fn resumes(make: impl Fn() -> Session) {
    let expected = end(&mut make());
    for stop in [0, 3, 17, 40] {
        let mut first = make();
        first.step(stop.max(1)).unwrap();
        let bytes = first.save();
        let mut second = Session::restore_with(&bytes, read).unwrap();
        assert!(second.save() == bytes, "after {stop}: saved again");
        assert_eq!(end(&mut second), expected, "after {stop}");
    }
}

#[test]
fn a_run_on_own_data_resumes_to_the_same_bits() {
    let given = "data=own method=ddq budgetBits=30 epochs=4 pretrainEpochs=2 hidden=6";
    resumes(|| session(given, Some(points(90)), None));
}

#[test]
fn a_run_of_an_own_model_resumes_to_the_same_bits() {
    let given = "model=own method=lsq weightBits=4 batchSize=256 epochs=3";
    resumes(|| session(given, None, Some(cnn())));
}

#[test]
fn damaged_data_and_models_are_refused_with_their_place() {
    let mut run = session(
        "data=own epochs=1 hidden=4 budgetBits=30",
        Some(points(40)),
        None,
    );
    let whole = run.save();
    // The first number of the first sample becomes NaN; the checksum is what a reader below it does not see.
    let first = run.samples("train").unwrap().inputs[0].to_le_bytes();
    let at = whole.windows(4).position(|found| found == first).unwrap();
    let mut bytes = whole.clone();
    bytes[at..at + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let refused = Session::restore_with(&bytes, read).map(drop).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("the checksum of undamaged bytes"),
        "{refused}"
    );
    let sum = bytes[16..]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    bytes[8..16].copy_from_slice(&sum.to_le_bytes());
    let refused = Session::restore_with(&bytes, read).map(drop).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("sample 0, input 0: expected a finite number, got NaN"),
        "{refused}"
    );

    let mut run = session(
        "model=own epochs=1 batchSize=512 method=uniform",
        None,
        Some(cnn()),
    );
    let refused = Session::restore(&run.save()).map(drop).unwrap_err();
    assert!(
        refused.to_string().contains("\"model\""),
        "without a reader of models: {refused}"
    );
    for cut in [16, 100, 2000] {
        assert!(Session::restore_with(&run.save()[..cut], read).is_err());
    }
}
