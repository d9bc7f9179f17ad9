//! The built-in models, and the name of the caller's own.

mod cnn;
mod mlp;
mod mobile;

pub use cnn::cnn;
pub use mlp::mlp;
pub use mobile::mobile;

use super::tensor::Shape;
use crate::error::Error;

/// The name of an imported network.
pub const OWN: &str = "own";

/// Refuses samples that are no images.
fn require_image(model: &str, sample: Shape) -> Result<(), Error> {
    if sample.h > 1 && sample.w > 1 {
        return Ok(());
    }
    Err(Error::InvalidOption {
        option: "model".to_owned(),
        got: format!("{model} on samples of {} features", sample.per_sample()),
        allowed: format!("mlp, or image data for {model}"),
    })
}
