//! QuantizeLinear and DequantizeLinear. On weights they are computed: real = scale·(level − zero point). On activations
//! the pair is left out, since a run finds ranges of its own, which is said in a note; but where its range is an
//! activation function ([`super::ranges`]), that is put in its place: onnxruntime's static quantization takes out the
//! Relu and Clip in front of a pair that cuts off the same values.

use super::constant::{Constant, Numbers};
use super::graph::Operator;
use super::ranges::{Limits, limits_of_all, named};
use super::translate::{Fault, Sample, Translation, Value, refuse};
use crate::nn::ops::activation::Activation;
use std::rc::Rc;

/// Levels of the types that a QuantizeLinear without a zero point may name (TensorProto.DataType).
const OUTPUT_TYPES: [(i64, (i64, i64)); 7] = [
    (0, (0, 255)),
    (2, (0, 255)),
    (3, (-128, 127)),
    (4, (0, 65_535)),
    (5, (-32_768, 32_767)),
    (21, (0, 15)),
    (22, (-8, 7)),
];

/// Scale and zero point along an axis.
#[derive(Debug)]
pub(super) struct Grid {
    scales: Vec<f32>,
    zeros: Vec<i64>,
    /// The range of the levels; without a zero point that of `output_dtype`, or of unsigned bytes.
    range: (i64, i64),
    /// Elements that share a scale, one after the other, before the next scale begins.
    run: usize,
}

impl Grid {
    fn of(t: &Translation<'_>, op: &Operator, dims: &[usize]) -> Result<Self, Fault> {
        if op.attributes.integer("block_size", 0)? != 0 {
            return refuse("its scales stand for blocks; expected one scale, or one per channel");
        }
        let scales = t.numbers(op, 1)?;
        let scales = scales.as_floats().unwrap_or_default().to_vec();
        if scales.iter().any(|&scale| scale <= 0.0) || scales.is_empty() {
            return Err(t.wrong(op, "scales above 0", &format!("{scales:?}")));
        }
        let (zeros, range) = zero_points(t, op, scales.len())?;
        let axis = op.attributes.integer("axis", 1)?;
        let axis = if axis < 0 {
            axis + dims.len() as i64
        } else {
            axis
        };
        let axis = usize::try_from(axis).unwrap_or(usize::MAX);
        if scales.len() > 1 && dims.get(axis) != Some(&scales.len()) {
            let expected = format!("one scale, or as many as axis {axis} of sizes {dims:?} has");
            return Err(t.wrong(op, &expected, &scales.len().to_string()));
        }
        let run = match scales.len() {
            1 => 1,
            _ => dims[axis + 1..].iter().product(),
        };
        Ok(Self {
            scales,
            zeros,
            range,
            run,
        })
    }

    /// The grid for a value of each sample, whose first axis in the file is the batch.
    fn of_sample(t: &Translation<'_>, op: &Operator, x: &Sample) -> Result<Self, Fault> {
        let mut dims = vec![1];
        dims.extend(&x.dims);
        Self::of(t, op, &dims)
    }

    fn at(&self, element: usize) -> (f32, i64) {
        let index = element / self.run.max(1) % self.scales.len();
        (self.scales[index], self.zeros[index])
    }

    /// Whether the levels of one are real numbers by the other as well.
    pub fn is_like(&self, other: &Self) -> bool {
        self.scales == other.scales && self.zeros == other.zeros
    }

    /// What its range cuts off, channel by channel.
    fn limits(&self) -> impl Iterator<Item = Limits> {
        let channels = self.scales.iter().zip(&self.zeros);
        channels.map(|(&scale, &zero)| Limits::of_range(scale, zero, self.range))
    }
}

