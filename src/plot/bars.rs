//! Labelled horizontal bars with error bars: timings, sizes.

use super::frame::{Axis, Kind, Span};
use super::pen::{Chart, Color, Pen, Stroke, text_width};
use super::ticks::short;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its name, left of it.
    pub label: String,
    /// Its length; written at the right edge, where no error bar ends.
    pub value: f64,
    /// Lower end of its error bar; NaN for none.
    pub low: f64,
    /// Upper end of its error bar; NaN for none.
    pub high: f64,
    /// Its colour.
    pub color: Color,
}

/// Bars from zero, one below the other.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    /// What the values are, with their unit: written above the bars.
    pub label: String,
    /// The bars, from above.
    pub bars: Vec<Bar>,
}

impl Chart for Bars {
    fn draw(&self, pen: &mut Pen<'_>) {
        let (font, theme) = (pen.font(), pen.theme());
        let widest = |words: &mut dyn Iterator<Item = String>| {
            words
                .map(|word| text_width(&word, font))
                .fold(0.0, f64::max)
        };
        let left = widest(&mut self.bars.iter().map(|bar| bar.label.clone()))
            .min(pen.width() * 0.45)
            + font * 0.8;
        let right = pen.width() - widest(&mut self.bars.iter().map(|bar| short(bar.value))) - font;
        let right = right.max(left + 1.0);
        let axis = self.axis();
        let top = if self.label.is_empty() {
            font * 0.3
        } else {
            font * 1.8
        };
        let slot = (pen.height() - top - font * 0.3) / self.bars.len().max(1) as f64;
        pen.text(
            &self.label,
            (left, font * 0.3),
            (HPos::Left, VPos::Top),
            font,
            theme.muted,
        );
        let x = |value: f64| left + (right - left) * axis.position(value).clamp(0.0, 1.0);
        for (i, bar) in self.bars.iter().enumerate() {
            let middle = top + slot * (i as f64 + 0.5);
            let half = (slot * 0.33).min(9.0);
            pen.text(
                &bar.label,
                (left - font * 0.5, middle),
                (HPos::Right, VPos::Center),
                font,
                theme.ink,
            );
            if !bar.value.is_finite() {
                continue;
            }
            let (from, to) = (pen.edge(x(0.0)), pen.edge(x(bar.value)));
            pen.rect(
                (from, pen.edge(middle - half)),
                (to, pen.edge(middle + half)),
                bar.color,
            );
            if bar.low.is_finite() && bar.high.is_finite() {
                let (low, high, y) = (x(bar.low), x(bar.high), pen.snap(middle));
                let whisker = Stroke::new(theme.ink.mix(0.8), 1.0);
                pen.line((low, y), (high, y), whisker);
                for at in [pen.snap(low), pen.snap(high)] {
                    pen.line((at, y - half * 0.5), (at, y + half * 0.5), whisker);
                }
            }
            pen.text(
                &short(bar.value),
                (pen.width() - font * 0.3, middle),
                (HPos::Right, VPos::Center),
                font,
                theme.ink,
            );
        }
        let zero = pen.snap(x(0.0));
        pen.line(
            (zero, top),
            (zero, pen.height() - font * 0.3),
            Stroke::new(theme.muted.mix(0.6), pen.hair()),
        );
    }
}

impl Bars {
    fn axis(&self) -> Axis {
        let mut span = Span::new(Kind::Linear);
        span.add(0.0);
        for bar in &self.bars {
            [bar.value, bar.low, bar.high]
                .into_iter()
                .for_each(|value| span.add(value));
        }
        span.axis(None, None, 0.0)
    }
}
