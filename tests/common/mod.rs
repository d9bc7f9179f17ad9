//! What several test binaries share.
#![allow(dead_code)]

#[cfg(not(target_arch = "wasm32"))]
pub mod c_code;
pub mod given;
pub mod gradients;
#[cfg(not(target_arch = "wasm32"))]
pub mod kept;
#[cfg(not(target_arch = "wasm32"))]
pub mod literal;
pub mod quantizers;
#[cfg(not(target_arch = "wasm32"))]
pub mod runs;
pub mod slopes;
