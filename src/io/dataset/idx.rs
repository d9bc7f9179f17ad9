//! IDX, the format of MNIST (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits"): two zero
//! bytes, the type of the elements, the number of axes, a big-endian u32 for each axis, then the elements, big
//! endian, the last axis fastest.

use super::array::{Array, Element, Endian, check_axes, decode};
use super::{File, wrong};
use crate::error::Error;

/// Bytes before the axes.
const MAGIC_BYTES: usize = 4;

/// The array in an IDX file.
///
/// # Errors
/// `Format` for another magic number, an unknown type, a number of bytes that does not fit the axes, or a number
/// that is not finite.
pub fn read(file: File<'_>) -> Result<Array, Error> {
    let Some(&[0, 0, kind, axes]) = file.bytes.first_chunk::<MAGIC_BYTES>() else {
        let got = hex(file.bytes);
        return Err(wrong(
            file,
            "byte 0",
            "the IDX magic 00 00, type, axes",
            &got,
        ));
    };
    let element = match kind {
        0x08 => Element::Unsigned(1),
        0x09 => Element::Signed(1),
        0x0b => Element::Signed(2),
        0x0c => Element::Signed(4),
        0x0d => Element::Float(4),
        0x0e => Element::Float(8),
        _ => {
            let expected = "an IDX type: 08, 09, 0b, 0c, 0d or 0e";
            return Err(wrong(file, "byte 2", expected, &format!("{kind:02x}")));
        }
    };
    let axes = read_axes(file, usize::from(axes))?;
    let start = MAGIC_BYTES + 4 * axes.len();
    check_axes(file, &axes, element, start)?;
    Ok(Array {
        values: decode(file, start, element, Endian::Big)?,
        axes,
        is_bytes: element == Element::Unsigned(1),
    })
}

fn read_axes(file: File<'_>, axes: usize) -> Result<Vec<usize>, Error> {
    let bytes = file.bytes.get(MAGIC_BYTES..MAGIC_BYTES + 4 * axes);
    let Some(bytes) = bytes else {
        let expected = format!("{axes} lengths of 4 bytes");
        let got = format!("{} bytes", file.bytes.len() - MAGIC_BYTES);
        return Err(wrong(file, "byte 4", &expected, &got));
    };
    let axis = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |all, &byte| all << 8 | usize::from(byte))
    };
    Ok(bytes.chunks_exact(4).map(axis).collect())
}

/// The first bytes of a file.
fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes
        .iter()
        .take(MAGIC_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if bytes.is_empty() {
        "nothing".to_owned()
    } else {
        bytes.join(" ")
    }
}
