//! A quantized network as bytes: codes, codebooks, scales and biases, nothing of training.
//!
//! Layout (little endian): magic `DDQD`, u32 version 2, the input's grid (u8 kind 0 exact or 1 split, f32 scale),
//! u32 channels, height, width, u32 number of steps, then the steps. A step is u8 operation, u8 number of inputs
//! and their indices as u32 (0 is the network's input, i the output of step i), and what the operation needs, see
//! [`Writer::step`]. Batch norms and activations that follow a layer are folded into it: per output channel the
//! factor and the addend after the accumulator.

use crate::bytes::Writer;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::nn::network::Network;
use crate::nn::node::{Node, Op};
use crate::nn::ops::activation::Activation;
#[cfg(any(feature = "files", feature = "kernels"))]
use crate::nn::ops::activation::Curve;
use crate::nn::ops::window::{Axis, Window};
use crate::nn::tensor::Shape;
#[cfg(feature = "methods")]
use crate::quant::PointCodes;
use crate::quant::{Quantizer, assign::Assignment};

/// First bytes of a deployment.
pub const MAGIC: [u8; 4] = *b"DDQD";
/// The version written here.
pub const VERSION: u32 = 2;

/// Operations, by number.
pub const LINEAR: u8 = 0;
/// An activation alone.
pub const ACTIVATION: u8 = 1;
/// Maximum over windows.
pub const MAX_POOL: u8 = 2;
/// Mean over windows.
pub const AVERAGE_POOL: u8 = 3;
/// Mean over the image.
pub const GLOBAL_AVERAGE_POOL: u8 = 4;
/// The image as features.
pub const FLATTEN: u8 = 5;
/// The sum of two.
pub const ADD: u8 = 6;
/// Constants that multiply and are added.
pub const AFFINE: u8 = 7;
/// The values of several, one after the other.
pub const CONCAT: u8 = 8;
/// The same values in another shape.
pub const RESHAPE: u8 = 9;

/// Codings of weights: codes are levels, indices of a codebook, or points of rows.
pub const UNIFORM: u8 = 0;
/// Indices of a codebook.
pub const CODEBOOK: u8 = 1;
/// Points of rows, see `quant::multipoint`.
pub const POINTS: u8 = 2;

/// Levels of a network's input on an exact grid: inputs that are multiples of this, as the digits are.
const EXACT_STEP: f32 = 0.125;
/// Most bits of a weight's code.
const MOST_BITS: u32 = 8;
/// Largest level of one 8-bit half of the input; both halves reach 127·254 + 127.
const HALF: f32 = 127.0;
/// Largest level of an input split into two halves.
const LARGEST_SPLIT: f32 = 127.0 * 254.0 + 127.0;

/// The bytes of `network`, whose first layer takes the inputs of `data`.
///
/// # Errors
/// `Format` where a layer or its input is not quantized, or has levels that integer kernels cannot hold: run to the end, where
/// levels move to their grid, and choose uniform or DDQ.
pub fn write(network: &Network, data: &Dataset) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::default();
    writer.bytes.extend_from_slice(&MAGIC);
    writer.u32(VERSION as usize);
    writer.input_grid(&data.train.inputs);
    let Shape { c, h, w, .. } = network.input_shape();
    [c, h, w].iter().for_each(|&size| writer.u32(size));
    let plan = Plan::new(network.nodes());
    writer.u32(plan.steps.len());
    for step in &plan.steps {
        writer.step(step, network.nodes())?;
    }
    Ok(writer.bytes)
}

/// One step: the node it begins with, the nodes folded into it, the steps it reads.
pub(crate) struct Step {
    pub node: usize,
    pub folded: Vec<usize>,
    pub inputs: Vec<usize>,
}

/// A graph as steps: batch norms and activations that follow a layer are folded into it.
pub(crate) struct Plan {
    pub steps: Vec<Step>,
}

