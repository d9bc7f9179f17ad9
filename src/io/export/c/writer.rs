//! What a source has of one network: constants, and a call for each step of the plan.

use super::super::coding::{Coded, Spacing, Weights};
use super::super::safetensors::activation_name;
use super::text::{Arena, bytes, comment, float, floats, packed};
use crate::error::Error;
use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::nn::node::{Node, Op};
use crate::nn::ops::activation::{Activation, Curve};
use crate::nn::ops::window::{Axis, Window};
use crate::nn::tensor::Shape;
use crate::train::deployment::{Step, input_grid, levels_within, unquantized_input};

/// Parts of an 8-bit half in the other, for inputs of no exact grid.
const SPLIT: f32 = 254.0;
/// Largest level that a byte holds with either sign.
const BYTE: i16 = 127;
/// Largest level of 8 bits without a sign, or of 8 bits about 0 in half steps.
const WIDEST: f32 = 255.0;

/// The parts of a source that depend on the network.
pub(super) struct Writer<'a> {
    nodes: &'a [Node],
    /// The data's inputs, for their grid.
    inputs: &'a [f32],
    /// Constants.
    pub data: String,
    /// What the function calls, a line each.
    pub calls: String,
    /// Functions of `steps.c` that are called.
    pub used: Vec<&'static str>,
    /// Bytes of codes, codebooks and scales.
    pub payload_bytes: u64,
    /// Most numbers that a layer reads.
    pub largest_input: usize,
    /// Whether sigmoid or tanh is asked for.
    pub has_sigmoid: bool,
    /// Largest level of an input, without its sign.
    largest_level: i16,
}

impl<'a> Writer<'a> {
    /// For the nodes of a network and the inputs of its data.
    pub fn new(nodes: &'a [Node], inputs: &'a [f32]) -> Self {
        Self {
            nodes,
            inputs,
            data: String::new(),
            calls: String::new(),
            used: Vec::new(),
            payload_bytes: 0,
            largest_input: 1,
            has_sigmoid: false,
            largest_level: BYTE,
        }
    }

    /// Bytes of a level of a layer's input.
    pub fn level_bytes(&self) -> usize {
        if self.largest_level > BYTE { 2 } else { 1 }
    }

    /// Adds step `number` of the plan, counted from 1.
    pub fn step(&mut self, step: &Step, arena: &Arena, number: usize) -> Result<(), Error> {
        let node = &self.nodes[step.node];
        let before = node
            .inputs
            .first()
            .map_or(node.shape, |&input| self.nodes[input].shape);
        let x = arena.place(step.inputs.first().map_or(0, |&input| input));
        let (y, count) = (arena.place(number), node.shape.per_sample());
        match &node.op {
            Op::Linear(linear) => {
                self.layer(linear, step, &format!("layer{number}"))?;
                let told = comment(&linear.name);
                self.calls += &format!("    run_layer(&layer{number}, {x}, {y}); /* {told} */\n");
            }
            Op::Activation(kind) => self.activate(*kind, &x, &y, count),
            Op::BatchNorm(norm) => {
                self.affine(&norm.affine(), [&x, &y], count, number);
                if norm.activation() != Activation::Identity {
                    self.activate(norm.activation(), &y, &y, count);
                }
            }
            Op::Affine(constants) => self.affine(constants, [&x, &y], count, number),
            Op::MaxPool(tables, _) => {
                let window = window_fields(before, tables.window);
                self.pool("max_pool", window, [&x, &y], number);
            }
            Op::AveragePool(tables) => {
                let window = window_fields(before, tables.window);
                self.pool("average_pool", window, [&x, &y], number);
            }
            Op::GlobalAveragePool => {
                let sizes = format!("{}, {}", before.c, before.h * before.w);
                self.call("global_average", &format!("{x}, {y}, {sizes}"));
            }
            Op::Add => {
                let other = arena.place(step.inputs[1]);
                self.call("add", &format!("{x}, {other}, {y}, {count}"));
            }
            Op::Concat => {
                let mut from = 0;
                for (&input, &part) in step.inputs.iter().zip(&node.inputs) {
                    let size = self.nodes[part].shape.per_sample();
                    let x = arena.place(input);
                    self.call("copy", &format!("{x}, {y} + {from}, {size}"));
                    from += size;
                }
            }
            // A change of shape moves nothing.
            Op::Input | Op::Flatten | Op::Reshape => {}
        }
        Ok(())
    }

    fn call(&mut self, function: &'static str, arguments: &str) {
        self.used.push(function);
        self.calls += &format!("    {function}({arguments});\n");
    }

    fn activate(&mut self, kind: Activation, x: &str, y: &str, count: usize) {
        let fields = self.activation_fields(kind);
        self.call("activate", &format!("{x}, {y}, {count}, {fields}"));
    }

