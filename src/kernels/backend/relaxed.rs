//! The build with SIMD128 and relaxed SIMD: the methods of plain SIMD128, and the relaxed dot product.

#[path = "simd128.rs"]
mod plain;

pub use plain::multiply_real;

use crate::kernels::layout::{Fields, Fields3, SignedBytes};
use crate::kernels::matrix::{Coding, Method, Plane};
use crate::kernels::operand::Scratch;
use crate::kernels::pack::{Block, pack as pack_as, unpack as unpack_as};
use crate::kernels::simd::relaxed;

/// This build's name.
pub const BUILD: &str = "relaxed";
/// The methods this build has.
pub const METHODS: &[Method] = &[
    Method::Stream,
    Method::LaneRows,
    Method::Lookup,
    Method::Fields,
    Method::Bytes,
    Method::Words,
];

/// Whether this build has `method` for these codes.
pub fn supports(method: Method, bits: usize, coding: Coding) -> bool {
    match method {
        Method::Fields => (2..=7).contains(&bits) && (bits <= 4 || coding == Coding::Uniform),
        Method::Bytes => coding == Coding::Uniform && bits == 8,
        _ => plain::supports(method, bits, coding),
    }
}

/// The fastest method. Where a matrix is small, the relaxed dot product has no loop long enough to show.
pub fn choose(bits: usize, coding: Coding, rows: usize, columns: usize) -> Method {
    match bits {
        _ if plain::small(bits, coding, rows, columns) => Method::Words,
        1 => plain::choose(bits, coding, rows, columns),
        8 => Method::Bytes,
        _ => Method::Fields,
    }
}

/// The codes in the method's layout; nothing for `Stream`.
pub fn pack(method: Method, codes: &[u8], rows: usize, columns: usize, bits: usize) -> Vec<Block> {
    match (method, bits) {
        (Method::Fields, 2) => pack_as::<Fields<2>>(codes, rows, columns),
        (Method::Fields, 3) => pack_as::<Fields3>(codes, rows, columns),
        (Method::Fields, _) => pack_as::<Fields<4>>(codes, rows, columns),
        (Method::Bytes, _) => pack_as::<SignedBytes>(codes, rows, columns),
        _ => plain::pack(method, codes, rows, columns, bits),
    }
}

/// The row-major codes.
pub fn unpack(plane: &Plane) -> Vec<u8> {
    match plane.method {
        Method::Bytes => unpack_as::<SignedBytes>(&plane.blocks, plane.rows, plane.columns),
        _ => plain::unpack(plane),
    }
}

/// acc = level(codes) · x for one tile of columns; `sums` are Σ x.
pub fn multiply(
    plane: &Plane,
    coding: Coding,
    x: &[i8],
    sums: &[i32],
    acc: &mut [i32],
    scratch: &mut Scratch,
) {
    match (plane.method, plane.table(coding)) {
        (Method::Fields, Some(table)) => {
            relaxed::multiply_levels(plane, table, x, sums.len(), acc, scratch)
        }
        (Method::Fields, None) => relaxed::multiply_codes(plane, x, sums.len(), acc, scratch),
        (Method::Bytes, _) => relaxed::multiply_bytes(plane, x, sums, acc, scratch),
        _ => plain::multiply(plane, coding, x, sums, acc, scratch),
    }
}
