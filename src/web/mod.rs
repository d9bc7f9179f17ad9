//! The boundary to JavaScript: the only folder that names wasm crates. Every exported function is parse → call →
//! convert; a caller's mistake becomes a JS `Error` that names it.

#[cfg(feature = "methods")]
pub mod advice;
#[cfg(any(feature = "charts", feature = "details"))]
mod backend;
#[cfg(any(feature = "charts", feature = "details"))]
mod canvas;
#[cfg(feature = "charts")]
pub mod charts;
#[cfg(feature = "details")]
pub mod details;
#[cfg(feature = "files")]
pub mod export;
#[cfg(feature = "files")]
pub mod files;
#[cfg(feature = "kernels")]
pub mod kernels;
#[cfg(feature = "files")]
pub mod models;
#[cfg(any(feature = "engine", feature = "kernels"))]
mod object;
#[cfg(feature = "methods")]
mod precision;
#[cfg(any(feature = "charts", feature = "details", feature = "files"))]
mod reader;
#[cfg(feature = "engine")]
pub mod session;
#[cfg(any(feature = "charts", feature = "details"))]
mod specs;
