//! Files to take away: they hold what the network holds, in as many bytes as the page says, and the C code runs.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::c_code::word_bytes;
use common::runs::{PACKED, finish, session};
use ddq_playground::io::export::{Exported, KINDS, export};
use ddq_playground::session::Session;
use rten_onnx::onnx::{DataType, ModelProto};
use safetensors::SafeTensors;
use serde_json::Value;

fn finished(given: &str) -> Session {
    let mut session = session(given).unwrap();
    finish(&mut session);
    session
}

fn file(session: &mut Session, kind: &str) -> Exported {
    export(session, kind).unwrap_or_else(|error| panic!("{kind}: {error}"))
}

/// What only these formats hold, beside [`PACKED`].
const OTHERS: &[&str] = &[
    "model=mlp method=float epochs=0",
    "model=cnn method=lsq weightBits=3 activationBits=0 epochs=1",
    "model=mlp method=lsq weightBits=4 activationBits=8 epochs=1",
    "model=cnn method=pact weightBits=5 activationBits=8 epochs=1",
];

/// The weights that a reader of the documented layout finds: name and values.
fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<f32>)> {
    let tensors = SafeTensors::deserialize(bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(bytes).unwrap();
    let layout: Value =
        serde_json::from_str(&metadata.metadata().as_ref().unwrap()["layout"]).unwrap();
    let stream = tensors.tensor("weights.codes").unwrap().data().to_vec();
    let floats =
        |name: String| word_bytes(tensors.tensor(&name).unwrap().data(), f32::from_le_bytes);
    let layers = layout["layers"].as_array().unwrap().iter();
    layers
        .map(|layer| {
            let name = layer["name"].as_str().unwrap();
            let dims = layer["dims"].as_array().unwrap().iter();
            let dims: Vec<usize> = dims.map(|size| size.as_u64().unwrap() as usize).collect();
            let count: usize = dims.iter().product();
            let (bits, offset) = (
                layer["bits"].as_u64().unwrap() as usize,
                layer["bit_offset"].as_u64().unwrap() as usize,
            );
            let code = |index: usize| {
                let bit = |bit: usize| usize::from(stream[bit / 8] >> (bit % 8) & 1);
                let from = offset + index * bits;
                (0..bits).map(|i| bit(from + i) << i).sum::<usize>()
            };
            let coding = &layer["coding"];
            let values = match coding["scheme"].as_str().unwrap() {
                "float" => floats(format!("{name}.weight")),
                "uniform" | "grid" => {
                    let grid = floats(format!("{name}.scale_offset"));
                    (0..count)
                        .map(|i| grid[1] + grid[0] * code(i) as f32)
                        .collect()
                }
                "codebook" => {
                    let grid = floats(format!("{name}.scale_offset"));
                    let t = tensors.tensor(&format!("{name}.levels")).unwrap();
                    let level = |i| grid[1] + grid[0] * f32::from(t.data()[code(i)]);
                    (0..count).map(level).collect()
                }
                "levels" => {
                    let levels = floats(format!("{name}.levels"));
                    (0..count).map(|i| levels[code(i)]).collect()
                }
                "points" => {
                    let zero = coding["zero_point"].as_i64().unwrap() as f32;
                    let step = floats(format!("{name}.step"))[0];
                    let mut sum: Vec<f32> =
                        (0..count).map(|i| step * (code(i) as f32 - zero)).collect();
                    let rows = tensors.tensor(&format!("{name}.point_rows")).unwrap();
                    let rows = word_bytes(rows.data(), u16::from_le_bytes);
                    let length = count / dims[0];
                    let steps = floats(format!("{name}.point_steps"));
                    for (point, (row, step)) in rows.into_iter().zip(steps).enumerate() {
                        for i in 0..length {
                            let code = code(count + point * length + i) as f32;
                            sum[usize::from(row) * length + i] += step * (code - zero);
                        }
                    }
                    sum
                }
                other => panic!("{other}"),
            };
            (name.to_owned(), values)
        })
        .collect()
}

#[test]
fn packed_weights_have_the_size_of_the_page_and_read_back() {
    for given in PACKED.iter().chain(OTHERS) {
        let mut session = finished(given);
        let packed = file(&mut session, "safetensors");
        assert_eq!(
            packed.payload_bytes,
            session.snapshot().sizes.bytes(),
            "{given}"
        );
        let found = unpacked(&packed.bytes);
        let mut layers = found.iter();
        for linear in session.network().linears() {
            let (name, values) = layers.next().unwrap();
            assert_eq!(name, &linear.name);
            let w = &linear.weight.value;
            let mut expected = w.clone();
            if let Some(quantizer) = &linear.weight_quantizer {
                quantizer.quantize(w, &mut expected);
            }
            let largest = expected.iter().fold(0.0f32, |most, v| most.max(v.abs()));
            for (a, b) in values.iter().zip(&expected) {
                assert!((a - b).abs() <= 2e-6 * largest, "{given}: {name}: {a} {b}");
            }
            assert_eq!(values.len(), expected.len());
        }
    }
}

#[test]
fn onnx_holds_codes_in_the_next_container_and_says_the_true_bits() {
    for (given, kinds) in [
        (
            "model=mlp method=lsq weightBits=3 activationBits=4 epochs=1",
            [DataType::INT4; 2],
        ),
        (
            "model=mlp method=pact weightBits=5 activationBits=4 epochs=1",
            [DataType::INT8; 2],
        ),
        (
            "model=mlp method=ddq learnBits=false weightBits=3 activationBits=4 epochs=1",
            [DataType::UINT4; 2],
        ),
        (
            "model=mlp method=ddq learnBits=false weightBits=6 activationBits=4 epochs=1",
            [DataType::UINT8; 2],
        ),
        (
            "model=mlp method=multipoint budgetBits=4",
            [DataType::INT4; 2],
        ),
    ] {
        let mut session = finished(given);
        let bits: Vec<u32> = session
            .snapshot()
            .layers
            .iter()
            .map(|layer| layer.weight.bits)
            .collect();
        let made = file(&mut session, "onnx");
        let model = ModelProto::parse_buf(&made.bytes).unwrap();
        assert_eq!(model.opset_import[0].version, Some(21));
        let graph = model.graph.as_ref().unwrap();
        for (name, kind) in ["dense1", "classifier"].into_iter().zip(kinds) {
            let codes = graph
                .initializer
                .iter()
                .find(|tensor| tensor.name.as_deref() == Some(&format!("{name}.weight.codes")));
            assert_eq!(codes.unwrap().data_type, Some(kind), "{given}");
        }
        let told = |key: &str| {
            let entry = model
                .metadata_props
                .iter()
                .find(|entry| entry.key.as_deref() == Some(key));
            entry
                .and_then(|entry| entry.value.clone())
                .unwrap_or_default()
        };
        assert_eq!(told("dense1.weight.bits"), bits[0].to_string(), "{given}");
        assert_eq!(
            told("classifier.weight.bits"),
            bits[bits.len() - 1].to_string(),
            "{given}"
        );
        assert!(made.payload_bytes < made.bytes.len() as u64);
        let written: Vec<u8> = model.write_buf().unwrap();
        assert!(
            made.bytes.ends_with(&written),
            "{given}: what is parsed is what was written"
        );
    }
}

#[test]
fn every_kind_is_made_of_every_run_and_at_any_time() {
    for given in PACKED.iter().chain(OTHERS) {
        let mut session = session(given).unwrap();
        for steps in [0, 3, 100_000] {
            session.step(steps.max(1)).unwrap();
            for kind in KINDS.iter().filter(|kind| !kind.name.starts_with("c-")) {
                let made = file(&mut session, kind.name);
                assert!(!made.bytes.is_empty());
            }
        }
    }
}

#[test]
fn the_recipe_gives_back_every_level() {
    for given in PACKED.iter().chain(OTHERS) {
        let mut session = finished(given);
        let recipe: Value = serde_json::from_slice(&file(&mut session, "recipe").bytes).unwrap();
        assert_eq!(recipe["weight_bytes"], session.snapshot().sizes.bytes());
        for (linear, layer) in session
            .network()
            .linears()
            .zip(recipe["layers"].as_array().unwrap())
        {
            assert_eq!(layer["name"], linear.name);
            let pairs = [
                (&linear.weight_quantizer, &layer["weight"]),
                (&linear.activation_quantizer, &layer["input"]),
            ];
            for (quantizer, tensor) in pairs {
                let Some(quantizer) = quantizer else {
                    assert!(tensor.is_null());
                    continue;
                };
                let number = |name: &str| tensor[name].as_f64().unwrap() as f32;
                assert_eq!(tensor["bits"], quantizer.bits());
                let rebuilt: Vec<f32> = match tensor["scheme"].as_str().unwrap() {
                    "codebook" => {
                        let t = tensor["grid_levels"].as_array().unwrap().iter();
                        t.map(|t| number("offset") + number("scale") * t.as_i64().unwrap() as f32)
                            .collect()
                    }
                    "levels" => continue,
                    _ => {
                        let codes = 0..quantizer.levels().len();
                        codes
                            .map(|code| {
                                number("scale") * (code as f32 - number("zero_point"))
                                    + number("addend")
                            })
                            .collect()
                    }
                };
                let spread =
                    quantizer.levels()[quantizer.levels().len() - 1] - quantizer.levels()[0];
                for (a, b) in rebuilt.iter().zip(quantizer.levels()) {
                    assert!(
                        (a - b).abs() <= 1e-5 * spread.max(a.abs()),
                        "{given}: {}: {a} {b}",
                        linear.name
                    );
                }
            }
        }
    }
}

#[test]
fn netron_finds_every_layer_of_the_onnx_file() {
    let mut session = finished("model=mobile method=ddq budgetBits=3.5 epochs=1 batchSize=64");
    let attachment: Value = serde_json::from_slice(&file(&mut session, "netron").bytes).unwrap();
    assert_eq!(attachment["signature"], "netron:attachment");
    let model = ModelProto::parse_buf(&file(&mut session, "onnx").bytes).unwrap();
    let nodes: Vec<String> = model
        .graph
        .unwrap()
        .node
        .into_iter()
        .filter_map(|node| node.name)
        .collect();
    let entries = ["metadata", "metrics"]
        .into_iter()
        .flat_map(|list| attachment[list].as_array().unwrap());
    let mut of_nodes = 0;
    for entry in entries.filter(|entry| entry["kind"] == "node") {
        assert!(
            nodes.iter().any(|name| entry["target"] == **name),
            "{entry}"
        );
        of_nodes += 1;
    }
    assert!(of_nodes > 100);
}

#[test]
fn what_cannot_be_exported_says_why() {
    let mut float = finished("model=mlp method=float epochs=0");
    let error = export(&mut float, "pdf").unwrap_err().to_string();
    assert!(
        error.contains("\"kind\": expected one of onnx, qonnx") && error.contains("got \"pdf\""),
        "{error}"
    );
    let mut planes = session("model=mlp method=bsq startPlanes=8 epochs=2").unwrap();
    planes.step(5).unwrap();
    for kind in KINDS {
        assert_eq!(
            export(&mut planes, kind.name).unwrap_err().to_string(),
            "export, at the weights of dense1: expected codes of at most 8 bits: a run in fine-tuning or finished, got eight planes and a sign"
        );
    }
    finish(&mut planes);
    for kind in KINDS {
        assert!(!file(&mut planes, kind.name).bytes.is_empty());
    }
}
