//! Sums over long runs, with a fixed number of lanes.
//!
//! A float sum in one accumulator cannot be vectorised, because the order of additions is part of
//! its result. So the order is chosen here once: element i goes to lane i mod [`LANES`], and the
//! lanes are combined pairwise at the end. That vectorises, is the same in every run and build, and
//! rounds less than one long chain.

/// Accumulators side by side: four 128-bit registers, enough to hide the latency of an addition.
pub const LANES: usize = 16;

/// Adds the lanes in a fixed tree.
pub fn combine(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
        half /= 2;
    }
    lanes[0]
}

/// Σ a.
pub fn sum(a: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = a.chunks_exact(LANES);
    for (lane, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += value;
    }
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += value;
        }
    }
    combine(lanes)
}

/// Σ (a − center)².
pub fn squared_deviations(a: &[f32], center: f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = a.chunks_exact(LANES);
    for (lane, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += (value - center) * (value - center);
    }
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += (value - center) * (value - center);
        }
    }
    combine(lanes)
}

/// Adds a·b, element by element, to the lanes; `a` and `b` have the same length.
pub fn add_products(lanes: &mut [f32; LANES], a: &[f32], b: &[f32]) {
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let remainders = a_chunks.remainder().iter().zip(b_chunks.remainder());
    for (lane, (&u, &v)) in lanes.iter_mut().zip(remainders) {
        *lane += u * v;
    }
    for (u, v) in a_chunks.zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] += u[i] * v[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    #[test]
    fn sums_equal_the_plain_ones_at_every_length() {
        let mut rng = Rng::new(1, Stream::Test);
        for length in 0..=67 {
            let a: Vec<f32> = (0..length).map(|_| rng.normal()).collect();
            let b: Vec<f32> = (0..length).map(|_| rng.normal()).collect();
            let plain = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
                a.iter()
                    .zip(&b)
                    .map(|(&u, &v)| f(f64::from(u), f64::from(v)))
                    .sum()
            };
            let mut lanes = [0.0; LANES];
            add_products(&mut lanes, &a, &b);
            for (got, expected) in [
                (sum(&a), plain(&|u, _| u)),
                (
                    squared_deviations(&a, 0.25),
                    plain(&|u, _| (u - 0.25) * (u - 0.25)),
                ),
                (combine(lanes), plain(&|u, v| u * v)),
            ] {
                assert!(
                    (f64::from(got) - expected).abs() < 1e-4,
                    "length {length}: {got} {expected}"
                );
            }
        }
    }
}
