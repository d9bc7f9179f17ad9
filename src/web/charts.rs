//! The charts of the first view: `draw…(canvas, spec)` on a canvas of the page, main thread only.
//! Every spec has `theme` = { ink, muted, grid, background: "#rrggbb", font } and may have `scale`
//! (device pixels in a CSS pixel, default 1).

use super::canvas::on_canvas;
use super::reader::Reader;
use crate::plot::{
    Across, Band, Chart, Dash, Histogram, Lines, Marker, Numbers, Path, Series, YScale,
};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// { xLabel?, yLabel?, xMin?, xMax?, yMin?, yMax?, logY?, yInteger?, cursorX?,
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

fn dash(spec: &Reader) -> Dash {
    if spec.field("dashed").flag() {
        Dash::Dashed
    } else {
        Dash::Solid
    }
}

fn lines(spec: &Reader) -> Box<dyn Chart> {
    let y_scale = match (spec.field("logY").flag(), spec.field("yInteger").flag()) {
        (true, _) => YScale::Log,
        (false, true) => YScale::Integer,
        (false, false) => YScale::Linear,
    };
    let number = |name| spec.field(name).optional_number();
    let (markers, bands) = (spec.field("markers"), spec.field("bands"));
    Box::new(Lines {
        x_label: spec.field("xLabel").text(),
        y_label: spec.field("yLabel").text(),
        x_min: number("xMin"),
        x_max: number("xMax"),
        y_min: number("yMin"),
        y_max: number("yMax"),
        y_scale,
        series: spec.field("series").list(series),
        markers: if markers.is_there() {
            markers.list(marker)
        } else {
            Vec::new()
        },
        bands: if bands.is_there() {
            bands.list(band)
        } else {
            Vec::new()
        },
        cursor_x: number("cursorX"),
    })
}

fn series(spec: &Reader) -> Series {
    let x = spec.field("x").numbers();
    Series {
        label: spec.field("label").text(),
        color: spec.field("color").color(),
        dash: dash(spec),
        path: if spec.field("stepped").flag() {
            Path::Stepped
        } else {
            Path::Straight
        },
        width: spec.field("width").optional_number().unwrap_or(1.5),
        y: spec.field("y").numbers_like(x.len(), "x"),
        x,
    }
}

fn marker(spec: &Reader) -> Marker {
    Marker {
        across: [Across::X, Across::Y][spec.field("axis").choice(&["x", "y"])],
        at: spec.field("at").number(),
        label: spec.field("label").text(),
        color: spec.field("color").color(),
        dash: dash(spec),
    }
}

fn band(spec: &Reader) -> Band {
    let x = spec.field("x").numbers();
    let mut color = spec.field("color").color();
    let opacity = spec.field("opacity").optional_number().unwrap_or(0.15);
    color.3 *= opacity.clamp(0.0, 1.0);
    Band {
        low: spec.field("low").numbers_like(x.len(), "x"),
        high: spec.field("high").numbers_like(x.len(), "x"),
        x,
        color,
    }
}

fn histogram(spec: &Reader) -> Box<dyn Chart> {
    Box::new(Histogram {
        min: spec.field("min").number(),
        max: spec.field("max").number(),
        latent: spec.field("latent").numbers(),
        quantized: spec.field("quantized").numbers(),
        levels: spec.field("levels").numbers(),
        range_min: spec.field("rangeMin").number(),
        range_max: spec.field("rangeMax").number(),
        color: spec.field("color").color(),
        quantized_color: spec.field("quantizedColor").color(),
        numbers: if spec.field("compact").flag() {
            Numbers::Hidden
        } else {
            Numbers::Shown
        },
    })
}
