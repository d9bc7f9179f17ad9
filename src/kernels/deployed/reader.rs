//! Reads the bytes of a deployment; everything is checked before anything is built.

use super::layer::{Facts, FurtherPoints, Group, Layer, Source, Weights};
use super::{Deployed, InputGrid, Operation, Step, windowed};
use crate::bytes::Reader;
use crate::error::Error;
use crate::kernels::matrix::{Coding, PackedMatrix};
use crate::nn::ops::activation::{Activation, Curve};
use crate::nn::ops::convolution::Geometry;
use crate::nn::ops::window::{Axis, Window, WindowTables};
use crate::nn::tensor::Shape;
use crate::quant::assign::Assignment;
use crate::train::deployment as format;

/// Larger sizes are taken for damage.
const LARGEST_SIZE: usize = 1 << 20;
/// Kernels, strides, dilations and pads beyond this too: no sum of them leaves 32 bits, the machine's word in a browser.
const LARGEST_STEP: usize = 1 << 12;
/// Numbers that all steps may hold for one sample, and what a layer may lay out for it: 64 MB as floats.
const LARGEST_SAMPLE: u64 = 1 << 24;
/// Inputs of one output: more could overflow a 32-bit sum.
const LARGEST_FAN_IN: u64 = 1 << 16;

pub(super) fn read(bytes: &[u8]) -> Result<Deployed, Error> {
    let mut reader = Reader::new("a deployed network", bytes);
    reader.magic(&format::MAGIC)?;
    reader.require(format::VERSION, "version 2")?;
    let kind = reader.u8()?;
    reader.check(kind <= 1, "an input grid, 0 or 1")?;
    let scale = reader.f32()?;
    let grid = if kind == 0 {
        InputGrid::Exact(scale)
    } else {
        InputGrid::Split(scale)
    };
    let input = reader.shape()?;
    let count = reader.u32()?;
    reader.check(count > 0, "a network of at least one step")?;
    let mut steps: Vec<Step> = Vec::new();
    let mut numbers = input.per_sample() as u64;
    for index in 0..count {
        let step = reader.step(index, input, &steps, grid)?;
        numbers += step.shape.per_sample() as u64;
        reader.check(
            numbers <= LARGEST_SAMPLE,
            "at most 2^24 numbers in all steps",
        )?;
        steps.push(step);
    }
    reader.check(reader.left() == 0, "the end of the file")?;
    Ok(Deployed::assemble(input, steps))
}

impl<'a> Reader<'a> {
    fn other(&self, expected: &str) -> Error {
        self.wrong(expected, "something else")
    }

    fn check(&self, right: bool, expected: &str) -> Result<(), Error> {
        if right {
            Ok(())
        } else {
            Err(self.other(expected))
        }
    }

    fn u8(&mut self) -> Result<u8, Error> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<usize, Error> {
        let value = self.word()? as usize;
        self.check(value <= LARGEST_SIZE, "a size of at most 2^20")?;
        Ok(value)
    }

    fn f32(&mut self) -> Result<f32, Error> {
        let value = f32::from_le_bytes(self.array()?);
        self.check(value.is_finite(), "a finite number")?;
        Ok(value)
    }

