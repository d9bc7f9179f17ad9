//! Where a window over an image touches it: the index tables shared by depthwise convolution, im2col and pooling.
//!
//! Output pixel (r, c) sees input pixel (r·stride + i·dilation − before, …) through tap (i, j), if that pixel exists.
//! This relation is laid out once per layer, in three orders: by output pixel, by input pixel, and by tap. A pixel is
//! a run of N numbers, so loops over tables stay cheap beside the work on the runs, and no loop has a special case
//! for borders or stride.

/// A window along one direction of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// Taps; ≥ 1.
    pub kernel: usize,
    /// Step between windows; ≥ 1.
    pub stride: usize,
    /// Step between the taps of a window; ≥ 1.
    pub dilation: usize,
    /// Zeros before the image.
    pub before: usize,
    /// Zeros behind the image.
    pub after: usize,
}

impl Axis {
    /// The axis that sees every pixel once.
    pub const POINT: Self = Self::new(1, 1, 0);

    /// An axis with the same `padding` at both ends and neighbouring taps.
    pub const fn new(kernel: usize, stride: usize, padding: usize) -> Self {
        Self {
            kernel,
            stride,
            dilation: 1,
            before: padding,
            after: padding,
        }
    }

    /// Pixels from the first tap to the last.
    pub const fn extent(&self) -> usize {
        (self.kernel - 1) * self.dilation + 1
    }

    /// Whether a window fits into `size` pixels with their padding.
    pub const fn fits(&self, size: usize) -> bool {
        size + self.before + self.after >= self.extent()
    }

    /// Windows along `size` input pixels.
    pub const fn outputs(&self, size: usize) -> usize {
        (size + self.before + self.after - self.extent()) / self.stride + 1
    }

    /// The input coordinate that output coordinate `output` sees through tap `tap`.
    fn position(&self, output: usize, tap: usize, size: usize) -> Option<usize> {
        (output * self.stride + tap * self.dilation)
            .checked_sub(self.before)
            .filter(|&at| at < size)
    }
}

/// A window over an image: kernel, stride, dilation and zero padding in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Down the rows.
    pub rows: Axis,
    /// Along the columns.
    pub columns: Axis,
}

impl Window {
    /// The 1×1 window that sees every pixel once.
    pub const POINT: Self = Self::square(1, 1, 0);

    /// The same in both directions.
    pub const fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        Self {
            rows: Axis::new(kernel, stride, padding),
            columns: Axis::new(kernel, stride, padding),
        }
    }

    /// A window that keeps the image size at stride 1; `kernel` is odd.
    pub const fn same(kernel: usize, stride: usize) -> Self {
        Self::square(kernel, stride, kernel / 2)
    }

    /// Number of taps, rows × columns.
    pub const fn taps(&self) -> usize {
        self.rows.kernel * self.columns.kernel
    }

    /// Whether the window fits into an image of `h` rows and `w` columns with its padding.
    pub const fn fits(&self, h: usize, w: usize) -> bool {
        self.rows.fits(h) && self.columns.fits(w)
    }
}

/// One contribution to a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contribution {
    /// The other image's pixel.
    pub pixel: usize,
    /// Through which tap, row-major in the window.
    pub tap: usize,
}

/// For every pixel of one image, its contributions from the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PixelTable {
    starts: Vec<usize>,
    contributions: Vec<Contribution>,
}

impl PixelTable {
    fn new(lists: Vec<Vec<Contribution>>) -> Self {
        let mut starts = vec![0];
        for list in &lists {
            starts.push(starts[starts.len() - 1] + list.len());
        }
        Self {
            starts,
            contributions: lists.concat(),
        }
    }

    /// The contributions of each pixel, in pixel order.
    pub fn iter(&self) -> impl Iterator<Item = &[Contribution]> {
        self.starts
            .windows(2)
            .map(|bounds| &self.contributions[bounds[0]..bounds[1]])
    }
}

/// Neighbouring output pixels that see neighbouring input pixels through the same tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// First output pixel.
    pub output: usize,
    /// First input pixel.
    pub input: usize,
    /// Number of pixels.
    pub pixels: usize,
}

