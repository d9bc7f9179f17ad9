//! The build without SIMD: every width by a scalar loop over a bit stream.

use crate::kernels::matrix::{Coding, Method, Plane};
use crate::kernels::operand::Scratch;
use crate::kernels::pack::Block;
use crate::kernels::product::Affine;

/// This build's name.
pub const BUILD: &str = "scalar";
/// The methods this build has.
pub const METHODS: &[Method] = &[Method::Stream];

/// Whether this build has `method` for these codes.
pub fn supports(method: Method, _bits: usize, _coding: Coding) -> bool {
    method == Method::Stream
}

/// The fastest method.
pub fn choose(_bits: usize, _coding: Coding, _rows: usize, _columns: usize) -> Method {
    Method::Stream
}

/// No method of this build has blocks.
pub fn pack(
    _method: Method,
    _codes: &[u8],
    _rows: usize,
    _columns: usize,
    _bits: usize,
) -> Vec<Block> {
    Vec::new()
}

/// The row-major codes.
pub fn unpack(plane: &Plane) -> Vec<u8> {
    plane.stream.unpack()
}

/// acc = level(codes) · x for one tile of columns.
pub fn multiply(
    plane: &Plane,
    coding: Coding,
    x: &[i8],
    _sums: &[i32],
    acc: &mut [i32],
    _scratch: &mut Scratch,
) {
    plane
        .stream
        .multiply(plane.table(coding), x, plane.rows, acc);
}

/// No method of this build goes from x to y in one pass.
pub fn multiply_real(
    _plane: &Plane,
    _affine: Affine,
    _x: &[f32],
    _y: &mut [f32],
    _scratch: &mut Scratch,
) -> bool {
    false
}
