//! What is written is read back, whatever it is.

use crate::write::{file, floats, idx, npy};
use ddq_playground::io::dataset::scaling::Scaling;
use ddq_playground::io::dataset::values::Values;
use ddq_playground::io::dataset::{Imported, Request, import};
use proptest::prelude::*;

/// The inputs that the numbers of an array become.
fn scaled(values: &[f32], scaling: &Scaling) -> Vec<f32> {
    scaling.inputs(Values::Single(values.to_vec()))
}

/// A name that needs quotes now and then; never a number or empty.
fn word() -> impl Strategy<Value = String> {
    "[a-z,;\"\n \u{e4}]{0,6}".prop_map(|middle| format!("w{middle}w"))
}

fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn read(bytes: &[u8], labels: &[u8]) -> Imported {
    let mut request = Request::new(file("x", bytes));
    request.labels = Some(file("y", labels));
    import(&request).unwrap_or_else(|error| panic!("{error}"))
}

proptest! {
    #[test]
    fn a_csv_is_read_as_it_was_written(
        rows in prop::collection::vec((prop::collection::vec(-1e6_f32..1e6, 3), any::<bool>()), 6..40),
        (a, b) in (word(), word()),
        delimiter in prop::sample::select(vec![',', ';', '\t', '|']),
        ending in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        prop_assume!(a.trim() != b.trim());
        let both = [true, true, false, false].into_iter().chain(rows.iter().map(|row| row.1));
        let rows: Vec<(&[f32], bool)> = rows.iter().map(|row| row.0.as_slice()).cycle().zip(both).collect();
        let mut text = ["p", "q", "r", "y"].join(&delimiter.to_string()) + ending;
        for (values, first) in &rows {
            let mut cells: Vec<String> = values.iter().map(f32::to_string).collect();
            cells.push(cell(if *first { &a } else { &b }));
            text += &(cells.join(&delimiter.to_string()) + ending);
        }
        let mut request = Request::new(file("t.csv", text.as_bytes()));
        request.delimiter = Some(delimiter as u8);
        let found = import(&request).unwrap();
        // A decimal number is no 32-bit float: it is rounded when it has been scaled.
        let values = rows.iter().flat_map(|row| row.0).map(|value| value.to_string().parse().unwrap());
        let inputs = found.scaling.inputs(Values::Double(values.collect()));
        prop_assert_eq!(&found.data.train.inputs, &inputs);
        let names: Vec<&str> = found.data.train.labels.iter().map(|&l| found.data.class_names[l as usize].as_str()).collect();
        let expected: Vec<&str> = rows.iter().map(|row| if row.1 { a.trim() } else { b.trim() }).collect();
        prop_assert_eq!(names, expected);
    }

    #[test]
    fn arrays_are_read_as_they_were_written(
        samples in 2_usize..9, height in 2_usize..6, width in 2_usize..6, seed in prop::collection::vec(any::<u8>(), 8 * 25),
    ) {
        let count = 2 * samples * height * width;
        let bytes: Vec<u8> = seed.iter().copied().cycle().take(count).collect();
        let labels: Vec<u8> = (0..2 * samples).map(|i| (i % 2) as u8).collect();
        let axes = [2 * samples, height, width];
        let written = [
            (idx(8, &axes.map(|axis| axis as u32), &bytes), idx(8, &[labels.len() as u32], &labels)),
            (npy("|u1", false, &axes, &bytes), npy("|u1", false, &[labels.len()], &labels)),
        ];
        for (file, label_file) in written {
            let found = read(&file, &label_file);
            let values: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte)).collect();
            prop_assert_eq!(found.scaling == Scaling::Pixels, bytes.iter().any(|&byte| byte >= 128));
            prop_assert_eq!(&found.data.train.inputs, &scaled(&values, &found.scaling));
            prop_assert_eq!(&found.data.train.labels, &labels);
        }
        // Floats in both orders of axes.
        let values: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) * 0.37 - 9.0).collect();
        let row_major = read(&npy("<f4", false, &[2 * samples, height * width], &floats(&values)), &npy("|u1", false, &[labels.len()], &labels));
        let columns: Vec<f32> = (0..height * width).flat_map(|c| (0..2 * samples).map(move |r| (r, c))).map(|(r, c)| values[r * height * width + c]).collect();
        let column_major = read(&npy("<f4", true, &[2 * samples, height * width], &floats(&columns)), &npy("|u1", false, &[labels.len()], &labels));
        prop_assert_eq!(&row_major.data.train.inputs, &scaled(&values, &row_major.scaling));
        prop_assert_eq!(row_major.data, column_major.data);
    }
}
