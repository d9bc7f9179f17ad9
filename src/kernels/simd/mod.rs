//! The kernels of the builds with SIMD128: one way of multiplying a file.

pub mod fields;
pub mod float;
pub mod lane_rows;
pub mod levels;
pub mod lookup;
pub mod operand;
pub mod quantize;
pub mod vector;
pub mod words;

#[cfg(target_feature = "relaxed-simd")]
pub mod relaxed;
