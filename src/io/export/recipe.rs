//! The quantization of every tensor as JSON; docs/recipe.schema.json is its schema.

use super::coding::{Affine, Coded, Spacing, weight_dims};
use super::{Content, Source, json};
use crate::error::Error;
use crate::quant::histogram::step_sizes;
use crate::quant::{Quantizer, Role};
use crate::train::option_table::Value as OptionValue;
use crate::train::snapshot::sizes;
use serde_json::{Map, Value, json};

/// The version written here.
const VERSION: u32 = 1;

pub(crate) fn write(source: &Source) -> Result<Content, Error> {
    let layers: Vec<Value> = source
        .network
        .linears()
        .map(|linear| {
            let coded = Coded::new(linear);
            let weight = linear.weight_quantizer.as_deref();
            let input = linear.activation_quantizer.as_deref();
            let stored = json!(coded.stored_bits);
            json!({
                "name": linear.name,
                "kind": linear.kind(),
                "dims": weight_dims(linear),
                "parameters": linear.weight.value.len(),
                "weight": weight.map(|quantizer| tensor(quantizer, Role::Weight, Some(stored))),
                "input": input.map(|quantizer| tensor(quantizer, Role::Activation, None)),
            })
        })
        .collect();
    let sizes = sizes(source.network);
    let options = source.options.entries().iter();
    let options: Map<String, Value> = options
        .map(|(name, value)| ((*name).to_owned(), option(value)))
        .collect();
    let recipe = json!({
        "format": "ddq-playground recipe",
        "version": VERSION,
        "model": source.options.text("model"),
        "method": source.options.text("method"),
        "weight_bytes": sizes.bytes(),
        "average_weight_bits": sizes.average_bits(),
        "layers": layers,
        "options": options,
    });
    Ok(Content {
        bytes: json(&recipe),
        payload_bytes: 0,
    })
}

fn option(value: &OptionValue) -> Value {
    match value {
        OptionValue::Text(text) => json!(text),
        OptionValue::Number(number) => json!(number),
        OptionValue::Flag(flag) => json!(flag),
    }
}

fn tensor(quantizer: &dyn Quantizer, role: Role, stored_bits: Option<Value>) -> Value {
    let levels = quantizer.levels();
    let spacing = Spacing::of(quantizer, role);
    let points = quantizer.details(&[]).points;
    let mut made = json!({
        "bits": quantizer.bits(),
        "scheme": if points.is_some() { "points" } else { spacing.scheme() },
        "range": [levels[0], levels[levels.len() - 1]],
        "step_sizes": step_sizes(levels),
        "levels": levels,
    });
    match &spacing {
        Spacing::Equal { first, step } => {
            let affine = Affine::new(*first, *step, levels.len());
            made["scale"] = json!(affine.scale);
            made["zero_point"] = json!(affine.zero);
            made["addend"] = json!(affine.addend);
        }
        Spacing::Grid { scale, offset, t } => {
            made["scale"] = json!(scale);
            made["offset"] = json!(offset);
            made["grid_levels"] = json!(t);
        }
        Spacing::Free => {}
    }
    if let Some(points) = points {
        made["points_per_row"] = json!(points);
    }
    if let Some(bits) = stored_bits {
        made["stored_bits"] = bits;
    }
    made
}
