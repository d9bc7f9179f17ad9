//! Points of runs against each other: accuracy over size, with the frontier.

use super::frame::{Frame, Kind, Room, Span, Words};
use super::legend::{Entry, Legend};
use super::lines::stroke_clipped;
use super::pen::{Chart, Color, Dash, Pen, Point, Stroke, text_width};
use core::cell::RefCell;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Symbol {
    /// A filled disc.
    #[default]
    Disc,
    /// A circle.
    Ring,
    /// A filled square.
    Square,
    /// A filled diamond.
    Diamond,
    /// A filled triangle.
    Triangle,
    /// An upright cross.
    Cross,
}

/// One family of points; x and y have equal lengths.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Its name; empty for none.
    pub label: String,
    /// Its colour.
    pub color: Color,
    /// The shape of its points.
    pub symbol: Symbol,
    /// Positions.
    pub x: Vec<f32>,
    /// Values.
    pub y: Vec<f32>,
    /// Half the length of each error bar; may be shorter than y.
    pub y_error: Vec<f32>,
    /// Words beside points; may be shorter than y.
    pub labels: Vec<String>,
}

/// A stepped line through points that no other beats; x ascending.
#[derive(Debug, Clone)]
pub struct Front {
    /// Positions.
    pub x: Vec<f32>,
    /// Values.
    pub y: Vec<f32>,
    /// Its colour.
    pub color: Color,
}

/// How the horizontal axis runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum XScale {
    /// Evenly.
    #[default]
    Linear,
    /// By decades; points at x ≤ 0 are left out.
    Log,
}

/// A scatter chart.
#[derive(Debug, Clone, Default)]
pub struct Scatter {
    /// Name of the horizontal axis.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// How the horizontal axis runs.
    pub x_scale: XScale,
    /// The points, later ones above.
    pub series: Vec<Cloud>,
    /// The frontier, below the points.
    pub front: Option<Front>,
    /// Where the last drawing put the points, family by family: for pointers to find them. Empty before it.
    pub placed: RefCell<Vec<Point>>,
}

const RADIUS: f64 = 4.0;

impl Chart for Scatter {
    fn placed(&self) -> Vec<Point> {
        self.placed.borrow().clone()
    }

    fn draw(&self, pen: &mut Pen<'_>) {
        let entries: Vec<Entry<'_>> = self
            .series
            .iter()
            .filter(|cloud| !cloud.label.is_empty())
            .map(entry)
            .collect();
        let font = pen.font();
        let words = Words {
            x: &self.x_label,
            y: &self.y_label,
        };
        let indent = if self.y_label.is_empty() {
            font * 0.3
        } else {
            text_width(&self.y_label, font) + font * 1.6
        };
        let legend = Legend::rows(pen, &entries, indent);
        let (mut x, mut y) = (
            Span::new(if self.x_scale == XScale::Log {
                Kind::Log
            } else {
                Kind::Linear
            }),
            Span::new(Kind::Linear),
        );
        for cloud in &self.series {
            cloud.extend(&mut x, &mut y);
        }
        if let Some(front) = &self.front {
            x.add_all(&front.x);
            y.add_all(&front.y);
        }
        let room = Room {
            top: legend.top(font),
            right: 0.0,
        };
        let frame = Frame::new(
            pen,
            x.axis(None, None, 0.06),
            y.axis(None, None, 0.08),
            &words,
            &room,
        );
        frame.draw(pen, &words);
        if let Some(front) = &self.front {
            front.draw(pen, &frame);
        }
        let mut placed = self.placed.borrow_mut();
        placed.clear();
        for cloud in &self.series {
            cloud.draw(pen, &frame);
            let points = cloud.x.iter().zip(&cloud.y);
            placed.extend(points.map(|(&x, &y)| frame.point(x, y)));
        }
        legend.draw_rows(pen, &entries, &mut |pen, i, at| {
            if let Some(cloud) = self
                .series
                .iter()
                .filter(|cloud| !cloud.label.is_empty())
                .nth(i)
            {
                cloud.symbol.draw(pen, at, RADIUS, cloud.color);
            }
        });
    }
}

fn entry(cloud: &Cloud) -> Entry<'_> {
    Entry {
        label: &cloud.label,
        color: cloud.color,
        dash: Dash::Solid,
        width: 1.5,
    }
}

impl Cloud {
    fn extend(&self, x: &mut Span, y: &mut Span) {
        x.add_all(&self.x);
        y.add_all(&self.y);
        for (&value, &error) in self.y.iter().zip(&self.y_error) {
            y.add(f64::from(value - error));
            y.add(f64::from(value + error));
        }
    }

    fn draw(&self, pen: &mut Pen<'_>, frame: &Frame) {
        let font = pen.font();
        for (i, (&x, &y)) in self.x.iter().zip(&self.y).enumerate() {
            let at = frame.point(x, y);
            if !frame.holds(at) {
                continue;
            }
            if let Some(error) = self.y_error.get(i).filter(|error| error.is_finite()) {
                let (low, high) = (frame.point(x, y - error).1, frame.point(x, y + error).1);
                pen.line(
                    (at.0, low),
                    (at.0, high),
                    Stroke::new(self.color.mix(0.7), 1.0),
                );
            }
            self.symbol.draw(pen, at, RADIUS, self.color);
            if let Some(label) = self.labels.get(i).filter(|label| !label.is_empty()) {
                let left = at.0 + RADIUS * 2.0 + text_width(label, font) > pen.width();
                let (x, side) = if left {
                    (at.0 - RADIUS * 1.7, HPos::Right)
                } else {
                    (at.0 + RADIUS * 1.7, HPos::Left)
                };
                pen.text(
                    label,
                    (x, at.1),
                    (side, VPos::Center),
                    font,
                    pen.theme().muted,
                );
            }
        }
    }
}

impl Front {
    fn draw(&self, pen: &mut Pen<'_>, frame: &Frame) {
        let mut corners: Vec<Point> = Vec::new();
        for (&x, &y) in self.x.iter().zip(&self.y) {
            let point = frame.point(x, y);
            if !(point.0.is_finite() && point.1.is_finite()) {
                continue;
            }
            if let Some(&(_, before)) = corners.last() {
                corners.push((point.0, before));
            }
            corners.push(point);
        }
        stroke_clipped(
            pen,
            frame,
            &corners,
            Stroke {
                color: self.color,
                width: 1.5,
                dash: Dash::Dashed,
            },
        );
    }
}

impl Symbol {
    fn draw(self, pen: &mut Pen<'_>, (x, y): Point, r: f64, color: Color) {
        let corner = |dx: f64, dy: f64| (x + dx * r, y + dy * r);
        match self {
            Symbol::Disc => pen.disc((x, y), r, color),
            Symbol::Ring => {
                pen.disc((x, y), r, color);
                pen.disc((x, y), r * 0.55, pen.theme().background);
            }
            Symbol::Square => pen.rect(corner(-0.85, -0.85), corner(0.85, 0.85), color),
            Symbol::Diamond => pen.fill(
                &[
                    corner(0.0, -1.2),
                    corner(1.2, 0.0),
                    corner(0.0, 1.2),
                    corner(-1.2, 0.0),
                ],
                color,
            ),
            Symbol::Triangle => pen.fill(
                &[corner(0.0, -1.1), corner(1.05, 0.8), corner(-1.05, 0.8)],
                color,
            ),
            Symbol::Cross => {
                pen.line(corner(-1.0, 0.0), corner(1.0, 0.0), Stroke::new(color, 2.0));
                pen.line(corner(0.0, -1.0), corner(0.0, 1.0), Stroke::new(color, 2.0));
            }
        }
    }
}
