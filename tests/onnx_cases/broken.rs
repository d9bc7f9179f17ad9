//! Files that are damaged or beyond us: each gives an error that names file, place, expected and got.

use super::{bytes, names};
use ddq_playground::error::Error;
use ddq_playground::io::onnx::{Refusal, import};
use ddq_playground::rng::{Rng, Stream};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, GraphProto, ModelProto,
    NodeProto, TensorProto,
};
use std::cell::RefCell;

fn model(name: &str) -> ModelProto {
    ModelProto::parse_buf(&bytes(name)).unwrap()
}

fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

fn node<'a>(model: &'a mut ModelProto, kind: &str) -> &'a mut NodeProto {
    let mut nodes = graph(model).node.iter_mut();
    nodes
        .find(|node| node.op_type.as_deref() == Some(kind))
        .unwrap()
}

fn tensor<'a>(model: &'a mut ModelProto, name: &str) -> &'a mut TensorProto {
    let mut tensors = graph(model).initializer.iter_mut();
    tensors
        .find(|tensor| tensor.name.as_deref() == Some(name))
        .unwrap()
}

fn input_dims(model: &mut ModelProto) -> &mut Vec<Dimension> {
    let kind = graph(model).input[0].r#type.as_mut().unwrap();
    &mut kind
        .tensor_type
        .as_mut()
        .unwrap()
        .shape
        .as_mut()
        .unwrap()
        .dim
}

fn size(value: i64) -> Dimension {
    Dimension {
        dim_value: Some(value),
        dim_param: None,
    }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        ints: values.to_vec(),
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    }
}

/// What importing says, which must name the file and never be a success.
fn refusal(bytes: &[u8]) -> String {
    let text = match import("odd.onnx", bytes) {
        Ok(_) => panic!("a damaged file was taken"),
        Err(refusal) => Error::from(refusal).to_string(),
    };
    assert!(text.starts_with("file \"odd.onnx\", at "), "{text}");
    assert!(
        text.contains(": expected ") && text.contains(", got "),
        "{text}"
    );
    text
}

fn changed(name: &str, change: impl FnOnce(&mut ModelProto)) -> String {
    let mut made = model(name);
    change(&mut made);
    refusal(&made.write_buf().unwrap())
}

/// A damage: its words, the model that suffers it, and what is done.
type Case = (&'static str, &'static str, fn(&mut ModelProto));

