//! Add, Sub, Mul and Div: of two values of the same sizes (Add alone), or with constants.

use super::constant::Constant;
use super::graph::Operator;
use super::translate::{Fault, Sample, Translation, Value, refuse};

/// An operation of two inputs, at least one of which depends on the sample.
pub(super) fn binary(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    match (t.input(op, 0)?.clone(), t.input(op, 1)?.clone()) {
        (Value::Sample(a), Value::Sample(b)) => both(t, op, &a, &b),
        (Value::Sample(x), Value::Constant(_)) => with_constant(t, op, &x, 0),
        (Value::Constant(_), Value::Sample(x)) => with_constant(t, op, &x, 1),
        _ => {
            refuse("both inputs are constants; expected values that depend on the network's input")
        }
    }
}

fn both(t: &mut Translation<'_>, op: &Operator, a: &Sample, b: &Sample) -> Result<Value, Fault> {
    if op.kind != "Add" {
        return refuse("both inputs are computed; expected a constant as one of them");
    }
    if a.dims != b.dims {
        let (a, b) = (&a.dims, &b.dims);
        return refuse(format!(
            "it adds {a:?} and {b:?} values a sample; expected equal sizes"
        ));
    }
    let (from, other) = (t.shaped(a), t.shaped(b));
    let node = t.builder.add(from, other);
    let bounds = a.bounds.plus(b.bounds);
    Ok(Value::Sample(a.at(node, a.dims.clone()).within(bounds)))
}

/// `place`: which input the sample is.
fn with_constant(
    t: &mut Translation<'_>,
    op: &Operator,
    x: &Sample,
    place: usize,
) -> Result<Value, Fault> {
    let constant = t.numbers(op, 1 - place)?;
    let Some(values) = spread(&constant, &x.dims) else {
        return refuse(format!(
            "its constant has sizes {:?}, which do not spread over {:?} values of each sample",
            constant.dims, x.dims
        ));
    };
    if op.kind == "Add"
        && values.len() == x.dims[0]
        && t.is_layer_alone(op, place)
        && t.builder.give_bias(x.node, &values)
    {
        return Ok(Value::Sample(x.clone()));
    }
    let affine = |value: f32| match (op.kind.as_str(), place) {
        ("Add", _) => Some((1.0, value)),
        ("Mul", _) => Some((value, 0.0)),
        ("Sub", 0) => Some((1.0, -value)),
        ("Sub", _) => Some((-1.0, value)),
        ("Div", 0) if value != 0.0 => Some((1.0 / value, 0.0)),
        _ => None,
    };
    let Some(constants) = values.into_iter().map(affine).collect() else {
        return refuse("it divides by 0, or a constant by values of the sample");
    };
    let node = t.builder.affine(x.node, constants);
    Ok(Value::Sample(x.at(node, x.dims.clone())))
}

/// The numbers that a constant has for values of sizes `dims`: one per channel where that is enough, else one per
/// value; None where it does not spread over a sample.
fn spread(constant: &Constant, dims: &[usize]) -> Option<Vec<f32>> {
    let values = constant.as_floats()?;
    let rank = dims.len();
    // From the right, as in NumPy; what stands for the batch, or before it, must be 1.
    let mut sizes = constant.dims.clone();
    while sizes.len() > rank {
        if sizes.remove(0) != 1 {
            return None;
        }
    }
    while sizes.len() < rank {
        sizes.insert(0, 1);
    }
    let fits = |(&size, &dim): (&usize, &usize)| size == dim || size == 1;
    if !sizes.iter().zip(dims).all(fits) || values.is_empty() {
        return None;
    }
    let channels_only = sizes.iter().skip(1).all(|&size| size == 1);
    let whole: Vec<usize> = match channels_only {
        true => vec![dims[0]],
        false => dims.to_vec(),
    };
    let count: usize = whole.iter().product();
    let source = |index: usize| {
        let (mut rest, mut at, mut stride) = (index, 0, 1);
        for (&size, &dim) in sizes.iter().zip(&whole).rev() {
            at += (rest % dim).min(size - 1) * stride;
            stride *= size;
            rest /= dim;
        }
        at
    };
    match channels_only {
        true => Some(
            (0..count)
                .map(|i| values[i.min(values.len() - 1)])
                .collect(),
        ),
        false => Some((0..count).map(|i| values[source(i)]).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_spread_from_the_right() {
        let of = |dims: &[usize], to: &[usize]| {
            let count: usize = dims.iter().product();
            let values = (0..count).map(|i| i as f32).collect();
            spread(&Constant::floats(dims.to_vec(), values), to)
        };
        assert_eq!(of(&[], &[2, 1, 2]), Some(vec![0.0; 2]));
        assert_eq!(of(&[1, 2, 1, 1], &[2, 3, 3]), Some(vec![0.0, 1.0]));
        assert_eq!(of(&[2, 1], &[2, 1, 2]), None);
        assert_eq!(of(&[2], &[2, 1, 2]), Some(vec![0.0, 1.0, 0.0, 1.0]));
        assert_eq!(
            of(&[2, 1, 2], &[2, 2, 2]),
            Some(vec![0.0, 1.0, 0.0, 1.0, 2.0, 3.0, 2.0, 3.0])
        );
        assert_eq!(of(&[3], &[2]), None);
        assert_eq!(of(&[4, 2], &[2]), None);
    }
}
