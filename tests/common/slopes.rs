//! Whole networks against central differences.

use super::gradients::check;
use ddq_playground::nn::loss::softmax_cross_entropy;
use ddq_playground::nn::network::{Mode, Network};
use ddq_playground::nn::tensor::{Shape, Tensor};
use ddq_playground::rng::{Rng, Stream};

fn batch(shape: Shape, n: usize, rng: &mut Rng) -> Tensor {
    let shape = shape.with_batch(n);
    Tensor::from_vec(shape, (0..shape.len()).map(|_| rng.normal()).collect())
}

/// The loss in double precision from the f32 logits, so that small differences are seen.
fn loss(network: &mut Network, x: &Tensor, labels: &[u8]) -> f64 {
    let logits = network.forward(x, Mode::Train).to_samples();
    let samples = logits.chunks_exact(logits.len() / labels.len()).zip(labels);
    let losses = samples.map(|(z, &label)| {
        let total: f64 = z.iter().map(|&z| f64::from(z).exp()).sum();
        total.ln() - f64::from(z[usize::from(label)])
    });
    losses.sum::<f64>() / labels.len() as f64
}

/// Perturbs every parameter of `network` along a random direction and compares the slope of the
/// loss with the gradient.
pub fn check_slopes(name: &str, mut network: Network, n: usize, classes: usize, seed: u64) {
    let mut rng = Rng::new(seed, Stream::Test);
    let x = batch(network.input_shape(), n, &mut rng);
    let labels: Vec<u8> = (0..n).map(|_| rng.below(classes) as u8).collect();
    let mut d = Tensor::default();
    network.zero_gradients();
    softmax_cross_entropy(network.forward(&x, Mode::Train), &labels, &mut d);
    network.backward(&d);
    let mut values: Vec<Vec<f32>> = Vec::new();
    let mut gradients: Vec<Vec<f32>> = Vec::new();
    network.visit_parameters(&mut |p| {
        values.push(p.value.clone());
        gradients.push(p.gradient.clone());
    });
    for target in 0..values.len() {
        let direction: Vec<f32> = values[target].iter().map(|_| rng.normal()).collect();
        let scale = 1.0 / (direction.len() as f32).sqrt();
        let direction: Vec<f32> = direction.iter().map(|d| d * scale).collect();
        let slope: f32 = gradients[target]
            .iter()
            .zip(&direction)
            .map(|(g, d)| g * d)
            .sum();
        check(
            &format!("{name} seed {seed} parameter {target}"),
            &[0.0],
            &[slope],
            1e-3,
            2e-2,
            |at| {
                let mut index = 0;
                network.visit_parameters(&mut |p| {
                    if index == target {
                        for ((value, &start), &way) in
                            p.value.iter_mut().zip(&values[target]).zip(&direction)
                        {
                            *value = start + at[0] * way;
                        }
                    }
                    index += 1;
                });
                let result = loss(&mut network, &x, &labels);
                let mut index = 0;
                network.visit_parameters(&mut |p| {
                    if index == target {
                        p.value.copy_from_slice(&values[target]);
                    }
                    index += 1;
                });
                result
            },
        );
    }
}