const CASES: &[Case] = &[
    (
        "node \"conv_a\" (Conv), expected input \"conv.weight\" in the file",
        "conv-strides",
        |m| {
            graph(m)
                .initializer
                .retain(|t| t.name.as_deref() != Some("conv.weight"))
        },
    ),
    (
        "initializer \"conv.weight\", element 3: expected a finite number, got NaN",
        "conv-strides",
        |m| {
            let raw = tensor(m, "conv.weight").raw_data.as_ref().unwrap();
            raw.borrow_mut()[12..16].copy_from_slice(&f32::NAN.to_le_bytes());
        },
    ),
    (
        "initializer \"conv.weight\": expected sizes of 0 or more, got -5",
        "conv-strides",
        |m| tensor(m, "conv.weight").dims[0] = -5,
    ),
    (
        "expected 90 numbers for the sizes [5, 2, 3, 3], got 80",
        "conv-strides",
        |m| {
            tensor(m, "conv.weight")
                .raw_data
                .as_ref()
                .unwrap()
                .borrow_mut()
                .truncate(320)
        },
    ),
    (
        "initializer \"conv.weight\": expected at most 67108864 elements",
        "conv-strides",
        |m| tensor(m, "conv.weight").dims = vec![i64::MAX, 2],
    ),
    (
        "initializer \"conv.weight\": expected numbers of 8 to 64 bits, float16 or bfloat16, got STRING",
        "conv-strides",
        |m| tensor(m, "conv.weight").data_type = Some(DataType::STRING),
    ),
    (
        "expected its numbers inside the file, got external data",
        "conv-strides",
        |m| tensor(m, "conv.weight").data_location = Some(DataLocation::EXTERNAL),
    ),
    (
        "initializer \"conv.bias\": expected a name that is used once, got a second one",
        "conv-strides",
        |m| {
            let double = tensor(m, "conv.bias").clone();
            graph(m).initializer.push(double);
        },
    ),
    (
        "expected 5 numbers in input 2, one per channel, got 4",
        "conv-strides",
        |m| {
            *tensor(m, "conv.bias") = TensorProto {
                name: Some("conv.bias".into()),
                dims: vec![4],
                data_type: Some(DataType::FLOAT),
                float_data: vec![0.0; 4],
                ..TensorProto::default()
            };
        },
    ),
    (
        "expected weights for 2 channels in whole groups, got 5 filters of 2 channels in 3 groups",
        "conv-strides",
        |m| {
            node(m, "Conv").attribute.push(AttributeProto {
                name: Some("group".into()),
                i: Some(3),
                r#type: Some(AttributeType::INT),
                ..AttributeProto::default()
            });
        },
    ),
    (
        "attribute \"pads\": expected numbers of 0 or more, got [-1, 0, 0, 0]",
        "conv-strides",
        |m| {
            node(m, "Conv")
                .attribute
                .retain(|a| a.name.as_deref() != Some("pads"));
            node(m, "Conv").attribute.push(ints("pads", &[-1, 0, 0, 0]));
        },
    ),
    (
        "expected 2 strides from 1 to 4096, got [0, 1]",
        "conv-strides",
        |m| {
            node(m, "Conv")
                .attribute
                .retain(|a| a.name.as_deref() != Some("strides"));
            node(m, "Conv").attribute.push(ints("strides", &[0, 1]));
        },
    ),
    (
        "expected each attribute once, got \"pads\" twice",
        "conv-strides",
        |m| node(m, "Conv").attribute.push(ints("pads", &[0, 0, 0, 0])),
    ),
    (
        "attribute \"strides\": expected integers, got another type",
        "conv-strides",
        |m| {
            let mut strides = node(m, "Conv")
                .attribute
                .iter_mut()
                .filter(|a| a.name.as_deref() == Some("strides"));
            strides.next().unwrap().r#type = Some(AttributeType::FLOAT);
        },
    ),
    (
        "expected a graph without cycles, got a cycle through",
        "conv-strides",
        |m| node(m, "Conv").input[0] = "pooled".into(),
    ),
    (
        "expected an output with a name of its own, got \"a\", which something else makes",
        "conv-strides",
        |m| node(m, "Flatten").output[0] = "a".into(),
    ),
    (
        "expected an operator's type, got none",
        "conv-strides",
        |m| node(m, "Conv").op_type = None,
    ),
    (
        "input \"x\": expected sizes of 1 or more, got -7",
        "conv-strides",
        |m| input_dims(m)[2] = size(-7),
    ),
    (
        "input \"x\": expected sizes of 1 or more, got 0",
        "conv-strides",
        |m| input_dims(m)[1] = size(0),
    ),
    (
        "input \"x\": expected numbers for all sizes but the batch, got \"height\"",
        "conv-strides",
        |m| {
            input_dims(m)[2] = Dimension {
                dim_value: None,
                dim_param: Some("height".into()),
            }
        },
    ),
    ("input \"x\": expected 2 to 4 sizes", "conv-strides", |m| {
        input_dims(m).extend([size(2), size(2)])
    }),
    (
        "input \"x\": expected at most 1048576 values a sample",
        "conv-strides",
        |m| input_dims(m)[3] = size(i64::MAX),
    ),
    (
        "input \"x\": expected float32 values, got INT64",
        "conv-strides",
        |m| {
            graph(m).input[0]
                .r#type
                .as_mut()
                .unwrap()
                .tensor_type
                .as_mut()
                .unwrap()
                .elem_type = Some(DataType::INT64);
        },
    ),
    (
        "the graph's inputs: expected one input, got none",
        "conv-strides",
        |m| graph(m).input.clear(),
    ),
    (
        "the graph's outputs: expected one output, the logits, got 0",
        "conv-strides",
        |m| graph(m).output.clear(),
    ),
    (
        "output \"nothing\": expected the output of a node, got a name that no node makes",
        "conv-strides",
        |m| graph(m).output[0].name = Some("nothing".into()),
    ),
    (
        "opset_import: expected operator set 7 to 26, got 6",
        "conv-strides",
        |m| m.opset_import[0].version = Some(6),
    ),
    (
        "opset_import: expected operator set 7 to 26, got none",
        "conv-strides",
        |m| m.opset_import.clear(),
    ),
    (
        "the model: expected a graph, got a file without one",
        "conv-strides",
        |m| m.graph = None,
    ),
    (
        "expected weights for 5 inputs, got sizes",
        "conv-strides",
        |m| tensor(m, "head.weight").dims = vec![5, 4],
    ),
    ("expected at least 2 inputs, got 1", "conv-strides", |m| {
        node(m, "Conv").input.truncate(1)
    }),
    (
        "expected variances that are more than 0 with epsilon",
        "batchnorm-9",
        |m| {
            *tensor(m, "v") = TensorProto {
                name: Some("v".into()),
                dims: vec![5],
                data_type: Some(DataType::FLOAT),
                float_data: vec![-1.0; 5],
                ..TensorProto::default()
            };
        },
    ),
    (
        "expected a shape for sizes [3, 3, 3], got [0, 26]",
        "reshaping",
        |m| {
            let constant = node(m, "Constant").attribute[0].t.as_mut().unwrap();
            constant.raw_data = Some(RefCell::new(
                [0i64, 26].iter().flat_map(|v| v.to_le_bytes()).collect(),
            ));
        },
    ),
    ("expected scales above 0", "qdq-13", |m| {
        tensor(m, "fs").raw_data = Some(RefCell::new((-1.0f32).to_le_bytes().to_vec()))
    }),
];

