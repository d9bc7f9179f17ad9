//! The one tensor layout of the crate: a matrix with one column per sample, `[C·H·W, N]`.
//!
//! In full `[C, H, W, N]`, row-major, the sample last and contiguous. What that buys:
//! - a dense layer is `W[out, in] · X[in, N]`, a 1×1 convolution `W[out, in] · X[in, H·W·N]`;
//! - a batch-norm channel is one contiguous run;
//! - a pixel is a run of N numbers, so depthwise convolution, pooling and im2col work on whole runs
//!   at any stride and padding, and vectorise across the batch;
//! - flattening an image changes the shape and moves nothing.
//!
//! Outside the crate samples come first (`[N, inputs]`): [`Tensor::load_samples`] transposes.

use ndarray::{ArrayView2, ArrayViewMut2};

/// Sizes of a tensor, in memory order. All ≥ 1 except in an empty batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// Channels, or features.
    pub c: usize,
    /// Rows of the image; 1 for features.
    pub h: usize,
    /// Columns of the image; 1 for features.
    pub w: usize,
    /// Samples in the batch.
    pub n: usize,
}

impl Shape {
    /// `n` images of `c` channels, `h` rows and `w` columns.
    pub const fn image(c: usize, h: usize, w: usize, n: usize) -> Self {
        Self { c, h, w, n }
    }

    /// `n` samples of `c` features each.
    pub const fn features(c: usize, n: usize) -> Self {
        Self { c, h: 1, w: 1, n }
    }

    /// The same sample with another batch size.
    pub const fn with_batch(self, n: usize) -> Self {
        Self { n, ..self }
    }

    /// Number of elements.
    pub const fn len(&self) -> usize {
        self.c * self.h * self.w * self.n
    }

    /// Whether there is no element.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Elements of one channel: H·W·N.
    pub const fn per_channel(&self) -> usize {
        self.h * self.w * self.n
    }

    /// Elements of one sample: C·H·W.
    pub const fn per_sample(&self) -> usize {
        self.c * self.h * self.w
    }
}

/// A dense f32 tensor in the crate's layout.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tensor {
    shape: Shape,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of zeros.
    pub fn zeros(shape: Shape) -> Self {
        Self {
            shape,
            data: vec![0.0; shape.len()],
        }
    }

    /// A tensor over `data`, which must have exactly `shape.len()` elements.
    pub fn from_vec(shape: Shape, data: Vec<f32>) -> Self {
        assert_eq!(
            data.len(),
            shape.len(),
            "data does not fill the shape {shape:?}"
        );
        Self { shape, data }
    }

    /// The sizes.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Every element, in memory order.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Every element, in memory order.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Takes a new shape, keeping the allocation; old elements are kept where they stand and new
    /// ones are zero, so the caller overwrites what it needs.
    pub fn reshape(&mut self, shape: Shape) {
        self.data.resize(shape.len(), 0.0);
        self.shape = shape;
    }

    /// Becomes a copy of `other`, keeping the allocation.
    pub fn copy_from(&mut self, other: &Tensor) {
        self.reshape(other.shape);
        self.data.copy_from_slice(&other.data);
    }

    /// Becomes the batch of the samples at `indices`. `samples` is sample-major: each sample is
    /// `shape.per_sample()` numbers in the order channel, row, column; `shape.n` is ignored.
    pub fn load_samples(&mut self, shape: Shape, samples: &[f32], indices: &[usize]) {
        let (inputs, n) = (shape.per_sample(), indices.len());
        self.reshape(shape.with_batch(n));
        for (column, &index) in indices.iter().enumerate() {
            let sample = &samples[index * inputs..(index + 1) * inputs];
            for (row, &value) in self.data.chunks_exact_mut(n).zip(sample) {
                row[column] = value;
            }
        }
    }

    /// The elements sample-major: `[N, C·H·W]`.
    pub fn to_samples(&self) -> Vec<f32> {
        let (inputs, n) = (self.shape.per_sample(), self.shape.n);
        (0..n)
            .flat_map(|column| (0..inputs).map(move |row| self.data[row * n + column]))
            .collect()
    }

    /// The elements of channel `c`.
    pub fn channel(&self, c: usize) -> &[f32] {
        let run = self.shape.per_channel();
        &self.data[c * run..(c + 1) * run]
    }

    /// The elements of channel `c`.
    pub fn channel_mut(&mut self, c: usize) -> &mut [f32] {
        let run = self.shape.per_channel();
        &mut self.data[c * run..(c + 1) * run]
    }
}

/// A flat slice as a row-major matrix; `data.len()` must be `rows * columns`.
pub fn view(data: &[f32], rows: usize, columns: usize) -> ArrayView2<'_, f32> {
    match ArrayView2::from_shape((rows, columns), data) {
        Ok(matrix) => matrix,
        Err(_) => unreachable!("{} elements are not a {rows}×{columns} matrix", data.len()),
    }
}

/// A flat slice as a row-major matrix; `data.len()` must be `rows * columns`.
pub fn view_mut(data: &mut [f32], rows: usize, columns: usize) -> ArrayViewMut2<'_, f32> {
    let length = data.len();
    match ArrayViewMut2::from_shape((rows, columns), data) {
        Ok(matrix) => matrix,
        Err(_) => unreachable!("{length} elements are not a {rows}×{columns} matrix"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_become_columns_and_come_back() {
        let samples = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let mut batch = Tensor::default();
        batch.load_samples(Shape::image(1, 2, 2, 1), &samples, &[1, 0]);
        assert_eq!(batch.shape(), Shape::image(1, 2, 2, 2));
        assert_eq!(batch.data(), [5.0, 1.0, 6.0, 2.0, 7.0, 3.0, 8.0, 4.0]);
        assert_eq!(batch.to_samples(), [5.0, 6.0, 7.0, 8.0, 1.0, 2.0, 3.0, 4.0]);
    }
}
