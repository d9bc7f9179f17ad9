//! Low-bit integer products on packed weights: acc[r] = Σ_k level(code(r, k)) · x_k in i32, exactly.
//!
//! [`PackedMatrix`] holds the codes and multiplies; [`FloatMatrix`] is the float32 product it is measured
//! against.
//! Activations are levels t in −127..=127 with one scale. Weights are uniform codes of 1 to 8 bits, or codes of
//! up to 4 bits into a codebook of levels 0..=126.
//!
//! Three builds of the same functions, with exactly equal results: `scalar`, `simd128`, `relaxed`. Which one
//! is decided here and nowhere else, when compiling, because a wasm module is validated as a whole: one
//! instruction that a browser doesn't know and nothing of the module runs. The page picks the binary.

// A build uses the layouts and operands of its own methods only.
pub mod deployed;
pub mod float;
#[cfg_attr(not(target_feature = "relaxed-simd"), allow(dead_code))]
mod layout;
mod matrix;
mod operand;
#[cfg_attr(not(target_feature = "relaxed-simd"), allow(dead_code))]
mod pack;
mod product;
pub mod quantize;
#[cfg(target_feature = "simd128")]
#[cfg_attr(not(target_feature = "relaxed-simd"), allow(dead_code))]
mod simd;
mod stream;

// Without SIMD only the bit stream is multiplied, and the layouts are tested, not used.
#[cfg(not(target_feature = "simd128"))]
#[path = "backend/scalar.rs"]
mod backend;
#[cfg(all(target_feature = "simd128", not(target_feature = "relaxed-simd")))]
#[path = "backend/simd128.rs"]
mod backend;
#[cfg(all(target_feature = "simd128", target_feature = "relaxed-simd"))]
#[path = "backend/relaxed.rs"]
mod backend;

pub use backend::{BUILD, METHODS};
pub use float::FloatMatrix;
pub use matrix::{Coding, Method, PackedMatrix};
pub use operand::Scratch;
pub use product::Product;
