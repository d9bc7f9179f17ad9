//! Operators that move nothing in our layout: Flatten, Reshape, Transpose, Squeeze, Unsqueeze; and Concat of channels.

use super::constant::Constant;
use super::graph::Operator;
use super::ranges::Bounds;
use super::translate::{Fault, Sample, Translation, Value, refuse, shape_of};
use std::rc::Rc;

/// Nodes that a Concat may bring together.
const PARTS_MAX: usize = 200;

/// The batch among the integers of a shape: a size that no file can state.
const BATCH: i64 = i64::MIN;

/// `axis` of a value with `rank` sizes, counted from the end where it is negative.
fn axis_of(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(axis).ok().filter(|&axis| axis <= rank)
}

/// All sizes of a sample in one.
pub(super) fn flatten(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let axis = op.attributes.integer("axis", 1)?;
    if axis_of(axis, x.dims.len() + 1) != Some(1) {
        return refuse(format!(
            "its axis is {axis}; expected 1, which keeps samples apart"
        ));
    }
    let count = x.dims.iter().product();
    Ok(Value::Sample(x.with_dims(vec![count])))
}

/// Other sizes behind the batch.
pub(super) fn reshape(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let target = t.constant(op, 1)?;
    let Some(target) = target.as_integers() else {
        return Err(t.wrong(op, "integers as its shape", "real numbers"));
    };
    // What Shape gave for the batch is kept at its place, as 0 says.
    let mut target = target.to_vec();
    if let Some(batch) = target.first_mut().filter(|size| **size == BATCH) {
        *batch = 0;
    }
    if target.contains(&BATCH) {
        return refuse("its shape has the batch elsewhere than in front");
    }
    let target = target.as_slice();
    let zero_is_zero = op.attributes.integer("allowzero", 0)? != 0;
    if target.iter().any(|&size| size < -1) || (zero_is_zero && target.contains(&0)) {
        return Err(t.wrong(op, "sizes of 1 or more, 0 or −1", &format!("{target:?}")));
    }
    match t.input(op, 0)?.clone() {
        Value::Constant(constant) => {
            let sizes = settle(target, &constant.dims, constant.len());
            match sizes {
                Some(sizes) => Ok(Value::Constant(Rc::new(constant.with_dims(sizes)))),
                None => Err(misfit(t, op, &constant.dims, target)),
            }
        }
        Value::Sample(x) => reshaped(t, op, x, target),
        Value::Unknown => Ok(Value::Unknown),
    }
}

fn reshaped(t: &Translation<'_>, op: &Operator, x: Sample, target: &[i64]) -> Result<Value, Fault> {
    let count: usize = x.dims.iter().product();
    let Some((&batch, sizes)) = target.split_first() else {
        return refuse("its shape is empty; expected the batch first");
    };
    let whole = |sizes: &[i64]| sizes.iter().all(|&size| size != -1);
    let stated = t.batch.is_some_and(|own| own as i64 == batch);
    if !(batch == 0 || (batch == -1 && whole(sizes)) || stated) {
        return refuse(format!("its shape is {target:?}; expected the batch first"));
    }
    match settle(sizes, &x.dims, count) {
        Some(sizes) => Ok(Value::Sample(x.with_dims(sizes))),
        None => Err(misfit(t, op, &x.dims, target)),
    }
}

fn misfit(t: &Translation<'_>, op: &Operator, dims: &[usize], target: &[i64]) -> Fault {
    let expected = format!("a shape for sizes {dims:?}");
    t.wrong(op, &expected, &format!("{target:?}"))
}

/// The sizes of a target for `count` values: 0 keeps the size at its place, −1 is what is left.
fn settle(target: &[i64], dims: &[usize], count: usize) -> Option<Vec<usize>> {
    let mut sizes = Vec::new();
    let mut open = None;
    for (at, &size) in target.iter().enumerate() {
        sizes.push(match size {
            0 => *dims.get(at)?,
            -1 if open.is_none() => {
                open = Some(at);
                1
            }
            size => usize::try_from(size).ok()?,
        });
    }
    let product = sizes
        .iter()
        .try_fold(1usize, |all, &size| all.checked_mul(size))?;
    if let Some(at) = open {
        if product == 0 || !count.is_multiple_of(product) {
            return None;
        }
        sizes[at] = count / product;
        return Some(sizes);
    }
    (product == count).then_some(sizes)
}

