//! Layers and the loss.

use super::Case;
use ddq_playground::nn::linear::{Bias, Linear};
use ddq_playground::nn::loss::softmax_cross_entropy;
use ddq_playground::nn::network::Mode;
use ddq_playground::nn::ops::activation::{self, Activation};
use ddq_playground::nn::ops::batch_norm::Channel;
use ddq_playground::nn::ops::convolution::Geometry;
use ddq_playground::nn::ops::window::Window;
use ddq_playground::nn::ops::{pool, residual};
use ddq_playground::nn::tensor::{Shape, Tensor};
use ddq_playground::rng::{Rng, Stream};

pub fn check(case: &Case) {
    let name = case.name();
    let kind = name.split_once(' ').map_or("", |(_, kind)| kind);
    match kind {
        "dense" => linear(
            case,
            Geometry::dense(case.shape("inputs.w")[1], case.shape("inputs.w")[0]),
        ),
        _ if kind.starts_with("conv2d") || kind.starts_with("depthwise_conv2d") => {
            linear(case, convolution(case));
        }
        "batchnorm2d_train" => batch_norm(case, Mode::Train),
        "batchnorm2d_eval" => batch_norm(case, Mode::Eval),
        "relu6" => activate(case, Activation::Relu6),
        "relu" => activate(case, Activation::Relu),
        "global_avg_pool" => global_average(case),
        "residual_add" => residual_add(case),
        _ if kind.starts_with("softmax_cross_entropy") => cross_entropy(case),
        _ => panic!("{name}: a case of unknown kind"),
    }
}

fn compare(case: &Case, path: &str, got: &Tensor) {
    case.compare(path, &got.to_samples());
}

fn convolution(case: &Case) -> Geometry {
    let x = case.tensor("inputs.x").shape();
    Geometry {
        input: x.with_batch(1),
        outputs: case.shape("inputs.w")[0],
        window: Window::square(
            case.count("kernel"),
            case.count("stride"),
            case.count("padding"),
        ),
        groups: case.count("groups"),
    }
}

fn linear(case: &Case, geometry: Geometry) {
    let mut rng = Rng::new(0, Stream::Init);
    let bias = if case.has_input("b") {
        Bias::Zero
    } else {
        Bias::Absent
    };
    let mut layer = Linear::new("golden", geometry, bias, 1.0, &mut rng);
    layer.weight.value = case.floats("inputs.w");
    if let Some(bias) = &mut layer.bias {
        bias.value = case.floats("inputs.b");
    }
    let (x, d_y) = (case.tensor("inputs.x"), case.tensor("upstream"));
    let (mut y, mut d_x) = (Tensor::default(), Tensor::default());
    layer.forward(&x, Mode::Train, &mut y);
    compare(case, "output", &y);
    layer.backward(&x, &d_y, Some(&mut d_x), &mut Vec::new());
    compare(case, "grads.x", &d_x);
    case.compare("grads.w", &layer.weight.gradient);
    if let Some(bias) = &layer.bias {
        case.compare("grads.b", &bias.gradient);
    }
}

fn batch_norm(case: &Case, mode: Mode) {
    let (x, d_y) = (case.tensor("inputs.x"), case.tensor("upstream"));
    let (gamma, beta) = (case.floats("inputs.gamma"), case.floats("inputs.beta"));
    let before = |name: &str| match mode {
        Mode::Train => case.floats(&format!("{name}_before")),
        Mode::Eval => case.floats(name),
    };
    let (mut mean, mut variance) = (before("running_mean"), before("running_var"));
    let mut y = Tensor::zeros(x.shape());
    let mut d_x = d_y.clone();
    let (mut d_gamma, mut d_beta) = (Vec::new(), Vec::new());
    for c in 0..x.shape().c {
        let channel = match mode {
            Mode::Train => Channel::of_batch(
                x.channel(c),
                gamma[c],
                beta[c],
                &mut mean[c],
                &mut variance[c],
            ),
            Mode::Eval => Channel::fixed(mean[c], variance[c], gamma[c], beta[c]),
        };
        channel.forward(Activation::Identity, x.channel(c), y.channel_mut(c));
        let d = d_x.channel_mut(c);
        let sums = channel.backward_activation(Activation::Identity, x.channel(c), y.channel(c), d);
        match mode {
            Mode::Train => channel.backward_input(x.channel(c), d, sums.0, sums.1),
            Mode::Eval => channel.backward_input_fixed(d),
        }
        d_gamma.push(sums.0);
        d_beta.push(sums.1);
    }
    compare(case, "output", &y);
    compare(case, "grads.x", &d_x);
    case.compare("grads.gamma", &d_gamma);
    case.compare("grads.beta", &d_beta);
    if mode == Mode::Train {
        case.compare("running_mean_after", &mean);
        case.compare("running_var_after", &variance);
    }
}

fn activate(case: &Case, kind: Activation) {
    let (x, mut d) = (case.tensor("inputs.x"), case.tensor("upstream"));
    let mut y = Tensor::zeros(x.shape());
    activation::forward(kind, x.data(), y.data_mut());
    compare(case, "output", &y);
    activation::backward(kind, x.data(), y.data(), d.data_mut());
    compare(case, "grads.x", &d);
}

fn global_average(case: &Case) {
    let x = case.tensor("inputs.x");
    let Shape { c, h, w, n } = x.shape();
    let mut y = Tensor::zeros(Shape::features(c, n));
    pool::global_average_forward(h * w, n, x.data(), y.data_mut());
    compare(case, "output", &y);
    let upstream = case.floats("upstream");
    let mut d_y = Tensor::default();
    d_y.load_samples(
        Shape::features(c, 1),
        &upstream,
        &(0..n).collect::<Vec<_>>(),
    );
    let mut d_x = Tensor::zeros(x.shape());
    pool::global_average_backward(h * w, n, d_y.data(), d_x.data_mut());
    compare(case, "grads.x", &d_x);
}

fn residual_add(case: &Case) {
    let names: Vec<&str> = ["a", "b", "x", "y"]
        .into_iter()
        .filter(|name| case.has_input(name))
        .collect();
    let (a, b) = (
        case.tensor(&format!("inputs.{}", names[0])),
        case.tensor(&format!("inputs.{}", names[1])),
    );
    let mut y = Tensor::zeros(a.shape());
    residual::forward(a.data(), b.data(), y.data_mut());
    compare(case, "output", &y);
    // The gradient of a sum goes to both sides as it is.
    for name in names {
        compare(case, &format!("grads.{name}"), &case.tensor("upstream"));
    }
}

fn cross_entropy(case: &Case) {
    let logits = case.tensor("inputs.logits");
    let mut d = Tensor::default();
    let labels = case.codes("labels");
    let loss = softmax_cross_entropy(&logits, &labels, &mut d);
    case.compare_number("loss_mean", f64::from(loss));
    compare(case, "grads.logits", &d);
    // The gradient is (softmax − one-hot)/N.
    let classes = logits.shape().c;
    let mut softmax: Vec<f32> = d
        .to_samples()
        .iter()
        .map(|d| d * labels.len() as f32)
        .collect();
    for (sample, &label) in softmax.chunks_exact_mut(classes).zip(&labels) {
        sample[usize::from(label)] += 1.0;
    }
    case.compare("softmax", &softmax);
}
