//! The table of quantizers by name. Rows behind the feature "methods" are not in the
//! small binary with which a first view starts.

#[cfg(feature = "methods")]
use super::apot;
#[cfg(feature = "methods")]
use super::bsq::{Bsq, Training};
use super::ddq::{Ddq, DdqSettings};
#[cfg(feature = "methods")]
use super::dorefa::Dorefa;
#[cfg(feature = "methods")]
use super::lsq::Lsq;
#[cfg(feature = "methods")]
use super::multipoint::Multipoint;
#[cfg(feature = "methods")]
use super::pact::Pact;
#[cfg(feature = "methods")]
use super::pot;
use super::range::{RangeRule, range};
use super::uniform::Uniform;
use super::{Quantizer, Role};

/// What quantizers are made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How the starting range is chosen.
    pub range: RangeRule,
    /// Whether bits are learned and how few they may become (BSQ reads that too), and what concerns DDQ alone.
    pub ddq: DdqSettings,
}

/// Makes a quantizer for a role and bits from samples of the tensor.
pub type Build = fn(Role, u32, &[f32], &Settings) -> Box<dyn Quantizer>;

/// Every quantizer by name.
pub const QUANTIZERS: &[(&str, Build)] = &[
    ("uniform", |role, bits, x, settings| {
        let bounds = range(settings.range, x, bits);
        Box::new(Uniform::new(role, bits, bounds, settings.range))
    }),
    #[cfg(feature = "methods")]
    ("lsq", |role, bits, x, settings| {
        Box::new(Lsq::calibrated(bits, x, role, settings.range))
    }),
    #[cfg(feature = "methods")]
    ("pact", |role, bits, x, settings| {
        Box::new(Pact::calibrated(bits, x, role, settings.range))
    }),
    #[cfg(feature = "methods")]
    ("pot", |role, bits, x, _| {
        Box::new(pot::calibrated(role, bits, x))
    }),
    #[cfg(feature = "methods")]
    ("apot", |role, bits, x, _| {
        Box::new(apot::calibrated(role, bits, x))
    }),
    #[cfg(feature = "methods")]
    ("dorefa", |role, bits, x, settings| match role {
        Role::Weight => Box::new(Dorefa::new(bits, x)),
        Role::Activation => {
            let bounds = range(settings.range, x, bits);
            Box::new(Uniform::new(role, bits, bounds, settings.range))
        }
    }),
    // Bits count the sign: one plane less.
    #[cfg(feature = "methods")]
    ("bsq", |role, bits, x, settings| match role {
        Role::Weight if settings.ddq.learn_gates => {
            let fewest = settings.ddq.min_bits.saturating_sub(1);
            Box::new(Bsq::new(
                bits.saturating_sub(1),
                x,
                Training::Planes(fewest),
            ))
        }
        Role::Weight => Box::new(Bsq::new(bits.max(2) - 1, x, Training::Grid)),
        Role::Activation => {
            let bounds = range(settings.range, x, bits);
            Box::new(Uniform::new(role, bits, bounds, settings.range))
        }
    }),
    // One point a row; which rows get more is decided later, by a search that knows the rows and their inputs.
    #[cfg(feature = "methods")]
    ("multipoint", |role, bits, x, settings| match role {
        Role::Weight => Box::new(Multipoint::new(bits, x, 1)),
        Role::Activation => {
            let bounds = range(settings.range, x, bits);
            Box::new(Uniform::new(role, bits, bounds, settings.range))
        }
    }),
    ("ddq", |role, bits, x, settings| {
        Box::new(Ddq::new(
            role,
            bits,
            range(settings.range, x, bits),
            settings.ddq,
        ))
    }),
];

/// The quantizer `name` with `bits` for a tensor of which `x` are samples. None for "float".
pub fn build(
    name: &str,
    role: Role,
    bits: u32,
    x: &[f32],
    settings: &Settings,
) -> Option<Box<dyn Quantizer>> {
    let builder = QUANTIZERS.iter().find(|(row, _)| *row == name);
    builder.map(|(_, build)| build(role, bits, x, settings))
}
