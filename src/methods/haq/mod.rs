//! HAQ: bits are found by an agent, within a budget of size or of hardware. See [`search`] and [`hardware`].

mod agent;
pub mod hardware;
mod mlp;
pub mod search;

use crate::error::Error;
use crate::train::method::{Bits, Method, Quantization};
use crate::train::option_table::DefaultValue::{Number, Text};
use crate::train::option_table::{Kind, OptionSpec, row};
use crate::train::options::{Options, invalid};

/// The method's row.
pub const METHOD: Method = Method {
    check,
    search: Some(search::start),
    ..Method::new("haq", Some(Quantization::UNIFORM), Bits::Searched)
};

/// What needs quantized activations.
fn check(options: &Options) -> Result<(), Error> {
    if !options.leaves_activations() || options.text("hardware") == "size" {
        return Ok(());
    }
    Err(invalid(
        "hardware",
        &options.shown("hardware"),
        "size if activationBits is 0, since the other choices search activation bits",
    ))
}

/// What it adds to the options; `random` tries as many allocations.
#[rustfmt::skip]
pub const OPTIONS: &[OptionSpec] = &[
    row("episodes", Kind::Integer(1, 10_000), Number(200.0), "episodes", "Number of allocations that haq and random try; unused by other methods."),
    row("hardware", Kind::Choice(&["size", "bitops", "edge", "cloud", "measured"]), Text("size"), "", "Extra cost limit for haq besides stored bits: size (none), bit operations, an accelerator preset (edge, cloud), or latencies measured on this machine. The limit is what equal bits at the budget, rounded down, would cost; activation bits are then searched too."),
];