impl Plan {
    pub fn new(nodes: &[Node]) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        // The step that gives a node's output; node 0 is step 0, the input.
        let mut place = vec![0; nodes.len()];
        for (index, node) in nodes.iter().enumerate().skip(1) {
            let from = node.inputs[0];
            let foldable = match &node.op {
                Op::BatchNorm(_) | Op::Activation(_) => true,
                #[cfg(feature = "files")]
                Op::Affine(constants) => constants.len() == nodes[from].shape.c,
                _ => false,
            };
            let readers = nodes
                .iter()
                .filter(|other| other.inputs.contains(&from))
                .count();
            let after_layer =
                place[from] > 0 && matches!(nodes[steps[place[from] - 1].node].op, Op::Linear(_));
            let once = !steps.get(place[from].wrapping_sub(1)).is_some_and(|step| {
                let last = step.folded.last().map(|&at| &nodes[at].op);
                matches!(last, Some(Op::Activation(_))) || matches!(last, Some(Op::BatchNorm(norm)) if norm.activation() != Activation::Identity)
            });
            if foldable && readers == 1 && after_layer && once {
                place[index] = place[from];
                steps[place[from] - 1].folded.push(index);
                continue;
            }
            let inputs = node.inputs.iter().map(|&input| place[input]).collect();
            steps.push(Step {
                node: index,
                folded: Vec::new(),
                inputs,
            });
            place[index] = steps.len();
        }
        Self { steps }
    }
}

