//! The integer network as C99: a header and a source that includes it. No allocation, nothing but `<stdint.h>`; static
//! buffers, reused from step to step.
//!
//! The arithmetic is that of [`crate::kernels::deployed`]: thresholds → integers → integer products on packed codes →
//! factor and addend → activation, in the same order of operations, so the logits are the same floats where the compiler
//! neither fuses nor widens them (`-std=c99` on targets with IEEE floats). Levels are bytes, or words of 16 bits where
//! LSQ or PACT have more than −127 to 127 of one step. Sigmoid and tanh come from a table, since libm is not to be
//! needed: not of codes, because what stands before them was real in training, but of values, to float precision.

mod text;
mod writer;

use super::{Content, Source};
use crate::error::Error;
use crate::train::deployment::Plan;
use text::{Arena, comment, floats};
use writer::Writer;

/// What every source begins with, behind the data.
const ACTIVATION: &str = include_str!("activation.c");
const LAYER: &str = include_str!("layer.c");
/// Functions that only some networks need, each behind a line `/*@ name */`.
const STEPS: &str = include_str!("steps.c");

/// Cells of the table of the sigmoid, each 1/16 wide.
const SIGMOID_CELLS: usize = 320;

/// The header.
pub(crate) fn header(source: &Source) -> Result<Content, Error> {
    // A header of what has no source is of no use.
    self::source(source)?;
    let stem = source.stem();
    let guard = stem.to_ascii_uppercase();
    let shape = source.network.input_shape();
    let names: Vec<String> = source
        .data
        .class_names
        .iter()
        .map(|name| comment(name))
        .collect();
    let text = format!(
        "/* {stem}: a network on integer codes, written by ddq-playground. Compile {stem}.c with a C99 compiler; C++ may include this header. */\n\
         #ifndef {guard}_H\n#define {guard}_H\n\n#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n\
         /* Numbers of a sample: {} channels of {} rows of {} columns, in this order. */\n\
         #define {guard}_INPUTS {}\n\
         /* Classes: {}. */\n\
         #define {guard}_CLASSES {}\n\n\
         /* Writes the {guard}_CLASSES logits of a sample x of {guard}_INPUTS numbers. Buffers are static: one call at a time. */\n\
         void {stem}_logits(const float *x, float *logits);\n\n\
         /* The class with the largest logit, the first of equals. */\n\
         int {stem}_class(const float *x);\n\n#ifdef __cplusplus\n}}\n#endif\n\n#endif\n",
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
    let nodes = source.network.nodes();
    let plan = Plan::new(nodes);
    let mut writer = Writer::new(nodes, &source.data.train.inputs);
    let arena = Arena::new(&plan, nodes);
    for (index, step) in plan.steps.iter().enumerate() {
        writer.step(step, &arena, index + 1)?;
    }
    let stem = source.stem();
    let (guard, last) = (stem.to_ascii_uppercase(), arena.place(plan.steps.len()));
    let level = writer.level_bytes();
    let sigmoid = u8::from(writer.has_sigmoid);
    let mut text = format!(
        "/* {stem}: {} bytes of weights, {} of buffers. Written by ddq-playground. */\n\
         #include \"{stem}.h\"\n\n#include <stdint.h>\n\n#define LARGEST_INPUT {}\n#define HAS_SIGMOID {sigmoid}\n\n\
         /* A level of a layer's input. */\ntypedef int{}_t level_t;\n\n\
         enum {{ IDENTITY, RELU, RELU6, LEAKY_RELU, CLIP, SIGMOID, TANH, HARD_SWISH }};\n",
        writer.payload_bytes,
        4 * arena.floats() + level * writer.largest_input,
        writer.largest_input,
        8 * level,
    );
    if writer.has_sigmoid {
        let at =
            (0..=SIGMOID_CELLS).map(|cell| (1.0 / (1.0 + libm::exp(cell as f64 / 16.0))) as f32);
        text += "\n";
        text += &floats("sigmoid_at", &at.collect::<Vec<f32>>());
    }
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
