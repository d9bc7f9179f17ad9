//! Files of onnxruntime's static quantization, `static-*`: their ranges are read as the activations that were taken out
//! for them, and what cannot be read so is refused by name.

use super::damages::{graph, model};
use crate::common::kept::{folder, imported, names};
use ddq_playground::error::Error;
use ddq_playground::io::onnx::{Imported, import};
use ddq_playground::nn::network::Mode;
use ddq_playground::nn::tensor::Tensor;
use rten_onnx::onnx::{AttributeProto, AttributeType, DataType, ModelProto, TensorProto};
use serde_json::Value;
use std::cell::RefCell;
use std::fs;

/// Inputs or outputs of a case, all samples in turn.
fn floats(rows: &Value) -> Vec<f32> {
    let rows = rows.as_array().unwrap().iter();
    let numbers = rows.flat_map(|row| row.as_array().unwrap());
    numbers.map(|n| n.as_f64().unwrap() as f32).collect()
}

fn case(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn static_names() -> Vec<String> {
    let mut names = names();
    names.retain(|name| name.starts_with("static-"));
    names
}

fn logits(made: &mut Imported, inputs: &[f32]) -> Vec<f32> {
    let shape = made.network.input_shape();
    let samples = inputs.len() / shape.per_sample();
    let mut x = Tensor::default();
    x.load_samples(shape, inputs, &(0..samples).collect::<Vec<_>>());
    made.network.forward(&x, Mode::Eval).to_samples()
}

fn classes(logits: &[f32], count: usize) -> Vec<usize> {
    let best = |z: &[f32]| (1..count).fold(0, |best, i| if z[i] > z[best] { i } else { best });
    logits.chunks_exact(count).map(best).collect()
}

/// Largest difference of a sample's logits in parts of its largest.
fn apart(found: &[f32], expected: &[f32], count: usize) -> f32 {
    let pairs = found.chunks_exact(count).zip(expected.chunks_exact(count));
    let worst = |(found, expected): (&[f32], &[f32])| {
        let largest = expected.iter().fold(0.0f32, |most, z| most.max(z.abs()));
        let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
        differences.fold(0.0f32, f32::max) / largest
    };
    pairs.map(worst).fold(0.0, f32::max)
}

#[test]
fn classes_are_those_of_onnxruntime_and_of_the_float_network() {
    assert!(static_names().len() > 12);
    for name in static_names() {
        let case = case(&name);
        let mut made = imported(&name);
        let found = logits(&mut made, &floats(&case["input"]));
        let count = made.network.classes();
        let noise = case["tolerance"].as_f64().unwrap() as f32;
        // The float network of the file that somebody else quantized is not known.
        for of in ["output", "float"]
            .into_iter()
            .filter(|of| !case[*of].is_null())
        {
            let expected = floats(&case[of]);
            let (found, expected) = (&found[..], &expected[..]);
            let most = apart(found, expected, count);
            println!("{name} {of}: {most:.4}");
            assert!(most <= noise, "{name} {of}: {most}");
            assert_eq!(
                classes(found, count),
                classes(expected, count),
                "{name} {of}"
            );
        }
    }
}

#[test]
fn notes_say_which_activations_were_read_from_ranges() {
    for name in static_names() {
        let notes = imported(&name).notes.join("\n");
        let told = notes
            .split_once("ranges of QuantizeLinear: ")
            .map(|(_, rest)| rest.lines().next().unwrap());
        assert_eq!(told, case(&name)["activations"].as_str(), "{name}: {notes}");
    }
}

fn tensor<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut TensorProto {
    let mut tensors = graph(model).initializer.iter_mut();
    tensors.find(|t| t.name.as_deref() == Some(name)).unwrap()
}

/// Whether what a changed `static-mlp` says of the activations that were read has `words`, or that it was refused.
fn changed(change: impl FnOnce(&mut ModelProto)) -> String {
    let mut made = model("static-mlp");
    change(&mut made);
    match import("odd.onnx", &made.write_buf().unwrap()) {
        Ok(made) => made.notes.join("\n"),
        Err(refusal) => Error::from(refusal).to_string(),
    }
}

/// Other levels for the pair behind the first layer: a type, its zero points, and as many scales.
fn levels(m: &mut ModelProto, kind: DataType, zeros: &[u8], scale: f32) {
    let dims: Vec<i64> = if zeros.len() == 1 {
        Vec::new()
    } else {
        vec![zeros.len() as i64]
    };
    let bytes: Vec<u8> = zeros.iter().flat_map(|_| scale.to_le_bytes()).collect();
    let zero_point = tensor(m, "r1_zero_point");
    (zero_point.data_type, zero_point.dims) = (Some(kind), dims.clone());
    zero_point.raw_data = Some(RefCell::new(zeros.to_vec()));
    zero_point.int32_data.clear();
    let scales = tensor(m, "r1_scale");
    scales.dims = dims;
    scales.raw_data = Some(RefCell::new(bytes));
    scales.float_data.clear();
}

#[test]
fn the_place_of_the_zero_point_says_what_is_cut_off() {
    // Three pairs behind layers; the other two stay Relus.
    let step = 1.234_567 / 64.0;
    for (kind, zero, scale, words) in [
        (
            DataType::UINT8,
            0,
            step,
            "ranges of QuantizeLinear: Relu (3)",
        ),
        (
            DataType::UINT8,
            1,
            step,
            "ranges of QuantizeLinear: Relu (2)",
        ),
        (
            DataType::UINT8,
            128,
            step,
            "ranges of QuantizeLinear: Relu (2)",
        ),
        (
            DataType::INT8,
            0,
            step,
            "ranges of QuantizeLinear: Relu (2)",
        ),
        (
            DataType::INT8,
            0x80,
            step,
            "ranges of QuantizeLinear: Relu (3)",
        ),
        (
            DataType::INT8,
            127,
            step,
            "ranges of QuantizeLinear: Relu (2)",
        ),
        (
            DataType::UINT8,
            0,
            6.0 / 255.0,
            "Clip from 0 to 6 (1), Relu (2)",
        ),
        (
            DataType::INT8,
            0x80,
            6.0 / 255.0,
            "Clip from 0 to 6 (1), Relu (2)",
        ),
        (
            DataType::UINT8,
            128,
            2.0 / 255.0,
            "Clip from -1 to 1 (1), Relu (2)",
        ),
        (
            DataType::INT8,
            0,
            2.0 / 255.0,
            "Clip from -1 to 1 (1), Relu (2)",
        ),
    ] {
        let text = changed(|m| levels(m, kind, &[zero], scale));
        assert!(text.contains(words), "{kind:?} {zero} {scale}: {text}");
        // One for each of the 24 channels.
        let text = changed(|m| levels(m, kind, &[zero; 24], scale));
        assert!(
            text.contains(words),
            "channels of {kind:?} {zero} {scale}: {text}"
        );
    }
}

#[test]
fn pairs_that_are_no_activation_and_no_range_are_refused_by_name() {
    let mut mixed = [0; 24];
    mixed[7] = 90;
    let text = changed(|m| levels(m, DataType::UINT8, &mixed, 0.02));
    assert!(
        text.contains(
            "(QuantizeLinear): the ranges of some channels start at 0 and those of others do not"
        ),
        "{text}"
    );
    let text = changed(|m| {
        let other = TensorProto {
            name: Some("other".into()),
            ..tensor(m, "fc2.weight_scale").clone()
        };
        graph(m).initializer.push(other);
        let mut nodes = graph(m).node.iter_mut();
        let reads = |name: &str| name == "r1_scale";
        let pair = nodes.find(|node| {
            node.op_type.as_deref() == Some("DequantizeLinear")
                && node.input.iter().any(|name| reads(name))
        });
        pair.unwrap().input[1] = "other".into();
    });
    assert!(text.contains("(DequantizeLinear): its scale or zero point differs from that of the QuantizeLinear before it"), "{text}");
    let text = changed(|m| {
        let mut nodes = graph(m).node.iter_mut();
        let pair = nodes.find(|node| node.input.iter().any(|name| name == "r1_scale"));
        pair.unwrap().attribute.push(AttributeProto {
            name: Some("block_size".into()),
            i: Some(4),
            r#type: Some(AttributeType::INT),
            ..AttributeProto::default()
        });
    });
    assert!(
        text.contains("(QuantizeLinear): its scales are per block"),
        "{text}"
    );
}

#[test]
fn a_batch_below_0_is_any_batch() {
    for batch in [-1, 0] {
        let text = changed(|m| {
            let kind = graph(m).input[0].r#type.as_mut().unwrap();
            let shape = kind.tensor_type.as_mut().unwrap().shape.as_mut().unwrap();
            (shape.dim[0].dim_value, shape.dim[0].dim_param) = (Some(batch), None);
        });
        assert!(text.contains("Relu (3)"), "{text}");
    }
}
