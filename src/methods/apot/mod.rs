//! Additive powers of two: see [`quantizer`].

pub mod quantizer;

use crate::train::method::{Bits, Method, Quantization};
use quantizer::calibrated;

/// The method's row.
pub const METHOD: Method = Method::new(
    "apot",
    Some(Quantization {
        name: "apot",
        build: |request| Box::new(calibrated(request.role, request.bits, request.samples)),
        fewest_weight_bits: 2,
    }),
    Bits::Given,
);
