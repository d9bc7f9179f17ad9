//! Lines over a common axis: bits, loss, accuracy, ranges and steps over time.

use super::decimate::{clipped, pieces};
use super::frame::{Axis, Frame, Kind, Room, Span, Words};
use super::legend::{Entry, Legend};
use super::pen::{Chart, Color, Dash, Pen, Point, Stroke, text_width};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// How the vertical axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum YScale {
    /// Evenly.
    #[default]
    Linear,
    /// Evenly, labelled at integers. Stepped lines at the same integer would hide each other:
    /// they are drawn side by side, within ±0.3 of it.
    Integer,
    /// By decades; numbers ≤ 0 break a line.
    Log,
}

/// How two neighbouring points are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Path {
    /// By a straight line.
    #[default]
    Straight,
    /// The value holds until the next point.
    Stepped,
}

/// Strokes the part of a line that lies on the plot.
pub(crate) fn stroke_clipped(pen: &mut Pen<'_>, frame: &Frame, points: &[Point], stroke: Stroke) {
    for part in clipped(frame, points) {
        match part[..] {
            [point] => pen.disc(point, stroke.width + 0.5, stroke.color),
            _ => pen.stroke(&part, stroke),
        }
    }
}

/// One line; x and y have equal lengths, NaN in either breaks it.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name; empty for none.
    pub label: String,
    /// Its colour.
    pub color: Color,
    /// Solid or dashed.
    pub dash: Dash,
    /// Straight or stepped.
    pub path: Path,
    /// Line width in CSS pixels.
    pub width: f64,
    /// Positions, ascending.
    pub x: Vec<f32>,
    /// Values.
    pub y: Vec<f32>,
}

/// The axis of a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Across {
    /// A vertical line at an x.
    X,
    /// A horizontal line at a y.
    Y,
}

/// A line across the whole plot: a budget, a reference, a change of phase.
#[derive(Debug, Clone)]
pub struct Marker {
    /// The axis `at` counts on.
    pub across: Across,
    /// The place.
    pub at: f64,
    /// A short label; empty for none.
    pub label: String,
    /// Its colour.
    pub color: Color,
    /// Solid or dashed.
    pub dash: Dash,
}

/// A filled area between two lines; all three have equal lengths.
#[derive(Debug, Clone)]
pub struct Band {
    /// Positions, ascending.
    pub x: Vec<f32>,
    /// Lower edge.
    pub low: Vec<f32>,
    /// Upper edge.
    pub high: Vec<f32>,
    /// Its colour, with opacity.
    pub color: Color,
}

/// A line chart.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Name of the horizontal axis.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// Left end; from the data if absent.
    pub x_min: Option<f64>,
    /// Right end; from the data if absent.
    pub x_max: Option<f64>,
    /// Lower end; from the data if absent.
    pub y_min: Option<f64>,
    /// Upper end; from the data if absent.
    pub y_max: Option<f64>,
    /// How the vertical axis runs.
    pub y_scale: YScale,
    /// The lines, later ones above.
    pub series: Vec<Series>,
    /// Lines across the plot.
    pub markers: Vec<Marker>,
    /// Areas, below everything.
    pub bands: Vec<Band>,
    /// The x value under the pointer or keyboard cursor.
    pub cursor_x: Option<f64>,
    /// From here on the lines are faint: what is not there yet at the moment that is looked at.
    pub faint_from: Option<f64>,
}

