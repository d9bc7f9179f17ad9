//! Quantizers as QONNX's Quant: scale·(clip(round(x/scale + zero)) − zero), any number of bits, a zero point that may be
//! a fraction; rounding half to even.
//!
//! Weights stand in the file as the floats that they are after quantization, and Quant, which does not change them, says
//! of which type. Equal steps have their true bits. Levels of a codebook lie on a grid of 7 or 8 bits (see
//! `quant::grid`), which Quant states; the codebook's own bits are in the metadata. Points are a sum of Quant.
//!
//! Activations with equal steps are one Quant. Those on the integer grid go through the table of cells of [`super::qdq`],
//! and Quant behind it states the grid.

use super::super::coding::{Affine, Coded, Spacing, Weights};
use super::graph::{Attribute, Graph};
use super::qdq;
use crate::quant::{Quantizer, Role};

/// The domain of Quant.
pub(super) const DOMAIN: &str = "qonnx.custom_op.general";

/// Signed integers without their smallest, all signed integers, or unsigned ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Range {
    Narrow,
    Signed,
    Unsigned,
}

/// What a Quant rounds to, in units of its scale.
#[derive(Clone, Copy)]
struct Integers {
    /// May be a fraction.
    zero: f32,
    bits: u32,
    range: Range,
}

impl Integers {
    /// Those of equal steps: signed where a level is 0 and the codes on both sides of it are all of a signed integer.
    fn of(affine: &Affine) -> Self {
        let bits = (32 - affine.last.leading_zeros()).max(1);
        let half = 1 << (bits - 1);
        let (below, above) = (affine.zero, affine.last - affine.zero);
        let range = match below {
            _ if affine.addend != 0.0 || below == 0 || above != half - 1 => Range::Unsigned,
            _ if below == half => Range::Signed,
            _ if below == half - 1 => Range::Narrow,
            _ => Range::Unsigned,
        };
        let zero = match range {
            Range::Unsigned => affine.zero as f32 - affine.addend / affine.scale,
            _ => 0.0,
        };
        Self { zero, bits, range }
    }

    fn narrow(bits: u32) -> Self {
        Self {
            zero: 0.0,
            bits,
            range: Range::Narrow,
        }
    }
}

/// Adds Quant with scales of shape `dims` (none: one for all).
fn quant(
    graph: &mut Graph,
    name: &str,
    x: &str,
    (scale, dims): (&[f32], &[usize]),
    integers: Integers,
) -> String {
    let Integers { zero, bits, range } = integers;
    let scale = graph.floats(&format!("{name}.scale"), dims, scale);
    let zero = graph.floats(&format!("{name}.zero_point"), &[], &[zero]);
    let width = graph.floats(&format!("{name}.bit_width"), &[], &[bits as f32]);
    let attributes = [
        (
            "signed",
            Attribute::Int(i64::from(range != Range::Unsigned)),
        ),
        ("narrow", Attribute::Int(i64::from(range == Range::Narrow))),
        ("rounding_mode", Attribute::Text("ROUND")),
    ];
    graph.node_of(
        DOMAIN,
        "Quant",
        &format!("{name}.quant"),
        &[x, &scale, &zero, &width],
        &attributes,
    )
}

/// A scale that can be divided by: all levels are 0 where it is 0.
fn positive(scale: f32) -> f32 {
    if scale > 0.0 { scale } else { 1.0 }
}

/// Adds weights; returns the name of their values.
pub(super) fn weights(graph: &mut Graph, name: &str, dims: &[usize], coded: &Coded) -> String {
    match &coded.weights {
        Weights::Float(values) => graph.floats(name, dims, values),
        Weights::Codes {
            levels,
            spacing: Spacing::Equal { first, step },
            ..
        } => {
            let affine = Affine::new(*first, *step, levels.len());
            let values = graph.floats(name, dims, &coded.values);
            quant(
                graph,
                name,
                &values,
                (&[affine.scale], &[]),
                Integers::of(&affine),
            )
        }
        Weights::Codes {
            spacing: Spacing::Grid { scale, offset, t },
            ..
        } => {
            let scale = positive(*scale);
            let bits = if t.iter().all(|&t| t < 128) { 7 } else { 8 };
            let values = graph.floats(name, dims, &coded.values);
            let integers = Integers {
                zero: -offset / scale,
                bits,
                range: Range::Unsigned,
            };
            quant(graph, name, &values, (&[scale], &[]), integers)
        }
        Weights::Codes { codes, levels, .. } => qdq::gathered(graph, name, dims, codes, levels),
        Weights::Points {
            step,
            codes,
            further,
        } => {
            let zero = (1 << (coded.bits - 1)) - 1;
            let first: Vec<f32> = codes
                .iter()
                .map(|&code| step * (i32::from(code) - zero) as f32)
                .collect();
            let first = graph.floats(name, dims, &first);
            let integers = Integers::narrow(coded.bits);
            let mut sum = quant(graph, name, &first, (&[positive(*step)], &[]), integers);
            let mut per_row = vec![1; dims.len()];
            per_row[0] = dims[0];
            let point_name = format!("{name}.point");
            for (codes, steps) in qdq::layers_of_points(further, dims, zero) {
                let rows = codes
                    .chunks((codes.len() / dims[0].max(1)).max(1))
                    .zip(&steps);
                let values: Vec<f32> = rows
                    .flat_map(|(row, step)| row.iter().map(move |&code| step * code as f32))
                    .collect();
                let values = graph.floats(&point_name, dims, &values);
                let point = quant(graph, &point_name, &values, (&steps, &per_row), integers);
                sum = graph.node("Add", &format!("{name}.sum"), &[&sum, &point], &[]);
            }
            sum
        }
    }
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
            let integers = Integers::of(&affine);
            // An unsigned Quant has all codes of its bits, the levels may have fewer.
            let all = integers.range != Range::Unsigned || levels.len() == 1 << integers.bits;
            let x = if all {
                x.to_owned()
            } else {
                qdq::clipped(graph, name, x, (levels[0], levels[levels.len() - 1]))
            };
            quant(graph, name, &x, (&[affine.scale], &[]), integers)
        }
        Spacing::Grid { scale, t, .. } => {
            let scale = positive(scale);
            let table: Vec<f32> = qdq::cells(&t)
                .into_iter()
                .map(|t| scale * t as f32)
                .collect();
            let indices = qdq::cell_indices(graph, name, x, scale, &t);
            let table = graph.floats(&format!("{name}.table"), &[table.len()], &table);
            let values = graph.node(
                "Gather",
                &format!("{name}.gather"),
                &[&table, &indices],
                &[],
            );
            quant(graph, name, &values, (&[scale], &[]), Integers::narrow(8))
        }
        Spacing::Free => qdq::counted(graph, name, x, levels),
    }
}
