//! What several test binaries share.
#![allow(dead_code)]

pub mod given;
pub mod gradients;
#[cfg(not(target_arch = "wasm32"))]
pub mod literal;
#[cfg(not(target_arch = "wasm32"))]
pub mod runs;
pub mod slopes;
