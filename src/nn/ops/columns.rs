//! im2col: a k×k convolution as one matrix product.
//!
//! Row (channel, tap) of the column matrix `[channels·k², output pixels·N]` is the image of that
//! channel as seen through that tap, zero where the window hangs over the border. Then
//! Y = W · columns, with W as it is stored. The adjoint sums each row back to where it came from.

use super::window::WindowTables;

/// Writes the columns of `x` `[channels, input pixels, N]`; `n` is N.
pub fn gather(tables: &WindowTables, n: usize, x: &[f32], columns: &mut [f32]) {
    let (image, row_length) = (tables.input_pixels * n, tables.output_pixels * n);
    let taps = tables.by_tap.len();
    for (channel, rows) in x
        .chunks_exact(image)
        .zip(columns.chunks_exact_mut(taps * row_length))
    {
        for (row, runs) in rows.chunks_exact_mut(row_length).zip(&tables.by_tap) {
            let mut filled = 0;
            for run in runs {
                row[filled..run.output * n].fill(0.0);
                filled = (run.output + run.pixels) * n;
                row[run.output * n..filled]
                    .copy_from_slice(&channel[run.input * n..(run.input + run.pixels) * n]);
            }
            row[filled..].fill(0.0);
        }
    }
}

/// The adjoint of [`gather`]: writes `d_x` from the gradient of the columns.
pub fn scatter(tables: &WindowTables, n: usize, d_columns: &[f32], d_x: &mut [f32]) {
    let (image, row_length) = (tables.input_pixels * n, tables.output_pixels * n);
    let taps = tables.by_tap.len();
    d_x.fill(0.0);
    for (channel, rows) in d_x
        .chunks_exact_mut(image)
        .zip(d_columns.chunks_exact(taps * row_length))
    {
        for (row, runs) in rows.chunks_exact(row_length).zip(&tables.by_tap) {
            for run in runs {
                let target = &mut channel[run.input * n..(run.input + run.pixels) * n];
                let source = &row[run.output * n..(run.output + run.pixels) * n];
                for (t, &s) in target.iter_mut().zip(source) {
                    *t += s;
                }
            }
        }
    }
}
