//! The pen every chart draws with: CSS pixels in, plotters backend calls out.
//!
//! plotters backends take whole numbers. A canvas or an SVG can do better, so coordinates are sent in quarters of a
//! device pixel ([`SUBPIXELS`]) and the owner of the backend scales the picture down by that factor: lines keep their
//! slope instead of climbing in pixel steps. Only the few calls of [`Surface`] are generic; the charts above them are
//! compiled once.

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBAColor, TextStyle};

/// A colour with opacity (red, green, blue in 0..=255, opacity in 0..=1).
pub type Color = RGBAColor;

/// A colour written "#rrggbb" or "#rrggbbaa".
pub fn parse_color(text: &str) -> Option<Color> {
    let digits = text
        .strip_prefix('#')
        .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let byte = |i: usize| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok();
    let opacity = match digits.len() {
        6 => 1.0,
        8 => f64::from(byte(3)?) / 255.0,
        _ => return None,
    };
    Some(RGBAColor(byte(0)?, byte(1)?, byte(2)?, opacity))
}

/// A place on the sheet: CSS pixels from the left and from the top.
pub(crate) type Point = (f64, f64);

/// Backend units in one device pixel.
pub const SUBPIXELS: f64 = 4.0;

/// plotters' SVG backend divides font sizes by this (a habit of its bitmap fonts).
const SVG_FONT_FACTOR: f64 = 1.24;

/// The colours of a page and its font family; the caller decides all of them.
#[derive(Debug, Clone)]
pub struct Theme {
    /// Titles, legends, what must be read.
    pub ink: Color,
    /// Tick labels and axes.
    pub muted: Color,
    /// Grid lines.
    pub grid: Color,
    /// Behind everything.
    pub background: Color,
    /// A CSS font family list.
    pub font: String,
}

/// What a chart is drawn on.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Width in device pixels.
    pub width: u32,
    /// Height in device pixels.
    pub height: u32,
    /// Device pixels in a CSS pixel, > 0.
    pub scale: f64,
    /// Colours and font.
    pub theme: Theme,
}

/// Something that can be drawn.
pub trait Chart {
    /// Draws on the whole sheet; the background is painted already.
    fn draw(&self, pen: &mut Pen<'_>);

    /// Where the last drawing put points that a pointer may want to find, in the units of the backend.
    fn placed(&self) -> Vec<Point> {
        Vec::new()
    }
}

/// Whether a line is interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dash {
    /// One unbroken line.
    Solid,
    /// Dashes of 5 and gaps of 3 CSS pixels.
    Dashed,
}

impl Dash {
    const ON: f64 = 5.0;
    const PERIOD: f64 = 8.0;
}

/// How a line is drawn; the width in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub color: Color,
    pub width: f64,
    pub dash: Dash,
}

impl Stroke {
    pub fn new(color: Color, width: f64) -> Self {
        Self {
            color,
            width,
            dash: Dash::Solid,
        }
    }
}

/// Size of tick labels in CSS pixels; small charts use [`SMALL_FONT`].
pub(crate) const FONT: f64 = 11.0;
/// Size of labels in charts below [`Pen::is_small`].
pub(crate) const SMALL_FONT: f64 = 9.0;

/// What drawing on a backend comes to.
pub type Outcome<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// The backend calls that charts need, in backend units; errors are kept for the end.
trait Surface {
    fn path(&mut self, points: &[(i32, i32)], color: Color, width: u32);
    fn polygon(&mut self, points: &[(i32, i32)], color: Color);
    fn rect(&mut self, from: (i32, i32), to: (i32, i32), color: Color);
    fn disc(&mut self, center: (i32, i32), radius: u32, color: Color);
    fn text(&mut self, text: &str, at: (i32, i32), style: &TextStyle<'_>);
}

struct Painter<'a, DB: DrawingBackend> {
    backend: &'a mut DB,
    outcome: Outcome<DB>,
}

impl<DB: DrawingBackend> Painter<'_, DB> {
    fn keep(&mut self, outcome: Outcome<DB>) {
        if self.outcome.is_ok() {
            self.outcome = outcome;
        }
    }
}

