//! Depthwise convolution: each channel has its own k×k filter and nothing is summed over channels.
//!
//! Forward and the input gradient are the same loop over different tables: every target pixel is a
//! weighted sum of source pixels. A pixel is a run of N samples, so a block of samples stays in
//! registers while the taps pass by: one load, one multiplication and one addition per tap.

use super::sums;
use super::window::{Contribution, PixelTable, WindowTables};

/// Writes y `[channels, output pixels, N]` from x `[channels, input pixels, N]` and w `[channels, k²]`.
pub fn forward(tables: &WindowTables, n: usize, w: &[f32], x: &[f32], y: &mut [f32]) {
    weighted_sums(&tables.by_output, tables.by_tap.len(), n, w, x, y);
}

/// Writes `d_x` from `d_y`.
pub fn backward_input(tables: &WindowTables, n: usize, w: &[f32], d_y: &[f32], d_x: &mut [f32]) {
    weighted_sums(&tables.by_input, tables.by_tap.len(), n, w, d_y, d_x);
}

/// Adds dL/dw to `d_w`: per tap, the product of the two images shifted against each other.
pub fn backward_weight(tables: &WindowTables, n: usize, d_y: &[f32], x: &[f32], d_w: &mut [f32]) {
    let images = x
        .chunks_exact(tables.input_pixels * n)
        .zip(d_y.chunks_exact(tables.output_pixels * n));
    for ((x, d_y), filter) in images.zip(d_w.chunks_exact_mut(tables.by_tap.len())) {
        for (gradient, runs) in filter.iter_mut().zip(&tables.by_tap) {
            let mut lanes = [0.0; sums::LANES];
            for run in runs {
                let seen = &x[run.input * n..(run.input + run.pixels) * n];
                sums::add_products(
                    &mut lanes,
                    &d_y[run.output * n..(run.output + run.pixels) * n],
                    seen,
                );
            }
            *gradient += sums::combine(lanes);
        }
    }
}

/// target[pixel] = Σ over its contributions of w[tap] · source[other pixel], for each channel.
fn weighted_sums(
    table: &PixelTable,
    taps: usize,
    n: usize,
    w: &[f32],
    source: &[f32],
    target: &mut [f32],
) {
    let channels = w.len() / taps;
    let images = source.chunks_exact(source.len() / channels);
    let targets = target.chunks_exact_mut(target.len() / channels);
    for ((source, target), w) in images.zip(targets).zip(w.chunks_exact(taps)) {
        for (contributions, pixel) in table.iter().zip(target.chunks_exact_mut(n)) {
            let mut done = blocks::<32>(contributions, w, source, pixel, 0);
            done = blocks::<8>(contributions, w, source, pixel, done);
            blocks::<1>(contributions, w, source, pixel, done);
        }
    }
}

/// Computes samples `from..` of one pixel as long as a whole block of `B` fits; returns where it stopped.
fn blocks<const B: usize>(
    contributions: &[Contribution],
    w: &[f32],
    source: &[f32],
    pixel: &mut [f32],
    from: usize,
) -> usize {
    let n = pixel.len();
    let mut at = from;
    while at + B <= n {
        let mut block = [0.0f32; B];
        for contribution in contributions {
            let start = contribution.pixel * n + at;
            let weight = w[contribution.tap];
            for (sum, &value) in block.iter_mut().zip(&source[start..start + B]) {
                *sum += weight * value;
            }
        }
        pixel[at..at + B].copy_from_slice(&block);
        at += B;
    }
    at
}
