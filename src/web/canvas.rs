//! Charts on canvases of the page.

use super::backend::CanvasBackend;
use super::reader::{Mistake, Reader};
#[cfg(feature = "details")]
use crate::plot::svg;
use crate::plot::{Chart, SUBPIXELS, Sheet, Theme, draw};
use wasm_bindgen::{JsCast, JsError, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Makes a chart from its description.
pub(crate) type Parse = fn(&Reader) -> Box<dyn Chart>;

/// Draws on the whole canvas, whose width and height are device pixels, and gives back the chart. `what` names it in
/// errors.
pub(crate) fn on_canvas(
    canvas: JsValue,
    what: &'static str,
    spec: JsValue,
    parse: Parse,
) -> Result<Box<dyn Chart>, JsError> {
    let mistake = Mistake::default();
    let spec = Reader::new(what, spec, &mistake);
    if !spec.value().is_object() {
        spec.wrong("an object");
    }
    let chart = parse(&spec);
    let target = Reader::new("canvas", canvas, &mistake);
    if let (Some((canvas, context)), true) = (context_of(&target), mistake.is_none()) {
        let sheet = sheet(&spec, canvas.width(), canvas.height());
        if mistake.is_none() {
            draw_chart(&context, &sheet, &*chart)?;
        }
    }
    mistake.check(chart)
}

/// The chart as an SVG document of `width` × `height` device pixels.
#[cfg(feature = "details")]
pub(crate) fn as_svg(
    what: &'static str,
    spec: JsValue,
    (width, height): (u32, u32),
    parse: Parse,
) -> Result<String, JsError> {
    let mistake = Mistake::default();
    let spec = Reader::new(what, spec, &mistake);
    if !spec.value().is_object() {
        spec.wrong("an object");
    }
    let chart = parse(&spec);
    let sheet = sheet(&spec, width, height);
    let document = if mistake.is_none() {
        svg(&sheet, &*chart)
    } else {
        String::new()
    };
    mistake.check(document)
}

fn draw_chart(
    context: &CanvasRenderingContext2d,
    sheet: &Sheet,
    chart: &dyn Chart,
) -> Result<(), JsError> {
    let mut backend = CanvasBackend::new(context, (sheet.width, sheet.height));
    context.clear_rect(0.0, 0.0, f64::from(sheet.width), f64::from(sheet.height));
    context.set_line_join("round");
    // Charts are drawn in quarters of a device pixel.
    let shrink = 1.0 / SUBPIXELS;
    let _ = context.set_transform(shrink, 0.0, 0.0, shrink, 0.0, 0.0);
    let drawn = draw(&mut backend, sheet, chart);
    let _ = context.reset_transform();
    Ok(drawn?)
}

fn context_of(target: &Reader) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas = target.value().dyn_ref::<HtmlCanvasElement>();
    let context = canvas.and_then(|canvas| canvas.get_context("2d").ok()??.dyn_into().ok());
    if context.is_none() {
        target.wrong("an HTMLCanvasElement with a 2d context");
    }
    Some((canvas?.clone(), context?))
}

/// The sheet of `spec` with a size in device pixels.
fn sheet(spec: &Reader, width: u32, height: u32) -> Sheet {
    let theme = spec.field("theme");
    let scale = spec.field("scale");
    let factor = scale.optional_number().unwrap_or(1.0);
    if !(factor > 0.0 && factor.is_finite()) {
        scale.wrong("a number above 0");
    }
    Sheet {
        width,
        height,
        scale: factor,
        theme: Theme {
            ink: theme.field("ink").color(),
            muted: theme.field("muted").color(),
            grid: theme.field("grid").color(),
            background: theme.field("background").color(),
            font: theme.field("font").text(),
        },
    }
}