impl<DB: DrawingBackend> Surface for Painter<'_, DB> {
    fn path(&mut self, points: &[(i32, i32)], color: Color, width: u32) {
        let outcome = self
            .backend
            .draw_path(points.iter().copied(), &color.stroke_width(width));
        self.keep(outcome.map_err(DrawingAreaErrorKind::BackendError));
    }

    fn polygon(&mut self, points: &[(i32, i32)], color: Color) {
        let outcome = self
            .backend
            .fill_polygon(points.iter().copied(), &color.filled());
        self.keep(outcome.map_err(DrawingAreaErrorKind::BackendError));
    }

    fn rect(&mut self, from: (i32, i32), to: (i32, i32), color: Color) {
        let outcome = self.backend.draw_rect(from, to, &color.filled(), true);
        self.keep(outcome.map_err(DrawingAreaErrorKind::BackendError));
    }

    fn disc(&mut self, center: (i32, i32), radius: u32, color: Color) {
        let outcome = self
            .backend
            .draw_circle(center, radius, &color.filled(), true);
        self.keep(outcome.map_err(DrawingAreaErrorKind::BackendError));
    }

    fn text(&mut self, text: &str, at: (i32, i32), style: &TextStyle<'_>) {
        let outcome = self.backend.draw_text(text, style, at);
        self.keep(outcome.map_err(DrawingAreaErrorKind::BackendError));
    }
}

/// Draws `chart` on `backend`, whose units are quarters of the sheet's device pixels.
pub fn draw<DB: DrawingBackend>(backend: &mut DB, sheet: &Sheet, chart: &dyn Chart) -> Outcome<DB> {
    draw_with(backend, sheet, chart, 1.0)
}

fn draw_with<DB: DrawingBackend>(
    backend: &mut DB,
    sheet: &Sheet,
    chart: &dyn Chart,
    font_factor: f64,
) -> Outcome<DB> {
    backend
        .ensure_prepared()
        .map_err(DrawingAreaErrorKind::BackendError)?;
    let mut painter = Painter {
        backend,
        outcome: Ok(()),
    };
    Pen::new(&mut painter, sheet, font_factor).chart(chart);
    painter.outcome?;
    backend
        .present()
        .map_err(DrawingAreaErrorKind::BackendError)
}

/// `chart` as an SVG document of the sheet's size.
pub fn svg(sheet: &Sheet, chart: &dyn Chart) -> String {
    let units = |pixels: u32| (f64::from(pixels) * SUBPIXELS) as u32;
    let mut document = String::new();
    let mut backend =
        SVGBackend::with_string(&mut document, (units(sheet.width), units(sheet.height)));
    // Writing into a String cannot fail.
    let _ = draw_with(&mut backend, sheet, chart, SVG_FONT_FACTOR);
    drop(backend);
    // The view box stays in quarter pixels; width and height are what the caller asked for.
    let body = document
        .find("viewBox")
        .map_or("", |start| &document[start..]);
    format!(
        "<svg width=\"{}\" height=\"{}\" {body}",
        sheet.width, sheet.height
    )
}

/// Draws in CSS pixels on one sheet.
pub struct Pen<'a> {
    surface: &'a mut dyn Surface,
    theme: &'a Theme,
    scale: f64,
    font_factor: f64,
    width: f64,
    height: f64,
    buffer: Vec<(i32, i32)>,
}

impl<'a> Pen<'a> {
    fn new(surface: &'a mut dyn Surface, sheet: &'a Sheet, font_factor: f64) -> Self {
        let scale = if sheet.scale > 0.0 && sheet.scale.is_finite() {
            sheet.scale
        } else {
            1.0
        };
        Self {
            surface,
            theme: &sheet.theme,
            scale,
            font_factor,
            width: f64::from(sheet.width) / scale,
            height: f64::from(sheet.height) / scale,
            buffer: Vec::new(),
        }
    }

    fn chart(&mut self, chart: &dyn Chart) {
        self.rect((0.0, 0.0), (self.width, self.height), self.theme.background);
        chart.draw(self);
    }

    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    pub(crate) fn height(&self) -> f64 {
        self.height
    }