/// A zero point for each of `count` scales, and the range of the levels.
fn zero_points(
    t: &Translation<'_>,
    op: &Operator,
    count: usize,
) -> Result<(Vec<i64>, (i64, i64)), Fault> {
    let zero_point = t.optional(op, 2)?;
    let (zeros, range) = match zero_point.as_deref().map(|constant| &constant.numbers) {
        None => {
            let stated = op.attributes.integer("output_dtype", 0)?;
            let Some((_, range)) = OUTPUT_TYPES.iter().find(|(kind, _)| *kind == stated) else {
                return refuse(format!(
                    "its output_dtype is {stated}; expected integers of 4, 8 or 16 bits"
                ));
            };
            (vec![0; count], *range)
        }
        Some(Numbers::Integers(values, range)) => (
            values.clone(),
            range.unwrap_or((i64::from(i32::MIN), i64::from(i32::MAX))),
        ),
        Some(Numbers::Floats(_)) => return refuse("its levels are no integers"),
    };
    if zeros.len() != count {
        let expected = format!("{count} zero points, as many as scales");
        return Err(t.wrong(op, &expected, &zeros.len().to_string()));
    }
    Ok((zeros, range))
}

/// Real numbers to levels.
pub(super) fn quantize(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    match t.input(op, 0)?.clone() {
        Value::Constant(constant) => {
            let Some(values) = constant.as_floats() else {
                return Err(t.wrong(op, "real numbers", "integers"));
            };
            let grid = Grid::of(t, op, &constant.dims)?;
            let (low, high) = grid.range;
            let level = |(element, &value): (usize, &f32)| {
                let (scale, zero) = grid.at(element);
                ((value / scale).round_ties_even() as i64 + zero).clamp(low, high)
            };
            let levels = values.iter().enumerate().map(level).collect();
            Ok(Value::Constant(Rc::new(Constant {
                dims: constant.dims.clone(),
                numbers: Numbers::Integers(levels, Some(grid.range)),
            })))
        }
        Value::Sample(x) => {
            let grid = Grid::of_sample(t, op, &x)?;
            let mut x = cut_off(t, op, x, &grid)?;
            t.pairs += 1;
            x.levels = Some(Rc::new(grid));
            Ok(Value::Sample(x))
        }
        Value::Unknown => Ok(Value::Unknown),
    }
}

/// `x` behind the activation that the range of `grid` is, where it is one. At the network's input and at its logits
/// it is none: no layer stands before the one, and the other, all positive in calibration, would lose their gradients.
fn cut_off(
    t: &mut Translation<'_>,
    op: &Operator,
    x: Sample,
    grid: &Grid,
) -> Result<Sample, Fault> {
    let is_last = op.outputs.first().is_some_and(|name| t.ends.contains(name));
    if x.node == t.builder.input() || is_last {
        return Ok(x);
    }
    let Some(limits) = limits_of_all(grid.limits()) else {
        return refuse(
            "the ranges of some channels begin at 0 and of others not; expected one activation for all channels",
        );
    };
    let activation = limits.beyond(x.bounds).activation();
    if activation == Activation::Identity {
        return Ok(x);
    }
    *t.cuts.entry(named(activation)).or_insert(0) += 1;
    let node = t.builder.activation(x.node, activation);
    Ok(x.at(node, x.dims.clone())
        .within(x.bounds.after(activation)))
}

/// Levels to real numbers.
pub(super) fn dequantize(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    match t.input(op, 0)?.clone() {
        Value::Constant(constant) => {
            let Some(levels) = constant.as_integers() else {
                return Err(t.wrong(op, "levels", "real numbers"));
            };
            let grid = Grid::of(t, op, &constant.dims)?;
            let real = |(element, &level): (usize, &i64)| {
                let (scale, zero) = grid.at(element);
                (level - zero) as f32 * scale
            };
            let values = levels.iter().enumerate().map(real).collect();
            t.notes
                .insert("weights dequantized to the real values that they stand for".to_owned());
            Ok(Value::Constant(Rc::new(Constant::floats(
                constant.dims.clone(),
                values,
            ))))
        }
        Value::Sample(mut x) => {
            let Some(levels) = x.levels.take() else {
                return refuse("it reads real numbers; expected levels of QuantizeLinear");
            };
            if !levels.is_like(&Grid::of_sample(t, op, &x)?) {
                return refuse(
                    "its scale or zero point differs from that of the QuantizeLinear before it; expected the same",
                );
            }
            Ok(Value::Sample(x))
        }
        Value::Unknown => Ok(Value::Unknown),
    }
}
