//! Pictures made of pixels: heat maps, decision surfaces, digits. RGBA bytes, row by row.

use super::pen::Color;

const OPAQUE: u8 = 255;

/// The colour `t` of the way from `from` to `to`, t in 0..=1 (not a number: 0), as an opaque pixel.
fn blend(from: Color, to: Color, t: f32) -> [u8; 4] {
    let t = if t > 0.0 { t.min(1.0) } else { 0.0 };
    let mix =
        |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * t + 0.5) as u8;
    [
        mix(from.0, to.0),
        mix(from.1, to.1),
        mix(from.2, to.2),
        OPAQUE,
    ]
}

/// A heat map: one pixel for each value, from `low` at 0 to `high` at `max` (absent: the largest value).
pub fn matrix(values: &[f32], low: Color, high: Color, max: Option<f32>) -> Vec<u8> {
    let largest = || {
        values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
            .fold(0.0, f32::max)
    };
    let max = max.filter(|max| max.is_finite()).unwrap_or_else(largest);
    values
        .iter()
        .flat_map(|&value| blend(low, high, if max > 0.0 { value / max } else { 0.0 }))
        .collect()
}

/// A decision surface: one pixel for each sample of `logits` (samples × classes, sample by sample).
/// The colours of the classes are mixed by their softmax probabilities p, and that mixture covers the
/// background by c = (max p − 1/classes) / (1 − 1/classes), from [`FAINT`] of the way where the network
/// is undecided to [`STRONG`] where it is sure.
pub fn surface(logits: &[f32], colors: &[Color], background: Color) -> Vec<u8> {
    let classes = colors.len();
    if classes == 0 {
        return Vec::new();
    }
    let mut probabilities = vec![0.0_f32; classes];
    let mut pixels = Vec::with_capacity(logits.len() / classes * 4);
    for sample in logits.chunks_exact(classes) {
        softmax(sample, &mut probabilities);
        let mut mixed = [0.0_f32; 3];
        for (&p, color) in probabilities.iter().zip(colors) {
            for (channel, value) in mixed.iter_mut().zip([color.0, color.1, color.2]) {
                *channel += p * f32::from(value);
            }
        }
        let chance = 1.0 / classes as f32;
        let best = probabilities.iter().copied().fold(0.0, f32::max);
        let sure = if classes > 1 {
            (best - chance) / (1.0 - chance)
        } else {
            1.0
        };
        let [red, green, blue] = mixed.map(|channel| (channel + 0.5) as u8);
        pixels.extend(blend(
            background,
            plotters::style::RGBAColor(red, green, blue, 1.0),
            FAINT + (STRONG - FAINT) * sure,
        ));
    }
    pixels
}

/// How far class colours cover the background where all classes are equally likely.
pub const FAINT: f32 = 0.08;
/// How far class colours cover the background where one class is certain.
pub const STRONG: f32 = 0.62;

/// Probabilities of logits; equal ones where a logit is not finite.
fn softmax(logits: &[f32], probabilities: &mut [f32]) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for (p, &logit) in probabilities.iter_mut().zip(logits) {
        *p = libm::expf(logit - largest);
        sum += *p;
    }
    let usable = sum.is_finite() && sum > 0.0;
    let equal = 1.0 / logits.len() as f32;
    for p in probabilities.iter_mut() {
        *p = if usable { *p / sum } else { equal };
    }
}

/// A digit: one pixel for each value, from `paper` at −1 to `ink` at 1.
pub fn digit(values: &[f32], ink: Color, paper: Color) -> Vec<u8> {
    values
        .iter()
        .flat_map(|&value| blend(paper, ink, (value + 1.0) / 2.0))
        .collect()
}
