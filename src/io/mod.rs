//! Import and export of third-party formats. Behind the feature "files", which only the complete build has.
//!
//! - [`dataset`]: CSV, IDX, NPY and images as training data;
//! - [`onnx`]: networks to start from;
//! - [`export`]: networks, and what was learned about them, for other tools.

pub mod dataset;
pub mod export;
pub mod onnx;
