//! The integer network as C99: a header and a source that includes it. No allocation, nothing but `<stdint.h>`; static
//! buffers, reused from step to step.
//!
//! The arithmetic is that of [`crate::kernels::deployed`]: thresholds → int8 → integer products on packed codes →
//! factor and addend → activation, in the same order of operations, so the logits are the same floats where the compiler
//! neither fuses nor widens them (`-std=c99` on targets with IEEE floats).

mod text;

use super::coding::{Coded, Spacing, Weights};
use super::safetensors::activation_name;
use super::{Content, Source};
use crate::error::Error;
use crate::nn::epilogue::Epilogue;
use crate::nn::linear::Linear;
use crate::nn::node::{Node, Op};
use crate::nn::ops::activation::Activation;
use crate::nn::ops::window::Window;
use crate::nn::tensor::Shape;
use crate::train::deployment::{self, Plan, Step, input_grid, integer_levels};
use text::{Arena, bytes, float, floats, packed};

/// What every source begins with, behind the data.
const ACTIVATION: &str = include_str!("activation.c");
const LAYER: &str = include_str!("layer.c");
/// Functions that only some networks need, each behind a line `/*@ name */`.
const STEPS: &str = include_str!("steps.c");

/// Parts of an 8-bit half in the other, for inputs of no exact grid.
const SPLIT: f32 = 254.0;

/// The header.
pub(crate) fn header(source: &Source) -> Result<Content, Error> {
    refuse_what_is_not_integer(source)?;
    let stem = source.stem();
    let guard = stem.to_ascii_uppercase();
    let shape = source.network.input_shape();
    let names: Vec<String> = source
        .data
        .class_names
        .iter()
        .map(|name| name.replace("*/", ""))
        .collect();
    let text = format!(
        "/* {stem}: a network on integer codes, written by ddq-playground. Compile {stem}.c with a C99 compiler. */\n\
         #ifndef {guard}_H\n#define {guard}_H\n\n\
         /* Numbers of a sample: {} channels of {} rows of {} columns, in this order. */\n\
         #define {guard}_INPUTS {}\n\
         /* Classes: {}. */\n\
         #define {guard}_CLASSES {}\n\n\
         /* Writes the {guard}_CLASSES logits of a sample x of {guard}_INPUTS numbers. Buffers are static: one call at a time. */\n\
         void {stem}_logits(const float *x, float *logits);\n\n\
         /* The class with the largest logit, the first of equals. */\n\
         int {stem}_class(const float *x);\n\n#endif\n",
        shape.c,
        shape.h,
        shape.w,
        shape.per_sample(),
        names.join(", "),
        source.network.classes(),
    );
    Ok(Content {
        bytes: text.into_bytes(),
        payload_bytes: 0,
    })
}

