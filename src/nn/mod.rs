//! Layers with forward and backward passes, the graph that runs them, models and optimizers.
//!
//! - [`tensor`]: the memory layout, one column per sample;
//! - [`ops`]: one operation per file, plain functions on slices, gradients named `d_…`;
//! - [`linear`]: a dense or convolution layer with its parameters and quantizers;
//! - [`epilogue`]: what follows a layer, folded into a factor and an addend per channel;
//! - [`network`]: the graph; [`models`]: the built-in graphs;
//! - `imported`: what only imported networks need;
//! - [`store`]: how gradients are stored between nodes; `precision`: narrow formats and loss scaling;
//! - [`loss`], [`optimizer`], [`schedule`]: the rest of training.

pub mod builder;
pub mod epilogue;
#[cfg(feature = "files")]
pub mod imported;
pub mod linear;
pub mod loss;
pub mod models;
pub mod network;
pub mod node;
pub mod ops;
pub mod optimizer;
#[cfg(feature = "methods")]
pub mod precision;
pub mod schedule;
pub mod store;
pub mod tensor;
