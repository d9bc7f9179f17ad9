//! Networks from ONNX files: the numbers of onnxruntime, whole runs, and files that are damaged or beyond us.
#![cfg(not(target_arch = "wasm32"))]

mod common;
mod onnx_cases;
