//! Sound files to begin with, small and made here; and the files that once broke something.

use super::runs::{options, small_network};
use ddq_playground::data::{Dataset, SampleShape, Split};
use ddq_playground::session::{Assets, ModelFile, OwnModel, Session};
use ddq_playground::train::checkpoint;
use ddq_playground::train::trainer::Phase;
use std::fs;
use std::path::Path;

/// Bytes of a model of `tests/onnx` up to which it is a seed.
const MODEL_BYTES: usize = 6_000;

/// Files that a target takes, in a fixed order; `root` is the project's folder.
pub fn seeds(target: &str, root: &Path) -> Vec<Vec<u8>> {
    match target {
        "csv" => tables(),
        "idx" => idx_files(),
        "npy" => npy_files(),
        "pixels" => pixel_files(),
        "onnx" => files(&root.join("tests/onnx"), ".onnx", MODEL_BYTES),
        "project" => projects(root),
        "deployed" => deployments(root),
        "checkpoint" => vec![checkpoint::write(&small_network())],
        _ => Vec::new(),
    }
}

/// The files of `regressions/` that once broke a target.
pub fn regressions(target: &str, root: &Path) -> Vec<Vec<u8>> {
    files(&root.join("fuzz/regressions").join(target), "", usize::MAX)
}

/// Files of a folder by name; none where it is not there.
fn files(folder: &Path, ending: &str, most: usize) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    paths.sort();
    let read = paths.iter().flat_map(fs::read);
    read.filter(|bytes| bytes.len() <= most).collect()
}

