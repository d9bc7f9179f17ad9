//! Quantizers in ONNX's own operators.
//!
//! Weights: equal steps are DequantizeLinear of INT4/UINT4 or INT8/UINT8 codes (plus an addend where no level is 0);
//! codebooks are codes in UINT4 or UINT8, Cast, and Gather from the level vector; points are a sum of DequantizeLinear.
//!
//! Activations with equal steps are Max and Min, QuantizeLinear, DequantizeLinear: the container may hold more codes than
//! there are levels.
//!
//! Levels scale·t on the integer grid change at multiples of scale/2 only, the midpoints of two t. So x is quantized to cells of
//! that width, and a table gives each cell its t: QuantizeLinear, Gather, DequantizeLinear. Other levels are found by
//! counting the midpoints below x.
//!
//! QuantizeLinear rounds a tie to the even code, where training takes the lower level (LSQ and PACT: the even one too).

use super::super::coding::{Affine, Coded, Spacing, Weights};
use super::graph::{Attribute, Container, Graph};
use crate::quant::FurtherPoint;
use crate::quant::{Quantizer, Role};
use rten_onnx::onnx::DataType;

/// Adds weights; returns the name of their values.
pub(super) fn weights(graph: &mut Graph, name: &str, dims: &[usize], coded: &Coded) -> String {
    match &coded.weights {
        Weights::Float(values) => graph.floats(name, dims, values),
        Weights::Codes {
            codes,
            levels,
            spacing: Spacing::Equal { first, step },
        } => {
            let affine = Affine::new(*first, *step, levels.len());
            equal(graph, name, dims, codes, &affine)
        }
        Weights::Codes { codes, levels, .. } => gathered(graph, name, dims, codes, levels),
        Weights::Points {
            step,
            codes,
            further,
        } => {
            let zero = (1 << (coded.bits - 1)) - 1;
            let affine = Affine {
                scale: *step,
                zero,
                addend: 0.0,
                last: 2 * zero,
            };
            let mut sum = equal(graph, name, dims, codes, &affine);
            for (codes, steps) in layers_of_points(further, dims, zero) {
                let container = Container::of_affine(&affine);
                let codes = graph.codes(&format!("{name}.point_codes"), dims, container, &codes);
                let scale = graph.floats(&format!("{name}.point_steps"), &[steps.len()], &steps);
                let point = graph.node(
                    "DequantizeLinear",
                    &format!("{name}.point"),
                    &[&codes, &scale],
                    &[("axis", Attribute::Int(0))],
                );
                sum = graph.node("Add", &format!("{name}.sum"), &[&sum, &point], &[]);
            }
            sum
        }
    }
}

/// Further points as whole tensors: the second points of all rows, the third ones, …; codes k (0 in rows that have no
/// such point) and a step a row.
pub(super) fn layers_of_points(
    further: &[FurtherPoint],
    dims: &[usize],
    zero: i32,
) -> Vec<(Vec<i32>, Vec<f32>)> {
    let (rows, count) = (dims[0], dims.iter().product::<usize>());
    let length = count / rows.max(1);
    let mut layers: Vec<(Vec<i32>, Vec<f32>)> = Vec::new();
    let mut depth = vec![0; rows];
    for point in further {
        let layer = depth[point.row];
        depth[point.row] += 1;
        if layer == layers.len() {
            layers.push((vec![0; count], vec![1.0; rows]));
        }
        let (codes, steps) = &mut layers[layer];
        steps[point.row] = point.step;
        let own = &mut codes[point.row * length..][..length];
        own.iter_mut()
            .zip(&point.codes)
            .for_each(|(to, &code)| *to = i32::from(code) - zero);
    }
    layers
}

fn equal(graph: &mut Graph, name: &str, dims: &[usize], codes: &[u8], affine: &Affine) -> String {
    let container = Container::of_affine(affine);
    let shift = if container.is_signed() {
        affine.zero
    } else {
        0
    };
    let codes: Vec<i32> = codes.iter().map(|&code| i32::from(code) - shift).collect();
    graph.note(&format!("{name}.container"), container.name());
    let codes = graph.codes(&format!("{name}.codes"), dims, container, &codes);
    decoded(graph, name, &codes, affine, container)
}

