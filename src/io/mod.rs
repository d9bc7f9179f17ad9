//! Files of others: data and models that come in, results that go out. Behind the feature "files", which only the
//! binary that is loaded for a file has.
//!
//! - [`dataset`]: CSV, IDX, NPY and images as data to learn from;
//! - [`onnx`]: networks to start from;
//! - [`export`]: networks and what was learned about them, for other tools.

pub mod dataset;
pub mod export;
pub mod onnx;