fn tables() -> Vec<Vec<u8>> {
    [
        "a,b,y\n1,2,p\n3,4,q\n5,6,p\n7,8,q\n",
        "\u{feff}\"a\";\"y\"\r\n1.5;0\r\n-2e3;1\r\n7;0.0\r\n8;1\r\n",
        "0\t1.25\t-3\n1\t\"2\"\t4\n0\t3\t5\n1\t4\t6\n",
        "y|a\n\"p \"\"1\"\"\"|1\n\nq|2\np \"1\"|3\nq|4",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// An IDX file: type, axes, elements.
fn idx(kind: u8, axes: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, axes.len() as u8];
    bytes.extend(axes.iter().flat_map(|axis| axis.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn idx_files() -> Vec<Vec<u8>> {
    let floats = [0.5_f32, 1.0, -2.0, 0.0, 3.0, 1.0, 4.0, 0.0];
    let doubles = [0.5_f64, 1.0, -2.0, 0.0, 3.0, 1.0, 4.0, 0.0];
    vec![
        idx(0x08, &[4, 2, 2], &[9; 16]),
        idx(0x08, &[4], &[0, 1, 0, 1]),
        idx(0x09, &[4, 3, 2, 1], &[200; 24]),
        idx(
            0x0b,
            &[4, 2],
            &[0, 7, 0, 1, 0, 9, 0, 0, 1, 1, 0, 1, 2, 2, 0, 0],
        ),
        idx(
            0x0c,
            &[4],
            &[0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
        ),
        idx(0x0d, &[4, 2], &floats.map(f32::to_be_bytes).concat()),
        idx(0x0e, &[4, 2], &doubles.map(f64::to_be_bytes).concat()),
    ]
}

/// An NPY file of this version: type, order, shape, elements.
fn npy(version: u8, header: &str, elements: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    let length = header.len() as u32;
    bytes.extend(&length.to_le_bytes()[..if version == 1 { 2 } else { 4 }]);
    bytes.extend(header.bytes());
    bytes.extend(elements);
    bytes
}

fn npy_files() -> Vec<Vec<u8>> {
    let floats = [0.5_f32, 1.0, -2.0, 0.0, 3.0, 1.0, 4.0, 0.0].map(f32::to_le_bytes);
    let halves = [0, 0x3c, 0, 0x40, 0, 0x3c, 0, 0x40];
    vec![
        npy(
            1,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }\n",
            &floats.concat(),
        ),
        npy(
            2,
            "{'descr': '|u1', 'fortran_order': True, 'shape': (4, 2, 2, 3), }",
            &[7; 48],
        ),
        npy(
            3,
            "{\"shape\": (4L,), \"fortran_order\": False, \"descr\": \"<f2\"}",
            &halves,
        ),
        npy(
            1,
            "{'descr': '>i2', 'fortran_order': False, 'shape': (4, 1)}",
            &[0, 1, 0, 2, 0, 1, 0, 2],
        ),
        npy(
            1,
            "{'descr': '|b1', 'fortran_order': False, 'shape': (4,)}",
            &[0, 1, 0, 1],
        ),
    ]
}

fn pixel_files() -> Vec<Vec<u8>> {
    let images = |[channels, side, classes]: [u8; 3], labels: &[u8]| {
        let mut bytes = vec![channels, side, side, classes, labels.len() as u8];
        bytes.extend(labels);
        let pixels = labels.len() * usize::from(channels) * usize::from(side).pow(2);
        bytes.extend((0..pixels).map(|at| (37 * at % 256) as u8));
        bytes
    };
    vec![
        images([1, 2, 2], &[0, 1, 0, 1]),
        images([3, 4, 3], &[2, 1, 0, 1, 2, 0]),
    ]
}

/// Twelve points of two classes.
fn points() -> Dataset {
    let labels: Vec<u8> = (0..12).map(|i| i % 2).collect();
    let inputs = (0..24).map(|i| (i % 7) as f32 / 3.0 - 1.0).collect();
    let shape = SampleShape {
        channels: 2,
        height: 1,
        width: 1,
    };
    let names = ["cat", "dog"].map(str::to_owned).to_vec();
    Dataset::own(shape, names, Split { inputs, labels }, Split::default()).expect("sound data")
}

/// Runs of few numbers, each somewhere else in its course.
fn sessions() -> Vec<Session> {
    let small = "data=own model=mlp hidden=3 batchSize=8 pretrainEpochs=1 epochs=2";
    [
        ("method=ddq budgetBits=32", 0),
        ("method=ddq budgetBits=32 learningRate=0.01", 7),
        ("method=uniform weightBits=3", usize::MAX),
        ("method=lsq weightBits=4 optimizer=sgd precision=e4m3", 5),
        ("method=ddq budgetBits=20 learningRate=0.01", usize::MAX),
        ("method=bsq budgetBits=32", 6),
        ("method=greedy budgetBits=20", 4),
        ("method=multipoint budgetBits=32", usize::MAX),
    ]
    .map(|(given, slices)| {
        let assets = Assets {
            data: Some(points()),
            ..Assets::default()
        };
        advanced(&format!("{small} {given}"), assets, slices)
    })
    .into()
}

fn advanced(given: &str, assets: Assets<'_>, slices: usize) -> Session {
    let mut session = Session::new(options(given), assets).expect(given);
    for _ in 0..slices {
        if session.progress().phase == Phase::Done {
            break;
        }
        session.step(1).expect(given);
    }
    session
}

/// A finished run of one of the tests' models on data of its shape.
fn of_a_model(root: &Path, name: &str) -> Session {
    let path = root.join(format!("tests/onnx/{name}.onnx"));
    let file = ModelFile {
        name: "m.onnx".to_owned(),
        bytes: fs::read(&path).expect("a model of the tests"),
    };
    let network = super::runs::read_model(&file).expect("a sound model");
    let assets = Assets {
        data: Some(super::runs::data_for(&network)),
        model: Some(OwnModel { network, file }),
        ..Assets::default()
    };
    let given = "model=own data=own method=uniform pretrainEpochs=0 epochs=1 batchSize=8";
    advanced(given, assets, usize::MAX)
}

fn projects(root: &Path) -> Vec<Vec<u8>> {
    let mut runs = sessions();
    runs.push(of_a_model(root, "conv-strides"));
    runs.push(advanced(
        "data=moons samples=60 hidden=3 method=pact",
        Assets::default(),
        1,
    ));
    runs.iter_mut().map(Session::save).collect()
}

fn deployments(root: &Path) -> Vec<Vec<u8>> {
    let mut runs = sessions();
    let models = [
        "conv-depthwise",
        "concat-residual",
        "activations-13",
        "averagepool",
        "maxpool",
    ];
    runs.extend(models.map(|name| of_a_model(root, name)));
    runs.iter_mut().flat_map(Session::deployment).collect()
}
