//! A quantized network that runs on packed integers, with a float factor and addend per output, made from the bytes of [`crate::train::deployment`].
//!
//! Between layers stand real numbers; each layer turns its input into levels by thresholds (the midpoints that
//! training used, so the codes are the same), multiplies integers, and applies its factor and addend.

mod layer;
mod reader;

use super::operand::Scratch;
use crate::error::Error;
use crate::nn::ops::activation::{self, Activation};
use crate::nn::ops::window::{Window, WindowTables};
use crate::nn::ops::{affine, pool, residual};
use crate::nn::tensor::{Shape, Tensor};
pub use layer::Layer;

/// Samples computed together.
const BATCH: usize = 32;

/// What a step computes.
enum Operation {
    Layer(Box<Layer>),
    Activation(Activation),
    MaxPool(WindowTables),
    AveragePool(WindowTables),
    GlobalAveragePool,
    Flatten,
    Add,
    Affine(Vec<(f32, f32)>),
    /// One after the other; of a single one, a change of shape.
    Concat,
}

struct Step {
    operation: Operation,
    /// 0 is the network's input, i the output of step i.
    inputs: Vec<usize>,
    /// The output for one sample.
    shape: Shape,
}

/// The network's own input as integers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InputGrid {
    /// Inputs are multiples of the scale: x = scale·t, |t| ≤ 127.
    Exact(f32),
    /// x = scale·(254·high + low), two levels.
    Split(f32),
}

/// A deployed network.
pub struct Deployed {
    input: Shape,
    steps: Vec<Step>,
    /// Outputs of the last run; 0 is the input.
    outputs: Vec<Tensor>,
    scratch: Scratch,
}

impl Deployed {
    /// Reads a deployment.
    ///
    /// # Errors
    /// `Format` that says where the bytes are not what they should be.
    pub fn new(bytes: &[u8]) -> Result<Self, Error> {
        reader::read(bytes)
    }

    fn assemble(input: Shape, steps: Vec<Step>) -> Self {
        let outputs = vec![Tensor::default(); steps.len() + 1];
        Self {
            input,
            steps,
            outputs,
            scratch: Scratch::default(),
        }
    }

    /// Numbers of one sample.
    pub fn inputs(&self) -> usize {
        self.input.per_sample()
    }

    /// Logits of one sample.
    pub fn classes(&self) -> usize {
        self.steps.last().map_or(0, |step| step.shape.per_sample())
    }

    /// The layers with weights.
    pub fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.steps.iter().filter_map(|step| match &step.operation {
            Operation::Layer(layer) => Some(&**layer),
            _ => None,
        })
    }

    /// Stored bytes of all codes, codebooks and scales.
    pub fn size_bytes(&self) -> u64 {
        self.layers()
            .map(Layer::stored_bits)
            .sum::<u64>()
            .div_ceil(8)
    }

    /// Logits, sample-major `[N × classes]`, of samples `[N × inputs]`.
    ///
    /// # Errors
    /// `Shape` when `x` is no whole number of samples.
    pub fn predict(&mut self, x: &[f32]) -> Result<Vec<f32>, Error> {
        let inputs = self.inputs();
        if !x.len().is_multiple_of(inputs) {
            return Err(Error::Shape {
                what: "x of predict".to_owned(),
                expected: format!("a multiple of {inputs} numbers"),
                got: x.len().to_string(),
            });
        }
        let mut logits = Vec::with_capacity(x.len() / inputs * self.classes());
        for x in x.chunks(BATCH * inputs) {
            let indices: Vec<usize> = (0..x.len() / inputs).collect();
            self.outputs[0].load_samples(self.input, x, &indices);
            self.run();
            logits.extend(self.outputs[self.steps.len()].to_samples());
        }
        Ok(logits)
    }

    fn run(&mut self) {
        for (index, step) in self.steps.iter_mut().enumerate() {
            let (before, after) = self.outputs.split_at_mut(index + 1);
            let (x, y) = (&before[step.inputs[0]], &mut after[0]);
            let n = x.shape().n;
            y.reshape(step.shape.with_batch(n));
            match &mut step.operation {
                Operation::Layer(layer) => layer.run(x, y, &mut self.scratch),
                Operation::Activation(kind) => activation::forward(*kind, x.data(), y.data_mut()),
                Operation::MaxPool(tables) => {
                    let mut winners = vec![0; y.shape().len()];
                    pool::max_forward(tables, n, x.data(), y.data_mut(), &mut winners);
                }
                Operation::AveragePool(tables) => {
                    pool::average_forward(tables, n, x.data(), y.data_mut())
                }
                Operation::GlobalAveragePool => {
                    let pixels = x.shape().h * x.shape().w;
                    pool::global_average_forward(pixels, n, x.data(), y.data_mut());
                }
                Operation::Flatten => y.data_mut().copy_from_slice(x.data()),
                Operation::Add => {
                    residual::forward(x.data(), before[step.inputs[1]].data(), y.data_mut())
                }
                Operation::Affine(constants) => affine::forward(constants, x.data(), y.data_mut()),
                Operation::Concat => {
                    let parts = step.inputs.iter().flat_map(|&input| before[input].data());
                    y.data_mut()
                        .iter_mut()
                        .zip(parts)
                        .for_each(|(y, &x)| *y = x);
                }
            }
        }
    }
}

/// What `window` over `from` makes of `channels` channels.
fn windowed(window: Window, from: Shape, channels: usize) -> Shape {
    Shape::image(
        channels,
        window.rows.outputs(from.h),
        window.columns.outputs(from.w),
        1,
    )
}