/// The source.
pub(crate) fn source(source: &Source) -> Result<Content, Error> {
    refuse_what_is_not_integer(source)?;
    let nodes = source.network.nodes();
    let plan = Plan::new(nodes);
    let mut writer = Writer {
        nodes,
        inputs: &source.data.train.inputs,
        data: String::new(),
        calls: String::new(),
        used: Vec::new(),
        payload_bytes: 0,
        largest_input: 1,
    };
    let arena = Arena::new(&plan, nodes);
    for (index, step) in plan.steps.iter().enumerate() {
        let places: Vec<String> = step
            .inputs
            .iter()
            .map(|&input| arena.place(input))
            .collect();
        writer.step(step, &places, &arena.place(index + 1))?;
    }
    let stem = source.stem();
    let (guard, last) = (stem.to_ascii_uppercase(), arena.place(plan.steps.len()));
    let names = ["identity", "relu", "relu6"]
        .map(str::to_ascii_uppercase)
        .join(", ");
    let mut text = format!(
        "/* {stem}: {} bytes of weights, {} of buffers. Written by ddq-playground. */\n\
         #include \"{stem}.h\"\n\n#include <stdint.h>\n\n#define LARGEST_INPUT {}\n\nenum {{ {names} }};\n",
        writer.payload_bytes,
        4 * arena.floats() + writer.largest_input,
        writer.largest_input,
    );
    text += ACTIVATION;
    text += LAYER;
    for part in STEPS.split("/*@ ").skip(1) {
        let (name, code) = part.split_once(" */").unwrap_or((part, ""));
        if writer.used.contains(&name) {
            text += code;
        }
    }
    text += &writer.data;
    text += &format!(
        "\nstatic float arena[{}];\n\nvoid {stem}_logits(const float *x, float *logits)\n{{\n{}",
        arena.floats().max(1),
        writer.calls
    );
    text += &format!(
        "    for (int32_t i = 0; i < {guard}_CLASSES; i++)\n        logits[i] = ({last})[i];\n}}\n\n"
    );
    text += &format!(
        "int {stem}_class(const float *x)\n{{\n    float logits[{guard}_CLASSES];\n    int best = 0;\n    {stem}_logits(x, logits);\n    \
         for (int i = 1; i < {guard}_CLASSES; i++)\n        if (logits[i] > logits[best])\n            best = i;\n    return best;\n}}\n"
    );
    Ok(Content {
        bytes: text.into_bytes(),
        payload_bytes: writer.payload_bytes,
    })
}

/// The packed kernels take the same networks, and say why where they do not.
fn refuse_what_is_not_integer(source: &Source) -> Result<(), Error> {
    deployment::write(source.network, source.data)?;
    let nodes = source.network.nodes();
    let mut layer = "the input";
    for node in nodes {
        let plain = match &node.op {
            Op::Linear(linear) => {
                layer = &linear.name;
                is_square(linear.geometry().window)
            }
            Op::MaxPool(tables, _) | Op::AveragePool(tables) => is_square(tables.window),
            Op::Activation(kind) => !matches!(kind, Activation::Imported(_)),
            Op::BatchNorm(norm) => !matches!(norm.activation(), Activation::Imported(_)),
            Op::Affine(_) | Op::Concat | Op::Reshape => false,
            Op::Input | Op::GlobalAveragePool | Op::Flatten | Op::Add => true,
        };
        if !plain {
            return Err(Error::Format {
                what: "export as C".to_owned(),
                place: format!("{layer}, or behind it"),
                expected: "square windows with equal pads and no dilation, ReLU or ReLU6, sums"
                    .to_owned(),
                got: "what only imported networks have".to_owned(),
            });
        }
    }
    Ok(())
}

/// Whether rows and columns are alike, with neighbouring taps and the same padding at both ends.
fn is_square(Window { rows, columns }: Window) -> bool {
    rows == columns && rows.dilation == 1 && rows.before == rows.after
}

/// Kernel, stride and padding of a square window.
fn window_fields(window: Window) -> String {
    let rows = window.rows;
    format!("{}, {}, {}", rows.kernel, rows.stride, rows.before)
}

struct Writer<'a> {
    nodes: &'a [Node],
    /// The data's inputs, for their grid.
    inputs: &'a [f32],
    data: String,
    calls: String,
    /// Functions of [`STEPS`] that are called.
    used: Vec<&'static str>,
    payload_bytes: u64,
    /// Most numbers that a layer reads.
    largest_input: usize,
}

