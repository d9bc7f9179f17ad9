//! HAWQ-V2 (Dong et al., NeurIPS 2020): see [`search`].

pub mod search;

use crate::train::method::{Bits, Method, Quantization};

/// The method's row.
pub const METHOD: Method = Method {
    search: Some(search::start),
    ..Method::new("hawq", Some(Quantization::UNIFORM), Bits::Searched)
};
