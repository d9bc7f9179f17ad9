//! Windows of convolutions and pools, and means over the whole image.

use super::graph::Operator;
use super::translate::{Fault, Sample, Translation, Value, refuse};
use crate::nn::ops::window::{Axis, Window, WindowTables};

/// Largest number of a window.
const LARGEST: usize = 1 << 12;

/// The channels and the sizes behind them: columns, or rows and columns.
pub(super) fn spatial(x: &Sample) -> Result<(usize, Vec<usize>), Fault> {
    match x.dims.as_slice() {
        [channels, space @ ..] if (1..=2).contains(&space.len()) => Ok((*channels, space.to_vec())),
        dims => refuse(format!(
            "each sample has sizes {dims:?}; expected channels with columns, or with rows and columns"
        )),
    }
}

/// Zeros that an average counts among its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    before: usize,
    after: usize,
}

/// The window of a node with `channels` outputs over `space`, and the padding that the node itself states.
pub(super) fn window_of(
    t: &mut Translation<'_>,
    op: &Operator,
    channels: usize,
    kernel: &[usize],
    space: &[usize],
) -> Result<(Window, Vec<Stated>), Fault> {
    let rank = space.len();
    let list = |name: &str, count: usize, default: usize| -> Result<Vec<usize>, Fault> {
        let list = op
            .attributes
            .sizes(name)?
            .unwrap_or_else(|| vec![default; count]);
        let sound = list.len() == count
            && list
                .iter()
                .all(|&size| size <= LARGEST && (default == 0 || size > 0));
        if !sound {
            let least = default.min(1);
            let expected = format!("{count} {name} from {least} to {LARGEST}");
            return Err(t.wrong(op, &expected, &format!("{list:?}")));
        }
        Ok(list)
    };
    if kernel.iter().any(|&size| size == 0 || size > LARGEST) {
        let expected = format!("kernel sizes from 1 to {LARGEST}");
        return Err(t.wrong(op, &expected, &format!("{kernel:?}")));
    }
    let strides = list("strides", rank, 1)?;
    let dilations = list("dilations", rank, 1)?;
    let pads = list("pads", 2 * rank, 0)?;
    let auto = op.attributes.text("auto_pad", "NOTSET")?;
    let ceil = op.attributes.integer("ceil_mode", 0)? != 0;
    let mut axes = Vec::new();
    let mut stated = Vec::new();
    for at in 0..rank {
        let size = space[at];
        let mut axis = Axis {
            kernel: kernel[at],
            stride: strides[at],
            dilation: dilations[at],
            before: pads[at],
            after: pads[at + rank],
        };
        let total = (size.div_ceil(axis.stride) - 1) * axis.stride + axis.extent();
        let total = total.saturating_sub(size);
        match auto {
            "NOTSET" | "" => {}
            "VALID" => (axis.before, axis.after) = (0, 0),
            "SAME_UPPER" => (axis.before, axis.after) = (total / 2, total - total / 2),
            "SAME_LOWER" => (axis.before, axis.after) = (total - total / 2, total / 2),
            other => {
                return Err(t.wrong(
                    op,
                    "auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                    other,
                ));
            }
        }
        if !axis.fits(size) {
            let expected = format!(
                "a window of {} pixels inside {size} with padding",
                axis.extent()
            );
            let got = format!("{} with padding", size + axis.before + axis.after);
            return Err(t.wrong(op, &expected, &got));
        }
        stated.push(Stated {
            before: axis.before,
            after: axis.after,
        });
        if ceil {
            axis.after = ceil_padding(axis, size);
        }
        axes.push(axis);
    }
    let columns = axes[rank - 1];
    let window = Window {
        rows: if rank == 2 { axes[0] } else { Axis::POINT },
        columns,
    };
    let outputs = axes
        .iter()
        .zip(space)
        .map(|(axis, &size)| axis.outputs(size));
    let pixels = outputs.fold(1usize, usize::saturating_mul);
    t.count_window(op, channels, pixels, window.taps())?;
    Ok((window, stated))
}

/// Padding behind the image that makes room for one more window where pixels are left over, unless it would begin in
/// the padding.
fn ceil_padding(axis: Axis, size: usize) -> usize {
    let spare = size + axis.before + axis.after - axis.extent();
    let mut outputs = spare.div_ceil(axis.stride) + 1;
    if (outputs - 1) * axis.stride >= size + axis.before {
        outputs -= 1;
    }
    ((outputs - 1) * axis.stride + axis.extent()).saturating_sub(size + axis.before)
}

fn kernel_of(t: &Translation<'_>, op: &Operator, space: &[usize]) -> Result<Vec<usize>, Fault> {
    match op.attributes.sizes("kernel_shape")? {
        Some(kernel) if kernel.len() == space.len() => Ok(kernel),
        other => {
            let expected = format!("a kernel_shape of {} sizes", space.len());
            let got = other.map_or("none".to_owned(), |kernel| format!("{kernel:?}"));
            Err(t.wrong(op, &expected, &got))
        }
    }
}