impl Writer<'_> {
    fn step(&mut self, step: &Step, x: &[String], y: &str) -> Result<(), Error> {
        let node = &self.nodes[step.node];
        let before = node
            .inputs
            .first()
            .map_or(node.shape, |&input| self.nodes[input].shape);
        let (first, count) = (&x[0], node.shape.per_sample());
        match &node.op {
            Op::Linear(linear) => {
                let number = self.calls.lines().count();
                self.layer(linear, step, &format!("layer{number}"))?;
                self.calls += &format!(
                    "    run_layer(&layer{number}, {first}, {y}); /* {} */\n",
                    comment(&linear.name)
                );
            }
            Op::Activation(kind) => {
                let kind = activation_name(*kind).to_ascii_uppercase();
                self.call("activate", &format!("{first}, {y}, {count}, {kind}"));
            }
            Op::MaxPool(tables, _) => self.pool("max_pool", before, tables.window, first, y),
            Op::AveragePool(tables) => self.pool("average_pool", before, tables.window, first, y),
            Op::GlobalAveragePool => {
                let pixels = before.h * before.w;
                self.call(
                    "global_average",
                    &format!("{first}, {y}, {}, {pixels}", before.c),
                );
            }
            Op::Add => self.call("add", &format!("{first}, {}, {y}, {count}", x[1])),
            // Flattening changes the shape and moves nothing; a batch norm that is not folded was refused.
            // What only imported networks have was refused too.
            Op::Input | Op::Flatten | Op::BatchNorm(_) => {}
            Op::Affine(_) | Op::Concat | Op::Reshape => {}
        }
        Ok(())
    }

    fn call(&mut self, function: &'static str, arguments: &str) {
        self.used.push(function);
        self.calls += &format!("    {function}({arguments});\n");
    }

    fn pool(&mut self, function: &'static str, shape: Shape, window: Window, x: &str, y: &str) {
        let (shape, window) = (
            format!("{}, {}, {}", shape.c, shape.h, shape.w),
            window_fields(window),
        );
        self.call(
            function,
            &format!("{x}, {y}, (const int32_t[]){{{shape}}}, (const int32_t[]){{{window}}}"),
        );
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
            format!(
                "{}, {}, {}, {}, {}",
                geometry.input.c,
                geometry.input.h,
                geometry.input.w,
                geometry.outputs,
                geometry.groups
            ),
            window_fields(geometry.window),
        ];
        let output = geometry.output(1);
        fields.push(format!("{}, {}", output.h, output.w));
        fields.push(self.weights(linear, &coded, name)?);
        let (input_scale, input) = self.input(linear, name)?;
        let affine = epilogue.affine.iter();
        let (factors, addends): (Vec<f32>, Vec<f32>) = affine
            .map(|&(factor, addend)| (factor * input_scale, addend))
            .unzip();
        self.data += &floats(&format!("{name}_factor"), &factors);
        self.data += &floats(&format!("{name}_addend"), &addends);
        fields.push(format!(
            "{name}_factor, {name}_addend, {}",
            activation_name(epilogue.activation).to_ascii_uppercase()
        ));
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
            Weights::Float(_)
            | Weights::Codes {
                spacing: Spacing::Free,
                ..
            } => {
                return Err(Error::Format {
                    what: "export".to_owned(),
                    place: format!("the weights of {}", linear.name),
                    expected: "equally spaced levels, or levels on their integer grid".to_owned(),
                    got: "other levels".to_owned(),
                });
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

    /// Adds the input's levels; returns its scale and the fields from `thresholds` on.
    fn input(&mut self, linear: &Linear, name: &str) -> Result<(f32, String), Error> {
        let Some(quantizer) = linear.activation_quantizer.as_deref() else {
            let (kind, scale) = input_grid(self.inputs);
            let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
            let split = if kind == 0 { 0.0 } else { SPLIT };
            return Ok((
                scale,
                format!("0, 0, 0, {}, {}", float(inverse), float(split)),
            ));
        };
        let levels = quantizer.levels();
        let (scale, t) = integer_levels(levels).unwrap_or_default();
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
            "int8_t",
            &format!("{name}_level"),
            t.iter().map(|&t| i32::from(t)),
        );
        Ok((scale, format!("{thresholds}, {name}_level, 0.0f, 0.0f")))
    }
}

/// A name that can stand in a comment.
fn comment(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    name.chars()
        .map(|c| if harmless(c) { c } else { '_' })
        .collect()
}
