//! The operations, one per file, forward next to backward, on slices that the caller provides and reuses. `d_x` is
//! dL/dx. Gradients of parameters are accumulated; gradients of inputs are overwritten.

pub mod activation;
#[cfg(any(feature = "files", feature = "kernels"))]
pub mod affine;
pub mod batch_norm;
pub mod columns;
pub mod convolution;
pub mod dense;
pub mod depthwise;
pub mod gemm;
pub mod pool;
pub mod residual;
pub mod sums;
pub mod window;
