//! Powers of two: see [`quantizer`].

pub mod quantizer;

use crate::train::method::{Bits, Method, Quantization};
use quantizer::calibrated;

/// The method's row.
pub const METHOD: Method = Method::new(
    "pot",
    Some(Quantization {
        name: "pot",
        build: |request| Box::new(calibrated(request.role, request.bits, request.samples)),
        fewest_weight_bits: 2,
    }),
    Bits::Given,
);
