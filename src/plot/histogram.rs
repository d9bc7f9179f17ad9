//! One tensor's values before and after quantization.
//!
//! Quantized values sit in a few bins, latent ones in many: on a common linear scale one of the two
//! would be flat. So each histogram is divided by its own largest count, and heights are the square
//! roots of that: the tails stay visible, and both fill the plot.

use super::frame::Axis;
use super::pen::{Chart, Color, Pen, Point, Stroke, text_width};
use super::ticks::short;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// Whether the ends of the range are written below the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// In a row of their own.
    Shown,
    /// Not at all: the bars get their room.
    Hidden,
}

/// Latent and quantized values over one axis.
#[derive(Debug, Clone)]
pub struct Histogram {
    /// Left end of the first bin.
    pub min: f64,
    /// Right end of the last bin.
    pub max: f64,
    /// Counts of latent values, in bins of equal width.
    pub latent: Vec<f32>,
    /// Counts of quantized values, in bins of equal width.
    pub quantized: Vec<f32>,
    /// Effective levels: ticks below the axis.
    pub levels: Vec<f32>,
    /// Lower end of the dynamic range: the left bracket.
    pub range_min: f64,
    /// Upper end of the dynamic range: the right bracket.
    pub range_max: f64,
    /// Colour of the latent values.
    pub color: Color,
    /// Colour of the quantized values and the levels.
    pub quantized_color: Color,
    /// Whether the range is written out.
    pub numbers: Numbers,
}

/// The positions of the parts of the chart on the sheet.
struct Layout {
    axis: Axis,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    tick: f64,
}

impl Layout {
    fn new(pen: &Pen<'_>, axis: Axis, numbers: Numbers) -> Self {
        let tick = if pen.is_small() { 4.0 } else { 6.0 };
        let row = if numbers == Numbers::Shown {
            pen.font() * 1.4
        } else {
            2.0
        };
        let bottom = pen.snap((pen.height() - tick - row).max(5.0));
        Self {
            axis,
            left: 6.0,
            right: (pen.width() - 6.0).max(7.0),
            top: 4.0,
            bottom,
            tick,
        }
    }

    fn x(&self, value: f64) -> f64 {
        self.left + (self.right - self.left) * self.axis.position(value)
    }

    /// Whether the place of a value is on the plot.
    fn shows(&self, x: f64) -> bool {
        x >= self.left - 0.5 && x <= self.right + 0.5
    }
}

impl Chart for Histogram {
    fn draw(&self, pen: &mut Pen<'_>) {
        let layout = Layout::new(pen, Axis::fixed(self.min, self.max), self.numbers);
        let zero = pen.snap(layout.x(0.0));
        if layout.shows(zero) {
            pen.line(
                (zero, layout.top),
                (zero, layout.bottom),
                Stroke::new(pen.theme().grid, pen.hair()),
            );
        }
        self.draw_latent(pen, &layout);
        self.draw_quantized(pen, &layout);
        let axis = Stroke::new(pen.theme().muted.mix(0.6), pen.hair());
        pen.line(
            (layout.left, layout.bottom),
            (layout.right, layout.bottom),
            axis,
        );
        self.draw_levels(pen, &layout);
        self.draw_range(pen, &layout);
        if self.numbers == Numbers::Shown {
            self.draw_numbers(pen, &layout);
        }
    }
}

/// Heights in 0..=1: square roots of counts as parts of the largest.
pub(crate) fn heights(counts: &[f32]) -> Vec<f64> {
    let usable = |count: f32| {
        if count.is_finite() && count > 0.0 {
            f64::from(count)
        } else {
            0.0
        }
    };
    let largest = counts
        .iter()
        .map(|&count| usable(count))
        .fold(0.0, f64::max);
    let height = |&count: &f32| {
        if largest > 0.0 {
            (usable(count) / largest).sqrt()
        } else {
            0.0
        }
    };
    counts.iter().map(height).collect()
}

