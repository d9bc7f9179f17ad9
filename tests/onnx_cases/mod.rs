//! The parts of `tests/onnx.rs`, and how its files are read. `scripts/make_onnx_models.py` makes the files.

mod broken;
mod damages;
mod numbers;
mod quantized;
mod runs;
