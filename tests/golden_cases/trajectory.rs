//! Five training steps of a perceptron with DDQ on its weights and activations.

use super::Case;
use ddq_playground::methods::ddq::Ddq;
use ddq_playground::methods::ddq::DdqSettings;
use ddq_playground::nn::loss::softmax_cross_entropy;
use ddq_playground::nn::models::mlp;
use ddq_playground::nn::network::{Mode, Network};
use ddq_playground::nn::optimizer::{Optimizer, Rates, Rule, Settings};
use ddq_playground::nn::schedule::Schedule;
use ddq_playground::nn::tensor::{Shape, Tensor};
use ddq_playground::parameter::Group;
use ddq_playground::quant::{Quantizer, Role};
use ddq_playground::rng::{Rng, Stream};

pub fn check(case: &Case) {
    let mut network = build(case);
    let momentum = Rule::Sgd {
        momentum: case.float("momentum"),
    };
    let rates = Rates {
        levels: case.float("lr_q"),
        gates: case.float("lr_ghat"),
        ..Rates::default()
    };
    let mut settings = Settings::new(momentum, case.float("lr"), 0.0, Schedule::Constant, rates);
    settings.gates.rule = momentum;
    let mut optimizer = Optimizer::new(settings);
    let (x, labels) = (case.tensor("init.X"), case.codes("init.Y"));
    let mut d = Tensor::default();
    for step in 0..case.length("log") {
        let at = |field: &str| format!("log.{step}.{field}");
        assert_eq!(
            bits(case, &network),
            case.codes(&at("eff_bits")),
            "{} step {step}",
            case.name()
        );
        network.zero_gradients();
        let loss = softmax_cross_entropy(network.forward(&x, Mode::Train), &labels, &mut d);
        case.compare_number(&at("ce"), f64::from(loss));
        network.backward(&d);
        for (field, group) in [
            ("W", Group::Weight),
            ("q", Group::Levels),
            ("ghat", Group::Gates),
        ] {
            case.compare_number(
                &at(&format!("grad_l2.{field}")),
                gradient_norm(&mut network, group),
            );
        }
        optimizer.step(&mut network, 0.0);
        network.constrain();
    }
    compare_final(case, &mut network, &x, &labels);
}

fn build(case: &Case) -> Network {
    let dims = case.codes("dims");
    let layers = dims.len() - 1;
    let hidden: Vec<usize> = dims[1..layers].iter().map(|&d| usize::from(d)).collect();
    let input = Shape::features(usize::from(dims[0]), 1);
    let mut network = mlp(
        input,
        &hidden,
        usize::from(dims[layers]),
        &mut Rng::new(0, Stream::Init),
    );
    for (index, linear) in network.linears_mut().enumerate() {
        linear.weight.value = case.floats(&format!("init.W.{index}"));
        if let Some(bias) = &mut linear.bias {
            bias.value = case.floats(&format!("init.b.{index}"));
        }
        linear.weight_quantizer = quantizer(case, Role::Weight, &format!("w{index}"));
        linear.activation_quantizer = quantizer(case, Role::Activation, &format!("a{index}"));
    }
    network
}

/// The place of a quantizer in the case's order.
fn place(case: &Case, name: &str) -> Option<usize> {
    (0..case.length("init.quantizers"))
        .find(|at| case.text(&format!("init.quantizers.{at}.name")) == name)
}

fn quantizer(case: &Case, role: Role, name: &str) -> Option<Box<dyn Quantizer>> {
    let at = format!("init.quantizers.{}", place(case, name)?);
    let settings = DdqSettings {
        learn_gates: true,
        gradient_correction: case.float("beta_gc"),
        ..DdqSettings::default()
    };
    let (q, logits) = (
        case.floats(&format!("{at}.q")),
        case.floats(&format!("{at}.ghat")),
    );
    Some(Box::new(Ddq::from_parts(role, q, logits, settings)))
}

/// The DDQ quantizers with their places.
fn quantizers<'a>(case: &Case, network: &'a Network) -> Vec<(usize, &'a Ddq)> {
    let mut all = Vec::new();
    for (index, linear) in network.linears().enumerate() {
        for (letter, quantizer) in [
            ("w", &linear.weight_quantizer),
            ("a", &linear.activation_quantizer),
        ] {
            let ddq = quantizer.as_deref().and_then(|q| q.downcast());
            if let (Some(ddq), Some(place)) = (ddq, place(case, &format!("{letter}{index}"))) {
                all.push((place, ddq));
            }
        }
    }
    all.sort_by_key(|(place, _)| *place);
    all
}

fn bits(case: &Case, network: &Network) -> Vec<u8> {
    quantizers(case, network)
        .iter()
        .map(|(_, ddq)| ddq.bits() as u8)
        .collect()
}

fn gradient_norm(network: &mut Network, group: Group) -> f64 {
    let mut squares = 0.0;
    network.visit_parameters(&mut |parameter| {
        if parameter.group == group {
            squares += parameter
                .gradient
                .iter()
                .map(|&g| f64::from(g).powi(2))
                .sum::<f64>();
        }
    });
    squares.sqrt()
}

fn compare_final(case: &Case, network: &mut Network, x: &Tensor, labels: &[u8]) {
    let loss = softmax_cross_entropy(
        network.forward(x, Mode::Eval),
        labels,
        &mut Tensor::default(),
    );
    case.compare_number("final.ce", f64::from(loss));
    assert_eq!(
        bits(case, network),
        case.codes("final.eff_bits"),
        "{}",
        case.name()
    );
    for (index, linear) in network.linears().enumerate() {
        case.compare(&format!("final.W.{index}"), &linear.weight.value);
        case.compare(
            &format!("final.b.{index}"),
            &linear.bias.as_ref().unwrap().value,
        );
    }
    for (place, ddq) in quantizers(case, network) {
        case.compare(&format!("final.q.{place}"), ddq.raw_levels());
        case.compare(&format!("final.ghat.{place}"), ddq.gate_logits());
    }
}
