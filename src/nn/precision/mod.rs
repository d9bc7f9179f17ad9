//! Training with gradients (and operands) held in a narrow floating-point format, emulated in f32.
//!
//! - [`format`]: fp16 and the 8-bit formats, rounding and what is lost by it;
//! - [`rule`]: the scale of a gradient from its statistics (adaptive loss scaling);
//! - [`scaling`]: the scales of a network's gradients during a backward pass, by each policy.
//!
//! **Where the scale is.** Mixed-precision training multiplies a gradient v by a power of two S before it is stored,
//! and divides what follows from it by S. In f32 a power of two changes no mantissa, so every sum and product of the
//! backward pass gives the same bits times S. Here v is therefore kept as round(S·v)/S: the same numbers as
//! with S multiplied in, while weights, batch norm and quantizers see gradients that are already unscaled, in f32.
//! `tests/loss_scaling.rs` compares with backpropagation that carries the scale literally.

pub mod format;
pub mod rule;
pub mod scaling;

pub use format::Format;
pub use scaling::{LossScaling, Outcome, Policy, Report};
