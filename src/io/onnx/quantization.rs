//! QuantizeLinear and DequantizeLinear. On weights they are computed: real = scale·(level − zero point). On activations
//! the pair is left out: a run finds ranges of its own, which is said in a note.

use super::constant::{Constant, Numbers};
use super::graph::Operator;
use super::translate::{Fault, Translation, Value, refuse};
use std::rc::Rc;

/// Scale and zero point along an axis.
struct Grid {
    scales: Vec<f32>,
    zeros: Vec<i64>,
    /// The range of the levels; that of unsigned bytes where no zero point states it.
    range: (i64, i64),
    /// Elements that share a scale, one after the other, and how many scales there are before they repeat.
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
        let zero_point = t.optional(op, 2)?;
        let (zeros, range) = match zero_point.as_deref().map(|constant| &constant.numbers) {
            None => (vec![0; scales.len()], (0, 255)),
            Some(Numbers::Integers(values, range)) => (
                values.clone(),
                range.unwrap_or((i64::from(i32::MIN), i64::from(i32::MAX))),
            ),
            Some(Numbers::Floats(_)) => return refuse("its levels are no integers"),
        };
        if zeros.len() != scales.len() {
            let expected = format!("{} zero points, as many as scales", scales.len());
            return Err(t.wrong(op, &expected, &zeros.len().to_string()));
        }
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

    fn at(&self, element: usize) -> (f32, i64) {
        let index = element / self.run.max(1) % self.scales.len();
        (self.scales[index], self.zeros[index])
    }
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
        Value::Sample(mut x) => {
            t.pairs += 1;
            x.quantized = true;
            Ok(Value::Sample(x))
        }
        Value::Unknown => Ok(Value::Unknown),
    }
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
        Value::Sample(mut x) if x.quantized => {
            x.quantized = false;
            Ok(Value::Sample(x))
        }
        Value::Sample(_) => refuse("it reads real numbers; expected levels of QuantizeLinear"),
        Value::Unknown => Ok(Value::Unknown),
    }
}
