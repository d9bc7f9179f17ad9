//! Quantizers as a run makes them.

use super::given::options;
use ddq_playground::quant::{Quantizer, Role};
use ddq_playground::train::method::Request;

/// A quantizer of a method with its other options by default, its bits not learned.
pub fn quantizer(method: &str, role: Role, bits: u32, samples: &[f32]) -> Box<dyn Quantizer> {
    let options = options(&format!("method={method}")).unwrap();
    let request = Request {
        role,
        bits,
        samples,
        learns: false,
        options: &options,
    };
    options.method().build(&request).unwrap()
}
