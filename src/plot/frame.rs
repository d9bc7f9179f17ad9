//! The two axes of a chart: from numbers to places on the sheet.

use super::pen::{Pen, Point, Stroke, text_width};
use super::ticks::{self, Tick};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// How an axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Linear,
    /// Linear, labelled at integers only.
    Whole,
    /// By decades; numbers ≤ 0 have no place.
    Log,
}

impl Kind {
    fn shows(self, value: f64) -> bool {
        value.is_finite() && (self != Kind::Log || value > 0.0)
    }
}

/// Collects the numbers an axis must show.
pub(crate) struct Span {
    kind: Kind,
    low: f64,
    high: f64,
}

impl Span {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
        }
    }

    pub fn add(&mut self, value: f64) {
        if self.kind.shows(value) {
            self.low = self.low.min(value);
            self.high = self.high.max(value);
        }
    }

    pub fn add_all(&mut self, values: &[f32]) {
        for &value in values {
            self.add(f64::from(value));
        }
    }

    /// The axis over what was added, widened by the fraction `pad` at ends that the caller did not fix.
    /// Nothing added, one number, or fixed ends in the wrong order still give an axis of positive length.
    pub fn axis(&self, low: Option<f64>, high: Option<f64>, pad: f64) -> Axis {
        let fixed = |end: Option<f64>| end.filter(|&value| self.kind.shows(value));
        let (low, high) = (fixed(low), fixed(high));
        let empty = if self.kind == Kind::Log {
            (1.0, 10.0)
        } else {
            (0.0, 1.0)
        };
        let seen = if self.low <= self.high {
            (self.low, self.high)
        } else {
            empty
        };
        let mut axis = Axis {
            kind: self.kind,
            low: low.unwrap_or(seen.0),
            high: high.unwrap_or(seen.1),
        };
        if axis.high <= axis.low {
            (axis.low, axis.high) = around(self.kind, low.or(high).unwrap_or(axis.low));
        } else {
            axis.pad(low.is_none(), high.is_none(), pad);
        }
        axis
    }
}

/// An interval around a single number.
fn around(kind: Kind, value: f64) -> (f64, f64) {
    match kind {
        Kind::Log => (value / 2.0, value * 2.0),
        Kind::Whole => (value - 1.0, value + 1.0),
        Kind::Linear if value == 0.0 => (-1.0, 1.0),
        Kind::Linear => (value - value.abs() * 0.1, value + value.abs() * 0.1),
    }
}

/// The numbers from `low` to `high` along one side of a chart; low < high, both above 0 on a log axis.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    kind: Kind,
    pub low: f64,
    pub high: f64,
}

impl Axis {
    /// A linear axis with given ends.
    pub fn fixed(low: f64, high: f64) -> Self {
        Span::new(Kind::Linear).axis(Some(low), Some(high), 0.0)
    }

    fn pad(&mut self, at_low: bool, at_high: bool, pad: f64) {
        if self.kind == Kind::Log {
            // A power of the whole ratio would need `exp`; a tenth is enough.
            let factor = 1.0 + 2.0 * pad;
            self.low /= if at_low { factor } else { 1.0 };
            self.high *= if at_high { factor } else { 1.0 };
        } else {
            let margin = (self.high - self.low) * pad;
            self.low -= if at_low { margin } else { 0.0 };
            self.high += if at_high { margin } else { 0.0 };
        }
    }

    /// 0 at the low end, 1 at the high end; not finite where the axis cannot show `value`.
    pub fn position(&self, value: f64) -> f64 {
        if !self.kind.shows(value) {
            return f64::NAN;
        }
        let along = |value: f64| {
            if self.kind == Kind::Log {
                libm::log(value)
            } else {
                value
            }
        };
        (along(value) - along(self.low)) / (along(self.high) - along(self.low))
    }

    fn ticks(&self, most: usize) -> Vec<Tick> {
        match self.kind {
            Kind::Log => ticks::logarithmic(self.low, self.high, most),
            kind => ticks::linear(self.low, self.high, most, kind == Kind::Whole),
        }
    }
}

/// Words at the axes; empty ones take no room.
pub(crate) struct Words<'a> {
    /// At the right end of the horizontal axis.
    pub x: &'a str,
    /// Above the vertical axis.
    pub y: &'a str,
}

/// Room around the plot for what a chart adds to its axes, in CSS pixels.
#[derive(Default)]
pub(crate) struct Room {
    /// Above the plot, for a legend.
    pub top: f64,
    /// Right of the plot, for labels of lines.
    pub right: f64,
}

/// The rectangle where data is drawn, and its axes.
pub(crate) struct Frame {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    x: Axis,
    y: Axis,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
}

impl Frame {
    /// Lays out the plot so that every tick label has its place on the sheet.
    pub fn new(pen: &Pen<'_>, x: Axis, y: Axis, words: &Words<'_>, room: &Room) -> Self {
        let font = pen.font();
        let title = if words.y.is_empty() {
            font * 0.7
        } else {
            font * 1.9
        };
        let top = title.max(room.top);
        let bottom = (pen.height() - font * 1.75).max(top + 1.0);
        let y_ticks = y.ticks(count((bottom - top) / (font * 2.4), 7));
        let widest = y_ticks
            .iter()
            .map(|tick| text_width(&tick.label, font))
            .fold(font, f64::max);
        let left = (widest + font * 0.7).min(pen.width() / 2.0);
        let right = (pen.width() - room.right.max(font)).max(left + 1.0);
        let x_ticks = x.ticks(count((right - left) / (font * 5.0), 8));
        let left = pen.snap(left);
        Self {
            left,
            right,
            top,
            bottom: pen.snap(bottom),
            x,
            y,
            x_ticks,
            y_ticks,
        }
    }

