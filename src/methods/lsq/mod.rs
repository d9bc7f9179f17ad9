//! LSQ: see [`quantizer`].

pub mod quantizer;

use crate::train::method::{Bits, Method, Quantization};
use crate::train::recipe::range_rule;
pub use quantizer::Lsq;

/// The method's row.
pub const METHOD: Method = Method::new(
    "lsq",
    Some(Quantization {
        name: "lsq",
        build: |request| {
            let rule = range_rule(request.options);
            Box::new(Lsq::calibrated(
                request.bits,
                request.samples,
                request.role,
                rule,
            ))
        },
        fewest_weight_bits: 2,
    }),
    Bits::Given,
);
