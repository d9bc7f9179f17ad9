//! ddq-playground: train small networks, quantize them, and watch the bits being learned.
//!
//! The modules, each naming only those before it:
//! - [`error`], [`text`], [`bytes`], [`archive`], [`turn`], [`rng`], [`parameter`]: shared by everything;
//! - [`data`]: the handwritten digits and generated 2-D sets;
//! - [`quant`]: quantizers with gradients;
//! - [`nn`]: layers, the graph, models, optimizers;
//! - [`train`]: options, the trainer, allocations of bits, snapshots;
//! - `search`: what bit searches share: the constraints, an evaluator, the exact allocation, advice;
//! - [`methods`]: a folder for each method;
//! - [`session`]: a run with everything it needs, and the questions a user can ask about it;
//! - [`kernels`]: integer products of packed low-bit codes, three builds of the same functions;
//! - `io`: import and export of third-party formats;
//! - [`plot`]: charts, generic over plotters' backends; drawn on a page's canvas by `web`.

pub mod archive;
pub mod bytes;
pub mod data;
pub mod error;
#[cfg(feature = "files")]
pub mod io;
#[cfg(feature = "kernels")]
pub mod kernels;
pub mod methods;
pub mod nn;
pub mod parameter;
pub mod plot;
pub mod quant;
pub mod rng;
#[cfg(feature = "methods")]
pub mod search;
pub mod session;
pub mod text;
pub mod train;
pub mod turn;
#[cfg(target_arch = "wasm32")]
pub mod web;