/// The outline of an area over bins of equal width between two places, from the baseline and back to it.
pub(crate) fn area(
    heights: &[f64],
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> Vec<Point> {
    let bin = (right - left) / heights.len().max(1) as f64;
    let middle = |i: usize| left + bin * (i as f64 + 0.5);
    let mut outline = vec![(left, bottom)];
    outline.extend(
        heights
            .iter()
            .enumerate()
            .map(|(i, height)| (middle(i), bottom - (bottom - top) * height)),
    );
    outline.push((right, bottom));
    outline
}

impl Histogram {
    fn draw_latent(&self, pen: &mut Pen<'_>, layout: &Layout) {
        let heights = heights(&self.latent);
        if heights.iter().all(|&height| height == 0.0) {
            return;
        }
        let outline = area(
            &heights,
            (layout.left, layout.right),
            (layout.top, layout.bottom),
        );
        pen.fill(&outline, self.color.mix(0.3));
        pen.stroke(&outline, Stroke::new(self.color.mix(0.9), 1.0));
    }

    fn draw_quantized(&self, pen: &mut Pen<'_>, layout: &Layout) {
        let bin = (layout.right - layout.left) / self.quantized.len().max(1) as f64;
        let heights = heights(&self.quantized);
        let crowded = heights.iter().filter(|&&height| height > 0.0).count() > 24;
        let (width, opacity) = if crowded {
            (bin * 0.4, 0.75)
        } else {
            (bin * 0.5, 1.0)
        };
        let half = pen.edge(width.clamp(1.0, 4.0)).max(pen.hair()) / 2.0;
        let color = self.quantized_color.mix(opacity);
        for (i, height) in heights
            .into_iter()
            .enumerate()
            .filter(|&(_, height)| height > 0.0)
        {
            let middle = layout.left + bin * (i as f64 + 0.5);
            let left = pen.edge(middle - half);
            let top = layout.bottom - ((layout.bottom - layout.top) * height).max(1.0);
            pen.rect((left, top), (left + 2.0 * half, layout.bottom), color);
        }
    }

    fn draw_levels(&self, pen: &mut Pen<'_>, layout: &Layout) {
        let spacing = (layout.right - layout.left) / self.levels.len().max(1) as f64;
        let color = self
            .quantized_color
            .mix(if spacing < 3.0 { 0.6 } else { 1.0 });
        let width = if spacing < 6.0 { pen.hair() } else { 1.5 };
        for &level in &self.levels {
            let x = pen.snap(layout.x(f64::from(level)));
            if layout.shows(x) {
                let from = layout.bottom + 1.5;
                pen.line(
                    (x, from),
                    (x, from + layout.tick),
                    Stroke::new(color, width),
                );
            }
        }
    }

    fn draw_range(&self, pen: &mut Pen<'_>, layout: &Layout) {
        let stroke = Stroke::new(pen.theme().ink.mix(0.75), 1.0);
        for (end, foot) in [(self.range_min, 4.0), (self.range_max, -4.0)] {
            let x = pen.snap(layout.x(end));
            if layout.shows(x) {
                pen.stroke(
                    &[
                        (x + foot, layout.top),
                        (x, layout.top),
                        (x, layout.bottom),
                        (x + foot, layout.bottom),
                    ],
                    stroke,
                );
            }
        }
    }

    /// The ends of the range (of the axis where there is no range) in a row below the ticks,
    /// under their brackets as far as they do not touch.
    fn draw_numbers(&self, pen: &mut Pen<'_>, layout: &Layout) {
        let font = pen.font();
        let known = self.range_min.is_finite() && self.range_max.is_finite();
        let (low, high) = if known {
            (self.range_min, self.range_max)
        } else {
            (layout.axis.low, layout.axis.high)
        };
        let words = [short(low), short(high)];
        let half = [
            text_width(&words[0], font) / 2.0,
            text_width(&words[1], font) / 2.0,
        ];
        let mut at = [
            layout.x(low).max(half[0]),
            layout.x(high).min(pen.width() - half[1]),
        ];
        let overlap = at[0] + half[0] + font - (at[1] - half[1]);
        if overlap > 0.0 {
            at = [(at[0] - overlap / 2.0).max(half[0]), at[1] + overlap / 2.0];
            at[1] = at[1]
                .max(at[0] + half[0] + half[1] + font)
                .min(pen.width() - half[1]);
        }
        let row = layout.bottom + layout.tick + 2.0;
        for (word, x) in words.iter().zip(at) {
            pen.text(
                word,
                (x, row),
                (HPos::Center, VPos::Top),
                font,
                pen.theme().muted,
            );
        }
    }
}
