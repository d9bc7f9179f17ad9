//! BSQ: bits are found by a group lasso on bit planes. See [`quantizer`], and [`schedule`] for the training.

pub mod planes;
mod precision;
pub mod quantizer;
pub mod schedule;

use crate::error::Error;
use crate::quant::Role;
use crate::train::method::{Bits, Method, Quantization};
use crate::train::option_table::DefaultValue::{Flag, Number};
use crate::train::option_table::{Kind, OptionSpec, row};
use crate::train::options::{Options, invalid};
pub use quantizer::{Bsq, Training};
pub use schedule::BsqSchedule;

/// The method's row.
pub const METHOD: Method = Method {
    defaults: &[("learningRate", 0.02)],
    check_bits: Some(check_planes),
    start_bits: ("startPlanes", 1),
    rates: |options, rates| crate::nn::optimizer::Rates {
        planes: options.number("planeLearningRate"),
        ..rates
    },
    schedule: Some(schedule::start),
    ..Method::new("bsq", Some(QUANTIZATION), Bits::Learned)
};

/// Bits count the sign: one plane less.
const QUANTIZATION: Quantization = Quantization {
    name: "bsq",
    build: |request| match request.role {
        Role::Weight if request.learns => {
            let fewest = request.fewest_bits().saturating_sub(1);
            let planes = request.bits.saturating_sub(1);
            Box::new(Bsq::new(planes, request.samples, Training::Planes(fewest)))
        }
        Role::Weight => Box::new(Bsq::new(
            request.bits.max(2) - 1,
            request.samples,
            Training::Grid,
        )),
        Role::Activation => request.uniform(),
    },
    fewest_weight_bits: 2,
};

/// Without a budget the lasso alone decides.
fn check_planes(options: &Options) -> Result<(), Error> {
    let fewest = options.integer("minBits");
    if options.learns_bits() && fewest > options.start_bits() as usize {
        let allowed = "at most startPlanes and one bit more, which learning starts from";
        return Err(invalid("minBits", &fewest.to_string(), allowed));
    }
    Ok(())
}

/// What it adds to the options.
#[rustfmt::skip]
pub const OPTIONS: &[OptionSpec] = &[
    row("startPlanes", Kind::Integer(1, 8), Number(8.0), "planes", "bsq alone: bit planes of every layer at the start. A weight is stored in one bit more, its sign, and in at most 8 bits at the end; weightBits are used where bsq does not learn bits."),
    row("lassoStrength", Kind::Number(0.0, 100.0), Number(0.1), "", "bsq alone: strength α of the group lasso that empties bit planes (the paper's 0.001 to 0.02 act on some hundred times as many steps). With a budget it is where α starts: adjustments raise it while bits fall too slowly for a course to the budget, lower it where they are below, and the lasso rests once the budget is met. Without a budget (0) α alone decides."),
    row("memoryAware", Kind::Boolean, Flag(true), "", "bsq alone: pull the planes of each layer as hard as its part of all stored bits, instead of all layers alike."),
    row("adjustEvery", Kind::Number(0.01, 1000.0), Number(0.25), "epochs", "bsq alone: time from one adjustment, at which planes become zeros and ones again and empty ones are dropped, to the next."),
    row("planeLearningRate", Kind::Number(0.0, 10.0), Number(0.05), "", "bsq alone: learning rate of the bit planes (SGD with momentum 0.9)."),
    row("planeClip", Kind::Number(0.0, 100.0), Number(0.12), "", "bsq alone: adaptive clipping of the planes' gradient, as a part of the norm of the layer's weights. One step's gradient moves them by at most planeLearningRate times this. Our addition: 0, the paper's form, does not clip, and a network without batch norm may diverge, the sooner the larger its weights."),
    row("holdNorm", Kind::Boolean, Flag(true), "", "bsq alone: let each layer's scale make up for what the lasso takes from its weights. Our addition: off is the paper's form, where weights shrink: batch norm takes that up with some delay, a network without it (mlp) forgets what it has learned."),
];
