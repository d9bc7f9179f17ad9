//! DDQ: levels, range and bits are all learned by gradient. See [`quantizer`], [`schedule`] for how bits meet a budget, and
//! [`refit`] for the levels at the bits found.

mod backward;
pub mod gates;
pub mod quantizer;
pub mod refit;
pub mod schedule;
pub mod structure;

use crate::error::Error;
use crate::nn::optimizer::Rates;
use crate::train::method::{Bits, Method, Quantization, Request};
use crate::train::option_table::DefaultValue::{Number, Text};
use crate::train::option_table::{Kind, OptionSpec, row};
use crate::train::options::{Options, invalid};
pub use quantizer::{Ddq, DdqSettings, GateInit, GateOrder};

/// The method's row.
pub const METHOD: Method = Method {
    check,
    learns_activations: true,
    rates: |options, rates| Rates {
        gates: options.number("gateLearningRate"),
        ..rates
    },
    schedule: Some(schedule::start),
    ..Method::new("ddq", Some(QUANTIZATION), Bits::Learned)
};

const QUANTIZATION: Quantization = Quantization {
    name: "ddq",
    build: |request| {
        let settings = settings(request);
        Box::new(Ddq::new(
            request.role,
            request.bits,
            request.range(),
            settings,
        ))
    },
    fewest_weight_bits: 1,
};

fn settings(request: &Request<'_>) -> DdqSettings {
    let (gate_init, order) = match request.options.text("gateInit") {
        "threshold" => (GateInit::Threshold, GateOrder::Sorted),
        _ => (GateInit::Staggered, GateOrder::Prefix),
    };
    DdqSettings {
        learn_gates: request.learns,
        gate_init,
        order,
        min_bits: request.fewest_bits(),
        gradient_correction: request.options.number("gradientCorrection"),
    }
}

/// What needs quantized activations.
fn check(options: &Options) -> Result<(), Error> {
    if !options.leaves_activations() || options.number("activationBudgetBits") == 0.0 {
        return Ok(());
    }
    Err(invalid(
        "activationBudgetBits",
        &options.shown("activationBudgetBits"),
        "0 if activationBits is 0",
    ))
}

/// What it adds to the options.
#[rustfmt::skip]
pub const OPTIONS: &[OptionSpec] = &[
    row("gradientCorrection", Kind::Number(0.0, 10.0), Number(0.0), "", "Weight β of the term that pulls DDQ's levels towards the values they represent."),
    row("objective", Kind::Choice(&["hinge", "product"]), Text("hinge"), "", "How the budget enters the loss: as an added hinge (our own, stable formulation), or as the paper's product loss·(size/budget)^α."),
    row("budgetWeight", Kind::Number(0.0, 100.0), Number(1.0), "", "Weight μ of the budget hinge."),
    row("budgetExponent", Kind::Number(0.0, 10.0), Number(0.02), "", "Exponent α of the product objective."),
    row("gateInit", Kind::Choice(&["staggered", "threshold"]), Text("staggered"), "", "Initial gate logits: from 1 down to 0.1 (staggered), or all just above 0, our reading of the paper (threshold)."),
    row("gateLearningRate", Kind::Number(0.0, 10.0), Number(0.1), "", "Learning rate of DDQ's gate logits (plain SGD)."),
];
