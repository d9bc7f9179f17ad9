//! DoReFa: see [`quantizer`].

pub mod quantizer;

use crate::quant::Role;
use crate::train::method::{Bits, Method, Quantization};
pub use quantizer::Dorefa;

/// The method's row.
pub const METHOD: Method = Method::new(
    "dorefa",
    Some(Quantization {
        name: "dorefa",
        build: |request| match request.role {
            Role::Weight => Box::new(Dorefa::new(request.bits, request.samples)),
            Role::Activation => request.uniform(),
        },
        fewest_weight_bits: 1,
    }),
    Bits::Given,
);
