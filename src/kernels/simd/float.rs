//! Four float32 rows at a time: one load of x serves four multiplications.

use super::vector::floats;
use core::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, v128};

/// The products of four consecutive rows of `columns` values with the whole vectors of x. What is left of x
/// behind its last whole vector is the caller's.
#[inline(always)]
pub fn four_rows(rows: &[f32], columns: usize, x: &[f32]) -> [f32; 4] {
    let (a, rest) = rows.split_at(columns);
    let (b, rest) = rest.split_at(columns);
    let (c, d) = rest.split_at(columns);
    let [a, b, c, d, x] = [a, b, c, d, x].map(|row| row.as_chunks::<4>().0);
    let mut sums = [f32x4_splat(0.0); 4];
    for ((((a, b), c), d), x) in a.iter().zip(b).zip(c).zip(d).zip(x) {
        let x = floats(x);
        for (sum, row) in sums.iter_mut().zip([a, b, c, d]) {
            *sum = f32x4_add(*sum, f32x4_mul(floats(row), x));
        }
    }
    sums.map(total)
}

#[inline(always)]
fn total(v: v128) -> f32 {
    let low = f32x4_extract_lane::<0>(v) + f32x4_extract_lane::<1>(v);
    low + (f32x4_extract_lane::<2>(v) + f32x4_extract_lane::<3>(v))
}
