//! Activation functions, and the Softmax at the end.

use super::graph::Operator;
use super::translate::{Fault, Translation, Value, refuse};
use crate::nn::ops::activation::{Activation, Curve};

/// Relu, LeakyRelu, Clip, Sigmoid, Tanh, HardSwish, Softmax and LogSoftmax.
pub(super) fn translate(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let activation = match op.kind.as_str() {
        "Relu" => Activation::Relu,
        "LeakyRelu" => {
            let slope = op.attributes.number("alpha", 0.01)?;
            if !slope.is_finite() || slope < 0.0 {
                return refuse(format!("its slope below 0 is {slope}; expected 0 or more"));
            }
            Activation::Imported(Curve::LeakyRelu { slope })
        }
        "Clip" => clip(t, op)?,
        "Sigmoid" => Activation::Imported(Curve::Sigmoid),
        "Tanh" => Activation::Imported(Curve::Tanh),
        "HardSwish" => Activation::Imported(Curve::HardSwish),
        "Softmax" => return end(t, op, "Softmax"),
        "LogSoftmax" => return end(t, op, "LogSoftmax"),
        _ => return refuse("this operator is not supported"),
    };
    // Behind a range that was read as the same activation, say.
    if x.bounds.is_kept_by(activation) {
        return Ok(Value::Sample(x));
    }
    let node = t.builder.activation(x.node, activation);
    let bounds = x.bounds.after(activation);
    Ok(Value::Sample(x.at(node, x.dims.clone()).within(bounds)))
}

/// Limits are attributes before opset 11, inputs from then on; a missing one is no limit.
fn clip(t: &Translation<'_>, op: &Operator) -> Result<Activation, Fault> {
    let limit = |index: usize, name: &str, none: f32| {
        if t.opset < 11 {
            return Ok(op.attributes.number(name, none)?);
        }
        let Some(constant) = t.optional(op, index)? else {
            return Ok(none);
        };
        let value = constant.scalar().filter(|value| !value.is_nan());
        value.ok_or_else(|| {
            let got = match constant.len() {
                1 => "NaN".to_owned(),
                count => format!("{count} numbers"),
            };
            t.wrong(op, &format!("one number as {name}"), &got)
        })
    };
    let low = limit(1, "min", f32::NEG_INFINITY)?;
    let high = limit(2, "max", f32::INFINITY)?;
    // What exporters write for "no limit".
    let (free_below, free_above) = (low <= f32::MIN, high >= f32::MAX);
    if low > high || low.is_nan() || high.is_nan() {
        return refuse(format!(
            "its limits are {low} to {high}; expected the lower one first"
        ));
    }
    Ok(match (low, high) {
        _ if free_below && free_above => Activation::Identity,
        (0.0, 6.0) => Activation::Relu6,
        (0.0, _) if free_above => Activation::Relu,
        _ => Activation::Imported(Curve::Clip { low, high }),
    })
}

/// The logits before it are what the loss and predictions take.
fn end(t: &mut Translation<'_>, op: &Operator, name: &'static str) -> Result<Value, Fault> {
    let mut x = t.sample(op, 0)?;
    let rank = x.dims.len() as i64 + 1;
    let default = if t.opset < 13 { 1 } else { -1 };
    let axis = op.attributes.integer("axis", default)?;
    let axis = if axis < 0 { axis + rank } else { axis };
    let flat = x.dims.iter().skip(1).all(|&size| size == 1);
    if axis != 1 || !flat {
        return refuse(format!(
            "it runs over axis {axis} of {:?} values a sample; expected the classes",
            x.dims
        ));
    }
    t.notes.insert(format!(
        "{name} at the end left out: losses and predictions are of the logits before it"
    ));
    x.end = Some(name);
    Ok(Value::Sample(x))
}