    /// The kind and its two numbers.
    fn activation_fields(&mut self, kind: Activation) -> String {
        self.has_sigmoid |= matches!(kind, Activation::Imported(Curve::Sigmoid | Curve::Tanh));
        let [a, b] = match kind {
            Activation::Imported(Curve::LeakyRelu { slope }) => [slope, 0.0],
            // C99 writes no infinity.
            Activation::Imported(Curve::Clip { low, high }) => {
                [low.max(f32::MIN), high.min(f32::MAX)]
            }
            _ => [0.0; 2],
        };
        let name = activation_name(kind).to_ascii_uppercase();
        format!("{name}, {}, {}", float(a), float(b))
    }

    fn affine(&mut self, constants: &[(f32, f32)], [x, y]: [&str; 2], count: usize, number: usize) {
        let (factors, addends): (Vec<f32>, Vec<f32>) = constants.iter().copied().unzip();
        let name = format!("step{number}");
        self.data += "\n";
        self.data += &floats(&format!("{name}_factor"), &factors);
        self.data += &floats(&format!("{name}_addend"), &addends);
        let (rows, run) = (constants.len(), count / constants.len().max(1));
        self.call(
            "affine",
            &format!("{x}, {y}, {name}_factor, {name}_addend, {rows}, {run}"),
        );
    }

    fn pool(&mut self, function: &'static str, window: String, [x, y]: [&str; 2], number: usize) {
        self.data += &format!("\nstatic const window_t step{number} = {{ {window} }};\n");
        self.call(function, &format!("{x}, {y}, &step{number}"));
    }

    fn layer(&mut self, linear: &Linear, step: &Step, name: &str) -> Result<(), Error> {
        let geometry = linear.geometry();
        let coded = Coded::new(linear);
        let mut epilogue = Epilogue::new(linear);
        step.folded
            .iter()
            .for_each(|&folded| epilogue.fold(&self.nodes[folded].op));
        self.data += &format!(
            "\n/* {}: {}, {} bits */\n",
            comment(&linear.name),
            linear.kind().replace('×', "x"),
            coded.bits
        );
        let mut fields = vec![
            format!("{{ {} }}", window_fields(geometry.input, geometry.window)),
            format!("{}, {}", geometry.outputs, geometry.groups),
        ];
        fields.push(self.weights(linear, &coded, name)?);
        let Input {
            scale: input_scale,
            most,
            fields: input,
        } = self.input(linear, step, name)?;
        refuse_wide_sums(linear, &coded, most)?;
        self.largest_level = self.largest_level.max(most);
        let affine = epilogue.affine.iter();
        let (factors, addends): (Vec<f32>, Vec<f32>) = affine
            .map(|&(factor, addend)| (factor * input_scale, addend))
            .unzip();
        self.data += &floats(&format!("{name}_factor"), &factors);
        self.data += &floats(&format!("{name}_addend"), &addends);
        let activation = self.activation_fields(epilogue.activation);
        fields.push(format!("{name}_factor, {name}_addend, {{ {activation} }}"));
        fields.push(input);
        self.data += &format!(
            "static const layer_t {name} = {{\n    {}\n}};\n",
            fields.join(",\n    ")
        );
        self.largest_input = self.largest_input.max(geometry.input.per_sample());
        Ok(())
    }

    /// Adds the codes; returns the fields from `bits` to `point_scales`.
    fn weights(&mut self, linear: &Linear, coded: &Coded, name: &str) -> Result<String, Error> {
        let bits = coded.bits.max(1);
        let (codes, codebook, scale, offset, further) = match &coded.weights {
            Weights::Codes {
                codes,
                spacing: Spacing::Equal { first, step },
                ..
            } => (codes, None, *step, *first, &[][..]),
            Weights::Codes {
                codes,
                spacing: Spacing::Grid { scale, offset, t },
                ..
            } => {
                let table: Vec<u8> = t.iter().map(|&t| t as u8).collect();
                (codes, Some(table), *scale, *offset, &[][..])
            }
            Weights::Points {
                step,
                codes,
                further,
            } => {
                let zero = ((1u32 << (bits - 1)) - 1) as f32;
                (codes, None, *step, step * -zero, &further[..])
            }
            Weights::Float(_) => {
                return Err(unfit(
                    linear,
                    "the weights",
                    "a quantized network",
                    "32-bit floats",
                ));
            }
            Weights::Codes {
                spacing: Spacing::Free,
                ..
            } => {
                return Err(unfit(
                    linear,
                    "the weights",
                    "equally spaced levels, or levels on their integer grid: a run in its last part",
                    "levels still moving",
                ));
            }
        };
        let all = codes
            .iter()
            .chain(further.iter().flat_map(|point| &point.codes));
        let packed = packed(all.copied(), bits);
        self.payload_bytes += packed.len() as u64 + 8;
        // The last code is read with the byte behind its own.
        self.data += &bytes(
            "uint8_t",
            &format!("{name}_codes"),
            packed.iter().map(|&byte| i32::from(byte)).chain([0]),
        );
        let codebook = match codebook {
            Some(table) => {
                self.payload_bytes += table.len() as u64;
                self.data += &bytes(
                    "uint8_t",
                    &format!("{name}_codebook"),
                    table.iter().map(|&t| i32::from(t)),
                );
                format!("{name}_codebook")
            }
            None => "0".to_owned(),
        };
        let points = if further.is_empty() {
            "0, 0, 0".to_owned()
        } else {
            self.payload_bytes += 6 * further.len() as u64;
            self.data += &bytes(
                "uint16_t",
                &format!("{name}_point_rows"),
                further.iter().map(|point| point.row as i32),
            );
            let steps: Vec<f32> = further.iter().map(|point| point.step).collect();
            self.data += &floats(&format!("{name}_point_scales"), &steps);
            format!("{}, {name}_point_rows, {name}_point_scales", further.len())
        };
        Ok(format!(
            "{bits}, {name}_codes, {codebook}, {}, {}, {points}",
            float(scale),
            float(offset)
        ))
    }

