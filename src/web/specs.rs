//! Reads the specs of the charts of a first view, which its binary draws and the closer views' binary writes as SVG.

use super::reader::Reader;
use crate::plot::{
    Across, Band, Chart, Dash, Histogram, Lines, Marker, Numbers, Path, Series, YScale,
};

fn dash(spec: &Reader) -> Dash {
    if spec.field("dashed").flag() {
        Dash::Dashed
    } else {
        Dash::Solid
    }
}

/// See [`super::charts`] for the fields.
pub(crate) fn lines(spec: &Reader) -> Box<dyn Chart> {
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
        faint_from: number("faintFrom"),
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

/// See [`super::charts`] for the fields.
pub(crate) fn histogram(spec: &Reader) -> Box<dyn Chart> {
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