    fn text(&mut self) -> Result<String, Error> {
        let length = self.u32()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn activation(&mut self) -> Result<Activation, Error> {
        match self.u8()? {
            0 => Ok(Activation::Identity),
            1 => Ok(Activation::Relu),
            2 => Ok(Activation::Relu6),
            number => Ok(Activation::Imported(self.curve(number)?)),
        }
    }

    fn curve(&mut self, number: u8) -> Result<Curve, Error> {
        Ok(match number {
            3 => Curve::LeakyRelu { slope: self.f32()? },
            4 => Curve::Clip {
                low: self.f32()?,
                high: self.f32()?,
            },
            5 => Curve::Sigmoid,
            6 => Curve::Tanh,
            7 => Curve::HardSwish,
            _ => return Err(self.other("an activation, 0 to 7")),
        })
    }

    fn pairs(&mut self, count: usize) -> Result<Vec<(f32, f32)>, Error> {
        (0..count).map(|_| Ok((self.f32()?, self.f32()?))).collect()
    }

    fn shape(&mut self) -> Result<Shape, Error> {
        let shape = Shape::image(self.u32()?, self.u32()?, self.u32()?, 1);
        self.sized(shape)
    }

    /// The shape, if it has a number and not too many.
    fn sized(&self, shape: Shape) -> Result<Shape, Error> {
        let numbers = product([shape.c, shape.h, shape.w]);
        let sound = (1..=LARGEST_SAMPLE).contains(&numbers);
        self.check(sound, "1 to 2^24 numbers")?;
        Ok(shape)
    }

    /// The tables of a window over the image of `from`, and the image that it makes of `channels`.
    fn tables(
        &self,
        window: Window,
        from: Shape,
        channels: usize,
    ) -> Result<(WindowTables, Shape), Error> {
        self.check(window.fits(from.h, from.w), "a window inside the image")?;
        let shape = self.sized(windowed(window, from, channels))?;
        let taps = product([window.rows.kernel, window.columns.kernel]);
        let pairs = product([shape.h, shape.w]).saturating_mul(taps);
        self.check(pairs <= LARGEST_SAMPLE, "at most 2^24 pairs of pixels")?;
        Ok((WindowTables::new(window, from.h, from.w), shape))
    }

    fn window(&mut self) -> Result<Window, Error> {
        let window = Window {
            rows: self.axis()?,
            columns: self.axis()?,
        };
        Ok(window)
    }

    fn axis(&mut self) -> Result<Axis, Error> {
        let axis = Axis {
            kernel: self.u32()?,
            stride: self.u32()?,
            dilation: self.u32()?,
            before: self.u32()?,
            after: self.u32()?,
        };
        let Axis {
            kernel,
            stride,
            dilation,
            before,
            after,
        } = axis;
        let sound = kernel > 0 && stride > 0 && dilation > 0;
        self.check(sound, "a window with taps and steps")?;
        let most = kernel.max(stride).max(dilation).max(before).max(after);
        self.check(most <= LARGEST_STEP, "windows, steps and pads up to 4096")?;
        Ok(axis)
    }

    fn step(
        &mut self,
        index: usize,
        input: Shape,
        steps: &[Step],
        grid: InputGrid,
    ) -> Result<Step, Error> {
        let operation = self.u8()?;
        let count = usize::from(self.u8()?);
        let right = match operation {
            format::ADD => count == 2,
            format::CONCAT => count > 0,
            _ => count == 1,
        };
        self.check(right, "as many inputs as the operation takes")?;
        let mut inputs = Vec::new();
        for _ in 0..count {
            let from = self.u32()?;
            self.check(from <= index, "an input that comes before")?;
            inputs.push(from);
        }
        let shape_of = |at: usize| if at == 0 { input } else { steps[at - 1].shape };
        let from = shape_of(inputs[0]);
        let (operation, shape) = match operation {
            format::LINEAR => {
                let layer = self.layer(from, inputs[0] == 0, grid)?;
                let shape = layer.geometry.output(1);
                (Operation::Layer(Box::new(layer)), shape)
            }
            format::ACTIVATION => (Operation::Activation(self.activation()?), from),
            format::MAX_POOL | format::AVERAGE_POOL => {
                let window = self.window()?;
                let (tables, shape) = self.tables(window, from, from.c)?;
                self.check(tables.all_see(), "windows that see a pixel")?;
                let made = if operation == format::MAX_POOL {
                    Operation::MaxPool(tables)
                } else {
                    Operation::AveragePool(tables)
                };
                (made, shape)
            }
            format::GLOBAL_AVERAGE_POOL => {
                (Operation::GlobalAveragePool, Shape::features(from.c, 1))
            }
            format::FLATTEN => (Operation::Flatten, Shape::features(from.per_sample(), 1)),
            format::ADD => {
                self.check(shape_of(inputs[1]) == from, "two inputs of one shape")?;
                (Operation::Add, from)
            }
            format::AFFINE => {
                let count = self.u32()?;
                let divides = count > 0 && from.per_sample().is_multiple_of(count);
                self.check(divides, "constants for every channel or value")?;
                (Operation::Affine(self.pairs(count)?), from)
            }
            format::CONCAT | format::RESHAPE => {
                let shape = self.shape()?;
                let values: usize = inputs.iter().map(|&at| shape_of(at).per_sample()).sum();
                self.check(
                    shape.per_sample() == values,
                    "as many values as are brought together",
                )?;
                (Operation::Concat, shape)
            }
            _ => return Err(self.other("an operation, 0 to 9")),
        };
        Ok(Step {
            operation,
            inputs,
            shape,
        })
    }

    fn layer(&mut self, from: Shape, first: bool, grid: InputGrid) -> Result<Layer, Error> {
        let (name, kind) = (self.text()?, self.text()?);
        let shape = self.shape()?;
        let (outputs, groups) = (self.u32()?, self.u32()?);
        let window = self.window()?;
        let geometry = Geometry {
            input: shape,
            outputs,
            window,
            groups,
        };
        let divides =
            groups > 0 && shape.c.is_multiple_of(groups) && outputs.is_multiple_of(groups);
        self.check(
            divides && shape.per_sample() == from.per_sample(),
            "a layer that fits its input",
        )?;
        let (tables, made) = self.tables(window, shape, outputs)?;
        let taps = product([window.rows.kernel, window.columns.kernel]);
        let fan_in = taps.saturating_mul((shape.c / groups) as u64);
        self.check(fan_in <= LARGEST_FAN_IN, "at most 2^16 inputs of an output")?;
        let pixels = product([made.h, made.w]);
        let laid_out = fan_in * pixels <= LARGEST_SAMPLE;
        self.check(laid_out, "at most 2^24 numbers in all windows")?;
        let bits = u32::from(self.u8()?);
        self.check((1..=8).contains(&bits), "1 to 8 bits")?;
        let coding = self.u8()?;
        self.check(coding <= format::POINTS, "a coding, 0 to 2")?;
        let (scale, offset) = (self.f32()?, self.f32()?);
        let table = if coding == format::CODEBOOK {
            self.take(1 << bits)?.to_vec()
        } else {
            Vec::new()
        };
        let stored_bits = u64::from_le_bytes(self.array()?);
        self.check(stored_bits < 1 << 40, "stored bits below 2^40")?;
        let count = usize::try_from(fan_in * outputs as u64).unwrap_or(usize::MAX);
        let codes = self.take(count)?;
        self.check(fits(codes, bits), "codes below 2^bits")?;
        let points = if coding == format::POINTS {
            self.points(geometry, bits, pixels)?
        } else {
            Vec::new()
        };
        let weights = weights(geometry, bits, &table, codes, points)?;
        let affine = self.pairs(outputs)?;
        let activation = self.activation()?;
        let source = self.source(first, grid)?;
        Ok(Layer {
            facts: Facts {
                name,
                kind,
                bits,
                codebook: coding == format::CODEBOOK,
                stored_bits,
            },
            tables,
            geometry,
            source,
            weights,
            scale,
            offset,
            affine,
            activation,
            levels: Vec::new(),
            columns: Vec::new(),
            acc: Vec::new(),
            sums: Vec::new(),
        })
    }

    fn points(
        &mut self,
        geometry: Geometry,
        bits: u32,
        pixels: u64,
    ) -> Result<Vec<Point<'a>>, Error> {
        let count = self.u32()?;
        let sums = (geometry.outputs + count) as u64 * pixels;
        self.check(sums <= LARGEST_SAMPLE, "at most 2^24 sums of points")?;
        let mut points = Vec::new();
        for _ in 0..count {
            let row = self.u32()?;
            self.check(row < geometry.outputs, "a row of the layer")?;
            let (scale, codes) = (self.f32()?, self.take(geometry.fan_in())?);
            self.check(fits(codes, bits), "codes below 2^bits")?;
            points.push(Point { row, scale, codes });
        }
        Ok(points)
    }

