//! Names of lines: at their right ends where there is room, in rows above the plot otherwise,
//! never over the data.

use super::frame::Frame;
use super::pen::{Color, Dash, Pen, Point, Stroke, text_width};
use plotters::style::text_anchor::{HPos, VPos};

/// One named line.
pub(crate) struct Entry<'a> {
    pub label: &'a str,
    pub color: Color,
    pub dash: Dash,
    pub width: f64,
}

/// The width of the strip between the plot and direct labels, where leaders run.
const LEADER: f64 = 16.0;
/// The length of a line sample in a row.
const SAMPLE: f64 = 14.0;
const GAP: f64 = 5.0;

/// Where the names go.
pub(crate) enum Legend {
    /// Right of the plot, each at the height where its line ends.
    Direct,
    /// Above the plot: for each entry that fits its left end and row, and how many do not fit.
    Rows {
        places: Vec<(f64, usize)>,
        rows: usize,
        left_out: usize,
    },
}

impl Legend {
    /// Decides for a sheet; `indent` is the room that the axis title takes in the first row.
    pub fn plan(pen: &Pen<'_>, entries: &[Entry<'_>], indent: f64) -> Self {
        let font = pen.font();
        let widest = widest(entries, font);
        let plot_height = pen.height() - font * 3.5;
        let fits = entries.len() as f64 * font * 1.2 <= plot_height
            && widest + LEADER <= pen.width() * 0.3;
        if fits && pen.width() >= 360.0 {
            return Legend::Direct;
        }
        Self::rows(pen, entries, indent)
    }

    /// Rows above the plot, at most one for each 80 CSS pixels of height.
    pub fn rows(pen: &Pen<'_>, entries: &[Entry<'_>], indent: f64) -> Self {
        let font = pen.font();
        let most_rows = (pen.height() / 80.0) as usize;
        let mut places = Vec::new();
        let (mut x, mut row) = (indent, 0);
        for entry in entries {
            let width = SAMPLE + GAP + text_width(entry.label, font);
            if x + width > pen.width() - font && x > font {
                (x, row) = (font * 0.3, row + 1);
            }
            if row >= most_rows {
                break;
            }
            places.push((x, row));
            x += width + 2.0 * GAP;
        }
        let rows = places.last().map_or(0, |&(_, row)| row + 1);
        Legend::Rows {
            left_out: entries.len() - places.len(),
            places,
            rows,
        }
    }

    /// Room above the plot.
    pub fn top(&self, font: f64) -> f64 {
        match self {
            Legend::Direct => 0.0,
            Legend::Rows { rows, .. } => *rows as f64 * font * 1.4 + font * 0.4,
        }
    }

    /// Room right of the plot.
    pub fn right(&self, entries: &[Entry<'_>], font: f64) -> f64 {
        match self {
            Legend::Direct if !entries.is_empty() => widest(entries, font) + LEADER + GAP,
            _ => 0.0,
        }
    }

    /// Draws the names; `ends` are the last places of the lines.
    pub fn draw(
        &self,
        pen: &mut Pen<'_>,
        frame: &Frame,
        entries: &[Entry<'_>],
        ends: &[Option<Point>],
    ) {
        match self {
            Legend::Direct => draw_direct(pen, frame, entries, ends),
            Legend::Rows { .. } => self.draw_rows(pen, entries, &mut |pen, i, (x, y)| {
                let entry = &entries[i];
                let stroke = Stroke {
                    color: entry.color,
                    width: entry.width.max(1.5),
                    dash: entry.dash,
                };
                pen.line((x - SAMPLE / 2.0, y), (x + SAMPLE / 2.0, y), stroke);
            }),
        }
    }

    /// Draws names in rows; `sample` draws the sample of entry i around a place.
    pub fn draw_rows(
        &self,
        pen: &mut Pen<'_>,
        entries: &[Entry<'_>],
        sample: &mut dyn FnMut(&mut Pen<'_>, usize, Point),
    ) {
        let Legend::Rows {
            places, left_out, ..
        } = self
        else {
            return;
        };
        let (font, theme) = (pen.font(), pen.theme());
        let mut end = (0.0, 0.0);
        for (i, (entry, &(x, row))) in entries.iter().zip(places).enumerate() {
            let y = font * 0.8 + row as f64 * font * 1.4;
            sample(pen, i, (x + SAMPLE / 2.0, y));
            let text = x + SAMPLE + GAP;
            pen.text(
                entry.label,
                (text, y),
                (HPos::Left, VPos::Center),
                font,
                theme.ink,
            );
            end = (text + 2.0 * GAP + text_width(entry.label, font), y);
        }
        if *left_out > 0 && !places.is_empty() {
            let mut more = String::from("+");
            more.push_str(&left_out.to_string());
            let x = end.0.min(pen.width() - text_width(&more, font));
            pen.text(
                &more,
                (x, end.1),
                (HPos::Left, VPos::Center),
                font,
                theme.muted,
            );
        }
    }
}

fn widest(entries: &[Entry<'_>], font: f64) -> f64 {
    entries
        .iter()
        .map(|entry| text_width(entry.label, font))
        .fold(0.0, f64::max)
}

fn draw_direct(pen: &mut Pen<'_>, frame: &Frame, entries: &[Entry<'_>], ends: &[Option<Point>]) {
    let font = pen.font();
    let named: Vec<(&Entry<'_>, Point)> = entries
        .iter()
        .zip(ends)
        .filter_map(|(entry, end)| Some((entry, (*end)?)))
        .collect();
    let mut order: Vec<usize> = Vec::with_capacity(named.len());
    for (index, (_, end)) in named.iter().enumerate() {
        let above = order.partition_point(|&other| named[other].1.1 <= end.1);
        order.insert(above, index);
    }
    let wanted: Vec<f64> = order.iter().map(|&i| named[i].1.1).collect();
    let heights = spread(&wanted, font * 1.2, frame.top, frame.bottom);
    for (&i, y) in order.iter().zip(heights) {
        let (entry, end) = named[i];
        let stroke = Stroke {
            color: entry.color,
            width: entry.width,
            dash: Dash::Solid,
        };
        let text = frame.right + LEADER;
        let from = (frame.right + 2.0, end.1.max(frame.top).min(frame.bottom));
        pen.stroke(&[from, (text - 6.0, y), (text - 3.0, y)], stroke);
        pen.text(
            entry.label,
            (text, y),
            (HPos::Left, VPos::Center),
            font,
            pen.theme().ink,
        );
    }
}

/// Moves ascending heights as little as is easy so that neighbours are `distance` apart within
/// [top, bottom]: down where they crowd, then up from the bottom.
fn spread(wanted: &[f64], distance: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut heights = wanted.to_vec();
    let mut least = top;
    for cluster in clusters(wanted, distance) {
        let count = (cluster.end - cluster.start) as f64;
        let middle = wanted[cluster.clone()].iter().sum::<f64>() / count;
        let first = (middle - distance * (count - 1.0) / 2.0).max(least);
        for (i, height) in heights[cluster].iter_mut().enumerate() {
            *height = first + distance * i as f64;
            least = *height + distance;
        }
    }
    let mut most = bottom;
    for height in heights.iter_mut().rev() {
        *height = height.min(most);
        most = *height - distance;
    }
    heights
}

/// Runs of neighbours closer than `distance`.
fn clusters(heights: &[f64], distance: f64) -> Vec<core::ops::Range<usize>> {
    let mut clusters = Vec::new();
    let mut start = 0;
    for i in 1..=heights.len() {
        if i == heights.len() || heights[i] - heights[i - 1] >= distance {
            clusters.push(start..i);
            start = i;
        }
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowded_labels_are_spread_and_stay_within_the_plot() {
        let heights = spread(&[50.0, 50.0, 51.0, 98.0, 99.0, 99.0], 10.0, 0.0, 100.0);
        for pair in heights.windows(2) {
            assert!(pair[1] - pair[0] >= 10.0 - 1e-9, "{heights:?}");
        }
        assert!(heights[0] >= 0.0 && heights[5] <= 100.0, "{heights:?}");
        assert_eq!(spread(&[10.0, 40.0], 10.0, 0.0, 100.0), [10.0, 40.0]);
    }
}