    pub(crate) fn theme(&self) -> &'a Theme {
        self.theme
    }

    /// Whether the sheet is so small that fewer and smaller labels are better.
    pub(crate) fn is_small(&self) -> bool {
        self.width < 300.0 || self.height < 130.0
    }

    /// The size of labels here.
    pub(crate) fn font(&self) -> f64 {
        if self.is_small() { SMALL_FONT } else { FONT }
    }

    /// The length of a device pixel in CSS pixels.
    pub(crate) fn hair(&self) -> f64 {
        1.0 / self.scale
    }

    /// The middle of the device pixel that holds `at`: a thin line there is sharp.
    pub(crate) fn snap(&self, at: f64) -> f64 {
        ((at * self.scale).floor() + 0.5) / self.scale
    }

    /// The nearest edge between device pixels: a rectangle that ends there is sharp.
    pub(crate) fn edge(&self, at: f64) -> f64 {
        (at * self.scale).round() / self.scale
    }

    fn unit(&self, length: f64) -> i32 {
        // `as` saturates, and maps NaN to 0: no input leads out of range.
        (length * self.scale * SUBPIXELS).round() as i32
    }

    fn place(&self, at: Point) -> (i32, i32) {
        (self.unit(at.0), self.unit(at.1))
    }

    fn path(&mut self, points: impl Iterator<Item = Point>, color: Color, width: f64) {
        let mut buffer = core::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend(points.map(|point| self.place(point)));
        let width = self.unit(width).max(1) as u32;
        self.surface.path(&buffer, color, width);
        self.buffer = buffer;
    }

    /// A line through `points`.
    pub(crate) fn stroke(&mut self, points: &[Point], stroke: Stroke) {
        if points.len() < 2 {
            return;
        }
        match stroke.dash {
            Dash::Solid => self.path(points.iter().copied(), stroke.color, stroke.width),
            Dash::Dashed => self.dashes(points, stroke),
        }
    }

    /// A straight line.
    pub(crate) fn line(&mut self, from: Point, to: Point, stroke: Stroke) {
        self.stroke(&[from, to], stroke);
    }

    /// Walks along the line and strokes each piece whose distance from the start falls in the
    /// "on" part of the dash period.
    fn dashes(&mut self, points: &[Point], stroke: Stroke) {
        let mut piece: Vec<Point> = Vec::new();
        let mut walked = 0.0;
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
            let mut done = 0.0;
            while done < length {
                let phase = walked % Dash::PERIOD;
                let on = phase < Dash::ON;
                let advance = (if on { Dash::ON } else { Dash::PERIOD } - phase)
                    .min(length - done)
                    .max(1e-3);
                let at = |distance: f64| {
                    let t = (distance / length).min(1.0);
                    (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t)
                };
                if on {
                    if piece.is_empty() {
                        piece.push(at(done));
                    }
                    piece.push(at(done + advance));
                } else if piece.len() > 1 {
                    self.path(piece.drain(..), stroke.color, stroke.width);
                }
                done += advance;
                walked += advance;
            }
        }
        if piece.len() > 1 {
            self.path(piece.drain(..), stroke.color, stroke.width);
        }
    }

    /// A filled polygon.
    pub(crate) fn fill(&mut self, points: &[Point], color: Color) {
        let mut buffer = core::mem::take(&mut self.buffer);
        buffer.clear();
        buffer.extend(points.iter().map(|&point| self.place(point)));
        self.surface.polygon(&buffer, color);
        self.buffer = buffer;
    }

    /// A filled rectangle between two opposite corners.
    pub(crate) fn rect(&mut self, from: Point, to: Point, color: Color) {
        let (a, b) = (self.place(from), self.place(to));
        self.surface.rect(
            (a.0.min(b.0), a.1.min(b.1)),
            (a.0.max(b.0), a.1.max(b.1)),
            color,
        );
    }

    /// A filled disc.
    pub(crate) fn disc(&mut self, center: Point, radius: f64, color: Color) {
        let (center, radius) = (self.place(center), self.unit(radius).max(1) as u32);
        self.surface.disc(center, radius, color);
    }

    /// One line of text; `anchor` says which point of the text is placed at `at`.
    pub(crate) fn text(
        &mut self,
        text: &str,
        at: Point,
        anchor: (HPos, VPos),
        size: f64,
        color: Color,
    ) {
        let size = size * self.scale * SUBPIXELS * self.font_factor;
        let font = FontDesc::new(FontFamily::Name(&self.theme.font), size, FontStyle::Normal);
        let style = TextStyle {
            font,
            color: color.to_backend_color(),
            pos: Pos::new(anchor.0, anchor.1),
        };
        let at = self.place(at);
        self.surface.text(text, at, &style);
    }
}

/// How wide a text is at most in usual sans-serif fonts (measured on a wide one, DejaVu Sans). Backends could measure it, but a canvas does
/// so by laying out an element of the page, which is slow and impossible outside of one.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let ems: f64 = text
        .chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.3,
            ' ' | 'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '·' => 0.39,
            'm' | 'w' | 'M' | 'W' | '%' | '@' | '→' | '−' | '+' => 0.9,
            'A'..='Z' => 0.7,
            _ => 0.62,
        })
        .sum();
    ems * size
}
