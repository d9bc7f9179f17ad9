//! PACT: see [`quantizer`].

pub mod quantizer;

use crate::train::method::{Bits, Method, Quantization};
use crate::train::recipe::range_rule;
pub use quantizer::Pact;

/// The method's row.
pub const METHOD: Method = Method::new(
    "pact",
    Some(Quantization {
        name: "pact",
        build: |request| {
            let rule = range_rule(request.options);
            Box::new(Pact::calibrated(
                request.bits,
                request.samples,
                request.role,
                rule,
            ))
        },
        fewest_weight_bits: 1,
    }),
    Bits::Given,
);