    fn source(&mut self, first: bool, grid: InputGrid) -> Result<Source, Error> {
        if self.u8()? == 0 {
            self.check(first, "activation levels for every layer but the first")?;
            return Ok(Source::Input(grid));
        }
        let scale = self.f32()?;
        let count = self.u32()?;
        self.check((1..=256).contains(&count), "1 to 256 levels")?;
        let t: Vec<i8> = self.take(count)?.iter().map(|&t| t as i8).collect();
        self.check(
            t.windows(2).all(|pair| pair[0] <= pair[1]) && t[0] > -128,
            "ascending levels from −127 to 127",
        )?;
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(self.f32()?);
        }
        let ascending = values.windows(2).all(|pair| pair[0] <= pair[1]);
        self.check(ascending, "ascending levels")?;
        let mut nearest = Box::new(Assignment::new());
        nearest.set_levels(&values);
        Ok(Source::Levels { scale, t, nearest })
    }
}

/// Sizes multiplied in 64 bits, whatever the machine's word; they are at most 2^20 each, so that three of them fit.
fn product<const N: usize>(sizes: [usize; N]) -> u64 {
    sizes.iter().map(|&size| size as u64).product()
}

/// A point beyond its row's first.
struct Point<'a> {
    row: usize,
    scale: f32,
    codes: &'a [u8],
}

