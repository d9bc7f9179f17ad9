//! How long the exact allocation of bits takes: 54 layers, 8 widths each, as many budgets as a slider has places.
//!
//!     cargo run --release --example solve

use ddq_playground::rng::{Rng, Stream};
use ddq_playground::search::knapsack::{Choice, solve};
use std::time::Instant;

const LAYERS: usize = 54;
const WIDTHS: u64 = 8;

fn main() {
    let mut rng = Rng::new(1, Stream::Test);
    // Sizes as in a MobileNetV2, from hundreds to hundreds of thousands of weights; losses that fall as 4^−bits, with
    // noise, as measured ones do.
    let layers: Vec<Vec<Choice>> = (0..LAYERS)
        .map(|_| {
            let weights = (10f32.powf(rng.uniform_in(2.5, 5.5))) as u64;
            let scale = f64::from(rng.uniform_in(0.1, 10.0));
            let choice = |bits: u64| Choice {
                cost: weights * bits + 64,
                loss: scale * 0.25f64.powi(bits as i32) * f64::from(rng.uniform_in(0.8, 1.2)),
            };
            (1..=WIDTHS).map(choice).collect()
        })
        .collect();
    let most: u64 = layers
        .iter()
        .map(|layer| layer[WIDTHS as usize - 1].cost)
        .sum();
    let mut times: Vec<f64> = (0..66)
        .map(|place| {
            let budget = 1.5 + 0.1 * f64::from(place);
            let start = Instant::now();
            let found = solve(&layers, (most as f64 * budget / WIDTHS as f64) as u64);
            let time = 1000.0 * start.elapsed().as_secs_f64();
            assert!(
                found.is_some(),
                "every budget of the slider holds one bit a weight"
            );
            time
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "exact allocation of {LAYERS} layers at {} budgets, ms natively: {:.3} [{:.3} – {:.3}]",
        times.len(),
        times[times.len() / 2],
        times[0],
        times[times.len() - 1]
    );
}
