//! The charts of the first view: `draw…(canvas, spec)` on a canvas of the page, main thread only.
//! Every spec has `theme` = { ink, muted, grid, background: "#rrggbb", font } and may have `scale`
//! (device pixels in a CSS pixel, default 1).

use super::canvas::on_canvas;
use super::specs::{histogram, lines};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// { xLabel?, yLabel?, xMin?, xMax?, yMin?, yMax?, logY?, yInteger?, cursorX?, faintFrom?,
/// series: [{ label?, color, dashed?, stepped?, width?, x, y }],
/// markers?: [{ axis: "x" | "y", at, label?, color, dashed? }], bands?: [{ x, low, high, color, opacity? }] }
#[wasm_bindgen(js_name = drawLines)]
pub fn draw_lines(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "lines", spec, lines).map(drop)
}

/// { min, max, latent, quantized, levels, rangeMin, rangeMax, color, quantizedColor, compact? }:
/// compact leaves out the numbers.
#[wasm_bindgen(js_name = drawHistogram)]
pub fn draw_histogram(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "histogram", spec, histogram).map(drop)
}
