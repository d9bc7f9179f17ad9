//! The charts and pixels of the closer views, in the manner of [`super::charts`].

use super::canvas::{Parse, as_svg, on_canvas};
use super::reader::{Mistake, Reader};
use super::specs;
use crate::error::Error;
use crate::plot::{
    Bar, Bars, Chart, Cloud, Front, Gates, Levels, SUBPIXELS, Scatter, Staircase, Symbol, XScale,
    pixels,
};
use crate::quant::ddq::structure::structure_matrix;
use wasm_bindgen::Clamped;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// { min, max, levels, rawLevels?, color, latent? }
#[wasm_bindgen(js_name = drawStaircase)]
pub fn draw_staircase(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "staircase", spec, staircase).map(drop)
}

/// { rawLevels, levels, color }
#[wasm_bindgen(js_name = drawLevels)]
pub fn draw_levels(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "levels", spec, levels).map(drop)
}

/// { logits, on, color, threshold? }
#[wasm_bindgen(js_name = drawGates)]
pub fn draw_gates(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "gates", spec, gates).map(drop)
}

/// { label?, bars: [{ label, value, low?, high?, color }] }
#[wasm_bindgen(js_name = drawBars)]
pub fn draw_bars(canvas: JsValue, spec: JsValue) -> Result<(), JsError> {
    on_canvas(canvas, "bars", spec, bars).map(drop)
}

/// { xLabel?, yLabel?, logX?, series: [{ label?, color, marker?: "disc" | "ring" | "square" | "diamond" |
/// "triangle" | "cross", x, y, yError?, labels? }], front?: { x, y, color } }; returns x and y of every point in device
/// pixels.
#[wasm_bindgen(js_name = drawScatter)]
pub fn draw_scatter(canvas: JsValue, spec: JsValue) -> Result<Vec<f32>, JsError> {
    let chart = on_canvas(canvas, "scatter", spec, scatter)?;
    let pixel = |at: f64| (at / SUBPIXELS) as f32;
    Ok(chart
        .placed()
        .iter()
        .flat_map(|&(x, y)| [pixel(x), pixel(y)])
        .collect())
}

/// Every chart by the name that it has in errors.
const CHARTS: [(&str, Parse); 7] = [
    ("lines", specs::lines),
    ("histogram", specs::histogram),
    ("staircase", staircase),
    ("levels", levels),
    ("gates", gates),
    ("bars", bars),
    ("scatter", scatter),
];

/// The chart `what` ("lines", "histogram", "staircase", …) of `spec` as an SVG document of `width` × `height` pixels.
#[wasm_bindgen(js_name = chartSvg)]
pub fn chart_svg(what: &str, spec: JsValue, width: u32, height: u32) -> Result<String, JsError> {
    let found = CHARTS.into_iter().find(|(name, _)| *name == what);
    let (name, parse) = found.ok_or_else(|| Error::InvalidOption {
        option: "chart".to_owned(),
        got: what.to_owned(),
        allowed: CHARTS.map(|(name, _)| name).join(", "),
    })?;
    as_svg(name, spec, (width, height), parse)
}

/// A heat map of rows × cols values: one RGBA pixel each, from `low` at 0 to `high` at `max`
/// (absent: the largest value).
#[wasm_bindgen(js_name = matrixPixels)]
pub fn matrix_pixels(
    values: JsValue,
    rows: usize,
    cols: usize,
    low: JsValue,
    high: JsValue,
    max: Option<f32>,
) -> Result<Clamped<Vec<u8>>, JsError> {
    let mistake = Mistake::default();
    let list = Reader::new("values", values, &mistake);
    let values = list.numbers();
    if rows.checked_mul(cols) != Some(values.len()) {
        list.wrong(&format!("{rows} × {cols} numbers"));
    }
    let low = Reader::new("low", low, &mistake).color();
    let high = Reader::new("high", high, &mistake).color();
    mistake.check(Clamped(pixels::matrix(&values, low, high, max)))
}

/// A decision surface: one RGBA pixel for each sample of `logits` (samples × classes, sample by
/// sample): the classes' colours mixed by probability, stronger where one of them is likelier.
#[wasm_bindgen(js_name = surfacePixels)]
pub fn surface_pixels(
    logits: JsValue,
    classes: usize,
    colors: JsValue,
    background: JsValue,
) -> Result<Clamped<Vec<u8>>, JsError> {
    let mistake = Mistake::default();
    let list = Reader::new("colors", colors, &mistake);
    let colors = list.list(|item| item.color());
    if colors.len() != classes || classes == 0 {
        list.wrong("as many colours as classes, at least one");
    }
    let values = Reader::new("logits", logits, &mistake);
    let logits = values.numbers();
    if classes > 0 && !logits.len().is_multiple_of(classes) {
        values.wrong("as many numbers for each sample as classes");
    }
    let background = Reader::new("background", background, &mistake).color();
    if mistake.is_none() {
        return Ok(Clamped(pixels::surface(&logits, &colors, background)));
    }
    mistake.check(Clamped(Vec::new()))
}

