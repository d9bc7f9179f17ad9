//! The parts of `tests/onnx.rs`, and how its files are read. `scripts/make_onnx_models.py` makes the files.

mod broken;
mod damages;
mod numbers;
mod runs;

use ddq_playground::io::onnx::{Imported, import};
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx")
}

/// The bytes of a kept model.
fn bytes(name: &str) -> Vec<u8> {
    fs::read(folder().join(format!("{name}.onnx"))).unwrap()
}

/// A kept model, imported.
fn imported(name: &str) -> Imported {
    let made = import(&format!("{name}.onnx"), &bytes(name));
    made.unwrap_or_else(|refusal| panic!("{name}: {}", ddq_playground::error::Error::from(refusal)))
}

/// The names of all kept models.
fn names() -> Vec<String> {
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
