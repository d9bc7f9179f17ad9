//! Softmax cross-entropy: L = −mean over samples of log softmax(z)[label].

use super::tensor::Tensor;

/// The loss of `logits` `[classes, N]` against one label per sample; writes dL/dlogits, which is
/// (softmax − one-hot)/N, to `d_logits`. Stable: the largest logit is subtracted first.
/// A NaN logit gives a NaN loss.
pub fn softmax_cross_entropy(logits: &Tensor, labels: &[u8], d_logits: &mut Tensor) -> f32 {
    let (classes, n) = (logits.shape().per_sample(), logits.shape().n);
    assert_eq!(labels.len(), n, "one label per sample");
    d_logits.reshape(logits.shape());
    let (z, d) = (logits.data(), d_logits.data_mut());
    let mut loss = 0.0;
    for (sample, &label) in labels.iter().enumerate() {
        let column = || (0..classes).map(|class| class * n + sample);
        let largest = column().map(|at| z[at]).fold(f32::NEG_INFINITY, f32::max);
        let mut total = 0.0;
        for at in column() {
            d[at] = libm::expf(z[at] - largest);
            total += d[at];
        }
        for at in column() {
            d[at] /= total * n as f32;
        }
        let label = usize::from(label) * n + sample;
        d[label] -= 1.0 / n as f32;
        loss += f64::from(libm::logf(total) - (z[label] - largest));
    }
    (loss / n as f64) as f32
}
