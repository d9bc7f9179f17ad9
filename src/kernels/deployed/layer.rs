//! One layer on packed codes: input to levels, integer products, factor and addend, activation.
//!
//! With weights w = s_w·level + o_w and inputs x = s_x·t: Σ w·x = s_x·(s_w·Σ level·t + o_w·Σ t), and
//! y_r = activation(factor_r·Σ w·x + addend_r), where the addend holds bias and batch norm.

use super::InputGrid;
use crate::kernels::matrix::{Method, PackedMatrix};
use crate::kernels::operand::Scratch;
use crate::nn::ops::activation::{Activation, relu, relu6};
use crate::nn::ops::convolution::Geometry;
use crate::nn::ops::window::WindowTables;
use crate::nn::tensor::Tensor;
use crate::quant::assign::Assignment;

/// Where a layer's levels come from.
pub(super) enum Source {
    /// The network's own input.
    Input(InputGrid),
    /// Thresholds between levels scale·t.
    Levels {
        scale: f32,
        t: Vec<i8>,
        nearest: Box<Assignment>,
    },
}

/// Rows below those of the outputs: points that add to the outputs' first ones (see [`crate::quant::multipoint`]).
#[derive(Default)]
pub(super) struct FurtherPoints {
    /// The output that each adds to.
    pub row_map: Vec<usize>,
    /// What each is multiplied with, in place of the layer's scale.
    pub coef: Vec<f32>,
}

impl FurtherPoints {
    /// (output, coefficient) of each.
    fn iter(&self) -> impl Iterator<Item = (usize, f32)> + '_ {
        self.row_map.iter().copied().zip(self.coef.iter().copied())
    }
}

/// The channels of one group.
pub(super) struct Group {
    pub matrix: PackedMatrix,
    pub further: FurtherPoints,
}

/// How the integers are multiplied.
pub(super) enum Weights {
    /// One matrix per group of channels.
    Packed(Vec<Group>),
    /// One channel per group: its taps' levels, and those of further points.
    Depthwise {
        taps: Vec<i32>,
        further: FurtherPoints,
    },
}

/// What is known of a layer beside its numbers.
pub(super) struct Facts {
    pub name: String,
    pub kind: String,
    pub bits: u32,
    pub codebook: bool,
    pub stored_bits: u64,
}

/// One layer with weights.
pub struct Layer {
    pub(super) facts: Facts,
    pub(super) geometry: Geometry,
    pub(super) tables: WindowTables,
    pub(super) source: Source,
    pub(super) weights: Weights,
    pub(super) scale: f32,
    pub(super) offset: f32,
    pub(super) affine: Vec<(f32, f32)>,
    pub(super) activation: Activation,
    pub(super) levels: Vec<i8>,
    pub(super) columns: Vec<i8>,
    pub(super) acc: Vec<i32>,
    /// Σ w·x / s_x so far, with o_w's part: `[outputs, pixels, N]`.
    pub(super) sums: Vec<f32>,
}

impl Layer {
    /// The name in its network.
    pub fn name(&self) -> &str {
        &self.facts.name
    }

    /// "dense", "conv 1×1", …
    pub fn kind(&self) -> &str {
        &self.facts.kind
    }

    /// Bits of a weight code.
    pub fn bits(&self) -> u32 {
        self.facts.bits
    }

    /// Whether codes index a codebook; else they are their own levels.
    pub fn has_codebook(&self) -> bool {
        self.facts.codebook
    }

    /// Stored bits of the weights.
    pub fn stored_bits(&self) -> u64 {
        self.facts.stored_bits
    }

    /// Multiply–accumulates for one sample.
    pub fn macs(&self) -> usize {
        self.geometry.macs()
    }

    /// Rows of the matrix of one group: output channels.
    pub fn rows(&self) -> usize {
        self.geometry.outputs / self.geometry.groups
    }

    /// Columns of the matrix of one group: inputs of one output.
    pub fn columns(&self) -> usize {
        self.geometry.fan_in()
    }

