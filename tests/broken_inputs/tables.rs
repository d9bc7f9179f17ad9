//! Data: CSV, IDX, NPY, pixels.

use crate::Case;
use crate::write::{csv, file, floats, idx, npy, npy_of};
use ddq_playground::data::SampleShape;
use ddq_playground::io::dataset::{
    FILE_BYTES_MAX, Format, LabelColumn, Request, from_pixels, import,
};

fn table(kind: &'static str, text: &str, words: &'static str) -> Case {
    let error = csv(text).expect_err(kind);
    assert!(error.contains("t.csv"), "{error}");
    Case { kind, error, words }
}

/// An array with labels for four samples.
fn array(kind: &'static str, format: Format, bytes: &[u8], words: &'static str) -> Case {
    let labels = idx(8, &[4], &[0, 1, 0, 1]);
    let mut request = Request::new(file("a.bin", bytes));
    request.format = Some(format);
    request.labels = Some(file("labels", &labels));
    let error = import(&request).expect_err(kind).to_string();
    assert!(error.starts_with("a.bin"), "{error}");
    Case { kind, error, words }
}

/// Labels of four images of 2×2 pixels.
fn labels(kind: &'static str, bytes: &[u8], words: &'static str) -> Case {
    let images = idx(8, &[4, 2, 2], &[9; 16]);
    let mut request = Request::new(file("images", &images));
    request.labels = Some(file("l.bin", bytes));
    let error = import(&request).expect_err(kind).to_string();
    assert!(error.starts_with("l.bin"), "{error}");
    Case { kind, error, words }
}

/// Grey images of 2×2 pixels of two classes.
fn pixels(kind: &'static str, count: usize, labels: &[u8], words: &'static str) -> Case {
    let shape = SampleShape {
        channels: 1,
        height: 2,
        width: 2,
    };
    let names = vec!["cat".to_owned(), "dog".to_owned()];
    let found = from_pixels(&vec![7; count], shape, labels.to_vec(), names);
    let error = found.expect_err(kind).to_string();
    assert!(error.starts_with("data"), "{error}");
    Case { kind, error, words }
}

#[rustfmt::skip]
pub const CASES: [fn() -> Case; 29] = [
    || table("empty", "", "t.csv, at byte 0: expected samples, got an empty file"),
    || table("empty", "\u{feff}\r\n\r\n", "t.csv, at line 1: expected a line of cells, got only empty lines"),
    || table("ragged rows", "a,b,y\n1,2,p\n3,q\n", "t.csv, at line 3: expected 3 cells, as in the first line, got 2"),
    || table("truncated", "a,b,y\n1,2,p\n3,4,q\n1,", "t.csv, at line 4: expected 3 cells, as in the first line, got 2"),
    || table("truncated", "a,y\n1,p\n2,\"q", "t.csv, at line 3: expected a closing quote \" before the end of the file, got none"),
    || table("no number", "a,b,y\n1,2,p\n3,four,q\n", "t.csv, at line 3, column 2 (\"b\"): expected a finite number, got \"four\""),
    || table("NaN", "a,y\n1,p\nnan,q\n", "t.csv, at line 3, column 1 (\"a\"): expected a finite number, got \"nan\""),
    || table("byte order mark", "\u{feff}a,b,y\n1,2,p\n3,#,q\n", "t.csv, at line 3, column 2 (\"b\"): expected a finite number, got \"#\""),
    || table("CRLF", "a,b,y\r\n1,2,p\r\n\r\n3,4\r\n", "t.csv, at line 4: expected 3 cells, as in the first line, got 2"),
    || table("CRLF", "a,b,y\r1,2,p\r3,x,q\r", "expected a finite number, got \"x\""),
    || table("duplicate names", "a,a,y\n1,2,p\n", "t.csv, at line 1, column 2: expected names that differ, got \"a\" again, as in column 1"),
    || table("wrong magic", "PK\u{3}\u{4}", "t.csv, at byte 0: expected CSV text, IDX or NPY, got a zip archive"),
    || table("too large unpacked", &"1".repeat(FILE_BYTES_MAX + 1), "t.csv, at its end: expected at most 50000000 bytes, got 50000001"),
    || {
        let mut request = Request::new(file("t.csv", b"a,y\n1,p\n2,q\n"));
        request.label = LabelColumn::Index(2);
        let error = import(&request).expect_err("a label out of range").to_string();
        Case { kind: "label out of range", error, words: "option \"label of t.csv\": expected a column from 0 to 1, got 2" }
    },
    || array("empty", Format::Idx, &[], "a.bin, at byte 0: expected samples, got an empty file"),
    || array("wrong magic", Format::Idx, b"\x89PNG", "a.bin, at byte 0: expected the IDX magic 00 00, type, axes, got 89 50 4e 47"),
    || array("truncated", Format::Idx, &idx(8, &[4, 2, 2], &[1; 7]), "a.bin, at byte 16: expected 16 bytes of numbers for 4×2×2, got 7 bytes"),
    || array("10⁹ rows claimed", Format::Idx, &idx(8, &[1_000_000_000, 28, 28], &[1; 9]), "expected 784000000000 bytes of numbers for 1000000000×28×28, got 9 bytes"),
    || array("NaN", Format::Idx, &idx(13, &[1, 1], &f32::NAN.to_be_bytes()), "a.bin, at byte 12 (number 0): expected a finite 32-bit number, got NaN"),
    || array("empty", Format::Npy, &[], "a.bin, at byte 0: expected samples, got an empty file"),
    || array("wrong magic", Format::Npy, b"NUMPY", "a.bin, at byte 0: expected the NPY magic"),
    || array("truncated", Format::Npy, &npy("<f4", false, &[4, 2], &[0; 31]), "expected 32 bytes of numbers for 4×2, got 31 bytes"),
    || array("NaN", Format::Npy, &npy("<f4", false, &[4, 1], &floats(&[0.0, 1.0, f32::NAN, 0.0])), "(number 2): expected a finite 32-bit number, got NaN"),
    || array("negative size", Format::Npy, &npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (-4, 2)}", &[0; 32]), "a.bin, at byte 61: expected a length, got \"-4, 2)}\""),
    || array("10⁹ rows claimed", Format::Npy, &npy("|u1", false, &[1_000_000_000, 784], &[0; 9]), "expected 784000000000 bytes of numbers for 1000000000×784, got 9 bytes"),
    || labels("no number", &npy("<f4", false, &[4], &floats(&[0.0, 1.0, 0.5, 1.0])), "l.bin, at label 2: expected a whole number as the label, got 0.5"),
    || labels("truncated", &idx(8, &[3], &[0, 1, 0]), "l.bin, at its shape: expected 4 labels, as many as there are samples, got 3"),
    || pixels("label out of range", 16, &[0, 1, 2, 1], "data, at sample 2: expected a label below 2, the number of classes, got 2"),
    || pixels("truncated", 15, &[0, 1, 0, 1], "data: expected 4 numbers for each of 4 labels, got 15"),
];