    /// The same for a chart that labels its horizontal axis itself.
    pub fn without_x_ticks(pen: &Pen<'_>, x: Axis, y: Axis, words: &Words<'_>) -> Self {
        Self {
            x_ticks: Vec::new(),
            ..Self::new(pen, x, y, words, &Room::default())
        }
    }

    pub fn x(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * self.x.position(value)
    }

    pub fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - self.top) * self.y.position(value)
    }

    pub fn point(&self, x: f32, y: f32) -> Point {
        (self.x(f64::from(x)), self.y(f64::from(y)))
    }

    /// The heights of one unit of a linear y axis.
    pub fn unit_height(&self) -> f64 {
        (self.bottom - self.top) / (self.y.high - self.y.low)
    }

    /// Whether a place lies on the plot, its border included.
    pub fn holds(&self, (x, y): Point) -> bool {
        const ROUNDING: f64 = 1e-6;
        x >= self.left - ROUNDING
            && x <= self.right + ROUNDING
            && y >= self.top - ROUNDING
            && y <= self.bottom + ROUNDING
    }

    /// The part of a segment that lies on the plot (Liang–Barsky: each border cuts the parameter
    /// interval [0, 1] of the segment from one side).
    pub fn clip(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        if self.holds(from) && self.holds(to) {
            return Some((from, to));
        }
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut start, mut end) = (0.0_f64, 1.0_f64);
        let borders = [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ];
        for (outwards, inside) in borders {
            if outwards == 0.0 {
                if inside < 0.0 {
                    return None;
                }
            } else if outwards < 0.0 {
                start = start.max(inside / outwards);
            } else {
                end = end.min(inside / outwards);
            }
        }
        let at = |t: f64| (from.0 + dx * t, from.1 + dy * t);
        (start <= end).then(|| (at(start), at(end)))
    }

    /// Draws grid, axis, tick labels and words.
    pub fn draw(&self, pen: &mut Pen<'_>, words: &Words<'_>) {
        self.draw_y(pen, words.y);
        self.draw_x(pen, if pen.is_small() { "" } else { words.x });
    }

    fn draw_y(&self, pen: &mut Pen<'_>, word: &str) {
        let (font, theme, hair) = (pen.font(), pen.theme(), pen.hair());
        for tick in &self.y_ticks {
            let y = pen.snap(self.y(tick.at));
            pen.line(
                (self.left, y),
                (self.right, y),
                Stroke::new(theme.grid, hair),
            );
            let at = (self.left - font * 0.45, y);
            pen.text(
                &tick.label,
                at,
                (HPos::Right, VPos::Center),
                font,
                theme.muted,
            );
        }
        if !word.is_empty() {
            pen.text(
                word,
                (font * 0.3, font * 0.2),
                (HPos::Left, VPos::Top),
                font,
                theme.muted,
            );
        }
    }

    /// The word stands in the row of the tick labels, which make room for it.
    fn draw_x(&self, pen: &mut Pen<'_>, word: &str) {
        let (font, theme, hair) = (pen.font(), pen.theme(), pen.hair());
        let axis = Stroke::new(theme.muted.mix(0.6), hair);
        pen.line((self.left, self.bottom), (self.right, self.bottom), axis);
        let row = self.bottom + font * 0.45;
        let mut end = self.right + font;
        if !word.is_empty() {
            pen.text(
                word,
                (self.right, row),
                (HPos::Right, VPos::Top),
                font,
                theme.muted,
            );
            end = self.right - text_width(word, font) - font * 0.8;
        }
        for tick in &self.x_ticks {
            let half = text_width(&tick.label, font) / 2.0;
            let x = self.x(tick.at).max(half);
            if x + half <= end {
                pen.text(
                    &tick.label,
                    (x, row),
                    (HPos::Center, VPos::Top),
                    font,
                    theme.muted,
                );
            }
        }
    }
}

/// A number of ticks: at least 2, at most `most`.
fn count(fitting: f64, most: usize) -> usize {
    (fitting as usize).clamp(2, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_axis_has_positive_length() {
        for kind in [Kind::Linear, Kind::Whole, Kind::Log] {
            for values in [
                &[][..],
                &[0.0],
                &[3.0, 3.0],
                &[f64::NAN, f64::INFINITY],
                &[-2.0, 5.0],
            ] {
                for (low, high) in [
                    (None, None),
                    (Some(1.0), Some(1.0)),
                    (Some(2.0), Some(1.0)),
                    (Some(f64::NAN), None),
                ] {
                    let mut span = Span::new(kind);
                    values.iter().for_each(|&value| span.add(value));
                    let axis = span.axis(low, high, 0.05);
                    assert!(
                        axis.low < axis.high,
                        "{kind:?} {values:?} {low:?} {high:?} {axis:?}"
                    );
                    assert!(kind != Kind::Log || axis.low > 0.0);
                }
            }
        }
    }

    #[test]
    fn a_log_axis_puts_decades_at_equal_distances() {
        let axis = Span::new(Kind::Log).axis(Some(0.01), Some(100.0), 0.0);
        assert!((axis.position(1.0) - 0.5).abs() < 1e-12);
        assert!((axis.position(0.1) - 0.25).abs() < 1e-12);
        assert!(axis.position(0.0).is_nan());
    }
}
