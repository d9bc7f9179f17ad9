//! The gates of one tensor: which bits of its level index are in use, and how firmly.

use super::frame::{Axis, Frame, Kind, Span, Words};
use super::pen::{Chart, Color, Dash, Pen, Stroke, text_width};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// Gate logits ĝ as bars from the threshold, most significant bit first: solid where the gate is
/// on, hollow where it is off.
#[derive(Debug, Clone)]
pub struct Gates {
    /// ĝ of each bit, most significant first.
    pub logits: Vec<f32>,
    /// Whether each gate is on (not 0); a missing one is off.
    pub on: Vec<u8>,
    /// The bars' colour.
    pub color: Color,
    /// Where a gate switches.
    pub threshold: f64,
}

impl Chart for Gates {
    fn draw(&self, pen: &mut Pen<'_>) {
        let words = Words {
            x: "",
            y: if pen.is_small() { "" } else { "ĝ" },
        };
        let mut logits = Span::new(Kind::Linear);
        logits.add_all(&self.logits);
        logits.add(self.threshold);
        let slots = self.logits.len().max(1);
        let y = logits.axis(None, None, 0.1);
        let frame = Frame::without_x_ticks(pen, Axis::fixed(0.0, slots as f64), y, &words);
        frame.draw(pen, &words);
        let threshold = pen.snap(frame.y(self.threshold));
        for (i, &logit) in self.logits.iter().enumerate() {
            let on = self.on.get(i).is_some_and(|&on| on != 0);
            self.draw_gate(pen, &frame, i, frame.y(f64::from(logit)), on);
        }
        let line = Stroke {
            color: pen.theme().ink,
            width: 1.0,
            dash: Dash::Dashed,
        };
        if frame.holds((frame.left, threshold)) {
            pen.line((frame.left, threshold), (frame.right, threshold), line);
        }
    }
}

impl Gates {
    fn draw_gate(&self, pen: &mut Pen<'_>, frame: &Frame, i: usize, y: f64, on: bool) {
        let (font, slot) = (pen.font(), frame.x(1.0) - frame.x(0.0));
        let middle = frame.x(i as f64 + 0.5);
        let half = (slot * 0.32).min(18.0);
        let (left, right) = (pen.snap(middle - half), pen.snap(middle + half));
        if y.is_finite() {
            let base = frame.y(self.threshold).max(frame.top).min(frame.bottom);
            // A logit at the threshold still shows as a bar.
            let end = if (y - base).abs() < 2.0 {
                base - if y <= base { 2.0 } else { -2.0 }
            } else {
                y
            };
            let (base, end) = (pen.snap(base), pen.snap(end));
            if on {
                pen.rect((left, end), (right, base), self.color);
            } else {
                let outline = [
                    (left, base),
                    (left, end),
                    (right, end),
                    (right, base),
                    (left, base),
                ];
                pen.stroke(&outline, Stroke::new(self.color.mix(0.8), 1.0));
            }
        }
        let full = format!("{} {}", i + 1, if on { "on" } else { "off" });
        let word = if text_width(&full, font) <= slot * 0.95 {
            &full[..]
        } else {
            full.split(' ').next().unwrap_or("")
        };
        let color = if on {
            pen.theme().ink
        } else {
            pen.theme().muted
        };
        pen.text(
            word,
            (middle, frame.bottom + font * 0.45),
            (HPos::Center, VPos::Top),
            font,
            color,
        );
    }
}
