//! No quantization: the network goes on as a float network.

use crate::train::method::{Bits, Method};

/// The method's row.
pub const METHOD: Method = Method::new("float", None, Bits::Given);
