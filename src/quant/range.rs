//! Dynamic ranges from samples of a tensor.

/// How a range is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeRule {
    /// Smallest to largest value.
    MinMax,
    /// The range whose uniform grid has the least squared error.
    Mse,
}

/// Samples that the search looks at: evenly spaced ones of a larger tensor.
const MOST_SAMPLES: usize = 4096;

/// Positions tried per bound and pass: bounds at 1/24 … 24/24 of the largest one.
const POSITIONS: usize = 24;

/// Ranges end here, far beyond the numbers of a network, so that sums and differences of levels stay finite.
pub(crate) const LARGEST: f32 = 1e30;

/// A tensor with no larger magnitude than this counts as zero: reciprocals of its steps would overflow.
#[cfg(feature = "methods")]
pub(crate) const SMALLEST: f32 = 1e-30;

/// The range of `x` for 2^`bits` equally spaced levels. Non-finite values do not count; without any
/// finite value the range is (0, 0).
pub fn range(rule: RangeRule, x: &[f32], bits: u32) -> (f32, f32) {
    match rule {
        RangeRule::MinMax => min_max(x),
        RangeRule::Mse => mse_optimal(x, bits),
    }
}

/// Smallest and largest finite value, within ±[`LARGEST`].
pub fn min_max(x: &[f32]) -> (f32, f32) {
    let finite = x.iter().copied().filter(|v| v.is_finite());
    let start = (f32::INFINITY, f32::NEG_INFINITY);
    let (low, high) = finite.fold(start, |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        (0.0, 0.0)
    } else {
        (low.clamp(-LARGEST, LARGEST), high.clamp(-LARGEST, LARGEST))
    }
}

/// The `part` quantile (in [0, 1]) of |x| over the finite values; 0 without any.
pub fn absolute_quantile(x: &[f32], part: f32) -> f32 {
    let sizes: Vec<u32> = x
        .iter()
        .filter(|v| v.is_finite())
        .map(|v| v.abs().to_bits())
        .collect();
    let rank = (part * sizes.len().saturating_sub(1) as f32) as usize;
    // Bits of non-negative floats are ordered like the floats: one digit of 16 bits after the other.
    let (high, rank) = digit_of_rank(sizes.iter().map(|bits| bits >> 16), rank);
    let same = sizes.iter().filter(|&&bits| bits >> 16 == high);
    let (low, _) = digit_of_rank(same.map(|bits| bits & 0xffff), rank);
    f32::from_bits(high << 16 | low).min(LARGEST)
}

/// The digit (below 2^16) of the given rank in ascending order, and the rank among its equals; (0, 0)
/// without any.
fn digit_of_rank(digits: impl Iterator<Item = u32>, rank: usize) -> (u32, usize) {
    let mut counts = vec![0; 1 << 16];
    digits.for_each(|digit| counts[digit as usize] += 1);
    let mut before = 0;
    for (digit, count) in counts.into_iter().enumerate() {
        if rank < before + count {
            return (digit as u32, rank - before);
        }
        before += count;
    }
    (0, 0)
}

/// Sorts ascending. By insertion, since what is sorted here is short and nearly sorted.
pub(crate) fn sort_nearly_sorted(values: &mut [f32]) {
    for end in 1..values.len() {
        let value = values[end];
        let mut at = end;
        while at > 0 && values[at - 1].total_cmp(&value).is_gt() {
            values[at] = values[at - 1];
            at -= 1;
        }
        values[at] = value;
    }
}

/// The uniform grid's range with the least squared error, found by trying bounds shrunk towards
/// the centre, one bound after the other, twice. A tensor that is nowhere negative keeps its lower
/// bound, so that ReLU outputs keep an exact zero.
fn mse_optimal(x: &[f32], bits: u32) -> (f32, f32) {
    let (low, high) = min_max(x);
    let spread = high - low;
    if !spread.is_finite() || spread <= 0.0 || bits == 0 {
        return (low, high);
    }
    let stride = x.len().div_ceil(MOST_SAMPLES);
    let samples: Vec<f32> = x
        .iter()
        .copied()
        .step_by(stride)
        .filter(|v| v.is_finite())
        .collect();
    let centre = if low >= 0.0 {
        low
    } else {
        low.max(0.0).min(high)
    };
    let mut best = (low, high);
    let mut least = grid_error(&samples, best, bits);
    for _ in 0..2 {
        for position in 1..=POSITIONS {
            let bound = centre + (high - centre) * position as f32 / POSITIONS as f32;
            keep_better(&samples, (best.0, bound), bits, &mut best, &mut least);
        }
        for position in 1..=POSITIONS {
            let bound = centre + (low - centre) * position as f32 / POSITIONS as f32;
            keep_better(&samples, (bound, best.1), bits, &mut best, &mut least);
        }
    }
    best
}

fn keep_better(
    samples: &[f32],
    tried: (f32, f32),
    bits: u32,
    best: &mut (f32, f32),
    least: &mut f32,
) {
    let error = grid_error(samples, tried, bits);
    if tried.0 < tried.1 && error < *least {
        (*best, *least) = (tried, error);
    }
}

/// Σ (x − x_q)² for 2^bits equally spaced levels over the range.
pub fn grid_error(samples: &[f32], (low, high): (f32, f32), bits: u32) -> f32 {
    let last = ((1u32 << bits) - 1) as f32;
    let step = (high - low) / last;
    let inverse = if step > 0.0 { 1.0 / step } else { 0.0 };
    let mut lanes = [0.0f32; 8];
    for (index, &x) in samples.iter().enumerate() {
        let code = ((x - low) * inverse).max(0.0).min(last).round_ties_even();
        let error = low + step * code - x;
        lanes[index % 8] += error * error;
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Rng, Stream};

    #[test]
    fn the_search_never_does_worse_than_min_max_and_beats_it_on_few_bits() {
        let mut rng = Rng::new(1, Stream::Test);
        let x: Vec<f32> = (0..4000).map(|_| rng.normal()).collect();
        for bits in 1..=8 {
            let found = grid_error(&x, range(RangeRule::Mse, &x, bits), bits);
            let full = grid_error(&x, min_max(&x), bits);
            assert!(found <= full);
            assert!(
                bits > 4 || found < 0.7 * full,
                "{bits} bits: {found} of {full}"
            );
        }
    }

    #[test]
    fn nothing_negative_keeps_zero_and_odd_inputs_give_finite_ranges() {
        let x: Vec<f32> = (0..100).map(|i| i as f32).collect();
        assert_eq!(range(RangeRule::Mse, &x, 2).0, 0.0);
        for odd in [
            &[][..],
            &[f32::NAN],
            &[0.0; 5],
            &[f32::INFINITY, 1.0],
            &[3e38, -3e38],
        ] {
            let (low, high) = range(RangeRule::Mse, odd, 4);
            assert!(low.is_finite() && high.is_finite() && low <= high);
        }
    }

    #[test]
    fn quantiles_are_of_absolute_values() {
        assert_eq!(absolute_quantile(&[-3.0, 1.0, 2.0], 1.0), 3.0);
        assert_eq!(absolute_quantile(&[-3.0, 1.0, 2.0], 0.5), 2.0);
        assert_eq!(absolute_quantile(&[], 0.5), 0.0);
    }
}