fn fits(codes: &[u8], bits: u32) -> bool {
    codes.iter().all(|&code| u32::from(code) < 1 << bits)
}

/// The matrices of a layer: the codes of its outputs, and below them, as rows more, those of further points.
fn weights(
    geometry: Geometry,
    bits: u32,
    table: &[u8],
    codes: &[u8],
    points: Vec<Point>,
) -> Result<Weights, Error> {
    let depthwise = geometry.groups == geometry.input.c
        && geometry.outputs == geometry.groups
        && geometry.groups > 1;
    if depthwise {
        let level = |&code: &u8| i32::from(table.get(usize::from(code)).copied().unwrap_or(code));
        let further = points.iter().flat_map(|point| point.codes);
        return Ok(Weights::Depthwise {
            taps: codes.iter().chain(further).map(level).collect(),
            further: further_points(&points, 0),
        });
    }
    let (rows, columns) = (geometry.outputs / geometry.groups, geometry.fan_in());
    let mut groups = Vec::with_capacity(geometry.groups);
    for (index, codes) in codes.chunks_exact((rows * columns).max(1)).enumerate() {
        let own = |point: &&Point| point.row / rows == index;
        let mine: Vec<&Point> = points.iter().filter(own).collect();
        let mut codes = codes.to_vec();
        mine.iter().for_each(|point| codes.extend(point.codes));
        groups.push(Group {
            matrix: matrix(&codes, rows + mine.len(), columns, bits, table)?,
            further: further_points(mine, index * rows),
        });
    }
    Ok(Weights::Packed(groups))
}

/// Where points go, counted from row `first`, and with what.
fn further_points<'a>(
    points: impl IntoIterator<Item = &'a Point<'a>>,
    first: usize,
) -> FurtherPoints {
    let (row_map, coef) = points
        .into_iter()
        .map(|point| (point.row - first, point.scale))
        .unzip();
    FurtherPoints { row_map, coef }
}

/// Codebooks beyond 4 bits are multiplied as the 8-bit levels that they hold.
fn matrix(
    codes: &[u8],
    rows: usize,
    columns: usize,
    bits: u32,
    table: &[u8],
) -> Result<PackedMatrix, Error> {
    let width = bits as usize;
    match table {
        [] => PackedMatrix::new(codes, rows, columns, width, Coding::Uniform),
        table if bits <= 4 => {
            let levels = core::array::from_fn(|i| table.get(i).copied().unwrap_or(0));
            PackedMatrix::new(codes, rows, columns, width, Coding::Codebook(levels))
        }
        _ => {
            let level = |&code: &u8| table.get(usize::from(code)).copied().unwrap_or(code);
            let levels: Vec<u8> = codes.iter().map(level).collect();
            PackedMatrix::new(&levels, rows, columns, 8, Coding::Uniform)
        }
    }
}
