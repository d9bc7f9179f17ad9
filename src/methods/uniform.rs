//! Uniform levels over a range that is found once: see [`crate::quant::uniform`].

use crate::train::method::{Bits, Method, Quantization};

/// The method's row.
pub const METHOD: Method = Method::new("uniform", Some(Quantization::UNIFORM), Bits::Given);
