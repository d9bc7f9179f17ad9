//! What the charts draw, read back from their SVG.
#![cfg(not(target_arch = "wasm32"))]

mod awkward;
mod charts;
mod lines;
mod pixels;
mod svg;
