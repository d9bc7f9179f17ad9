//! Reads a chart back from its SVG.

use ddq_playground::plot::*;

pub const RED: &str = "#FF0000";
pub const BLUE: &str = "#0000FF";

pub fn color(text: &str) -> Color {
    parse_color(text).expect("a colour")
}

pub fn sheet(width: u32, height: u32) -> Sheet {
    let theme = Theme {
        ink: color("#111111"),
        muted: color("#777777"),
        grid: color("#dddddd"),
        background: color("#ffffff"),
        font: "sans-serif".to_owned(),
    };
    Sheet {
        width,
        height,
        scale: 1.0,
        theme,
    }
}

/// One SVG element: its tag, attributes and text.
pub struct Element {
    pub tag: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> &str {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    pub fn number(&self, name: &str) -> f64 {
        self.get(name).parse::<f64>().expect("a number") / SUBPIXELS
    }

    /// The places of a polyline or polygon in CSS pixels.
    pub fn points(&self) -> Vec<(f64, f64)> {
        let place = |pair: &str| {
            let (x, y) = pair.split_once(',').expect("a pair");
            (
                x.parse::<f64>().expect("x") / SUBPIXELS,
                y.parse::<f64>().expect("y") / SUBPIXELS,
            )
        };
        self.get("points").split_whitespace().map(place).collect()
    }
}

pub fn elements(chart: &dyn Chart, width: u32, height: u32) -> Vec<Element> {
    let document = svg(&sheet(width, height), chart);
    assert!(
        document.starts_with(&format!(
            "<svg width=\"{width}\" height=\"{height}\" viewBox="
        )),
        "{document}"
    );
    assert!(document.trim_end().ends_with("</svg>"));
    let parts = document
        .split('<')
        .filter(|part| !part.is_empty() && !part.starts_with('/'));
    parts
        .map(|part| {
            let (head, text) = part.split_once('>').expect("a closed tag");
            let (tag, rest) = head.split_once(' ').unwrap_or((head, ""));
            let mut fields = rest.split('"');
            let mut attributes = Vec::new();
            while let (Some(key), Some(value)) = (fields.next(), fields.next()) {
                attributes.push((
                    key.trim().trim_end_matches('=').to_owned(),
                    value.to_owned(),
                ));
            }
            Element {
                tag: tag.to_owned(),
                attributes,
                text: text.trim().to_owned(),
            }
        })
        .collect()
}

/// The elements with this tag in this colour (as stroke or fill).
pub fn of<'a>(elements: &'a [Element], tag: &str, color: &str) -> Vec<&'a Element> {
    let has = |e: &&Element| e.tag == tag && (e.get("stroke") == color || e.get("fill") == color);
    elements.iter().filter(has).collect()
}

pub fn words(elements: &[Element]) -> Vec<&str> {
    elements
        .iter()
        .filter(|e| e.tag == "text")
        .map(|e| e.text.as_str())
        .collect()
}

pub fn line(x: &[f32], y: &[f32]) -> Series {
    Series {
        color: color(RED),
        x: x.to_vec(),
        y: y.to_vec(),
        ..Series::default()
    }
}

pub fn chart(series: Vec<Series>) -> Lines {
    Lines {
        series,
        ..Lines::default()
    }
}