#[test]
fn every_damage_is_named_with_its_place() {
    assert!(CASES.len() >= 30);
    for (words, name, change) in CASES {
        let text = changed(name, change);
        let words = words.replacen("(Conv), expected", "(Conv): expected", 1);
        assert!(text.contains(&words), "{text}\ndoes not say\n{words}");
    }
}

#[test]
fn files_that_are_no_models_are_told_apart() {
    let whole = bytes("digits-17");
    for (file, words) in [
        (
            Vec::new(),
            "byte 0: expected an ONNX model, got an empty file",
        ),
        (
            b"\x89PNG\r\n\x1a\n".to_vec(),
            "byte 0: expected an ONNX model, got a file that begins with \".PNG....\"",
        ),
        (
            b"PK\x03\x04 a zip archive".to_vec(),
            "byte 0: expected an ONNX model, got a file that begins with \"PK.. a zi\"",
        ),
        (
            b"name,value\n1,2\n".to_vec(),
            "expected an ONNX model, got a file that begins with \"name,val\"",
        ),
        (whole[..whole.len() / 2].to_vec(), "bytes of field"),
        (
            vec![0; 50_000_001],
            "its size: expected at most 50000000 bytes, got 50000001",
        ),
        (
            nested(40),
            "expected at most 16 graphs inside each other, got more",
        ),
    ] {
        let text = refusal(&file);
        assert!(text.contains(words), "{text}\ndoes not say\n{words}");
    }
}