/// DequantizeLinear, and the addend where there is one.
fn decoded(
    graph: &mut Graph,
    name: &str,
    codes: &str,
    affine: &Affine,
    container: Container,
) -> String {
    let scale = graph.floats(&format!("{name}.scale"), &[], &[affine.scale]);
    let zero = if container.is_signed() {
        0
    } else {
        affine.zero
    };
    let zero = graph.codes(&format!("{name}.zero_point"), &[], container, &[zero]);
    let values = graph.node(
        "DequantizeLinear",
        &format!("{name}.dequantize"),
        &[codes, &scale, &zero],
        &[],
    );
    if affine.addend == 0.0 {
        return values;
    }
    let addend = graph.floats(&format!("{name}.addend"), &[], &[affine.addend]);
    graph.node("Add", &format!("{name}.add"), &[&values, &addend], &[])
}

pub(super) fn gathered(
    graph: &mut Graph,
    name: &str,
    dims: &[usize],
    codes: &[u8],
    levels: &[f32],
) -> String {
    let container = Container::of_count(levels.len());
    let codes: Vec<i32> = codes.iter().map(|&code| i32::from(code)).collect();
    graph.note(&format!("{name}.container"), container.name());
    let codes = graph.codes(&format!("{name}.codes"), dims, container, &codes);
    let levels = graph.floats(&format!("{name}.levels"), &[levels.len()], levels);
    let indices = cast(graph, &format!("{name}.indices"), &codes, DataType::INT32);
    graph.node(
        "Gather",
        &format!("{name}.gather"),
        &[&levels, &indices],
        &[],
    )
}

pub(super) fn cast(graph: &mut Graph, name: &str, x: &str, to: DataType) -> String {
    graph.node(
        "Cast",
        name,
        &[x],
        &[("to", Attribute::Int(i64::from(to.0)))],
    )
}

/// Adds the quantizer of activations `x`; returns the name of the quantized values.
pub(super) fn activation(
    graph: &mut Graph,
    name: &str,
    x: &str,
    quantizer: &dyn Quantizer,
) -> String {
    let levels = quantizer.levels();
    match Spacing::of(quantizer, Role::Activation) {
        Spacing::Equal { first, step } => {
            let affine = Affine::new(first, step, levels.len());
            let container = Container::of_affine(&affine);
            graph.note(&format!("{name}.container"), container.name());
            let x = clipped(graph, name, x, (levels[0], levels[levels.len() - 1]));
            let x = if affine.addend == 0.0 {
                x
            } else {
                let addend = graph.floats(&format!("{name}.subtrahend"), &[], &[affine.addend]);
                graph.node("Sub", &format!("{name}.subtract"), &[&x, &addend], &[])
            };
            let zero = if container.is_signed() {
                0
            } else {
                affine.zero
            };
            let codes = quantized(graph, name, &x, affine.scale, container, zero);
            decoded(graph, name, &codes, &affine, container)
        }
        Spacing::Grid { scale, t, .. } => {
            let scale = if scale > 0.0 { scale } else { 1.0 };
            let table = cells(&t);
            let indices = cell_indices(graph, name, x, scale, &t);
            graph.note(&format!("{name}.container"), Container::Int8.name());
            let table = graph.codes(
                &format!("{name}.table"),
                &[table.len()],
                Container::Int8,
                &table,
            );
            let codes = graph.node(
                "Gather",
                &format!("{name}.gather"),
                &[&table, &indices],
                &[],
            );
            let affine = Affine {
                scale,
                zero: 0,
                addend: 0.0,
                last: 127,
            };
            decoded(graph, name, &codes, &affine, Container::Int8)
        }
        Spacing::Free => counted(graph, name, x, levels),
    }
}

/// x within [low, high]. Not by Clip: onnxruntime (1.32) fails to load a Clip before a QuantizeLinear of 4 bits.
pub(super) fn clipped(graph: &mut Graph, name: &str, x: &str, (low, high): (f32, f32)) -> String {
    let low = graph.floats(&format!("{name}.low"), &[], &[low]);
    let high = graph.floats(&format!("{name}.high"), &[], &[high]);
    let x = graph.node("Max", &format!("{name}.max"), &[x, &low], &[]);
    graph.node("Min", &format!("{name}.min"), &[&x, &high], &[])
}

fn quantized(
    graph: &mut Graph,
    name: &str,
    x: &str,
    scale: f32,
    container: Container,
    zero: i32,
) -> String {
    let scale = graph.floats(&format!("{name}.quantize_scale"), &[], &[scale]);
    let zero = graph.codes(
        &format!("{name}.quantize_zero_point"),
        &[],
        container,
        &[zero],
    );
    graph.node(
        "QuantizeLinear",
        &format!("{name}.quantize"),
        &[x, &scale, &zero],
        &[],
    )
}

