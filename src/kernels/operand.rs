//! What a product needs beside the weights, kept from call to call so that none allocates after the first.

#[cfg(target_feature = "simd128")]
use super::simd::operand::{Operands, sum_levels};

/// Buffers of a call.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Σ x of each column of the last product.
    pub(super) sums: Vec<i32>,
    /// A second plane's accumulators.
    pub(super) plane: Vec<i32>,
    /// The activations as the kernels want to read them.
    #[cfg(target_feature = "simd128")]
    pub(super) operands: Operands,
}

impl Scratch {
    /// Σ x of each column of activations in the last product.
    pub fn column_sums(&self) -> &[i32] {
        &self.sums
    }
}

/// Σ of levels.
#[cfg(not(target_feature = "simd128"))]
fn sum_levels(x: &[i8]) -> i32 {
    x.iter().map(|&x| i32::from(x)).sum()
}

/// Σ x of each of the runs of `columns` levels in `x`.
pub fn column_sums(x: &[i8], columns: usize, count: usize, sums: &mut Vec<i32>) {
    sums.clear();
    sums.extend((0..count).map(|sample| sum_levels(&x[sample * columns..][..columns])));
}