impl Chart for Lines {
    fn draw(&self, pen: &mut Pen<'_>) {
        let entries: Vec<Entry<'_>> = self
            .series
            .iter()
            .filter(|series| !series.label.is_empty())
            .map(entry)
            .collect();
        let font = pen.font();
        let indent = if self.y_label.is_empty() {
            font * 0.3
        } else {
            text_width(&self.y_label, font) + font * 1.6
        };
        let legend = Legend::plan(pen, &entries, indent);
        let words = Words {
            x: &self.x_label,
            y: &self.y_label,
        };
        let room = Room {
            top: legend.top(font),
            right: legend.right(&entries, font),
        };
        let (x, y) = self.axes();
        let frame = Frame::new(pen, x, y, &words, &room);

        for band in &self.bands {
            band.draw(pen, &frame);
        }
        frame.draw(pen, &words);
        for marker in &self.markers {
            marker.draw(pen, &frame);
        }
        let lanes = self.lanes(&frame);
        for (series, &lane) in self.series.iter().zip(&lanes) {
            series.draw(pen, &frame, lane);
        }
        if let Some(x) = self.faint_from {
            draw_veil(pen, &frame, x);
        }
        if let Some(x) = self.cursor_x {
            self.draw_cursor(pen, &frame, x, &lanes);
        }
        let named = self
            .series
            .iter()
            .zip(&lanes)
            .filter(|(series, _)| !series.label.is_empty());
        let ends: Vec<Option<Point>> = named
            .map(|(series, lane)| series.end(&frame, *lane))
            .collect();
        legend.draw(pen, &frame, &entries, &ends);
    }
}

/// Covers the plot from `x` to its right end with the background, so that what is below shines through.
fn draw_veil(pen: &mut Pen<'_>, frame: &Frame, x: f64) {
    let from = frame.x(x).max(frame.left);
    if from < frame.right {
        let mut color = pen.theme().background;
        color.3 = 0.7;
        pen.rect((from, frame.top), (frame.right, frame.bottom), color);
    }
}

fn entry(series: &Series) -> Entry<'_> {
    Entry {
        label: &series.label,
        color: series.color,
        dash: series.dash,
        width: series.width,
    }
}

impl Lines {
    fn axes(&self) -> (Axis, Axis) {
        let kind = match self.y_scale {
            YScale::Linear => Kind::Linear,
            YScale::Integer => Kind::Whole,
            YScale::Log => Kind::Log,
        };
        let (mut x, mut y) = (Span::new(Kind::Linear), Span::new(kind));
        for series in &self.series {
            x.add_all(&series.x);
            y.add_all(&series.y);
        }
        for band in &self.bands {
            x.add_all(&band.x);
            y.add_all(&band.low);
            y.add_all(&band.high);
        }
        for marker in &self.markers {
            match marker.across {
                Across::X => x.add(marker.at),
                Across::Y => y.add(marker.at),
            }
        }
        (
            x.axis(self.x_min, self.x_max, 0.0),
            y.axis(self.y_min, self.y_max, 0.05),
        )
    }

    /// How far above its true height each line is drawn, in CSS pixels: see [`YScale::Integer`].
    fn lanes(&self, frame: &Frame) -> Vec<f64> {
        let shares =
            |series: &Series| self.y_scale == YScale::Integer && series.path == Path::Stepped;
        let count = self.series.iter().filter(|series| shares(series)).count();
        let widest = self
            .series
            .iter()
            .map(|series| series.width)
            .fold(1.0, f64::max);
        let distance = (frame.unit_height() * 0.6 / count.max(1) as f64).min(widest + 0.5);
        let mut next = (count as f64 - 1.0) / 2.0 * distance;
        let mut lane = |series: &Series| {
            let here = if shares(series) { next } else { 0.0 };
            next -= if shares(series) { distance } else { 0.0 };
            here
        };
        self.series.iter().map(&mut lane).collect()
    }

    fn draw_cursor(&self, pen: &mut Pen<'_>, frame: &Frame, x: f64, lanes: &[f64]) {
        let at = pen.snap(frame.x(x));
        if !frame.holds((at, frame.top)) {
            return;
        }
        let line = Stroke::new(pen.theme().muted, pen.hair());
        pen.line((at, frame.top), (at, frame.bottom), line);
        for (series, lane) in self.series.iter().zip(lanes) {
            let Some((x, y)) = series.nearest(x) else {
                continue;
            };
            let point = frame.point(x, y);
            let point = (point.0, point.1 - lane);
            if frame.holds(point) {
                pen.disc(point, series.width + 2.0, pen.theme().background);
                pen.disc(point, series.width + 1.0, series.color);
            }
        }
    }
}

