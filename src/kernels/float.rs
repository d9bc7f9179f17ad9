//! The float32 product that low-bit kernels are measured against: four rows in flight, so that each load of x
//! serves four multiplications and no addition waits for the one before.

/// A dense float32 matrix `[rows, columns]`, row-major.
#[derive(Debug, Clone)]
pub struct FloatMatrix {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl FloatMatrix {
    /// Over `rows · columns` values.
    pub fn new(values: Vec<f32>, rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "values of a float matrix");
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Outputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Writes y = W·x; x has `columns` values, y takes `rows`.
    pub fn multiply(&self, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), self.columns, "x of a float product");
        assert_eq!(y.len(), self.rows, "y of a float product");
        if self.columns == 0 {
            return y.fill(0.0);
        }
        let (mut fours, mut outputs) = (
            self.values.chunks_exact(4 * self.columns),
            y.chunks_exact_mut(4),
        );
        for (rows, y) in fours.by_ref().zip(outputs.by_ref()) {
            let tail = self.columns / LANES * LANES;
            let sums = four_rows(rows, self.columns, x);
            for ((y, sum), row) in y.iter_mut().zip(sums).zip(rows.chunks_exact(self.columns)) {
                *y = sum
                    + row[tail..]
                        .iter()
                        .zip(&x[tail..])
                        .map(|(w, x)| w * x)
                        .sum::<f32>();
            }
        }
        for (row, y) in fours
            .remainder()
            .chunks_exact(self.columns)
            .zip(outputs.into_remainder())
        {
            *y = one_row(row, x);
        }
    }
}

/// Lanes of a vector; sums are kept lane by lane.
const LANES: usize = 4;

fn one_row(row: &[f32], x: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (whole, tail) = row.as_chunks::<LANES>();
    let (x_whole, x_tail) = x.as_chunks::<LANES>();
    for (w, x) in whole.iter().zip(x_whole) {
        add_products(&mut sums, w, x);
    }
    sums.iter().sum::<f32>() + tail.iter().zip(x_tail).map(|(w, x)| w * x).sum::<f32>()
}

#[inline(always)]
fn add_products(sums: &mut [f32; LANES], w: &[f32; LANES], x: &[f32; LANES]) {
    for lane in 0..LANES {
        sums[lane] += w[lane] * x[lane];
    }
}

/// The products of four rows with the whole vectors of x.
#[cfg(target_feature = "simd128")]
use super::simd::float::four_rows;

/// The products of four rows with the whole vectors of x.
#[cfg(not(target_feature = "simd128"))]
fn four_rows(rows: &[f32], columns: usize, x: &[f32]) -> [f32; 4] {
    let mut sums = [[0.0f32; LANES]; 4];
    let (x, _) = x.as_chunks::<LANES>();
    for (sums, row) in sums.iter_mut().zip(rows.chunks_exact(columns)) {
        for (w, x) in row.as_chunks::<LANES>().0.iter().zip(x) {
            add_products(sums, w, x);
        }
    }
    sums.map(|sums| sums.iter().sum())
}
