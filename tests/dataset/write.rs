//! Writers of the formats, for the tests alone: written from the formats' definitions, not from the readers.

use ddq_playground::io::dataset::{File, Imported, Request, import};

/// An IDX file of elements whose bytes are given.
pub fn idx(kind: u8, axes: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, kind, axes.len() as u8];
    axes.iter()
        .for_each(|axis| bytes.extend(axis.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

/// An NPY file of version 1 as NumPy writes it: the header padded to a multiple of 64 bytes.
pub fn npy(descr: &str, fortran: bool, axes: &[usize], elements: &[u8]) -> Vec<u8> {
    let axes: Vec<String> = axes.iter().map(|axis| format!("{axis},")).collect();
    let order = if fortran { "True" } else { "False" };
    let shape = axes.join(" ");
    npy_of(
        &format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({shape}), }}"),
        elements,
    )
}

/// An NPY file with this header.
pub fn npy_of(header: &str, elements: &[u8]) -> Vec<u8> {
    let mut header = header.to_owned();
    while !(10 + header.len() + 1).is_multiple_of(64) {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(elements);
    bytes
}

/// Little-endian floats.
pub fn floats(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

pub fn file<'a>(name: &'a str, bytes: &'a [u8]) -> File<'a> {
    File { name, bytes }
}

/// A CSV read with everything found from it.
pub fn csv(text: &str) -> Result<Imported, String> {
    import(&Request::new(file("t.csv", text.as_bytes()))).map_err(|error| error.to_string())
}
