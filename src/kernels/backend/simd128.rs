//! The build with SIMD128.

use crate::kernels::layout::{Fields, Fields3, LaneRows, NibbleColumns};
use crate::kernels::matrix::{Coding, Method, Plane};
use crate::kernels::operand::Scratch;
use crate::kernels::pack::{Block, pack as pack_as, unpack as unpack_as};
use crate::kernels::product::Affine;
use crate::kernels::simd::{lane_rows, levels, lookup, words};

/// This build's name.
#[cfg_attr(target_feature = "relaxed-simd", allow(dead_code))]
pub const BUILD: &str = "simd128";
/// The methods this build has.
#[cfg_attr(target_feature = "relaxed-simd", allow(dead_code))]
pub const METHODS: &[Method] = &[
    Method::Stream,
    Method::LaneRows,
    Method::Lookup,
    Method::Fields,
    Method::Words,
];

/// Whether this build has `method` for these codes.
pub fn supports(method: Method, bits: usize, coding: Coding) -> bool {
    let uniform = coding == Coding::Uniform;
    match method {
        Method::Stream | Method::Words => true,
        Method::LaneRows => uniform && (2..=8).contains(&bits),
        Method::Lookup => bits == 1,
        Method::Fields => !uniform && (2..=4).contains(&bits),
        Method::Bytes => false,
    }
}

/// Whether [`Method::Words`] is the fastest, as measured in loops over one matrix and over 32 that take turns.
///
/// Up to 128 × 128 its words fill at most 32 KB, the nearest cache, and it beats every other method: by getting x
/// and y ready in fewer instructions at 64 × 64, by a third at 128 × 128. From there on it would gain uniform codes
/// a fifth or less for 2 to 16 times the memory. Codes that take a table or two planes need so many instructions
/// that words are twice as fast up to 256 × 256, where 128 KB still lie in the second cache.
pub fn small(bits: usize, coding: Coding, rows: usize, columns: usize) -> bool {
    let slow = matches!((bits, coding), (2.., Coding::Codebook(_)) | (5..=7, _));
    rows * columns <= if slow { 1 << 16 } else { 1 << 14 }
}

/// The fastest method.
pub fn choose(bits: usize, coding: Coding, rows: usize, columns: usize) -> Method {
    if small(bits, coding, rows, columns) {
        return Method::Words;
    }
    match (bits, coding) {
        (1, _) => Method::Lookup,
        (_, Coding::Uniform) => Method::LaneRows,
        (_, Coding::Codebook(_)) => Method::Fields,
    }
}

/// The codes in the method's layout (for `Words`: the levels); nothing for `Stream`.
pub fn pack(method: Method, codes: &[u8], rows: usize, columns: usize, bits: usize) -> Vec<Block> {
    match (method, bits) {
        (Method::LaneRows, 2) => pack_as::<LaneRows<2>>(codes, rows, columns),
        (Method::LaneRows, 3) => pack_as::<LaneRows<3>>(codes, rows, columns),
        (Method::LaneRows, 4) => pack_as::<LaneRows<4>>(codes, rows, columns),
        (Method::LaneRows, _) => pack_as::<LaneRows<8>>(codes, rows, columns),
        (Method::Fields, 2) => pack_as::<Fields<2>>(codes, rows, columns),
        (Method::Fields, 3) => pack_as::<Fields3>(codes, rows, columns),
        (Method::Fields, _) => pack_as::<Fields<4>>(codes, rows, columns),
        (Method::Lookup, _) => pack_as::<NibbleColumns>(codes, rows, columns),
        (Method::Words, _) => words::pack(codes, rows, columns),
        _ => Vec::new(),
    }
}

/// The row-major codes.
pub fn unpack(plane: &Plane) -> Vec<u8> {
    let Plane {
        rows,
        columns,
        ref blocks,
        ..
    } = *plane;
    match (plane.method, plane.bits) {
        (Method::LaneRows, 2) => unpack_as::<LaneRows<2>>(blocks, rows, columns),
        (Method::LaneRows, 3) => unpack_as::<LaneRows<3>>(blocks, rows, columns),
        (Method::LaneRows, 4) => unpack_as::<LaneRows<4>>(blocks, rows, columns),
        (Method::LaneRows, _) => unpack_as::<LaneRows<8>>(blocks, rows, columns),
        (Method::Fields, 2) => unpack_as::<Fields<2>>(blocks, rows, columns),
        (Method::Fields, 3) => unpack_as::<Fields3>(blocks, rows, columns),
        (Method::Fields, _) => unpack_as::<Fields<4>>(blocks, rows, columns),
        (Method::Lookup, _) => unpack_as::<NibbleColumns>(blocks, rows, columns),
        _ => plane.stream.unpack(),
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
    match (plane.method, plane.bits, plane.table(coding)) {
        (Method::LaneRows, 2, _) => lane_rows::multiply::<2, 8, 2>(plane, x, sums, acc, scratch),
        (Method::LaneRows, 3, _) => lane_rows::multiply::<3, 5, 2>(plane, x, sums, acc, scratch),
        (Method::LaneRows, 4, _) => lane_rows::multiply::<4, 4, 2>(plane, x, sums, acc, scratch),
        (Method::LaneRows, _, _) => lane_rows::multiply::<8, 2, 4>(plane, x, sums, acc, scratch),
        (Method::Lookup, _, _) => lookup::multiply(plane, x, sums.len(), acc, scratch),
        (Method::Words, _, _) => words::multiply(plane, x, sums.len(), acc, scratch),
        (Method::Fields, _, Some(table)) => {
            levels::multiply(plane, table, x, sums.len(), acc, scratch)
        }
        (_, _, table) => plane.stream.multiply(table, x, plane.rows, acc),
    }
}

/// y = W·x in one pass, if the method has one: see [`words::multiply_real`].
#[inline(always)]
pub fn multiply_real(
    plane: &Plane,
    affine: Affine,
    x: &[f32],
    y: &mut [f32],
    scratch: &mut Scratch,
) -> bool {
    plane.method == Method::Words && words::multiply_real(plane, affine, x, y, scratch)
}