fn unfit(place: &str, expected: &str, got: &str) -> Error {
    Error::Format {
        what: "deploy".to_owned(),
        place: place.to_owned(),
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}

impl Writer {
    fn input_grid(&mut self, inputs: &[f32]) {
        let (kind, scale) = input_grid(inputs);
        self.u8(kind);
        self.f32(scale);
    }

    fn window(&mut self, window: Window) {
        let sizes = |axis: Axis| {
            [
                axis.kernel,
                axis.stride,
                axis.dilation,
                axis.before,
                axis.after,
            ]
        };
        let both = [sizes(window.rows), sizes(window.columns)];
        both.as_flattened().iter().for_each(|&size| self.u32(size));
    }

    /// Linear: name, kind (u32 length and UTF-8 each), input c, h, w, outputs, groups, window, weights (see
    /// [`Self::weights`]), factor and addend of every output channel, u8 activation, activation levels (u8 1, f32
    /// scale, u32 count, i8 each, f32 each; u8 0 where the network's own input is read). Pools: window. Activation: u8
    /// and its numbers. Affine: u32 count, f32 factor and addend each. Concat and reshape: u32 channels, height, width.
    /// A window is u32 kernel, stride, dilation and zeros before and behind, of the rows and of the columns.
    fn step(&mut self, step: &Step, nodes: &[Node]) -> Result<(), Error> {
        let node = &nodes[step.node];
        let operation = match &node.op {
            Op::Linear(_) => LINEAR,
            Op::Activation(_) => ACTIVATION,
            Op::MaxPool(..) => MAX_POOL,
            Op::AveragePool(_) => AVERAGE_POOL,
            Op::GlobalAveragePool => GLOBAL_AVERAGE_POOL,
            Op::Flatten => FLATTEN,
            Op::Add => ADD,
            #[cfg(feature = "files")]
            Op::Affine(_) => AFFINE,
            #[cfg(feature = "files")]
            Op::Concat => CONCAT,
            #[cfg(feature = "files")]
            Op::Reshape => RESHAPE,
            // Behind no layer it is a multiplication and an addition; only imported networks have that.
            #[cfg(feature = "files")]
            Op::BatchNorm(norm) if norm.activation() == Activation::Identity => AFFINE,
            Op::Input | Op::BatchNorm(_) => {
                return Err(unfit(
                    "the graph",
                    "every batch norm and activation directly after a layer",
                    "another order",
                ));
            }
        };
        self.u8(operation);
        self.u8(step.inputs.len() as u8);
        step.inputs.iter().for_each(|&input| self.u32(input));
        match &node.op {
            Op::Linear(linear) => self.linear(linear, step, nodes)?,
            Op::Activation(kind) => self.activation(*kind),
            Op::MaxPool(tables, _) | Op::AveragePool(tables) => self.window(tables.window),
            #[cfg(feature = "files")]
            Op::BatchNorm(norm) => self.affine(&norm.affine()),
            #[cfg(feature = "files")]
            Op::Affine(constants) => self.affine(constants),
            #[cfg(feature = "files")]
            Op::Concat | Op::Reshape => {
                let Shape { c, h, w, .. } = node.shape;
                [c, h, w].iter().for_each(|&size| self.u32(size));
            }
            _ => {}
        }
        Ok(())
    }

    #[cfg(feature = "files")]
    fn affine(&mut self, constants: &[(f32, f32)]) {
        self.u32(constants.len());
        self.pairs(constants);
    }

    fn pairs(&mut self, affine: &[(f32, f32)]) {
        for &(factor, addend) in affine {
            self.f32(factor);
            self.f32(addend);
        }
    }

    fn activation(&mut self, kind: Activation) {
        match kind {
            Activation::Identity => self.u8(0),
            Activation::Relu => self.u8(1),
            Activation::Relu6 => self.u8(2),
            #[cfg(any(feature = "files", feature = "kernels"))]
            Activation::Imported(curve) => self.curve(curve),
        }
    }

    /// Infinite limits become the largest numbers, since a deployment holds finite numbers only.
    #[cfg(any(feature = "files", feature = "kernels"))]
    fn curve(&mut self, curve: Curve) {
        match curve {
            Curve::LeakyRelu { slope } => {
                self.u8(3);
                self.f32(slope);
            }
            Curve::Clip { low, high } => {
                self.u8(4);
                self.f32(low.max(f32::MIN));
                self.f32(high.min(f32::MAX));
            }
            Curve::Sigmoid => self.u8(5),
            Curve::Tanh => self.u8(6),
            Curve::HardSwish => self.u8(7),
        }
    }

    fn linear(&mut self, linear: &Linear, step: &Step, nodes: &[Node]) -> Result<(), Error> {
        let geometry = linear.geometry();
        self.text(&linear.name);
        self.text(&linear.kind());
        let Shape { c, h, w, .. } = geometry.input;
        let sizes = [c, h, w, geometry.outputs, geometry.groups];
        sizes.iter().for_each(|&size| self.u32(size));
        self.window(geometry.window);
        let quantizer = linear.weight_quantizer.as_deref();
        let quantizer = quantizer.ok_or_else(|| {
            unfit(
                &format!("the weights of {}", linear.name),
                "a quantized network",
                "32-bit floats",
            )
        })?;
        self.weights(linear, quantizer)?;
        let mut epilogue = Epilogue::new(linear);
        for &folded in &step.folded {
            epilogue.fold(&nodes[folded].op);
        }
        self.pairs(&epilogue.affine);
        self.activation(epilogue.activation);
        self.input_levels(linear, step, nodes)
    }

    /// u8 bits, u8 coding (0 uniform, 1 codebook, 2 points), f32 scale, f32 offset, the codebook's 2^bits bytes, u64
    /// stored bits, then the codes, one byte each. With points those are the first ones', and u32 further points
    /// follow: each u32 row, f32 scale, a code a weight; its offset is as many scales as the first points'.
    fn weights(&mut self, linear: &Linear, quantizer: &dyn Quantizer) -> Result<(), Error> {
        #[cfg(feature = "methods")]
        if let Some(points) = quantizer.point_codes(&linear.weight.value) {
            self.points(linear.weight.value.len(), quantizer, &points);
            return Ok(());
        }
        let place = format!("the weights of {}", linear.name);
        let levels = quantizer.levels();
        let bits = quantizer.bits().max(1);
        if bits > MOST_BITS {
            let got = format!("{bits} bits");
            return Err(unfit(
                &place,
                "codes of at most 8 bits: a run in fine-tuning or finished",
                &got,
            ));
        }
        let grid = quantizer.deployed();
        let (scale, offset, table) = match (equal_step(levels), grid) {
            (_, Some(grid)) => {
                let moved = grid
                    .values()
                    .zip(levels)
                    .any(|(value, &level)| (value - level).abs() > 1e-6 * spread(levels));
                if moved {
                    return Err(unfit(
                        &place,
                        "levels on their integer grid: a run in fine-tuning or finished",
                        "levels still in training",
                    ));
                }
                let table: Vec<u8> = grid.t.iter().map(|&t| t as u8).collect();
                (grid.scale, grid.offset, Some(table))
            }
            (Some(step), None) => (step, levels[0], None),
            (None, None) => {
                return Err(unfit(
                    &place,
                    "equally spaced levels, or levels on their integer grid: a run in fine-tuning or finished",
                    "other levels",
                ));
            }
        };
        self.u8(bits as u8);
        self.u8(if table.is_some() { CODEBOOK } else { UNIFORM });
        self.f32(scale);
        self.f32(offset);
        if let Some(mut table) = table {
            table.resize(1 << bits, *table.last().unwrap_or(&0));
            self.put(&table);
        }
        let values = &linear.weight.value;
        self.put(&quantizer.stored_bits(values.len()).to_le_bytes());
        let mut quantized = vec![0.0; values.len()];
        quantizer.quantize(values, &mut quantized);
        let mut nearest = Assignment::new();
        nearest.set_levels(levels);
        let mut codes = vec![0; values.len()];
        nearest.codes(&quantized, &mut codes);
        self.put(&codes);
        Ok(())
    }

    #[cfg(feature = "methods")]
    fn points(&mut self, count: usize, quantizer: &dyn Quantizer, points: &PointCodes) {
        self.u8(quantizer.bits() as u8);
        self.u8(POINTS);
        self.f32(points.step);
        self.f32(quantizer.levels()[0]);
        self.put(&quantizer.stored_bits(count).to_le_bytes());
        self.put(&points.codes);
        self.u32(points.further.len());
        for point in &points.further {
            self.u32(point.row);
            self.f32(point.step);
            self.put(&point.codes);
        }
    }

    fn input_levels(&mut self, linear: &Linear, step: &Step, nodes: &[Node]) -> Result<(), Error> {
        let Some(quantizer) = linear.activation_quantizer.as_deref() else {
            if nodes[step.node].inputs[0] != 0 {
                return Err(unquantized_input("deploy", linear));
            }
            self.u8(0);
            return Ok(());
        };
        let levels = quantizer.levels();
        let (scale, t) = integer_levels(levels).ok_or_else(|| {
            let place = format!("the input activations of {}", linear.name);
            unfit(
                &place,
                "levels that are multiples −127 to 127 of one step",
                "levels off that grid (use fewer bits, or uniform or DDQ at the end of a run)",
            )
        })?;
        self.u8(1);
        self.f32(scale);
        self.u32(t.len());
        t.iter().for_each(|&t| self.u8(t as u8));
        // The real levels too: thresholds between them are then exactly those of training.
        levels.iter().for_each(|&level| self.f32(level));
        Ok(())
    }
}

/// Integers need them on both sides of a product.
pub(crate) fn unquantized_input(what: &str, linear: &Linear) -> Error {
    Error::Format {
        what: what.to_owned(),
        place: format!("the input activations of {}", linear.name),
        expected: "quantized ones (option activationBits from 1 to 8)".to_owned(),
        got: "32-bit floats, because activationBits is 0".to_owned(),
    }
}

/// The grid of a network's inputs: kind (0 exact, 1 split into two 8-bit halves) and scale.
pub(crate) fn input_grid(inputs: &[f32]) -> (u8, f32) {
    let exact = |&x: &f32| {
        let t = x / EXACT_STEP;
        t == t.round() && t.abs() <= HALF
    };
    let largest = inputs.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    if inputs.iter().all(exact) {
        (0, EXACT_STEP)
    } else {
        (1, largest / LARGEST_SPLIT)
    }
}

pub(crate) fn spread(levels: &[f32]) -> f32 {
    match (levels.first(), levels.last()) {
        (Some(first), Some(last)) => last - first,
        _ => 0.0,
    }
}

/// The distance of adjacent levels, where it is the same everywhere (0 for a single level).
pub(crate) fn equal_step(levels: &[f32]) -> Option<f32> {
    let step = spread(levels) / (levels.len() - 1).max(1) as f32;
    let fits = |(i, level): (usize, &f32)| {
        (levels[0] + step * i as f32 - level).abs() <= 1e-5 * spread(levels)
    };
    levels.iter().enumerate().all(fits).then_some(step)
}

/// Levels as scale·t with |t| ≤ 127: on the grid of the largest level, or multiples of (half) their step.
pub(crate) fn integer_levels(levels: &[f32]) -> Option<(f32, Vec<i8>)> {
    let (scale, t) = levels_within(levels, HALF)?;
    Some((scale, t.into_iter().map(|t| t as i8).collect()))
}

/// The same with |t| ≤ `most` for multiples of (half) their step.
pub(crate) fn levels_within(levels: &[f32], most: f32) -> Option<(f32, Vec<i16>)> {
    let largest = levels
        .iter()
        .fold(0.0f32, |most, level| most.max(level.abs()));
    let step = equal_step(levels).unwrap_or(0.0);
    for scale in [largest / HALF, step, step / 2.0] {
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let t: Vec<f32> = levels
            .iter()
            .map(|level| (level * inverse).round())
            .collect();
        let exact = |(t, level): (&f32, &f32)| {
            t.abs() <= most && (t * scale - level).abs() <= 1e-5 * largest
        };
        if t.iter().zip(levels).all(exact) {
            return Some((scale, t.into_iter().map(|t| t as i16).collect()));
        }
    }
    None
}