/// Cell k is (k·scale/2, (k + 1)·scale/2]. Its number goes from −1 where no t is below 0, else from −255.
fn first_cell(t: &[i16]) -> i32 {
    if t.first().is_some_and(|&t| t < 0) {
        -255
    } else {
        -1
    }
}

/// The t of every cell, from the first one on. Midpoint (t_i + t_{i+1})·scale/2 is below all of cell k where
/// t_i + t_{i+1} ≤ k.
pub(super) fn cells(t: &[i16]) -> Vec<i32> {
    let of_cell = |cell: i32| {
        let below = t
            .windows(2)
            .take_while(|pair| i32::from(pair[0]) + i32::from(pair[1]) <= cell);
        i32::from(t[below.count()])
    };
    (first_cell(t)..=254).map(of_cell).collect()
}

/// The places of `x` in [`cells`]. A tie goes to the lower cell at x = 0, where it is frequent, and to the even one
/// elsewhere.
pub(super) fn cell_indices(
    graph: &mut Graph,
    name: &str,
    x: &str,
    scale: f32,
    t: &[i16],
) -> String {
    const JUST_ABOVE: f32 = 1.0 + 1.0 / 1_048_576.0;
    let (width, first) = (scale / 2.0, first_cell(t));
    let (container, x) = if first == -1 {
        (Container::Uint8, x.to_owned())
    } else {
        let largest = 127.0 * scale;
        (
            Container::Uint16,
            clipped(graph, name, x, (-largest, largest)),
        )
    };
    let middle = graph.floats(
        &format!("{name}.half_cell"),
        &[],
        &[width / 2.0 * JUST_ABOVE],
    );
    let shifted = graph.node("Sub", &format!("{name}.shift"), &[&x, &middle], &[]);
    let cells = quantized(graph, name, &shifted, width, container, -first);
    cast(graph, &format!("{name}.cells"), &cells, DataType::INT32)
}

/// The level whose index is the number of midpoints below x.
pub(super) fn counted(graph: &mut Graph, name: &str, x: &str, levels: &[f32]) -> String {
    let midpoints: Vec<f32> = levels
        .windows(2)
        .map(|pair| 0.5 * pair[0] + 0.5 * pair[1])
        .collect();
    let midpoints = graph.floats(&format!("{name}.midpoints"), &[midpoints.len()], &midpoints);
    let last = graph.integers(&format!("{name}.last_axis"), &[-1]);
    let x = graph.node("Unsqueeze", &format!("{name}.unsqueeze"), &[x, &last], &[]);
    let above = graph.node("Greater", &format!("{name}.above"), &[&x, &midpoints], &[]);
    let above = cast(graph, &format!("{name}.ones"), &above, DataType::INT32);
    let codes = graph.node(
        "ReduceSum",
        &format!("{name}.count"),
        &[&above, &last],
        &[("keepdims", Attribute::Int(0))],
    );
    let levels = graph.floats(&format!("{name}.levels"), &[levels.len()], levels);
    graph.node("Gather", &format!("{name}.gather"), &[&levels, &codes], &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::assign::Assignment;

    /// Every cell has the level that training gives to the values inside it.
    #[test]
    fn cells_hold_the_levels_of_training() {
        let scale = 0.03f32;
        let signed: Vec<i16> = vec![-127, -60, -3, 0, 1, 2, 50, 127];
        let unsigned: Vec<i16> = (0..256).map(|i| (i * 127 + 127) / 255).collect();
        for t in [signed, unsigned, vec![-4, 4], vec![0, 127], vec![5, 5, 9]] {
            let levels: Vec<f32> = t.iter().map(|&t| scale * f32::from(t)).collect();
            let mut nearest = Assignment::new();
            nearest.set_levels(&levels);
            let table = cells(&t);
            for (place, &found) in table.iter().enumerate() {
                let cell = first_cell(&t) + place as i32;
                let x = [(cell as f32 + 0.5) * scale / 2.0];
                let mut x_q = [0.0];
                nearest.quantize(&levels, &x, &mut x_q);
                assert_eq!(x_q[0], scale * found as f32, "cell {cell} of {t:?}");
            }
        }
    }
}