    /// Adds the input's levels.
    fn input(&mut self, linear: &Linear, step: &Step, name: &str) -> Result<Input, Error> {
        let Some(quantizer) = linear.activation_quantizer.as_deref() else {
            if self.nodes[step.node].inputs[0] != 0 {
                return Err(unquantized_input("export as C", linear));
            }
            let (kind, scale) = input_grid(self.inputs);
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            let split = if kind == 0 { 0.0 } else { SPLIT };
            return Ok(Input {
                scale,
                most: BYTE,
                fields: format!("0, 0, 0, {}, {}", float(inverse), float(split)),
            });
        };
        let levels = quantizer.levels();
        let (scale, t) = levels_within(levels, WIDEST).ok_or_else(|| {
            let expected =
                "levels that are multiples −255 to 255 of one step: a run in its last part";
            unfit(
                linear,
                "the input activations",
                expected,
                "levels still moving",
            )
        })?;
        let midpoints: Vec<f32> = levels
            .windows(2)
            .map(|pair| 0.5 * pair[0] + 0.5 * pair[1])
            .collect();
        let thresholds = if midpoints.is_empty() {
            "0, 0".to_owned()
        } else {
            self.data += &floats(&format!("{name}_threshold"), &midpoints);
            format!("{}, {name}_threshold", midpoints.len())
        };
        self.data += &bytes(
            "level_t",
            &format!("{name}_level"),
            t.iter().map(|&t| i32::from(t)),
        );
        Ok(Input {
            scale,
            most: t.iter().fold(0, |most, t| most.max(t.abs())),
            fields: format!("{thresholds}, {name}_level, 0.0f, 0.0f"),
        })
    }
}

/// A layer's input.
struct Input {
    /// x = scale·t.
    scale: f32,
    /// Largest |t|.
    most: i16,
    /// The fields from `thresholds` on.
    fields: String,
}

/// The fields of a window over an image.
fn window_fields(image: Shape, window: Window) -> String {
    let axis = |axis: Axis| {
        let Axis {
            kernel,
            stride,
            dilation,
            before,
            ..
        } = axis;
        format!("{{ {kernel}, {stride}, {dilation}, {before} }}")
    };
    let Window { rows, columns } = window;
    let Shape { c, h, w, .. } = image;
    let (height, width) = (rows.outputs(h), columns.outputs(w));
    let (rows, columns) = (axis(rows), axis(columns));
    format!("{c}, {h}, {w}, {rows}, {columns}, {height}, {width}")
}

/// Refuses a layer whose sums may leave 32 bits.
fn refuse_wide_sums(linear: &Linear, coded: &Coded, most: i16) -> Result<(), Error> {
    // A codebook's levels go up to 255 whatever the codes.
    let level = match &coded.weights {
        Weights::Codes {
            spacing: Spacing::Grid { t, .. },
            ..
        } => t.iter().fold(0, |most, &t| most.max(i64::from(t))),
        _ => (1 << coded.bits) - 1,
    };
    let largest = linear.geometry().fan_in() as i64 * level * i64::from(most);
    if largest <= i64::from(i32::MAX) {
        return Ok(());
    }
    let got = format!("sums up to {largest}");
    Err(unfit(
        linear,
        "the sums",
        "numbers of 32 bits: fewer inputs or bits",
        &got,
    ))
}

fn unfit(linear: &Linear, what: &str, expected: &str, got: &str) -> Error {
    Error::Format {
        what: "export as C".to_owned(),
        place: format!("{what} of {}", linear.name),
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::ops::convolution::Geometry;

    #[test]
    fn sums_that_may_leave_32_bits_are_refused_by_the_layers_name() {
        let of_inputs = |inputs: usize, most: i16| {
            let weight = vec![0.0; inputs];
            let linear = Linear::of_values("wide", Geometry::dense(inputs, 1), weight, None);
            let coded = Coded {
                weights: Weights::Codes {
                    codes: vec![0; inputs],
                    levels: vec![0.0, 1.0],
                    spacing: Spacing::Equal {
                        first: 0.0,
                        step: 1.0,
                    },
                },
                bits: 8,
                stored_bits: 0,
                values: Vec::new(),
            };
            refuse_wide_sums(&linear, &coded, most)
        };
        // 255·127·66311 is the last below 2³¹.
        assert!(of_inputs(66_311, 127).is_ok());
        let error = of_inputs(66_312, 127).unwrap_err().to_string();
        assert!(error.contains("the sums of wide"), "{error}");
        assert!(of_inputs(66_311, 255).is_err());
    }
}