/// Graphs inside attributes inside nodes, `depth` times.
fn nested(depth: usize) -> Vec<u8> {
    let block = |field: u8, content: &[u8]| {
        let mut made = vec![field << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            made.push(length as u8 | 0x80);
            length >>= 7;
        }
        made.push(length as u8);
        made.extend_from_slice(content);
        made
    };
    let mut graph = Vec::new();
    for _ in 0..depth {
        graph = block(1, &block(5, &block(6, &graph)));
    }
    let mut model = vec![8, 8];
    model.extend(block(7, &graph));
    model
}

#[test]
fn every_operator_that_is_not_supported_is_listed_with_its_reason() {
    let mut made = model("concat-residual");
    node(&mut made, "LeakyRelu").op_type = Some("LSTM".into());
    let pool = node(&mut made, "GlobalAveragePool");
    pool.op_type = Some("GlobalLpPool".into());
    node(&mut made, "Concat").attribute[0].i = Some(2);
    let left = graph(&mut made)
        .node
        .iter_mut()
        .find(|n| n.output[0] == "l")
        .unwrap();
    left.domain = Some("com.acme".into());
    let Err(Refusal::Unsupported(file, nodes)) = import("odd.onnx", &made.write_buf().unwrap())
    else {
        panic!("expected a list of nodes");
    };
    assert_eq!(file, "odd.onnx");
    let listed: Vec<_> = nodes
        .iter()
        .map(|n| (n.name.as_str(), n.operator.as_str()))
        .collect();
    assert_eq!(
        listed,
        [
            ("conv_l", "com.acme.Conv"),
            ("leakyrelu_q", "LSTM"),
            ("globalaveragepool_pooled", "GlobalLpPool")
        ]
    );
    let text = Error::from(Refusal::Unsupported(file, nodes)).to_string();
    assert!(
        text.contains(
            "got 3 others: node \"conv_l\" (com.acme.Conv): this operator is not supported; node"
        ),
        "{text}"
    );
    let refused = |name: &str, change: &dyn Fn(&mut ModelProto)| changed(name, |m| change(m));
    for (text, words) in [
        (
            refused("reshaping", &|m| {
                node(m, "Transpose").attribute[0].ints = vec![0, 2, 3, 1]
            }),
            "(Transpose)",
        ),
        (
            refused("averagepool", &|m| {
                node(m, "Flatten").attribute[0].i = Some(2)
            }),
            "its axis is 2; expected 1, which keeps samples apart",
        ),
        (
            refused("activations-13", &|m| {
                node(m, "LeakyRelu").attribute[0].f = Some(-0.5)
            }),
            "its slope below 0 is -0.5; expected 0 or more",
        ),
        (
            refused("concat-residual", &|m| {
                node(m, "Concat").attribute[0].i = Some(2)
            }),
            "its axis is 2; expected 1, the channels",
        ),
        (
            refused("qdq-13", &|m| {
                node(m, "DequantizeLinear").op_type = Some("Relu".into())
            }),
            "it computes on integers; expected DequantizeLinear in front of it",
        ),
    ] {
        assert!(text.contains(words), "{text}\ndoes not say\n{words}");
    }
}

#[test]
fn truncated_and_mutated_files_never_panic() {
    let mut rng = Rng::new(11, Stream::Test);
    let (mut taken, mut refused) = (0, 0);
    for name in names() {
        let whole = bytes(&name);
        let rounds = if whole.len() > 5_000 { 60 } else { 200 };
        for round in 0..rounds {
            let mut file = whole.clone();
            if round % 4 == 0 {
                file.truncate(rng.below(file.len()));
            }
            for _ in 0..rng.below(4) {
                if file.is_empty() {
                    break;
                }
                let at = rng.below(file.len());
                file[at] = match rng.below(3) {
                    0 => rng.below(256) as u8,
                    1 => file[at] ^ (1 << rng.below(8)),
                    _ => 0xff,
                };
            }
            match import(&name, &file) {
                Ok(_) => taken += 1,
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        taken > 100 && refused > 1000,
        "{taken} taken, {refused} refused"
    );
}
