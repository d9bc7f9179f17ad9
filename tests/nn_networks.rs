//! Whole networks: gradients against central differences, state, evaluation.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::slopes::check_slopes;
use ddq_playground::nn::builder::{Builder, Filters};
use ddq_playground::nn::models::{cnn, mlp, mobile};
use ddq_playground::nn::ops::activation::{Activation, Curve};
use ddq_playground::nn::ops::window::Window;
use ddq_playground::nn::tensor::Shape;
use ddq_playground::rng::{Rng, Stream};

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

#[test]
fn batch_norms_take_any_activation_in() {
    let curves = [
        Curve::HardSwish,
        Curve::Sigmoid,
        Curve::Tanh,
        Curve::LeakyRelu { slope: 0.2 },
    ];
    for (seed, curve) in curves.into_iter().enumerate() {
        let mut rng = Rng::new(seed as u64, Stream::Init);
        let mut build = Builder::new(Shape::image(2, 5, 5, 1), &mut rng);
        let filters = Filters {
            outputs: 4,
            window: Window::same(3, 1),
            groups: 1,
        };
        let at = build.convolution("conv", build.input(), filters);
        let at = build.batch_norm(at, Activation::Imported(curve));
        let at = build.global_average_pool(at);
        build.dense("classifier", at, 3, 1.0);
        check_slopes(&format!("{curve:?}"), build.finish(), 40, 3, seed as u64);
    }
}
