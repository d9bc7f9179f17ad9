//! OMPQ (Ma et al., AAAI 2023): see [`search`].

pub mod search;

use crate::train::method::{Bits, Method, Quantization};

/// The method's row.
pub const METHOD: Method = Method {
    search: Some(search::start),
    ..Method::new("ompq", Some(Quantization::UNIFORM), Bits::Searched)
};