/// Constants are turned; a value of each sample only where sizes of 1 change places.
pub(super) fn transpose(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let rank = match t.input(op, 0)? {
        Value::Constant(constant) => constant.dims.len(),
        Value::Sample(x) => x.dims.len() + 1,
        Value::Unknown => 0,
    };
    let order = match op.attributes.sizes("perm")? {
        Some(order) => order,
        None => (0..rank).rev().collect(),
    };
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..rank).collect::<Vec<_>>() {
        let expected = format!("an order of {rank} axes");
        return Err(t.wrong(op, &expected, &format!("{order:?}")));
    }
    match t.input(op, 0)?.clone() {
        Value::Constant(constant) => Ok(Value::Constant(Rc::new(constant.transposed(&order)))),
        Value::Sample(x) => {
            let sides = |axes: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
                axes.filter(|&axis| axis == 0 || x.dims[axis - 1] > 1)
                    .collect()
            };
            let moved = sides(&mut order.iter().copied());
            if moved != sides(&mut (0..rank)) {
                return refuse(format!(
                    "it moves values: the order {order:?} of {:?} values a sample; expected one that changes nothing",
                    x.dims
                ));
            }
            let axes = order.iter().filter(|&&axis| axis > 0);
            let dims = axes.map(|&axis| x.dims[axis - 1]).collect();
            match order.first() {
                Some(0) => Ok(Value::Sample(x.with_dims(dims))),
                _ => refuse(format!("its order {order:?} moves the batch")),
            }
        }
        Value::Unknown => Ok(Value::Unknown),
    }
}

/// Axes from an input (opset 13) or an attribute; None where there are none.
fn axes(t: &Translation<'_>, op: &Operator) -> Result<Option<Vec<i64>>, Fault> {
    Ok(match t.optional(op, 1)? {
        Some(constant) => constant.as_integers().map(<[i64]>::to_vec),
        None => op.attributes.integers("axes")?.map(<[i64]>::to_vec),
    })
}

/// The sizes of a value, for a Reshape that keeps the batch.
pub(super) fn shape(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    if op.attributes.integer("start", 0)? != 0
        || op.attributes.integer("end", i64::MAX)? != i64::MAX
    {
        return refuse("it takes a part of the sizes; expected all of them");
    }
    let sizes = |dims: &[usize]| dims.iter().map(|&size| size as i64).collect::<Vec<_>>();
    let values = match t.input(op, 0)? {
        Value::Constant(constant) => sizes(&constant.dims),
        Value::Sample(x) => [&[BATCH][..], &sizes(&x.dims)].concat(),
        Value::Unknown => return Ok(Value::Unknown),
    };
    Ok(Value::Constant(Rc::new(Constant::integers(values))))
}

/// Entries of a list of integers, such as the batch of what Shape gave.
pub(super) fn gather(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let (list, places) = (t.constant(op, 0)?, t.constant(op, 1)?);
    let axis = op.attributes.integer("axis", 0)?;
    let (Some(values), Some(indices), 1, 0) = (
        list.as_integers(),
        places.as_integers(),
        list.dims.len(),
        axis,
    ) else {
        return refuse("it gathers others than entries of a list of integers");
    };
    let entry = |&index: &i64| {
        let index = if index < 0 {
            index + values.len() as i64
        } else {
            index
        };
        usize::try_from(index)
            .ok()
            .and_then(|index| values.get(index))
            .copied()
    };
    let Some(found) = indices.iter().map(entry).collect::<Option<Vec<i64>>>() else {
        let expected = format!("places in a list of {}", values.len());
        return Err(t.wrong(op, &expected, &format!("{indices:?}")));
    };
    let found = Constant::integers(found).with_dims(places.dims.clone());
    Ok(Value::Constant(Rc::new(found)))
}

/// Takes sizes of 1 away.
pub(super) fn squeeze(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let Some(axes) = axes(t, op)? else {
        return refuse("it has no axes, so that a batch of 1 would be lost");
    };
    let (dims, first) = match t.input(op, 0)? {
        Value::Constant(constant) => (constant.dims.clone(), 0),
        Value::Sample(x) => (x.dims.clone(), 1),
        Value::Unknown => return Ok(Value::Unknown),
    };
    let rank = dims.len() + first;
    let gone: Option<Vec<usize>> = axes.iter().map(|&axis| axis_of(axis, rank)).collect();
    let gone = gone.filter(|gone| {
        gone.iter()
            .all(|&axis| axis >= first && dims.get(axis - first) == Some(&1))
    });
    let Some(gone) = gone else {
        return refuse(format!(
            "it takes the axes {axes:?} of sizes {dims:?} away; expected sizes of 1 behind the batch"
        ));
    };
    let kept = dims.iter().enumerate();
    let kept = kept.filter(|(at, _)| !gone.contains(&(at + first)));
    resized(t, op, kept.map(|(_, &size)| size).collect())
}

