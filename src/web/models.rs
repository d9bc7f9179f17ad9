//! Imported models for JS.

use super::object::Builder;
use crate::error::Error;
use crate::io::onnx::{self, Imported, LayerFacts, Refusal, Unsupported};
use js_sys::Array;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// Reads an ONNX file: what it holds, or { error, unsupported } where it has operators that are not supported.
#[wasm_bindgen(js_name = importModel)]
pub fn import_model(name: &str, bytes: &[u8]) -> Result<JsValue, JsError> {
    match onnx::import(name, bytes) {
        Ok(model) => Ok(described(&model)),
        Err(Refusal::Broken(error)) => Err(error.into()),
        Err(Refusal::Unsupported(name, nodes)) => {
            let list: Array = nodes.iter().map(unsupported).collect();
            let error = Error::from(Refusal::Unsupported(name, nodes));
            let object = Builder::new().set("error", error.to_string());
            Ok(object.set("unsupported", list).build())
        }
    }
}

fn unsupported(node: &Unsupported) -> JsValue {
    Builder::new()
        .set("name", node.name.as_str())
        .set("operator", node.operator.as_str())
        .set("why", node.why.as_str())
        .build()
}

fn described(model: &Imported) -> JsValue {
    let layers: Array = model.layers.iter().map(layer).collect();
    let notes: Array = model
        .notes
        .iter()
        .map(|note| JsValue::from_str(note))
        .collect();
    let input = model.network.input_shape();
    let shape = Builder::new()
        .set("channels", input.c)
        .set("height", input.h)
        .set("width", input.w);
    Builder::new()
        .set("kind", "own")
        .set("opset", model.opset as f64)
        .set("producer", model.producer.as_str())
        .set("layers", layers)
        .set("parameters", model.parameters)
        .set("inputShape", shape.build())
        .set("classes", model.network.classes())
        .set("notes", notes)
        .set("memoryBytes", model.memory_bytes() as f64)
        .build()
}

fn layer(layer: &LayerFacts) -> JsValue {
    Builder::new()
        .set("name", layer.name.as_str())
        .set("kind", layer.kind.as_str())
        .set("weights", layer.weights)
        .set("outputs", layer.outputs)
        .set("macs", layer.macs as f64)
        .build()
}
