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
        let allowed = "at most startPlanes plus one, the bits that learning starts from";
        return Err(invalid("minBits", &fewest.to_string(), allowed));
    }
    Ok(())
}

/// What it adds to the options.
#[rustfmt::skip]
pub const OPTIONS: &[OptionSpec] = &[
    row("startPlanes", Kind::Integer(1, 8), Number(8.0), "planes", "bsq only: bit planes of every layer at the start. Each weight is stored with one more bit for its sign, and at most 8 bits at the end. If bsq does not learn bits, weightBits is used instead."),
    row("lassoStrength", Kind::Number(0.0, 100.0), Number(0.1), "", "bsq only: strength α of the group lasso that empties bit planes (the paper uses 0.001 to 0.02, over about a hundred times as many steps). With a budget this is the starting value: adjustments raise α while bits fall too slowly to reach the budget and lower it when they fall too fast, and the lasso stops once the budget is met. Without a budget (0), α stays as it is."),
    row("memoryAware", Kind::Boolean, Flag(true), "", "bsq only: weight the lasso of each layer by its share of all stored bits, instead of equally."),
    row("adjustEvery", Kind::Number(0.01, 1000.0), Number(0.25), "epochs", "bsq only: interval between adjustments, which round planes back to zeros and ones and drop empty ones."),
    row("planeLearningRate", Kind::Number(0.0, 10.0), Number(0.05), "", "bsq only: learning rate of the bit planes (SGD with momentum 0.9)."),
    row("planeClip", Kind::Number(0.0, 100.0), Number(0.12), "", "bsq only: adaptive clipping of the planes' gradient, relative to the norm of the layer's weights. The gradient of one step moves them by at most planeLearningRate times this. Our addition: the paper does not clip (0), and a network without batch norm may then diverge, sooner the larger its weights."),
    row("holdNorm", Kind::Boolean, Flag(true), "", "bsq only: let each layer's scale compensate for the shrinking of its weights by the lasso. Our addition: in the paper's form (off) weights shrink; batch norm absorbs that with some delay, but a network without it (mlp) forgets what it has learned."),
];