    /// How it is multiplied; None for a depthwise convolution, which has its own loop.
    pub fn method(&self) -> Option<Method> {
        match &self.weights {
            Weights::Packed(groups) => groups.first().map(|group| group.matrix.method()),
            Weights::Depthwise { .. } => None,
        }
    }

    /// Writes y `[outputs, pixels, N]` from x `[channels, pixels, N]`.
    pub(super) fn run(&mut self, x: &Tensor, y: &mut Tensor, scratch: &mut Scratch) {
        let n = x.shape().n;
        self.sums.clear();
        self.sums.resize(y.shape().len(), 0.0);
        let mut levels = core::mem::take(&mut self.levels);
        levels.resize(x.shape().len(), 0);
        let scale = match &self.source {
            Source::Levels { scale, t, nearest } => {
                let scale = *scale;
                to_levels(nearest, t, x.data(), &mut levels);
                self.multiply(&levels, n, 1.0, scratch);
                scale
            }
            Source::Input(InputGrid::Exact(scale)) => {
                let scale = *scale;
                let inverse = 1.0 / scale;
                let level = |x: f32| (x * inverse).round_ties_even().clamp(-127.0, 127.0) as i8;
                levels
                    .iter_mut()
                    .zip(x.data())
                    .for_each(|(t, &x)| *t = level(x));
                self.multiply(&levels, n, 1.0, scratch);
                scale
            }
            Source::Input(InputGrid::Split(scale)) => {
                let scale = *scale;
                let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                let whole = |x: f32| (x * inverse).round_ties_even().clamp(-32_385.0, 32_385.0);
                // The largest input is half way from 127 to 128, and the tie goes to 128, which is no level.
                let high = |x: f32| {
                    let halves = (whole(x) / 254.0).round_ties_even();
                    halves.clamp(-127.0, 127.0)
                };
                levels
                    .iter_mut()
                    .zip(x.data())
                    .for_each(|(t, &x)| *t = high(x) as i8);
                self.multiply(&levels, n, 254.0, scratch);
                levels
                    .iter_mut()
                    .zip(x.data())
                    .for_each(|(t, &x)| *t = (whole(x) - 254.0 * high(x)) as i8);
                self.multiply(&levels, n, 1.0, scratch);
                scale
            }
        };
        self.levels = levels;
        self.finish(scale, y);
    }

    /// Adds `weight` · Σ (s_w·level + o_w)·t to the sums.
    fn multiply(&mut self, levels: &[i8], n: usize, weight: f32, scratch: &mut Scratch) {
        let (scale, offset) = (weight * self.scale, weight * self.offset);
        // Codes of points are k + N for k from −N to N.
        let zero = -((1 << (self.facts.bits - 1)) - 1) as f32;
        let of_point = |(row, coef): (usize, f32)| (row, weight * coef, weight * coef * zero);
        let groups = match &self.weights {
            Weights::Packed(groups) => groups,
            Weights::Depthwise { taps, further } => {
                let channels = (0..self.geometry.outputs).map(|row| (row, scale, offset));
                let rows = channels.chain(further.iter().map(of_point));
                let (acc, sums) = (&mut self.acc, &mut self.sums);
                return depthwise(&self.tables, n, taps, rows, levels, acc, sums);
            }
        };
        let pixels = self.tables.output_pixels;
        let channels = self.geometry.input.c / self.geometry.groups;
        let image = self.tables.input_pixels * n;
        let outputs = self.geometry.outputs / self.geometry.groups;
        for (group, Group { matrix, further }) in groups.iter().enumerate() {
            let x = &levels[group * channels * image..][..channels * image];
            patches(&self.tables, channels, n, x, &mut self.columns);
            let count = pixels * n;
            self.acc.resize(count * matrix.rows(), 0);
            matrix.multiply(&self.columns, count, &mut self.acc, scratch);
            let sums = &mut self.sums[group * outputs * count..][..outputs * count];
            let totals = scratch.column_sums().iter();
            for (at, (acc, &total)) in self.acc.chunks_exact(matrix.rows()).zip(totals).enumerate()
            {
                let (first, more) = acc.split_at(outputs);
                for (row, &acc) in first.iter().enumerate() {
                    sums[row * count + at] += scale * acc as f32 + offset * total as f32;
                }
                for (&acc, point) in more.iter().zip(further.iter()) {
                    let (row, scale, offset) = of_point(point);
                    sums[row * count + at] += scale * acc as f32 + offset * total as f32;
                }
            }
        }
    }