/// Puts sizes of 1 in.
pub(super) fn unsqueeze(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let axes = axes(t, op)?.unwrap_or_default();
    let (dims, first) = match t.input(op, 0)? {
        Value::Constant(constant) => (constant.dims.clone(), 0),
        Value::Sample(x) => (x.dims.clone(), 1),
        Value::Unknown => return Ok(Value::Unknown),
    };
    let rank = dims.len() + first + axes.len();
    let put: Option<Vec<usize>> = axes.iter().map(|&axis| axis_of(axis, rank)).collect();
    let put = put.filter(|put| put.iter().all(|&axis| axis >= first && axis < rank));
    let Some(put) = put else {
        return refuse(format!(
            "it adds the axes {axes:?} to sizes {dims:?}; expected axes behind the batch"
        ));
    };
    let mut old = dims.iter().copied();
    let sizes = (first..rank).map(|axis| match put.contains(&axis) {
        true => 1,
        false => old.next().unwrap_or(1),
    });
    resized(t, op, sizes.collect())
}

fn resized(t: &Translation<'_>, op: &Operator, dims: Vec<usize>) -> Result<Value, Fault> {
    Ok(match t.input(op, 0)?.clone() {
        Value::Constant(constant) => Value::Constant(Rc::new(constant.with_dims(dims))),
        Value::Sample(x) => Value::Sample(x.with_dims(dims)),
        Value::Unknown => Value::Unknown,
    })
}

/// Channels of several values one after the other, or lists of integers.
pub(super) fn concat(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let axis = op.attributes.integer("axis", 1)?;
    let count = op.inputs.len();
    if count > PARTS_MAX {
        return refuse(format!(
            "it brings {count} values together; expected at most {PARTS_MAX}"
        ));
    }
    if let Value::Constant(_) = t.input(op, 0)? {
        return listed(t, op);
    }
    let parts = (0..count).map(|index| t.sample(op, index));
    let parts = parts.collect::<Result<Vec<Sample>, Fault>>()?;
    let Some(first) = parts.first() else {
        return Err(t.wrong(op, "at least one input", "none"));
    };
    let rank = first.dims.len() + 1;
    if axis_of(axis, rank) != Some(1) {
        return refuse(format!("its axis is {axis}; expected 1, the channels"));
    }
    if parts.iter().any(|part| part.dims[1..] != first.dims[1..]) {
        let sizes: Vec<_> = parts.iter().map(|part| &part.dims).collect();
        return Err(t.wrong(
            op,
            "equal sizes but for the channels",
            &format!("{sizes:?}"),
        ));
    }
    let alike = |part: &Sample| match (&part.levels, &first.levels) {
        (Some(levels), Some(others)) => levels.is_like(others),
        (levels, others) => levels.is_none() && others.is_none(),
    };
    if !parts.iter().all(alike) {
        return refuse(
            "it brings levels of different scales together; expected DequantizeLinear in front of it",
        );
    }
    let bounds = parts.iter().map(|part| part.bounds);
    let bounds = bounds.reduce(Bounds::or).unwrap_or(Bounds::NONE);
    let mut dims = first.dims.clone();
    dims[0] = parts.iter().map(|part| part.dims[0]).sum();
    t.count_window(op, dims[0], dims[1..].iter().product(), 1)?;
    let nodes: Vec<_> = parts.iter().map(|part| part.node).collect();
    let node = t.builder.concat(&nodes, shape_of(&dims));
    Ok(Value::Sample(first.at(node, dims).within(bounds)))
}

fn listed(t: &Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let mut values = Vec::new();
    for index in 0..op.inputs.len() {
        let part = t.constant(op, index)?;
        match part.as_integers() {
            Some(numbers) if part.dims.len() == 1 => values.extend_from_slice(numbers),
            _ => return refuse("it brings constants together that are no lists of integers"),
        }
    }
    Ok(Value::Constant(Rc::new(Constant::integers(values))))
}
