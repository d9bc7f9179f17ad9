//! Whole networks: gradients against central differences, state, evaluation.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::gradients::check;
use ddq_playground::nn::loss::softmax_cross_entropy;
use ddq_playground::nn::models::{cnn, mlp, mobile};
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
fn check_slopes(name: &str, mut network: Network, n: usize, classes: usize, seed: u64) {
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

#[test]
fn the_models_have_the_stated_sizes() {
    let digits = Shape::image(1, 8, 8, 1);
    let mut rng = Rng::new(1, Stream::Init);
    for (mut network, expected) in [
        (
            mlp(digits, &[64, 32], 10, &mut rng),
            64 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10,
        ),
        (cnn(digits, 10, &mut rng).unwrap(), 8_254),
        (mobile(digits, 10, &mut rng).unwrap(), 11_554),
    ] {
        let mut count = 0;
        network.visit_parameters(&mut |p| count += p.value.len());
        assert_eq!(count, expected);
    }
}

#[test]
fn image_models_refuse_plain_features() {
    let mut rng = Rng::new(1, Stream::Init);
    let error = mobile(Shape::features(2, 1), 3, &mut rng).err().unwrap();
    assert!(
        error
            .to_string()
            .contains("mobile on samples of 2 features"),
        "{error}"
    );
}

#[test]
fn gradients_of_whole_networks_match_central_differences() {
    for seed in 0..3 {
        let mut rng = Rng::new(seed, Stream::Init);
        check_slopes(
            "mlp",
            mlp(Shape::features(5, 1), &[7, 6], 3, &mut rng),
            40,
            3,
            seed,
        );
        check_slopes(
            "cnn",
            cnn(Shape::image(2, 6, 6, 1), 4, &mut rng).unwrap(),
            40,
            4,
            seed,
        );
        check_slopes(
            "mobile",
            mobile(Shape::image(1, 8, 8, 1), 3, &mut rng).unwrap(),
            40,
            3,
            seed,
        );
    }
}
