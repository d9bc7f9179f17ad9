//! Where a square window over an image touches it: the index tables shared by depthwise
//! convolution, im2col and pooling.
//!
//! Output pixel (r, c) sees input pixel (r·stride + i − padding, c·stride + j − padding) through tap
//! (i, j), if that pixel exists. This relation is laid out once per layer, in three orders: by output
//! pixel, by input pixel, and by tap. A pixel is a run of N numbers, so loops over tables stay
//! cheap beside the work on the runs, and no loop has a special case for borders or stride.

/// Kernel size, stride and zero padding, the same in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns of the window; ≥ 1.
    pub kernel: usize,
    /// Step between windows; ≥ 1.
    pub stride: usize,
    /// Rows and columns of zeros around the image; ≤ kernel / 2.
    pub padding: usize,
}

impl Window {
    /// The 1×1 window that sees every pixel once.
    pub const POINT: Self = Self {
        kernel: 1,
        stride: 1,
        padding: 0,
    };

    /// A window that keeps the image size at stride 1; `kernel` is odd.
    pub const fn same(kernel: usize, stride: usize) -> Self {
        Self {
            kernel,
            stride,
            padding: kernel / 2,
        }
    }

    /// Number of taps, kernel².
    pub const fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Windows along `size` input pixels.
    pub const fn outputs(&self, size: usize) -> usize {
        (size + 2 * self.padding - self.kernel) / self.stride + 1
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
        assert!(
            window.padding <= window.kernel / 2,
            "a window must see at least one pixel"
        );
        let (out_h, out_w) = (window.outputs(h), window.outputs(w));
        let mut by_output = vec![Vec::new(); out_h * out_w];
        let mut by_input = vec![Vec::new(); h * w];
        let mut by_tap = vec![Vec::new(); window.taps()];
        for (output, seen) in by_output.iter_mut().enumerate() {
            for (tap, runs) in by_tap.iter_mut().enumerate() {
                let row = position(window, output / out_w, tap / window.kernel, h);
                let column = position(window, output % out_w, tap % window.kernel, w);
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
}

/// The input coordinate that output coordinate `output` sees through tap coordinate `tap`.
fn position(window: Window, output: usize, tap: usize, size: usize) -> Option<usize> {
    (output * window.stride + tap)
        .checked_sub(window.padding)
        .filter(|&at| at < size)
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
