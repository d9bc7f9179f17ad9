//! Multiplication by constants and addition of constants: y = scale·x + shift, with a factor and an addend per row of
//! `[rows, run]`: a channel of `H·W·N` values, or one value of `N` samples. The constants come with an imported network
//! (a normalization of its input, a scaled branch) and are not trained.

/// Writes y; `affine` holds (factor, addend) of each row.
pub fn forward(affine: &[(f32, f32)], x: &[f32], y: &mut [f32]) {
    let run = y.len() / affine.len();
    let rows = x.chunks_exact(run).zip(y.chunks_exact_mut(run));
    for ((x, y), &(scale, shift)) in rows.zip(affine) {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = scale * x + shift;
        }
    }
}

/// Turns dL/dy into dL/dx in place.
pub fn backward(affine: &[(f32, f32)], d: &mut [f32]) {
    let run = d.len() / affine.len();
    for (row, &(scale, _)) in d.chunks_exact_mut(run).zip(affine) {
        row.iter_mut().for_each(|d| *d *= scale);
    }
}
