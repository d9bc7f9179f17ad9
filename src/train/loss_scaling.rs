//! A training step in low precision: what the options say, the operands of the forward pass, and skipped steps.

use super::options::{Options, invalid};
use crate::archive::Archive;
use crate::error::Error;
use crate::nn::network::Network;
use crate::nn::precision::format::Rounder;
use crate::nn::precision::{Format, LossScaling, Outcome, Policy, Report};
use crate::nn::tensor::Tensor;

/// Where loss scaling comes from, in JS and in the URL.
pub const POLICIES: &[&str] = &["none", "fixed", "dynamic", "adaptive"];

/// A fixed scale where none is given.
const FIXED: f64 = 1024.0;

/// The first dynamic scale where none is given: 2¹⁵, as is usual for half precision, and as far below the largest
/// number for E4M3, which ends at 448 instead of 57344.
fn dynamic_start(format: Format) -> f64 {
    if format == Format::E4m3 {
        256.0
    } else {
        32768.0
    }
}

/// `lossScale` where it is not given.
pub fn automatic_scale(options: &Options) -> f64 {
    match options.text("lossScaling") {
        "dynamic" => dynamic_start(Format::of_name(options.text("precision"))),
        _ => FIXED,
    }
}

/// Refuses a scale that would change mantissas.
///
/// # Errors
/// `InvalidOption` for a `lossScale` that is no power of two.
pub fn check(options: &Options) -> Result<(), Error> {
    let scale = options.number("lossScale");
    // The mantissa's bits.
    if scale.to_bits() & 0x007f_ffff == 0 {
        return Ok(());
    }
    let got = crate::text::number(f64::from(scale));
    Err(invalid("lossScale", &got, "a power of two, such as 1024"))
}

/// Low-precision training of one run.
pub struct LowPrecision {
    scaling: LossScaling,
    /// Of weights and activations, where they are rounded too.
    operands: Option<Rounder>,
}

impl LowPrecision {
    /// None with precision "f32", which is plain training.
    pub fn new(options: &Options) -> Option<Self> {
        let format = Format::of_name(options.text("precision"));
        let rounder = Rounder::new(format)?;
        let policy = match options.text("lossScaling") {
            "fixed" => Policy::Constant(options.number("lossScale")),
            "dynamic" => Policy::Dynamic {
                start: options.number("lossScale"),
                growth: options.integer("scaleGrowth"),
            },
            "adaptive" => Policy::Adaptive {
                underflow: f64::from(options.number("underflowRate")),
            },
            _ => Policy::Constant(1.0),
        };
        let all = options.text("roundedTensors") == "all";
        Some(Self {
            scaling: LossScaling::new(format, policy, options.integer("scaleInterval")),
            operands: all.then_some(rounder),
        })
    }

    /// Before the forward pass of a training step: has it round its operands.
    pub fn enter(&self, network: &mut Network) {
        set_operands(network, self.operands);
    }

    /// The backward pass of a training step, which ends the rounding of operands: whatever else asks the network
    /// gets its own weights.
    pub fn backward(&mut self, network: &mut Network, d_logits: &Tensor) -> Outcome {
        let outcome = self.scaling.backward(network, d_logits);
        set_operands(network, None);
        outcome
    }

    /// Shows the scales; the rest follows from the options.
    pub fn visit_state(&mut self, nodes: usize, archive: &mut Archive<'_>) {
        let Self {
            scaling,
            operands: _,
        } = self;
        scaling.visit_state(nodes, archive);
    }

    /// Scales and underflow as they stand.
    pub fn report(&self, network: &Network) -> Report {
        self.scaling.report(network)
    }
}

fn set_operands(network: &mut Network, rounder: Option<Rounder>) {
    for linear in network.linears_mut() {
        linear.operand_rounder = rounder;
    }
}
