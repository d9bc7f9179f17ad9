//! Layers with weights: Gemm, MatMul, Conv, BatchNormalization; and Dropout.

use super::graph::Operator;
use super::pooling::{spatial, window_of};
use super::translate::{Fault, Sample, Translation, Value, refuse};
use crate::nn::imported::Normalization;
use crate::nn::ops::batch_norm::EPSILON;
use crate::nn::ops::convolution::Geometry;
use crate::text::number;

/// Y = alpha·A·B + beta·C with the values of a sample as a row of A.
pub(super) fn gemm(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    if op.attributes.integer("transA", 0)? != 0 {
        return refuse("transA is 1, which turns samples into features");
    }
    let (alpha, beta) = (
        op.attributes.number("alpha", 1.0)?,
        op.attributes.number("beta", 1.0)?,
    );
    let turned = op.attributes.integer("transB", 0)? != 0;
    let x = t.sample(op, 0)?;
    let (mut weight, outputs) = matrix(t, op, &x, turned)?;
    if alpha != 1.0 {
        weight.iter_mut().for_each(|w| *w *= alpha);
    }
    let bias = match t.has_input(op, 2) {
        false => None,
        true => {
            let c = t.numbers(op, 2)?;
            let values = c.as_floats().unwrap_or_default();
            let last = c.dims.last().copied().unwrap_or(1);
            if !(values.len() == last && (last == outputs || last == 1)) {
                let expected = format!("a bias of {outputs} numbers");
                return Err(t.wrong(op, &expected, &format!("{:?}", c.dims)));
            }
            let value = |row: usize| beta * values[if last == 1 { 0 } else { row }];
            Some((0..outputs).map(value).collect())
        }
    };
    dense(t, op, &x, weight, outputs, bias)
}

/// Y = A·B with the values of a sample as a row of A; an addition behind it becomes its bias.
pub(super) fn matmul(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (weight, outputs) = matrix(t, op, &x, false)?;
    dense(t, op, &x, weight, outputs, None)
}

/// The weights `[outputs, inputs]` from B, which is `[inputs, outputs]` unless it is `turned` already.
fn matrix(
    t: &Translation<'_>,
    op: &Operator,
    x: &Sample,
    turned: bool,
) -> Result<(Vec<f32>, usize), Fault> {
    let [inputs] = x.dims[..] else {
        return refuse(format!(
            "each sample has sizes {:?}; expected one row of features (insert a Flatten)",
            x.dims
        ));
    };
    let b = t.numbers(op, 1)?;
    let [rows, columns] = b.dims[..] else {
        return Err(t.wrong(op, "a matrix of weights", &format!("sizes {:?}", b.dims)));
    };
    let (found, outputs) = if turned {
        (columns, rows)
    } else {
        (rows, columns)
    };
    if found != inputs || outputs == 0 {
        let expected = format!("weights for {inputs} inputs");
        return Err(t.wrong(op, &expected, &format!("sizes {rows} × {columns}")));
    }
    let values = b.as_floats().unwrap_or_default();
    let weight = match turned {
        true => values.to_vec(),
        false => (0..outputs)
            .flat_map(|output| values.iter().skip(output).step_by(outputs))
            .copied()
            .collect(),
    };
    Ok((weight, outputs))
}

fn dense(
    t: &mut Translation<'_>,
    op: &Operator,
    x: &Sample,
    weight: Vec<f32>,
    outputs: usize,
    bias: Option<Vec<f32>>,
) -> Result<Value, Fault> {
    t.count_weights(op, weight.len())?;
    let geometry = Geometry::dense(x.dims[0], outputs);
    let name = t.layer_name(op);
    let node = t
        .builder
        .layer_of_values(&name, x.node, geometry, weight, bias);
    Ok(Value::Sample(x.at(node, vec![outputs])))
}

