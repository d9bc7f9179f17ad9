//! The stratified split: every class has the same part of its samples in the test set, rounded by
//! largest remainder so that the total is exact.

use super::Split;
use crate::rng::{Rng, Stream};

/// Splits sample-major `inputs` (`labels.len()` samples) into train and test, `test_total` samples
/// in the test set. Which samples of a class go there is drawn from the seed; both parts keep the
/// samples in their order.
pub fn stratified(
    inputs: &[f32],
    labels: &[u8],
    classes: usize,
    test_total: usize,
    seed: u64,
) -> (Split, Split) {
    let mut rng = Rng::new(seed, Stream::Split);
    let mut members = vec![Vec::new(); classes];
    for (sample, &label) in labels.iter().enumerate() {
        members[label as usize].push(sample);
    }
    let counts: Vec<usize> = members.iter().map(Vec::len).collect();
    let mut in_test = vec![false; labels.len()];
    for (class, quota) in members.iter_mut().zip(quotas(&counts, test_total)) {
        rng.shuffle(class);
        for &sample in &class[..quota] {
            in_test[sample] = true;
        }
    }
    let (mut train, mut test) = (Split::default(), Split::default());
    let width = inputs.len() / labels.len();
    for (sample, values) in inputs.chunks_exact(width).enumerate() {
        let part = if in_test[sample] {
            &mut test
        } else {
            &mut train
        };
        part.inputs.extend_from_slice(values);
        part.labels.push(labels[sample]);
    }
    (train, test)
}

/// How many of `total` fall to each class, proportional to `counts`: the whole part of each share,
/// then one more for the largest remainders (the lower class first where they are equal).
fn quotas(counts: &[usize], total: usize) -> Vec<usize> {
    let all: usize = counts.iter().sum();
    let mut shares: Vec<usize> = counts.iter().map(|count| count * total / all).collect();
    let missing = total - shares.iter().sum::<usize>();
    let mut remainders: Vec<usize> = counts.iter().map(|count| count * total % all).collect();
    for _ in 0..missing {
        let largest = (0..counts.len())
            .rev()
            .max_by_key(|&class| remainders[class]);
        if let Some(class) = largest {
            shares[class] += 1;
            remainders[class] = 0;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::quotas;

    #[test]
    fn quotas_follow_the_largest_remainders() {
        // Shares 2.1, 2.8, 2.1: the middle class has the largest remainder.
        assert_eq!(quotas(&[30, 40, 30], 7), [2, 3, 2]);
        // Equal remainders of 1/3: the first class gets the odd one.
        assert_eq!(quotas(&[10, 10, 10], 10), [4, 3, 3]);
        assert_eq!(quotas(&[5, 0, 5], 10), [5, 0, 5]);
    }
}
