//! From a series of numbers to the few strokes that show it.

use super::frame::Frame;
use super::lines::Path;
use super::pen::Point;

/// What a series leaves in one column of device pixels: with more points than pixels, the first, lowest,
/// highest and last of each column look the same as all of them.
struct Column {
    index: i64,
    first: Point,
    low: Point,
    high: Point,
    last: Point,
}

impl Column {
    fn new(index: i64, point: Point) -> Self {
        Self {
            index,
            first: point,
            low: point,
            high: point,
            last: point,
        }
    }

    fn take(&mut self, point: Point) {
        if point.1 < self.low.1 {
            self.low = point;
        }
        if point.1 > self.high.1 {
            self.high = point;
        }
        self.last = point;
    }

    fn leave(&self, piece: &mut Vec<Point>) {
        for point in [self.first, self.low, self.high, self.last] {
            if piece.last() != Some(&point) {
                piece.push(point);
            }
        }
    }
}

/// Cuts the line through (x, y) into unbroken pieces on the sheet, at most four points for each column
/// of width `pixel`. A value with no place on the axes (NaN, or ≤ 0 on a log axis) breaks the line;
/// a piece may be a single point. Pieces may leave the plot: see [`clipped`].
pub(crate) fn pieces(
    frame: &Frame,
    x: &[f32],
    y: &[f32],
    path: Path,
    pixel: f64,
) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    let mut piece: Vec<Point> = Vec::new();
    let mut column: Option<Column> = None;
    for (&x, &y) in x.iter().zip(y) {
        let point = frame.point(x, y);
        if !(point.0.is_finite() && point.1.is_finite()) {
            if let Some(column) = column.take() {
                column.leave(&mut piece);
                pieces.push(core::mem::take(&mut piece));
            }
            continue;
        }
        let index = (point.0 / pixel).floor() as i64;
        let before = column.as_ref().map(|column| column.last);
        match &mut column {
            Some(column) if column.index == index => {}
            other => {
                if let Some(column) = other.take() {
                    column.leave(&mut piece);
                }
                let start = before
                    .filter(|_| path == Path::Stepped)
                    .map_or(point, |before| (point.0, before.1));
                *other = Some(Column::new(index, start));
            }
        }
        if let Some(column) = &mut column {
            column.take(point);
        }
    }
    if let Some(column) = column {
        column.leave(&mut piece);
        pieces.push(piece);
    }
    pieces
}

/// The parts of a piece that lie on the plot.
pub(crate) fn clipped(frame: &Frame, piece: &[Point]) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in piece.windows(2) {
        let Some((from, to)) = frame.clip(pair[0], pair[1]) else {
            continue;
        };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    if let ([point], true) = (piece, parts.is_empty())
        && frame.holds(*point)
    {
        parts.push(vec![*point]);
    }
    parts
}
