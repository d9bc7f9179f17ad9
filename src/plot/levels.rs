//! The level vector of one tensor: what was learned, and what merging leaves of it.

use super::frame::{Axis, Frame, Kind, Room, Span, Words};
use super::pen::{Chart, Color, Pen, Stroke};
use plotters::style::Color as _;

/// Levels by index: dots are the 2^b levels that training moves, faint where merging replaces them;
/// each block of neighbours that share one effective level is a shaded column with that level as a bar.
#[derive(Debug, Clone)]
pub struct Levels {
    /// The level vector q, ascending.
    pub raw_levels: Vec<f32>,
    /// The effective levels, ascending: block means of q. Each stands for
    /// `raw_levels.len() / levels.len()` neighbours.
    pub levels: Vec<f32>,
    /// Their colour.
    pub color: Color,
}

impl Chart for Levels {
    fn draw(&self, pen: &mut Pen<'_>) {
        let words = Words {
            x: "level",
            y: if pen.is_small() { "" } else { "value" },
        };
        let mut values = Span::new(Kind::Linear);
        values.add_all(&self.raw_levels);
        values.add_all(&self.levels);
        let slots = self.raw_levels.len().max(self.levels.len()).max(1);
        let x = Axis::fixed(-0.5, slots as f64 - 0.5);
        let frame = Frame::new(
            pen,
            x,
            values.axis(None, None, 0.06),
            &words,
            &Room::default(),
        );
        self.draw_blocks(pen, &frame, slots);
        frame.draw(pen, &words);
        self.draw_raw(pen, &frame, slots);
        self.draw_effective(pen, &frame, slots);
    }
}

impl Levels {
    /// The slots [first, last] of an effective level.
    fn block(&self, i: usize, slots: usize) -> (f64, f64) {
        let edge = |i: usize| (i * slots / self.levels.len().max(1)) as f64 - 0.5;
        (edge(i), edge(i + 1))
    }

    fn draw_blocks(&self, pen: &mut Pen<'_>, frame: &Frame, slots: usize) {
        for i in (0..self.levels.len()).step_by(2) {
            let (from, to) = self.block(i, slots);
            let (left, right) = (pen.edge(frame.x(from)), pen.edge(frame.x(to)));
            pen.rect(
                (left, frame.top),
                (right, frame.bottom),
                self.color.mix(0.08),
            );
        }
    }

    fn draw_raw(&self, pen: &mut Pen<'_>, frame: &Frame, slots: usize) {
        let merged = self.levels.len() < self.raw_levels.len();
        let color = if merged {
            pen.theme().muted.mix(0.6)
        } else {
            self.color
        };
        let radius = ((frame.right - frame.left) / slots as f64 * 0.3).clamp(0.75, 2.5);
        for (i, &level) in self.raw_levels.iter().enumerate() {
            let point = frame.point(i as f32, level);
            if frame.holds(point) {
                pen.disc(point, radius, color);
            }
        }
    }

    fn draw_effective(&self, pen: &mut Pen<'_>, frame: &Frame, slots: usize) {
        let width = if self.levels.len() > 64 { 1.5 } else { 2.5 };
        for (i, &level) in self.levels.iter().enumerate() {
            let (from, to) = self.block(i, slots);
            let y = frame.y(f64::from(level));
            let inset = ((frame.x(to) - frame.x(from)) * 0.1).min(2.0);
            let (left, right) = (frame.x(from) + inset, frame.x(to) - inset);
            if frame.holds((left, y)) {
                pen.line((left, y), (right, y), Stroke::new(self.color, width));
            }
        }
    }
}
