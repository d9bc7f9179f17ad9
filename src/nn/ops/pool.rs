//! Pooling over windows (maximum, average) and over the whole image (global average).
//!
//! As in PyTorch: padding counts as −∞ for the maximum and as zeros, included in the count, for the
//! average; the first of equal maxima takes the gradient.

use super::window::WindowTables;

/// Writes the maximum of each window to y, and the input pixel it came from to `winners`, both
/// `[channels, output pixels, N]`.
pub fn max_forward(
    tables: &WindowTables,
    n: usize,
    x: &[f32],
    y: &mut [f32],
    winners: &mut [usize],
) {
    let image = tables.output_pixels * n;
    let outputs = y
        .chunks_exact_mut(image)
        .zip(winners.chunks_exact_mut(image));
    for (x, (y, winners)) in x.chunks_exact(tables.input_pixels * n).zip(outputs) {
        let pixels = y.chunks_exact_mut(n).zip(winners.chunks_exact_mut(n));
        for (seen, (y, winners)) in tables.by_output.iter().zip(pixels) {
            y.fill(f32::NEG_INFINITY);
            for contribution in seen {
                let candidates = &x[contribution.pixel * n..(contribution.pixel + 1) * n];
                for ((best, winner), &value) in y.iter_mut().zip(winners.iter_mut()).zip(candidates)
                {
                    if value > *best || value.is_nan() {
                        *best = value;
                        *winner = contribution.pixel;
                    }
                }
            }
        }
    }
}

/// Writes `d_x`: each output's gradient goes to the pixel that won.
pub fn max_backward(
    tables: &WindowTables,
    n: usize,
    winners: &[usize],
    d_y: &[f32],
    d_x: &mut [f32],
) {
    let image = tables.output_pixels * n;
    d_x.fill(0.0);
    let outputs = d_y.chunks_exact(image).zip(winners.chunks_exact(image));
    for (d_x, (d_y, winners)) in d_x.chunks_exact_mut(tables.input_pixels * n).zip(outputs) {
        for (at, (&gradient, &winner)) in d_y.iter().zip(winners).enumerate() {
            d_x[winner * n + at % n] += gradient;
        }
    }
}

/// Writes the mean of each window.
pub fn average_forward(tables: &WindowTables, n: usize, x: &[f32], y: &mut [f32]) {
    let share = 1.0 / tables.by_tap.len() as f32;
    for (x, y) in x
        .chunks_exact(tables.input_pixels * n)
        .zip(y.chunks_exact_mut(tables.output_pixels * n))
    {
        for (seen, y) in tables.by_output.iter().zip(y.chunks_exact_mut(n)) {
            y.fill(0.0);
            for contribution in seen {
                add_scaled(
                    share,
                    &x[contribution.pixel * n..(contribution.pixel + 1) * n],
                    y,
                );
            }
        }
    }
}

/// Writes `d_x`: each output's gradient is shared by the pixels of its window.
pub fn average_backward(tables: &WindowTables, n: usize, d_y: &[f32], d_x: &mut [f32]) {
    let share = 1.0 / tables.by_tap.len() as f32;
    for (d_y, d_x) in d_y
        .chunks_exact(tables.output_pixels * n)
        .zip(d_x.chunks_exact_mut(tables.input_pixels * n))
    {
        for (seen_by, d_x) in tables.by_input.iter().zip(d_x.chunks_exact_mut(n)) {
            d_x.fill(0.0);
            for contribution in seen_by {
                add_scaled(
                    share,
                    &d_y[contribution.pixel * n..(contribution.pixel + 1) * n],
                    d_x,
                );
            }
        }
    }
}

/// Writes y `[channels, N]`, the mean of each channel's image; x is `[channels, pixels, N]`.
pub fn global_average_forward(pixels: usize, n: usize, x: &[f32], y: &mut [f32]) {
    let share = 1.0 / pixels as f32;
    for (x, y) in x.chunks_exact(pixels * n).zip(y.chunks_exact_mut(n)) {
        y.fill(0.0);
        for pixel in x.chunks_exact(n) {
            add_scaled(share, pixel, y);
        }
    }
}

/// Writes `d_x` `[channels, pixels, N]`.
pub fn global_average_backward(pixels: usize, n: usize, d_y: &[f32], d_x: &mut [f32]) {
    let share = 1.0 / pixels as f32;
    for (d_y, d_x) in d_y.chunks_exact(n).zip(d_x.chunks_exact_mut(pixels * n)) {
        for pixel in d_x.chunks_exact_mut(n) {
            for (d_x, &d_y) in pixel.iter_mut().zip(d_y) {
                *d_x = share * d_y;
            }
        }
    }
}

fn add_scaled(factor: f32, x: &[f32], y: &mut [f32]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}
