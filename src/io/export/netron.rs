//! An attachment for Netron, which shows it on the nodes of the ONNX export (menu *File → Open attachment*, or dropped on
//! the open model): metadata and metrics of nodes by their names.

use super::coding::Coded;
use super::{Content, Source, json};
use crate::error::Error;
use crate::quant::histogram::relative_error;
use crate::train::snapshot::sizes;
use serde_json::{Value, json};

pub(crate) fn write(source: &Source) -> Result<Content, Error> {
    let (mut metadata, mut metrics) = (Vec::new(), Vec::new());
    for linear in source.network.linears() {
        let coded = Coded::new(linear);
        let mut tell = |name: &str, value: String| {
            metadata.push(entry(&linear.name, name, "string", json!(value)))
        };
        tell("weight bits", coded.bits.to_string());
        tell("weight coding", coded.scheme().to_owned());
        let (low, high) = crate::quant::range::min_max(&coded.values);
        tell("weight range", format!("{low} to {high}"));
        if let Some(quantizer) = &linear.activation_quantizer {
            let levels = quantizer.levels();
            tell("input bits", quantizer.bits().to_string());
            tell(
                "input range",
                format!("{} to {}", levels[0], levels[levels.len() - 1]),
            );
        }
        let bytes = coded.stored_bits.div_ceil(8);
        metrics.push(entry(&linear.name, "weight bytes", "int64", json!(bytes)));
        metrics.push(entry(
            &linear.name,
            "multiply-accumulates",
            "int64",
            json!(linear.macs()),
        ));
        let error = relative_error(&linear.weight.value, &coded.values);
        metrics.push(entry(
            &linear.name,
            "relative weight error",
            "float32",
            json!(error),
        ));
    }
    let all = sizes(source.network);
    let of_model = |name: &str, kind: &str, value: Value| json!({ "kind": "model", "target": "", "name": name, "type": kind, "value": value });
    metrics.push(of_model("weight bytes", "int64", json!(all.bytes())));
    metrics.push(of_model(
        "average weight bits",
        "float32",
        json!(all.average_bits()),
    ));
    let attachment =
        json!({ "signature": "netron:attachment", "metadata": metadata, "metrics": metrics });
    Ok(Content {
        bytes: json(&attachment),
        payload_bytes: 0,
    })
}

fn entry(target: &str, name: &str, kind: &str, value: Value) -> Value {
    json!({ "kind": "node", "target": target, "name": name, "type": kind, "value": value })
}