/// Convolution over the columns of a row, or over an image.
pub(super) fn conv(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (channels, space) = spatial(&x)?;
    let w = t.numbers(op, 1)?;
    let [outputs, seen, kernel @ ..] = w.dims.as_slice() else {
        return Err(t.wrong(op, "weights of 3 or 4 sizes", &format!("{:?}", w.dims)));
    };
    let (outputs, seen) = (*outputs, *seen);
    if kernel.len() != space.len() || kernel.contains(&0) {
        let expected = format!("a kernel over {} sizes", space.len());
        return Err(t.wrong(op, &expected, &format!("{kernel:?}")));
    }
    if let Some(stated) = op.attributes.sizes("kernel_shape")?
        && stated != kernel
    {
        let expected = format!("kernel_shape {kernel:?}, as the weights have");
        return Err(t.wrong(op, &expected, &format!("{stated:?}")));
    }
    let group = op.attributes.integer("group", 1)?;
    let groups = usize::try_from(group).unwrap_or(0);
    let divides = groups > 0
        && channels.is_multiple_of(groups)
        && outputs.is_multiple_of(groups)
        && outputs > 0;
    if !divides || seen != channels / groups {
        let expected = format!("weights for {channels} channels in whole groups");
        let got = format!("{outputs} filters of {seen} channels in {group} groups");
        return Err(t.wrong(op, &expected, &got));
    }
    let (window, _) = window_of(t, op, outputs, kernel, &space)?;
    let bias = match t.has_input(op, 2) {
        false => None,
        true => Some(per_channel(t, op, 2, outputs)?),
    };
    let weight = w.as_floats().unwrap_or_default().to_vec();
    t.count_weights(op, weight.len())?;
    let geometry = Geometry {
        input: x.shape(),
        outputs,
        window,
        groups,
    };
    let name = t.layer_name(op);
    let node = t
        .builder
        .layer_of_values(&name, x.node, geometry, weight, bias);
    let made = geometry.output(1);
    let dims = match space.len() {
        1 => vec![outputs, made.w],
        _ => vec![outputs, made.h, made.w],
    };
    Ok(Value::Sample(x.at(node, dims)))
}

/// Input `index` as one number per channel.
fn per_channel(
    t: &Translation<'_>,
    op: &Operator,
    index: usize,
    channels: usize,
) -> Result<Vec<f32>, Fault> {
    let constant = t.numbers(op, index)?;
    let values = constant.as_floats().unwrap_or_default();
    if values.len() != channels {
        let expected = format!("{channels} numbers in input {index}, one per channel");
        return Err(t.wrong(op, &expected, &values.len().to_string()));
    }
    Ok(values.to_vec())
}

/// Our batch norms add their own [`EPSILON`] to variances: the file's goes into the variance, which is the same
/// number in evaluation.
pub(super) fn batch_norm(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let channels = x.dims[0];
    if op.attributes.integer("training_mode", 0)? != 0 {
        return refuse("training_mode is 1; expected a network exported for inference");
    }
    if op.attributes.integer("spatial", 1)? != 1 {
        return refuse("spatial is 0; expected one mean and variance per channel");
    }
    let epsilon = op.attributes.number("epsilon", 1e-5)?;
    let mut values = Normalization {
        gamma: per_channel(t, op, 1, channels)?,
        beta: per_channel(t, op, 2, channels)?,
        mean: per_channel(t, op, 3, channels)?,
        variance: per_channel(t, op, 4, channels)?,
    };
    for variance in &mut values.variance {
        let whole = *variance + epsilon;
        if !(whole > 0.0 && whole.is_finite()) {
            let got = format!(
                "{} + {}",
                number(f64::from(*variance)),
                number(f64::from(epsilon))
            );
            return Err(t.wrong(op, "variances that are more than 0 with epsilon", &got));
        }
        *variance = whole - EPSILON;
    }
    let from = t.shaped(&x);
    let node = t.builder.normalization(from, values);
    Ok(Value::Sample(x.at(node, x.dims.clone())))
}

/// Nothing at inference.
pub(super) fn dropout(t: &Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let training = t.optional(op, 2)?.and_then(|flag| flag.scalar());
    if training.is_some_and(|flag| flag != 0.0) {
        return refuse("training_mode is true; expected a network exported for inference");
    }
    t.input(op, 0).cloned()
}