impl Series {
    fn draw(&self, pen: &mut Pen<'_>, frame: &Frame, lane: f64) {
        let stroke = Stroke {
            color: self.color,
            width: self.width,
            dash: self.dash,
        };
        for mut piece in pieces(frame, &self.x, &self.y, self.path, pen.hair()) {
            for point in &mut piece {
                point.1 -= lane;
            }
            stroke_clipped(pen, frame, &piece, stroke);
        }
    }

    /// Where the line ends on the sheet.
    fn end(&self, frame: &Frame, lane: f64) -> Option<Point> {
        let places = self
            .x
            .iter()
            .zip(&self.y)
            .rev()
            .map(|(&x, &y)| frame.point(x, y));
        let (x, y) = { places }.find(|point| point.0.is_finite() && point.1.is_finite())?;
        Some((x, y - lane))
    }

    /// The finite point nearest to `x`.
    fn nearest(&self, x: f64) -> Option<(f32, f32)> {
        let points = self.x.iter().copied().zip(self.y.iter().copied());
        let distance = |point: &(f32, f32)| (f64::from(point.0) - x).abs();
        points
            .filter(|point| point.0.is_finite() && point.1.is_finite())
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

impl Marker {
    fn draw(&self, pen: &mut Pen<'_>, frame: &Frame) {
        let stroke = Stroke {
            color: self.color,
            width: 1.0,
            dash: self.dash,
        };
        let font = pen.font();
        let (from, to, at, anchor) = match self.across {
            Across::X => {
                let x = pen.snap(frame.x(self.at));
                let top = (x, frame.top);
                let left = x + 4.0 + text_width(&self.label, font) > frame.right;
                let (x, side) = if left {
                    (x - 4.0, HPos::Right)
                } else {
                    (x + 4.0, HPos::Left)
                };
                (
                    top,
                    (top.0, frame.bottom),
                    (x, frame.top),
                    (side, VPos::Top),
                )
            }
            Across::Y => {
                let y = pen.snap(frame.y(self.at));
                let above = y - font * 1.3 >= frame.top;
                let (text, side) = if above {
                    (y - 2.0, VPos::Bottom)
                } else {
                    (y + 2.0, VPos::Top)
                };
                (
                    (frame.left, y),
                    (frame.right, y),
                    (frame.left + 4.0, text),
                    (HPos::Left, side),
                )
            }
        };
        if frame.holds(from) && frame.holds(to) {
            pen.line(from, to, stroke);
            // On a small sheet the words would cover the data.
            if !self.label.is_empty() && !pen.is_small() {
                pen.text(&self.label, at, anchor, font, self.color);
            }
        }
    }
}

impl Band {
    fn draw(&self, pen: &mut Pen<'_>, frame: &Frame) {
        let lower = pieces(frame, &self.x, &self.low, Path::Straight, pen.hair());
        let upper = pieces(frame, &self.x, &self.high, Path::Straight, pen.hair());
        for (low, high) in lower.iter().zip(&upper) {
            let mut outline: Vec<Point> = high.iter().chain(low.iter().rev()).copied().collect();
            for point in &mut outline {
                point.0 = point.0.max(frame.left).min(frame.right);
                point.1 = point.1.max(frame.top).min(frame.bottom);
            }
            pen.fill(&outline, self.color);
        }
    }
}

impl Default for Series {
    fn default() -> Self {
        Self {
            label: String::new(),
            color: plotters::style::BLACK.to_rgba(),
            dash: Dash::Solid,
            path: Path::Straight,
            width: 1.5,
            x: Vec::new(),
            y: Vec::new(),
        }
    }
}
