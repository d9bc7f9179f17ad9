//! Random allocations: see [`search`].

pub mod search;

use crate::train::method::{Bits, Method, Quantization};

/// The method's row.
pub const METHOD: Method = Method {
    search: Some(search::start),
    ..Method::new("random", Some(Quantization::UNIFORM), Bits::Searched)
};
