//! Quantizers: maps from real values to a few levels, with gradients for the values and for the
//! quantizer's own parameters: what those of all methods share. [`Quantizer`] is what the rest sees.
//!
//! A quantizer works on a flat slice (one tensor). `forward` writes x_q and keeps the codes;
//! `backward` takes dL/dx_q of the same tensor, writes dL/dx and accumulates parameter gradients.

pub mod assign;
mod details;
pub mod grid;
pub mod histogram;
pub mod range;
#[cfg(feature = "methods")]
pub mod scaled;
pub mod uniform;

use crate::archive::Archive;
use crate::parameter::Visitor;
use core::any::Any;
pub use details::{Details, End, FurtherPoint, PlaneState, PointCodes};
use grid::DeployedLevels;

/// Whether a quantizer serves a layer's weights or the layer's input activations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Weights of one layer.
    Weight,
    /// Input activations of one layer.
    Activation,
}

/// A differentiable map of a tensor to a few levels.
pub trait Quantizer: Any + BoxedClone {
    /// Writes the quantized `x` to `x_q` (same length) and remembers the codes for `backward`.
    /// A non-finite x maps to a finite level.
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]);

    /// Like `forward`, but leaves no trace: for evaluation.
    fn quantize(&self, x: &[f32], x_q: &mut [f32]);

    /// From `upstream` = dL/dx_q of the last `forward` (same `x`): writes dL/dx to `dx` and adds
    /// to the gradients of the quantizer's parameters.
    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]);

    /// Visits every trainable parameter, in a fixed order.
    fn visit_parameters(&mut self, visit: &mut Visitor<'_>);

    /// Visits all persistent state: every number that training changes or that construction chose from the tensor, so that a
    /// quantizer made for the same role and settings becomes this one, to the same bits of every later
    /// step. What a forward pass leaves for the backward pass is not part of it: runs are saved between steps. See
    /// [`crate::archive`] for the form.
    fn visit_state(&mut self, archive: &mut Archive<'_>);

    /// Restores the invariants after an optimizer step (order of levels, positive steps, gate range).
    fn constrain(&mut self);

    /// The distinct levels in use, ascending; at least one, at most 2^bits.
    fn levels(&self) -> &[f32];

    /// Effective bits: log2 of the number of levels that can be addressed, 0 to 8 (9 while BSQ trains eight planes).
    fn bits(&self) -> u32;

    /// Bits needed to store `count` codes with everything needed to decode them
    /// (levels, scales, offsets).
    fn stored_bits(&self, count: usize) -> u64;

    /// The weights that the quantizer trains itself, in place of the layer's, as they stand after [`Self::constrain`]: the
    /// layer's weight follows them and is no parameter then. None where the layer trains its own.
    fn held(&self) -> Option<&[f32]> {
        None
    }

    /// Ends the learning of bits, and moves levels to the grid they are deployed on where a method
    /// has one. Called once, for the last part of a run.
    fn freeze(&mut self) {}

    /// The levels on the grid of the kernels, where they are no equal steps but lie on it: after [`Self::freeze`].
    fn deployed(&self) -> Option<DeployedLevels> {
        None
    }

    /// Fewest effective bits that learning may leave of the present ones.
    fn fewest_bits(&self) -> u32 {
        self.bits()
    }

    /// Fewest bits that learning may come to for storing `count` codes with everything needed to decode them.
    fn fewest_stored_bits(&self, count: usize) -> u64 {
        self.stored_bits(count)
    }

    /// The quantizer's own numbers, of a tensor `x`.
    fn details(&self, x: &[f32]) -> Details {
        let _ = x;
        Details::default()
    }

    /// Codes of the weights `w`, where rows are sums of points; None where one code says it all.
    #[cfg(feature = "methods")]
    fn point_codes(&self, w: &[f32]) -> Option<PointCodes> {
        let _ = w;
        None
    }
}

impl dyn Quantizer {
    /// The quantizer as one of a type, if it is of that type: for the folder of a method, which alone knows it.
    #[inline(never)]
    pub fn downcast<T: Quantizer>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }

    /// The same, to be changed.
    #[inline(never)]
    pub fn downcast_mut<T: Quantizer>(&mut self) -> Option<&mut T> {
        (self as &mut dyn Any).downcast_mut()
    }
}

/// A copy with the same state, for keeping the last good one. Every quantizer that is `Clone` has it.
pub trait BoxedClone {
    /// The copy.
    fn boxed_clone(&self) -> Box<dyn Quantizer>;
}

impl<T: Quantizer + Clone> BoxedClone for T {
    fn boxed_clone(&self) -> Box<dyn Quantizer> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Quantizer> {
    fn clone(&self) -> Self {
        (**self).boxed_clone()
    }
}
