//! Networks and runs: ONNX, checkpoints, project files, deployments.

use crate::{Case, run};
use ddq_playground::error::Error;
use ddq_playground::io::onnx::{BYTES_MAX, import};
use ddq_playground::kernels::deployed::Deployed;
use ddq_playground::nn::models;
use ddq_playground::nn::tensor::Shape;
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::session::Session;
use ddq_playground::train::checkpoint;
use ddq_playground::train::trainer::Phase;
use rten_onnx::onnx::{GraphProto, ModelProto};

const MODEL: &[u8] = include_bytes!("../onnx/conv-strides.onnx");

fn refused(kind: &'static str, bytes: &[u8], words: &'static str) -> Case {
    let refusal = import("m.onnx", bytes).map(|found| found.parameters);
    let error = Error::from(refusal.expect_err(kind)).to_string();
    assert!(error.starts_with("file \"m.onnx\", at "), "{error}");
    Case { kind, error, words }
}

/// The model with a change.
fn model(kind: &'static str, change: fn(&mut GraphProto), words: &'static str) -> Case {
    let mut made = ModelProto::parse_buf(MODEL).unwrap();
    change(made.graph.as_mut().unwrap());
    refused(kind, &made.write_buf().unwrap(), words)
}

/// A checkpoint of 17 values (2 inputs, 3 units, 2 classes) with a change; the network stays as it was.
fn float(kind: &'static str, change: fn(&mut Vec<u8>), words: &'static str) -> Case {
    let mut rng = Rng::new(1, Stream::Init);
    let mut network = models::mlp(Shape::features(2, 1), &[3], 2, &mut rng);
    let mut bytes = checkpoint::write(&network);
    change(&mut bytes);
    let before = network.read_state();
    let error = checkpoint::read(&bytes, &mut network)
        .expect_err(kind)
        .to_string();
    assert_eq!(network.read_state(), before);
    assert!(error.starts_with("checkpoint, at byte "), "{error}");
    Case { kind, error, words }
}

/// A project file with a change.
fn project(kind: &'static str, change: fn(&mut Vec<u8>), words: &'static str) -> Case {
    let mut bytes = run().save();
    change(&mut bytes);
    let found = Session::restore(&bytes).map(|session| session.progress());
    let error = found.expect_err(kind).to_string();
    assert!(error.starts_with("project file, at byte "), "{error}");
    Case { kind, error, words }
}

/// A deployment with a change.
fn deployed(kind: &'static str, change: fn(&mut Vec<u8>), words: &'static str) -> Case {
    let mut session = run();
    while session.step(1).unwrap().phase != Phase::Done {}
    let mut bytes = session.deployment().unwrap();
    change(&mut bytes);
    let found = Deployed::new(&bytes).map(|network| network.classes());
    let error = found.expect_err(kind).to_string();
    assert!(error.starts_with("a deployed network, at byte "), "{error}");
    Case { kind, error, words }
}

#[rustfmt::skip]
pub const CASES: [fn() -> Case; 20] = [
    || refused("empty", &[], "at byte 0: expected an ONNX model, got an empty file"),
    || refused("wrong magic", b"\x89PNG\r\n\x1a\n", "at byte 0: expected an ONNX model, got a file that begins with \".PNG....\""),
    || refused("truncated", &MODEL[..MODEL.len() / 2], "bytes of field"),
    || refused("too large unpacked", &vec![0; BYTES_MAX + 1], "at its size: expected at most 50000000 bytes, got 50000001"),
    || model("NaN", |graph| {
        let raw = graph.initializer[0].raw_data.as_ref().unwrap();
        raw.borrow_mut()[..4].copy_from_slice(&f32::NAN.to_le_bytes());
    }, "element 0: expected a finite number, got NaN"),
    || model("cycle", |graph| graph.node[0].input[0] = "pooled".into(), "expected a graph without cycles, got a cycle through"),
    || model("negative size", |graph| graph.initializer[0].dims[0] = -5, "expected sizes of 0 or more, got -5"),
    || model("10⁹ rows claimed", |graph| graph.initializer[0].dims[0] = 1_000_000_000, "expected at most 67108864 elements"),
    || model("duplicate names", |graph| graph.initializer.push(graph.initializer[0].clone()), "expected a unique name, got a second one"),
    || model("missing initializer", |graph| graph.initializer.clear(), "node \"conv_a\" (Conv): expected input \"conv.weight\" in the file"),
    || float("empty", Vec::clear, "at byte 0: expected 4 bytes more, got 0"),
    || float("wrong magic", |bytes| bytes[0] = b'X', "at byte 0: expected the magic DDQC, got XDQC"),
    || float("truncated", |bytes| bytes.truncate(20), "expected 34 bytes of values, got 8"),
    || float("10⁹ rows claimed", |bytes| bytes[8..12].copy_from_slice(&1_000_000_000_u32.to_le_bytes()), "expected 17 values, as the network has, got 1000000000"),
    || float("NaN", |bytes| bytes[12] = 0x7e, "expected a finite number at index 0, got NaN"),
    || project("empty", Vec::clear, "at byte 0: expected 4 bytes more, got 0"),
    || project("wrong magic", |bytes| bytes[3] = b'X', "at byte 0: expected the magic DDQS, got DDQX"),
    || project("truncated", |bytes| bytes.truncate(100), "expected the checksum of undamaged bytes"),
    || deployed("truncated", |bytes| bytes.truncate(30), "bytes more"),
    || deployed("NaN", |bytes| bytes[9..13].copy_from_slice(&f32::NAN.to_le_bytes()), "at byte 13: expected a finite number, got something else"),
];
