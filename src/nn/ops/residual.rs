//! Residual addition: y = a + b. Its gradient reaches both unchanged.

/// Writes a + b.
pub fn forward(a: &[f32], b: &[f32], y: &mut [f32]) {
    for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
        *y = a + b;
    }
}

/// Adds `b` to `a`: also how gradients of several consumers are summed.
pub fn accumulate(a: &mut [f32], b: &[f32]) {
    for (a, &b) in a.iter_mut().zip(b) {
        *a += b;
    }
}
