//! Damages that a model may suffer, and what importing it says then.

use crate::common::kept::bytes;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, GraphProto, ModelProto,
    NodeProto, TensorProto,
};
use std::cell::RefCell;

pub fn model(name: &str) -> ModelProto {
    ModelProto::parse_buf(&bytes(name)).unwrap()
}

pub fn graph(model: &mut ModelProto) -> &mut GraphProto {
    model.graph.as_mut().unwrap()
}

pub fn node<'a>(model: &'a mut ModelProto, kind: &str) -> &'a mut NodeProto {
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

/// A damage: its words, the model that suffers it, and what is done.
pub type Case = (&'static str, &'static str, fn(&mut ModelProto));

pub const CASES: &[Case] = &[
    (
        "node \"conv_a\" (Conv): expected input \"conv.weight\" in the file",
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
        "initializer \"conv.bias\": expected a unique name, got a second one",
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
        "expected an output with a unique name, got \"a\", which something else makes",
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
        "input \"x\": expected at most 1048576 values per sample",
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
