//! Numbers about a tensor and its quantized form.

/// Bins of every histogram shown.
pub const BINS: usize = 64;

/// Counts of the finite values in [`BINS`] equal bins over [low, high]; values outside count in the
/// end bins. An empty range puts everything in the first bin.
pub fn histogram(x: &[f32], low: f32, high: f32) -> [u32; BINS] {
    let mut bins = [0; BINS];
    let width = high - low;
    let density = if width > 0.0 {
        BINS as f32 / width
    } else {
        0.0
    };
    for &x in x.iter().filter(|x| x.is_finite()) {
        let bin = ((x - low) * density).clamp(0.0, (BINS - 1) as f32);
        bins[bin as usize] += 1;
    }
    bins
}

/// ‖x − x_q‖² / ‖x‖²; 0 where x is all zero and exactly kept, ∞ where zeros were changed.
pub fn relative_squared_error(x: &[f32], x_q: &[f32]) -> f64 {
    let squares = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let error = squares(
        &mut x
            .iter()
            .zip(x_q)
            .map(|(&x, &q)| f64::from(x) - f64::from(q)),
    );
    let norm = squares(&mut x.iter().map(|&x| f64::from(x)));
    if error == 0.0 { 0.0 } else { error / norm }
}

/// ‖x − x_q‖ / ‖x‖, with the same ends.
pub fn relative_error(x: &[f32], x_q: &[f32]) -> f64 {
    relative_squared_error(x, x_q).sqrt()
}

/// Differences of adjacent levels: one fewer than levels.
pub fn step_sizes(levels: &[f32]) -> Vec<f32> {
    levels.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_value_is_counted_once() {
        let x = [-2.0, -1.0, 0.0, 0.99, 1.0, 5.0, f32::NAN, f32::INFINITY];
        let bins = histogram(&x, -1.0, 1.0);
        assert_eq!(bins.iter().sum::<u32>(), 6);
        assert_eq!((bins[0], bins[32], bins[63]), (2, 1, 3));
        assert_eq!(histogram(&x, 1.0, 1.0)[0], 6);
    }

    #[test]
    fn relative_error_is_a_ratio_of_norms() {
        assert_eq!(relative_squared_error(&[3.0, 4.0], &[3.0, 3.0]), 1.0 / 25.0);
        assert_eq!(relative_error(&[3.0, 4.0], &[3.0, 3.0]), 1.0 / 5.0);
        assert_eq!(relative_error(&[0.0], &[0.0]), 0.0);
        assert_eq!(relative_error(&[0.0], &[1.0]), f64::INFINITY);
    }
}
