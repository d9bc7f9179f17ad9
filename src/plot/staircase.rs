//! The quantizer as a function: x along the bottom, x_q upwards.

use super::frame::{Axis, Frame, Room, Words};
use super::histogram::{area, heights};
use super::pen::{Chart, Color, Dash, Pen, Point, Stroke};
use plotters::style::Color as _;

/// The staircase x → x_q: each x goes to the nearest level, so steps lie at midpoints of levels.
#[derive(Debug, Clone)]
pub struct Staircase {
    /// Left end of both axes.
    pub min: f64,
    /// Right end of both axes.
    pub max: f64,
    /// Effective levels, ascending.
    pub levels: Vec<f32>,
    /// Levels before merging: faint ticks at the left; may be empty.
    pub raw_levels: Vec<f32>,
    /// The staircase's colour.
    pub color: Color,
    /// Counts of latent values in bins of equal width over the axis, drawn faintly; may be empty.
    pub latent: Vec<f32>,
}

impl Chart for Staircase {
    fn draw(&self, pen: &mut Pen<'_>) {
        let words = Words {
            x: "x",
            y: if pen.is_small() { "" } else { "x_q" },
        };
        let axis = Axis::fixed(self.min, self.max);
        let frame = Frame::new(pen, axis.clone(), axis.clone(), &words, &Room::default());
        let theme = pen.theme();
        self.draw_latent(pen, &frame);
        frame.draw(pen, &words);

        let identity = Stroke {
            color: theme.muted.mix(0.7),
            width: 1.0,
            dash: Dash::Dashed,
        };
        pen.line(
            (frame.x(axis.low), frame.y(axis.low)),
            (frame.x(axis.high), frame.y(axis.high)),
            identity,
        );
        for &level in &self.raw_levels {
            let y = pen.snap(frame.y(f64::from(level)));
            if frame.holds((frame.left, y)) {
                pen.line(
                    (frame.left, y),
                    (frame.left + 6.0, y),
                    Stroke::new(theme.muted.mix(0.6), pen.hair()),
                );
            }
        }
        let corners = self.corners(&frame, &axis);
        for threshold in corners.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let x = pen.snap(threshold[0].0);
            if frame.holds((x, frame.bottom)) {
                pen.line(
                    (x, frame.bottom),
                    (x, frame.bottom - 4.0),
                    Stroke::new(self.color.mix(0.6), pen.hair()),
                );
            }
        }
        let width = if self.levels.len() > 32 { 1.25 } else { 2.0 };
        super::lines::stroke_clipped(pen, &frame, &corners, Stroke::new(self.color, width));
    }
}

impl Staircase {
    fn draw_latent(&self, pen: &mut Pen<'_>, frame: &Frame) {
        let heights = heights(&self.latent);
        if heights.iter().any(|&height| height > 0.0) {
            let top = frame.bottom - (frame.bottom - frame.top) * 0.4;
            let outline = area(&heights, (frame.left, frame.right), (top, frame.bottom));
            pen.fill(&outline, self.color.mix(0.12));
        }
    }

    /// The corners of the staircase from the left end of the axis to the right one.
    fn corners(&self, frame: &Frame, axis: &Axis) -> Vec<Point> {
        let levels: Vec<f64> = self
            .levels
            .iter()
            .map(|&level| f64::from(level))
            .filter(|level| level.is_finite())
            .collect();
        let (Some(&first), Some(&last)) = (levels.first(), levels.last()) else {
            return Vec::new();
        };
        let mut corners = vec![(frame.x(axis.low), frame.y(first))];
        for pair in levels.windows(2) {
            let x = frame.x((pair[0] + pair[1]) / 2.0);
            corners.push((x, frame.y(pair[0])));
            corners.push((x, frame.y(pair[1])));
        }
        corners.push((frame.x(axis.high), frame.y(last)));
        corners
    }
}