fn pooled(x: &Sample, window: Window, space: &[usize]) -> Vec<usize> {
    match *space {
        [w] => vec![x.dims[0], window.columns.outputs(w)],
        [h, w, ..] => vec![x.dims[0], window.rows.outputs(h), window.columns.outputs(w)],
        [] => x.dims.clone(),
    }
}

/// The largest value of each window; padding never wins.
pub(super) fn max_pool(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (channels, space) = spatial(&x)?;
    let kernel = kernel_of(t, op, &space)?;
    if op.attributes.integer("storage_order", 0)? != 0 {
        return refuse("storage_order is 1; expected rows first");
    }
    let (window, _) = window_of(t, op, channels, &kernel, &space)?;
    let shape = x.shape();
    if !WindowTables::new(window, shape.h, shape.w).all_see() {
        return refuse("some of its windows see only padding");
    }
    let from = t.shaped(&x);
    let node = t.builder.max_pool(from, window);
    let y = x.at(node, pooled(&x, window, &space));
    Ok(Value::Sample(y.within(x.bounds)))
}

/// The mean of each window. Ours divides by all taps; where the node counts fewer, a factor per pixel makes up for it.
pub(super) fn average_pool(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (channels, space) = spatial(&x)?;
    let kernel = kernel_of(t, op, &space)?;
    let (window, stated) = window_of(t, op, channels, &kernel, &space)?;
    let padding_counts = op.attributes.integer("count_include_pad", 0)? != 0;
    let counts = |axis: Axis, size: usize, stated: Stated| -> Vec<usize> {
        let (low, high) = match padding_counts {
            true => (
                axis.before - stated.before,
                axis.before + size + stated.after,
            ),
            false => (axis.before, axis.before + size),
        };
        let counted = |output: usize| {
            let taps = (0..axis.kernel).map(|tap| output * axis.stride + tap * axis.dilation);
            taps.filter(|at| (low..high).contains(at)).count()
        };
        (0..axis.outputs(size)).map(counted).collect()
    };
    let shape = x.shape();
    let none = Stated {
        before: 0,
        after: 0,
    };
    let first = if space.len() == 2 { stated[0] } else { none };
    let rows = counts(window.rows, shape.h, first);
    let columns = counts(window.columns, shape.w, stated[space.len() - 1]);
    if rows.iter().chain(&columns).any(|&count| count == 0) {
        return refuse("some of its windows see nothing that counts");
    }
    let from = t.shaped(&x);
    let mut node = t.builder.average_pool(from, window);
    let taps = window.taps() as f32;
    let factors: Vec<(f32, f32)> = rows
        .iter()
        .flat_map(|row| {
            columns
                .iter()
                .map(move |column| (taps / (row * column) as f32, 0.0))
        })
        .collect();
    if factors.iter().any(|&(factor, _)| factor != 1.0) {
        node = t.builder.affine(node, factors.repeat(channels));
    }
    let y = x.at(node, pooled(&x, window, &space));
    Ok(Value::Sample(y.within(x.bounds.or_zero())))
}

/// The mean of each channel, with sizes of 1 behind it.
pub(super) fn global_average_pool(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (channels, space) = spatial(&x)?;
    let from = t.shaped(&x);
    let node = t.builder.global_average_pool(from);
    let mut dims = vec![channels];
    dims.extend(space.iter().map(|_| 1));
    Ok(Value::Sample(x.at(node, dims).within(x.bounds)))
}

/// A mean over all sizes behind the channels.
pub(super) fn reduce_mean(t: &mut Translation<'_>, op: &Operator) -> Result<Value, Fault> {
    let x = t.sample(op, 0)?;
    let (channels, space) = spatial(&x)?;
    let rank = x.dims.len() as i64 + 1;
    let axes = match t.optional(op, 1)? {
        Some(constant) => constant.as_integers().map(<[i64]>::to_vec),
        None => op.attributes.integers("axes")?.map(<[i64]>::to_vec),
    };
    let Some(axes) = axes else {
        return refuse("it has no axes; expected those of the image");
    };
    let mut axes: Vec<i64> = axes
        .iter()
        .map(|&axis| if axis < 0 { axis + rank } else { axis })
        .collect();
    axes.sort_unstable();
    if axes != (2..rank).collect::<Vec<_>>() {
        return refuse(format!(
            "it runs over the axes {axes:?}; expected all behind the channels"
        ));
    }
    let from = t.shaped(&x);
    let node = t.builder.global_average_pool(from);
    let mut dims = vec![channels];
    if op.attributes.integer("keepdims", 1)? != 0 {
        dims.extend(space.iter().map(|_| 1));
    }
    Ok(Value::Sample(x.at(node, dims).within(x.bounds)))
}
