//! Numbers as C writes them, and places in the one buffer.

use crate::nn::node::{Node, Op};
use crate::train::deployment::Plan;

/// Numbers on a line.
const PER_LINE: usize = 16;

/// The shortest text that a C compiler reads back to the same float.
pub(super) fn float(value: f32) -> String {
    format!("{value:e}f")
}

/// A constant array of floats.
pub(super) fn floats(name: &str, values: &[f32]) -> String {
    array("float", name, values.iter().map(|&value| float(value)))
}

/// A constant array of integers.
pub(super) fn bytes(kind: &str, name: &str, values: impl Iterator<Item = i32>) -> String {
    array(kind, name, values.map(|value| value.to_string()))
}

fn array(kind: &str, name: &str, values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    let lines: Vec<String> = values
        .chunks(PER_LINE)
        .map(|line| line.join(", "))
        .collect();
    format!(
        "static const {kind} {name}[] = {{\n    {}\n}};\n",
        lines.join(",\n    ")
    )
}

/// A user's text as the content of a comment: letters and digits of any script and some punctuation, everything else
/// as `_`. Nothing is left that ends a comment, joins lines (`\\`, or the trigraph `??/`) or begins a new one.
pub(super) fn comment(text: &str) -> String {
    let harmless = |c: char| c.is_alphanumeric() || " ._-+:%&()<>=".contains(c);
    text.chars()
        .map(|c| if harmless(c) { c } else { '_' })
        .collect()
}

/// Codes of `bits` without gaps, the lowest bit first.
pub(super) fn packed(codes: impl Iterator<Item = u8>, bits: u32) -> Vec<u8> {
    let (mut bytes, mut word, mut filled) = (Vec::new(), 0u32, 0);
    for code in codes {
        word |= u32::from(code) << filled;
        filled += bits;
        while filled >= 8 {
            bytes.push(word as u8);
            word >>= 8;
            filled -= 8;
        }
    }
    if filled > 0 {
        bytes.push(word as u8);
    }
    bytes
}

/// Where the output of each step stands in one buffer: a place is free again behind the last step that reads it.
pub(super) struct Arena {
    /// First float of each step's output; None for the network's input.
    places: Vec<Option<usize>>,
    floats: usize,
}

impl Arena {
    pub fn new(plan: &Plan, nodes: &[Node]) -> Self {
        let steps = plan.steps.len();
        let is_view = |step: usize| {
            step > 0
                && matches!(
                    nodes[plan.steps[step - 1].node].op,
                    Op::Flatten | Op::Reshape
                )
        };
        // An output of another shape is its input, seen otherwise.
        let mut origin: Vec<usize> = (0..=steps).collect();
        for step in (1..=steps).filter(|&step| is_view(step)) {
            origin[step] = origin[plan.steps[step - 1].inputs[0]];
        }
        let mut last_read = vec![0; steps + 1];
        for (index, step) in plan.steps.iter().enumerate() {
            step.inputs
                .iter()
                .for_each(|&input| last_read[origin[input]] = index + 1);
        }
        last_read[origin[steps]] = steps + 1;
        let mut places = vec![None; steps + 1];
        let mut taken: Vec<(usize, usize, usize)> = Vec::new();
        let mut floats = 0;
        for step in 1..=steps {
            if is_view(step) {
                places[step] = places[origin[step]];
                continue;
            }
            taken.retain(|&(_, _, owner)| last_read[owner] >= step);
            taken.sort_unstable();
            let size = nodes[plan.steps[step - 1].node].shape.per_sample();
            let mut from = 0;
            for &(start, end, _) in &taken {
                if from + size <= start {
                    break;
                }
                from = from.max(end);
            }
            taken.push((from, from + size, step));
            places[step] = Some(from);
            floats = floats.max(from + size);
        }
        Self { places, floats }
    }

    /// Floats of the buffer.
    pub fn floats(&self) -> usize {
        self.floats
    }

    /// The output of a step as an expression; 0 is the network's input.
    pub fn place(&self, step: usize) -> String {
        match self.places.get(step).copied().flatten() {
            Some(from) => format!("arena + {from}"),
            None => "x".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_packed_from_the_lowest_bit_on() {
        assert_eq!(
            packed([1, 2, 3, 4, 5].into_iter(), 3),
            [0b1101_0001, 0b0101_1000]
        );
        assert_eq!(packed([7, 255].into_iter(), 8), [7, 255]);
        assert!(packed([].into_iter(), 4).is_empty());
    }

    #[test]
    fn comments_hold_no_more_than_words() {
        assert_eq!(comment("**// int x; /*"), "____ int x_ __");
        assert_eq!(comment("a*/b"), "a__b");
        assert_eq!(comment("tri??/\nback\\"), "tri____back_");
        assert_eq!(comment("<=50K (μm), 猫"), "<=50K (μm)_ 猫");
        // A mark that turns the direction of text could hide what follows it.
        assert_eq!(comment("a\u{202e}b"), "a_b");
    }

    #[test]
    fn floats_read_back() {
        for value in [0.0, -0.1, 1.0, 1e-40, f32::MAX, 123.456] {
            let text = float(value);
            assert_eq!(text.trim_end_matches('f').parse(), Ok(value));
        }
    }
}
