//! Every kept model computes what onnxruntime computed, and its gradients are the slopes of its loss.

use crate::common::kept::{bytes, folder, imported, names};
use crate::common::slopes::check_slopes;
use ddq_playground::io::onnx::import;
use ddq_playground::nn::network::Mode;
use ddq_playground::nn::tensor::Tensor;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

/// Largest difference from onnxruntime, in parts of the largest output; files whose activations onnxruntime rounds state
/// their own.
const TOLERANCE: f32 = 1e-4;

fn rows(value: &Value) -> Vec<Vec<f32>> {
    let row = |row: &Value| -> Vec<f32> {
        let numbers = row.as_array().unwrap().iter();
        numbers.map(|n| n.as_f64().unwrap() as f32).collect()
    };
    value.as_array().unwrap().iter().map(row).collect()
}

/// Softmax in double precision: what the file ends with where we end with logits.
fn softmax(logits: &[f32], logarithm: bool) -> Vec<f32> {
    let exponentials: Vec<f64> = logits.iter().map(|&z| f64::from(z).exp()).collect();
    let sum: f64 = exponentials.iter().sum();
    let part = |e: &f64| if logarithm { (e / sum).ln() } else { e / sum } as f32;
    exponentials.iter().map(part).collect()
}

#[test]
fn every_model_agrees_with_onnxruntime() {
    let mut operators = BTreeSet::new();
    let mut opsets = BTreeSet::new();
    for name in names() {
        let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        let case: Value = serde_json::from_str(&text).unwrap();
        let mut made = imported(&name);
        opsets.insert(made.opset);
        let inputs = rows(&case["input"]).concat();
        let expected = rows(&case["output"]);
        let mut x = Tensor::default();
        let indices: Vec<usize> = (0..expected.len()).collect();
        x.load_samples(made.network.input_shape(), &inputs, &indices);
        let found = made.network.forward(&x, Mode::Eval).to_samples();
        let classes = expected[0].len();
        let tolerance = case["tolerance"]
            .as_f64()
            .map_or(TOLERANCE, |stated| stated as f32);
        assert_eq!(found.len(), expected.concat().len(), "{name}");
        for (found, expected) in found.chunks_exact(classes).zip(&expected) {
            let found = match case["softmax"].as_bool().unwrap() {
                true => softmax(found, expected.iter().all(|&e| e <= 0.0)),
                false => found.to_vec(),
            };
            let largest = expected.iter().fold(0.0f32, |most, e| most.max(e.abs()));
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= tolerance * largest,
                    "{name}: {found} instead of {expected}"
                );
            }
        }
        let model = rten_onnx::onnx::ModelProto::parse_buf(&bytes(&name)).unwrap();
        operators.extend(
            model
                .graph
                .unwrap()
                .node
                .into_iter()
                .filter_map(|node| node.op_type),
        );
    }
    for opset in [7, 9, 11, 13, 17, 21, 26] {
        assert!(opsets.contains(&opset), "no model of operator set {opset}");
    }
    let promised = "Gemm MatMul Conv BatchNormalization Relu LeakyRelu Clip Sigmoid Tanh HardSwish Add Sub Mul Div MaxPool \
        AveragePool GlobalAveragePool ReduceMean Flatten Reshape Transpose Squeeze Unsqueeze Shape Gather Concat Softmax LogSoftmax \
        Identity Dropout Constant QuantizeLinear DequantizeLinear";
    for operator in promised.split_whitespace() {
        assert!(operators.contains(operator), "no model has {operator}");
    }
}

#[test]
fn gradients_of_imported_networks_match_central_differences() {
    // Not those with kinks of pools or clips close by: a central difference across one is no slope.
    for (seed, name) in [
        "concat-residual",
        "conv-dilated",
        "conv-pads",
        "conv-same-lower",
        "conv-multiplier",
        "hardswish",
        "averagepool-ceil",
        "preprocessing",
        "conv-1d",
        "mlp-batch-1",
        "activations-13",
    ]
    .into_iter()
    .enumerate()
    {
        let network = imported(name).network;
        let classes = network.classes();
        check_slopes(name, network, 40, classes, seed as u64);
    }
}

#[test]
fn what_was_left_out_is_said() {
    let notes = |name: &str| imported(name).notes.join("\n");
    assert!(notes("activations-13").contains("Softmax at the end left out"));
    assert!(notes("qdq-13").contains("1 QuantizeLinear on activations left out"));
    assert!(notes("qdq-13").contains("weights dequantized"));
    assert_eq!(notes("digits-17"), "");
}

#[test]
fn layers_keep_the_names_and_sizes_of_the_file() {
    let made = imported("digits-17");
    let layers: Vec<_> = made
        .layers
        .iter()
        .map(|l| (l.name.as_str(), l.kind.as_str(), l.weights))
        .collect();
    // The exporter folds the first batch norm into its convolution, whose weights lose their name.
    assert_eq!(
        layers[1..],
        [
            ("features.3", "conv 3×3", 2592),
            ("classifier.2", "dense", 3072),
            ("classifier.4", "dense", 320)
        ]
    );
    assert_eq!((layers[0].1, layers[0].2), ("conv 3×3", 108));
    assert!(made.producer.starts_with("pytorch"), "{}", made.producer);
    assert_eq!((made.network.classes(), made.opset), (10, 17));
    assert_eq!(made.parameters, 108 + 12 + 2592 + 24 + 3072 + 32 + 320 + 10);
    assert!(made.memory_bytes() > 16 * made.parameters as u64);
}

#[test]
fn importing_twice_gives_the_same_bits() {
    let file = bytes("digits-13");
    let state = || import("digits", &file).unwrap().network.read_state();
    assert_eq!(state(), state());
}