    fn finish(&self, scale: f32, y: &mut Tensor) {
        let run = y.shape().per_channel();
        let rows = y
            .data_mut()
            .chunks_exact_mut(run)
            .zip(self.sums.chunks_exact(run));
        for ((y, sums), &(factor, addend)) in rows.zip(&self.affine) {
            let factor = factor * scale;
            for (y, &sum) in y.iter_mut().zip(sums) {
                let z = factor * sum + addend;
                *y = match self.activation {
                    Activation::Identity => z,
                    Activation::Relu => relu(z),
                    Activation::Relu6 => relu6(z),
                    Activation::Imported(curve) => curve.of(z),
                };
            }
        }
    }
}

fn to_levels(nearest: &Assignment, t: &[i8], x: &[f32], levels: &mut [i8]) {
    const CHUNK: usize = 256;
    let mut codes = [0u8; CHUNK];
    for (x, levels) in x.chunks(CHUNK).zip(levels.chunks_mut(CHUNK)) {
        let codes = &mut codes[..x.len()];
        nearest.codes(x, codes);
        for (level, &code) in levels.iter_mut().zip(codes.iter()) {
            *level = t[usize::from(code)];
        }
    }
}

/// The patch of each output pixel of each sample, one after the other: `[pixels, N]` of `[channels, taps]`; zeros
/// where a window sticks out.
fn patches(tables: &WindowTables, channels: usize, n: usize, x: &[i8], columns: &mut Vec<i8>) {
    let taps = tables.window.taps();
    let length = channels * taps;
    columns.clear();
    columns.resize(tables.output_pixels * n * length, 0);
    for (output, seen) in tables.by_output.iter().enumerate() {
        for contribution in seen {
            for channel in 0..channels {
                let from = &x[(channel * tables.input_pixels + contribution.pixel) * n..][..n];
                let place = channel * taps + contribution.tap;
                let to = columns[output * n * length..].chunks_exact_mut(length);
                for (patch, &level) in to.zip(from) {
                    patch[place] = level;
                }
            }
        }
    }
}

/// Every channel by itself: acc = Σ level·t and Σ t over the window's runs. `rows` says of each row of `taps` its
/// channel, its scale and its offset.
fn depthwise(
    tables: &WindowTables,
    n: usize,
    taps: &[i32],
    rows: impl Iterator<Item = (usize, f32, f32)>,
    x: &[i8],
    acc: &mut Vec<i32>,
    sums: &mut [f32],
) {
    let (image, output) = (tables.input_pixels * n, tables.output_pixels * n);
    acc.resize(2 * output, 0);
    let (acc, totals) = acc[..2 * output].split_at_mut(output);
    for (taps, (channel, scale, offset)) in taps.chunks_exact(tables.window.taps()).zip(rows) {
        let x = &x[channel * image..][..image];
        acc.fill(0);
        totals.fill(0);
        for (&level, runs) in taps.iter().zip(&tables.by_tap) {
            for run in runs {
                let from = &x[run.input * n..][..run.pixels * n];
                let to = acc[run.output * n..]
                    .iter_mut()
                    .zip(&mut totals[run.output * n..]);
                for ((acc, total), &t) in to.zip(from) {
                    *acc += level * i32::from(t);
                    *total += i32::from(t);
                }
            }
        }
        let sums = &mut sums[channel * output..][..output];
        for ((sum, &acc), &total) in sums.iter_mut().zip(acc.iter()).zip(totals.iter()) {
            *sum += scale * acc as f32 + offset * total as f32;
        }
    }
}