/// The tables of one window over one image size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowTables {
    /// The window.
    pub window: Window,
    /// Pixels of the input image.
    pub input_pixels: usize,
    /// Pixels of the output image.
    pub output_pixels: usize,
    /// For every output pixel, the input pixels that it sees.
    pub by_output: PixelTable,
    /// For every input pixel, the output pixels that see it.
    pub by_input: PixelTable,
    /// For every tap, the pairs of pixels that it joins.
    pub by_tap: Vec<Vec<Run>>,
}

impl WindowTables {
    /// The tables of `window` over an image of `h` rows and `w` columns.
    pub fn new(window: Window, h: usize, w: usize) -> Self {
        let Window { rows, columns } = window;
        let (out_h, out_w) = (rows.outputs(h), columns.outputs(w));
        let mut by_output = vec![Vec::new(); out_h * out_w];
        let mut by_input = vec![Vec::new(); h * w];
        let mut by_tap = vec![Vec::new(); window.taps()];
        for (output, seen) in by_output.iter_mut().enumerate() {
            for (tap, runs) in by_tap.iter_mut().enumerate() {
                let row = rows.position(output / out_w, tap / columns.kernel, h);
                let column = columns.position(output % out_w, tap % columns.kernel, w);
                let (Some(row), Some(column)) = (row, column) else {
                    continue;
                };
                let input = row * w + column;
                seen.push(Contribution { pixel: input, tap });
                by_input[input].push(Contribution { pixel: output, tap });
                extend_runs(runs, output, input);
            }
        }
        Self {
            window,
            input_pixels: h * w,
            output_pixels: out_h * out_w,
            by_output: PixelTable::new(by_output),
            by_input: PixelTable::new(by_input),
            by_tap,
        }
    }

    /// Whether every window sees a pixel of the image: what a maximum needs.
    pub fn all_see(&self) -> bool {
        self.by_output.iter().all(|seen| !seen.is_empty())
    }
}

fn extend_runs(runs: &mut Vec<Run>, output: usize, input: usize) {
    match runs.last_mut() {
        Some(run) if run.output + run.pixels == output && run.input + run.pixels == input => {
            run.pixels += 1
        }
        _ => runs.push(Run {
            output,
            input,
            pixels: 1,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_3x3_window_with_stride_2_sees_the_right_pixels() {
        let tables = WindowTables::new(Window::same(3, 2), 4, 4);
        assert_eq!((tables.input_pixels, tables.output_pixels), (16, 4));
        let first: Vec<_> = tables
            .by_output
            .iter()
            .next()
            .unwrap()
            .iter()
            .map(|c| (c.pixel, c.tap))
            .collect();
        assert_eq!(first, [(0, 4), (1, 5), (4, 7), (5, 8)]);
        let corner: Vec<_> = tables
            .by_input
            .iter()
            .nth(5)
            .unwrap()
            .iter()
            .map(|c| (c.pixel, c.tap))
            .collect();
        assert_eq!(corner, [(0, 8), (1, 6), (2, 2), (3, 0)]);
    }

    #[test]
    fn directions_may_differ_in_everything() {
        let rows = Axis {
            kernel: 2,
            stride: 2,
            dilation: 3,
            before: 0,
            after: 1,
        };
        let window = Window {
            rows,
            columns: Axis::POINT,
        };
        assert!(window.fits(3, 2) && !window.fits(2, 2));
        let tables = WindowTables::new(window, 5, 2);
        let seen: Vec<Vec<(usize, usize)>> = tables
            .by_output
            .iter()
            .map(|seen| seen.iter().map(|c| (c.pixel, c.tap)).collect())
            .collect();
        assert_eq!(
            seen,
            [
                vec![(0, 0), (6, 1)],
                vec![(1, 0), (7, 1)],
                vec![(4, 0)],
                vec![(5, 0)]
            ]
        );
        assert!(tables.all_see());
    }

    #[test]
    fn runs_join_whole_rows_at_stride_1() {
        let tables = WindowTables::new(Window::same(3, 1), 3, 5);
        assert_eq!(
            tables.by_tap[4],
            [Run {
                output: 0,
                input: 0,
                pixels: 15
            }]
        );
        assert_eq!(tables.by_tap[0].len(), 2);
        assert_eq!(
            tables.by_tap[0][0],
            Run {
                output: 6,
                input: 0,
                pixels: 4
            }
        );
    }
}
