//! 2-D convolution with stride, zero padding, dilation and groups, by the cheapest route for its geometry.
//!
//! - 1×1, stride 1, one group: the dense product over all pixels;
//! - depthwise (one channel per group): its own kernel;
//! - all else: im2col, then one product per group.

use super::columns;
use super::dense;
use super::depthwise;
use super::gemm::Sizes;
use super::window::{Window, WindowTables};
use crate::nn::tensor::Shape;

/// Sizes of a convolution, and of a dense layer (a 1×1 convolution of a 1×1 image).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// One input sample; n is ignored.
    pub input: Shape,
    /// Output channels; a multiple of `groups`.
    pub outputs: usize,
    /// The window.
    pub window: Window,
    /// Groups of channels that do not see each other; divides the input channels.
    pub groups: usize,
}

impl Geometry {
    /// A dense layer.
    pub const fn dense(inputs: usize, outputs: usize) -> Self {
        Self {
            input: Shape::features(inputs, 1),
            outputs,
            window: Window::POINT,
            groups: 1,
        }
    }

    /// The output for a batch of `n` samples.
    pub const fn output(&self, n: usize) -> Shape {
        Shape::image(
            self.outputs,
            self.window.rows.outputs(self.input.h),
            self.window.columns.outputs(self.input.w),
            n,
        )
    }

    /// Inputs that one output sums over: input channels per group times the window's taps.
    pub const fn fan_in(&self) -> usize {
        self.input.c / self.groups * self.window.taps()
    }

    /// Products that one number of the input's gradient sums: output channels per group times k².
    pub const fn fan_out(&self) -> usize {
        self.outputs / self.groups * self.window.taps()
    }

    /// Number of weights, `[outputs, input channels / groups, rows, columns]`.
    pub const fn weights(&self) -> usize {
        self.outputs * self.fan_in()
    }

    /// Multiply–accumulates for one sample.
    pub const fn macs(&self) -> usize {
        self.output(1).len() * self.fan_in()
    }
}

/// How a geometry is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Point,
    Depthwise,
    Columns,
}

/// A convolution made ready: its geometry and index tables. It holds no numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    geometry: Geometry,
    route: Route,
    tables: WindowTables,
}

impl Convolution {
    /// Prepares a geometry. Groups must divide the channels and the window must fit the image.
    pub fn new(geometry: Geometry) -> Self {
        let Geometry {
            input,
            outputs,
            window,
            groups,
        } = geometry;
        assert!(
            input.c % groups == 0 && outputs % groups == 0,
            "{groups} groups do not divide the channels"
        );
        let route = match (window, groups) {
            (Window::POINT, 1) => Route::Point,
            _ if groups == input.c && groups == outputs => Route::Depthwise,
            _ => Route::Columns,
        };
        Self {
            geometry,
            route,
            tables: WindowTables::new(window, input.h, input.w),
        }
    }

    /// The geometry.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Writes y from x and w for a batch of `n`. `columns` is scratch that [`Self::backward_weight`]
    /// of the same batch reads again.
    pub fn forward(
        &self,
        n: usize,
        w: &[f32],
        bias: Option<&[f32]>,
        x: &[f32],
        columns: &mut Vec<f32>,
        y: &mut [f32],
    ) {
        match self.route {
            Route::Point => dense::forward(self.group_sizes(n), w, bias, x, y),
            Route::Depthwise => {
                depthwise::forward(&self.tables, n, w, x, y);
                add_bias(bias, y);
            }
            Route::Columns => {
                columns.resize(self.columns_len(n), 0.0);
                columns::gather(&self.tables, n, x, columns);
                let sizes = self.group_sizes(n);
                let parts = columns
                    .chunks_exact(sizes.k * sizes.n)
                    .zip(y.chunks_exact_mut(sizes.m * sizes.n));
                for ((columns, y), w) in parts.zip(w.chunks_exact(sizes.m * sizes.k)) {
                    dense::forward(sizes, w, None, columns, y);
                }
                add_bias(bias, y);
            }
        }
    }

    /// Adds dL/dw to `d_w`. `columns` is what the forward pass left.
    pub fn backward_weight(
        &self,
        n: usize,
        d_y: &[f32],
        x: &[f32],
        columns: &[f32],
        d_w: &mut [f32],
    ) {
        let sizes = self.group_sizes(n);
        match self.route {
            Route::Point => dense::backward_weight(sizes, d_y, x, d_w),
            Route::Depthwise => depthwise::backward_weight(&self.tables, n, d_y, x, d_w),
            Route::Columns => {
                let parts = columns
                    .chunks_exact(sizes.k * sizes.n)
                    .zip(d_y.chunks_exact(sizes.m * sizes.n));
                for ((columns, d_y), d_w) in parts.zip(d_w.chunks_exact_mut(sizes.m * sizes.k)) {
                    dense::backward_weight(sizes, d_y, columns, d_w);
                }
            }
        }
    }

    /// Writes dL/dx to `d_x`; `columns` is scratch, its content is lost.
    pub fn backward_input(
        &self,
        n: usize,
        w: &[f32],
        d_y: &[f32],
        columns: &mut Vec<f32>,
        d_x: &mut [f32],
    ) {
        let sizes = self.group_sizes(n);
        match self.route {
            Route::Point => dense::backward_input(sizes, w, d_y, d_x),
            Route::Depthwise => depthwise::backward_input(&self.tables, n, w, d_y, d_x),
            Route::Columns => {
                columns.resize(self.columns_len(n), 0.0);
                let parts = columns
                    .chunks_exact_mut(sizes.k * sizes.n)
                    .zip(d_y.chunks_exact(sizes.m * sizes.n));
                for ((columns, d_y), w) in parts.zip(w.chunks_exact(sizes.m * sizes.k)) {
                    dense::backward_input(sizes, w, d_y, columns);
                }
                columns::scatter(&self.tables, n, columns, d_x);
            }
        }
    }

    /// The product of one group.
    fn group_sizes(&self, n: usize) -> Sizes {
        let Geometry {
            outputs, groups, ..
        } = self.geometry;
        Sizes {
            m: outputs / groups,
            k: self.geometry.fan_in(),
            n: self.tables.output_pixels * n,
        }
    }

    fn columns_len(&self, n: usize) -> usize {
        self.geometry.input.c * self.geometry.window.taps() * self.tables.output_pixels * n
    }
}

fn add_bias(bias: Option<&[f32]>, y: &mut [f32]) {
    let Some(bias) = bias else { return };
    let row = y.len() / bias.len();
    for (output, &value) in y.chunks_exact_mut(row).zip(bias) {
        output.iter_mut().for_each(|y| *y += value);
    }
}
