//! DDQ: levels, codes, values, and the gradients of x, q, g and ĝ.

use super::Case;
use ddq_playground::methods::ddq::Ddq;
use ddq_playground::methods::ddq::DdqSettings;
use ddq_playground::methods::ddq::structure::{effective_levels, gate_derivative};
use ddq_playground::quant::{Quantizer, Role};

fn made(case: &Case, gradient_correction: f32) -> Ddq {
    let settings = DdqSettings {
        learn_gates: true,
        gradient_correction,
        ..DdqSettings::default()
    };
    Ddq::from_parts(
        Role::Weight,
        case.floats("q"),
        case.floats("ghat"),
        settings,
    )
}

pub fn check(case: &Case) {
    let name = case.name();
    let (x, upstream) = (case.floats("x"), case.floats("upstream"));
    let mut ddq = made(case, 0.0);
    let gates: Vec<f32> = ddq.gates_on().iter().map(|&g| f32::from(g)).collect();
    assert_eq!(ddq.gates_on(), case.codes("gates"), "{name}: gates");
    assert_eq!(ddq.bits() as usize, case.count("eff_bits"), "{name}: bits");
    assert_eq!(ddq.levels().len(), case.count("n_eff"), "{name}: levels");
    case.compare("q_eff", &effective_levels(ddq.raw_levels(), &gates));
    case.compare("q_eff_unique", ddq.levels());

    let (mut x_q, mut dx) = (vec![f32::NAN; x.len()], vec![f32::NAN; x.len()]);
    ddq.forward(&x, &mut x_q);
    assert_eq!(ddq.codes(), case.codes("code"), "{name}: code");
    assert_eq!(ddq.raw_codes(), case.codes("idx_raw"), "{name}: idx_raw");
    case.compare("x_q", &x_q);
    let mut evaluated = vec![f32::NAN; x.len()];
    ddq.quantize(&x, &mut evaluated);
    assert_eq!(evaluated, x_q, "{name}: forward and quantize");

    ddq.backward(&x, &upstream, &mut dx);
    case.compare("dL_dx", &dx);
    let (dq, dghat) = ddq.gradients();
    case.compare("dL_dq", dq);
    case.compare("dL_dghat", dghat);
    let dg = |bit| {
        let derivative = gate_derivative(ddq.raw_levels(), &gates, bit);
        let terms = upstream.iter().zip(ddq.raw_codes());
        terms
            .map(|(u, &code)| f64::from(*u) * f64::from(derivative[usize::from(code)]))
            .sum::<f64>() as f32
    };
    case.compare("dL_dg", &(0..gates.len()).map(dg).collect::<Vec<_>>());

    check_correction(case, &x, &x_q);
}

/// The gradient of the mean squared error alone: no upstream, β = 1.
fn check_correction(case: &Case, x: &[f32], x_q: &[f32]) {
    let mut ddq = made(case, 1.0);
    let (mut again, mut dx) = (x_q.to_vec(), x.to_vec());
    ddq.forward(x, &mut again);
    ddq.backward(x, &vec![0.0; x.len()], &mut dx);
    case.compare("dMSE_dq", ddq.gradients().0);
    if case.has("mse") {
        let squares = x
            .iter()
            .zip(x_q)
            .map(|(x, x_q)| (f64::from(*x_q) - f64::from(*x)).powi(2));
        case.compare_number("mse", squares.sum::<f64>() / x.len() as f64);
    }
}
