//! Multipoint: rows of weights as sums of low-bit points, as many as each row needs. See [`quantizer`] for the points and
//! [`search`] for their number.

pub mod cost;
mod layer;
mod output_error;
pub mod point;
pub mod quantizer;
pub mod search;

use crate::error::Error;
use crate::quant::Role;
use crate::train::method::{Bits, Method, Quantization};
use crate::train::option_table::DefaultValue::Number;
use crate::train::option_table::{Kind, OptionSpec, row};
use crate::train::options::{Options, invalid};
pub use quantizer::{MOST_POINTS, Multipoint};

/// The method's row.
pub const METHOD: Method = Method {
    defaults: &[
        ("weightBits", 3.0),
        ("activationBits", 8.0),
        ("budgetBits", 0.0),
        ("epochs", 0.0),
    ],
    check_bits: Some(check_points),
    settle: Some(cost::settle),
    search: Some(search::start),
    ..Method::new("multipoint", Some(QUANTIZATION), Bits::Points)
};

/// One point a row; which rows get more is decided later, by a search that knows the rows and their inputs.
const QUANTIZATION: Quantization = Quantization {
    name: "multipoint",
    build: |request| match request.role {
        Role::Weight => Box::new(Multipoint::new(request.bits, request.samples, 1)),
        Role::Activation => request.uniform(),
    },
    fewest_weight_bits: 2,
};

/// There must be an end to the points.
fn check_points(options: &Options) -> Result<(), Error> {
    let endless = options.budget_bits().is_none() && options.number("tolerance") == 0.0;
    if endless && !options.has_open_budget() {
        let allowed = "more than 0 for multipoint without a tolerance";
        return Err(invalid("budgetBits", "0", allowed));
    }
    Ok(())
}

/// What it adds to the options.
#[rustfmt::skip]
pub const OPTIONS: &[OptionSpec] = &[
    row("tolerance", Kind::Number(0.0, 1e9), Number(0.0), "of the variance", "multipoint only: relative output error (to the layer's output variance) below which a row gets no more points; 0 spends the whole budget. This method quantizes without training: epochs is unused, weightBits applies to each point (auto: 3, or fewer to fit the budget), activationBits defaults to 8, and without a budget the points may cost 10 % more than one per row."),
];
