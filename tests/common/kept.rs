//! The ONNX models that are kept under `tests/onnx`, and runs of them. `scripts/make_onnx_models.py` makes the files.

use super::given::options;
use ddq_playground::data::{Dataset, SampleShape, Split};
use ddq_playground::error::Error;
use ddq_playground::io::onnx::{Imported, import};
use ddq_playground::nn::network::{Mode, Network};
use ddq_playground::nn::tensor::{Shape, Tensor};
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::session::{Assets, ModelFile, OwnModel, Session};
use std::fs;
use std::path::PathBuf;

/// Where they are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx")
}

/// The bytes of a kept model.
pub fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.onnx"))).unwrap()
}

/// A kept model, imported.
pub fn imported(name: &str) -> Imported {
    let made = import(&format!("{name}.onnx"), &bytes(name));
    made.unwrap_or_else(|refusal| panic!("{name}: {}", ddq_playground::error::Error::from(refusal)))
}

/// The names of all kept models.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".onnx").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// A session of a network of the caller's; `data` where the options say "own".
pub fn start(given: &str, model: Network, data: Option<Dataset>) -> Result<Session, Error> {
    let assets = Assets {
        model: Some(OwnModel {
            network: model,
            file: ModelFile::default(),
        }),
        data,
        ..Assets::default()
    };
    Session::new(options(&format!("model=own {given}")).unwrap(), assets)
}

/// Random samples with the classes that the float network itself gives them.
pub fn labelled(network: &mut Network, samples: usize, seed: u64) -> Dataset {
    let Shape { c, h, w, .. } = network.input_shape();
    let mut rng = Rng::new(seed, Stream::Test);
    let count = c * h * w;
    let inputs: Vec<f32> = (0..samples * count).map(|_| rng.normal()).collect();
    let mut batch = Tensor::default();
    batch.load_samples(
        network.input_shape(),
        &inputs,
        &(0..samples).collect::<Vec<_>>(),
    );
    let logits = network.forward(&batch, Mode::Eval).to_samples();
    let classes = network.classes();
    let best = |z: &[f32]| (0..classes).max_by(|&a, &b| z[a].total_cmp(&z[b])).unwrap() as u8;
    // Every class needs samples; two of them are made up where the network never picks it.
    let mut labels: Vec<u8> = logits.chunks_exact(classes).map(best).collect();
    (0..4 * classes).for_each(|i| labels[i] = (i % classes) as u8);
    let shape = SampleShape {
        channels: c,
        height: h,
        width: w,
    };
    let names = (0..classes).map(|class| format!("class {class}")).collect();
    Dataset::own(shape, names, Split { inputs, labels }, Split::default()).unwrap()
}
