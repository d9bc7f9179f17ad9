//! Files that are damaged or beyond us: each gives an error that names file, place, expected and got.

use super::damages::{CASES, graph, model, node};
use crate::common::kept::{bytes, names};
use ddq_playground::error::Error;
use ddq_playground::io::onnx::{Refusal, import};
use ddq_playground::rng::{Rng, Stream};
use rten_onnx::onnx::ModelProto;

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

#[test]
fn every_damage_is_named_with_its_place() {
    assert!(CASES.len() >= 30);
    for (words, name, change) in CASES {
        let text = changed(name, change);
        assert!(text.contains(words), "{text}\ndoes not say\n{words}");
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
            "byte 0: expected an ONNX model, got a file that begins with \"PK.. a z\"",
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

/// A field with its length in front.
fn block(field: u8, content: &[u8]) -> Vec<u8> {
    let mut made = vec![field << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        made.push(length as u8 | 0x80);
        length >>= 7;
    }
    made.push(length as u8);
    made.extend_from_slice(content);
    made
}

/// A model whose graph holds this tensor field alone, of packed numbers.
fn packed(field: u8, numbers: &[u8]) -> Vec<u8> {
    let tensor = block(field, numbers);
    [vec![8, 8], block(7, &block(5, &tensor))].concat()
}

#[test]
fn packed_numbers_are_whole_and_have_an_end() {
    for (file, words) in [
        (
            packed(5, &[0x80; 11]),
            "byte 18, in a tensor: expected a number of at most 64 bits, got more",
        ),
        (
            packed(7, &[1, 0x80]),
            "byte 10, in a tensor: expected a number, got its end",
        ),
        (
            packed(4, &[0; 6]),
            "byte 12, in a tensor: expected 4 bytes, got 2",
        ),
        (
            packed(10, &[0; 12]),
            "byte 16, in a tensor: expected 8 bytes, got 4",
        ),
    ] {
        let text = refusal(&file);
        assert!(text.contains(words), "{text}\ndoes not say\n{words}");
    }
}

/// Graphs inside attributes inside nodes, `depth` times.
fn nested(depth: usize) -> Vec<u8> {
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
            "it computes on integers; expected DequantizeLinear before it",
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