/// A digit of values in [−1, 1]: one RGBA pixel each, from `paper` to `ink`.
#[wasm_bindgen(js_name = digitPixels)]
pub fn digit_pixels(
    pixels: JsValue,
    ink: JsValue,
    paper: JsValue,
) -> Result<Clamped<Vec<u8>>, JsError> {
    let mistake = Mistake::default();
    let values = Reader::new("pixels", pixels, &mistake).numbers();
    let ink = Reader::new("ink", ink, &mistake).color();
    let paper = Reader::new("paper", paper, &mistake).color();
    mistake.check(Clamped(pixels::digit(&values, ink, paper)))
}

/// DDQ's matrix U of gates `on` (1 = on), row by row: 2^b × 2^b entries for b gates, at most 8.
#[wasm_bindgen(js_name = structureMatrix)]
pub fn structure(on: &[u8]) -> Vec<f32> {
    let gates: Vec<bool> = on.iter().take(8).map(|&gate| gate == 1).collect();
    structure_matrix(&gates)
}

fn numbers_or_none(spec: &Reader) -> Vec<f32> {
    if spec.is_there() {
        spec.numbers()
    } else {
        Vec::new()
    }
}

fn staircase(spec: &Reader) -> Box<dyn Chart> {
    Box::new(Staircase {
        min: spec.field("min").number(),
        max: spec.field("max").number(),
        levels: spec.field("levels").numbers(),
        raw_levels: numbers_or_none(&spec.field("rawLevels")),
        color: spec.field("color").color(),
        latent: numbers_or_none(&spec.field("latent")),
    })
}

fn levels(spec: &Reader) -> Box<dyn Chart> {
    Box::new(Levels {
        raw_levels: spec.field("rawLevels").numbers(),
        levels: spec.field("levels").numbers(),
        color: spec.field("color").color(),
    })
}

fn gates(spec: &Reader) -> Box<dyn Chart> {
    let logits = spec.field("logits").numbers();
    let on = spec.field("on").numbers_like(logits.len(), "logits");
    Box::new(Gates {
        on: on.into_iter().map(|on| u8::from(on > 0.0)).collect(),
        logits,
        color: spec.field("color").color(),
        threshold: spec.field("threshold").optional_number().unwrap_or(0.0),
    })
}

fn bars(spec: &Reader) -> Box<dyn Chart> {
    Box::new(Bars {
        label: spec.field("label").text(),
        bars: spec.field("bars").list(bar),
    })
}

fn bar(spec: &Reader) -> Bar {
    let bound = |name| spec.field(name).optional_number().unwrap_or(f64::NAN);
    Bar {
        label: spec.field("label").text(),
        value: spec.field("value").number(),
        low: bound("low"),
        high: bound("high"),
        color: spec.field("color").color(),
    }
}

fn scatter(spec: &Reader) -> Box<dyn Chart> {
    let front = spec.field("front");
    Box::new(Scatter {
        placed: Default::default(),
        x_label: spec.field("xLabel").text(),
        y_label: spec.field("yLabel").text(),
        x_scale: if spec.field("logX").flag() {
            XScale::Log
        } else {
            XScale::Linear
        },
        series: spec.field("series").list(cloud),
        front: front.is_there().then(|| {
            let x = front.field("x").numbers();
            Front {
                y: front.field("y").numbers_like(x.len(), "x"),
                x,
                color: front.field("color").color(),
            }
        }),
    })
}

const SYMBOL_NAMES: [&str; 6] = ["disc", "ring", "square", "diamond", "triangle", "cross"];
const SYMBOLS: [Symbol; 6] = [
    Symbol::Disc,
    Symbol::Ring,
    Symbol::Square,
    Symbol::Diamond,
    Symbol::Triangle,
    Symbol::Cross,
];

fn cloud(spec: &Reader) -> Cloud {
    let x = spec.field("x").numbers();
    let labels = spec.field("labels");
    Cloud {
        label: spec.field("label").text(),
        color: spec.field("color").color(),
        symbol: SYMBOLS[spec.field("marker").choice(&SYMBOL_NAMES)],
        y: spec.field("y").numbers_like(x.len(), "x"),
        x,
        y_error: numbers_or_none(&spec.field("yError")),
        labels: if labels.is_there() {
            labels.list(|item| item.text())
        } else {
            Vec::new()
        },
    }
}
