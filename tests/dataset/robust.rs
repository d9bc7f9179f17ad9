//! Any bytes: an answer or an error, never a panic, and never data that a session could not take.

use crate::write::{csv, file, floats, idx, npy};
use ddq_playground::data::Dataset;
use ddq_playground::io::dataset::{Format, LabelColumn, Request, import};
use proptest::prelude::*;

fn valid() -> Vec<Vec<u8>> {
    vec![
        b"a,b,y\n1,2,p\n3,4,q\n5,6,p\n7,8,q\n".to_vec(),
        b"\"a\";y\r\n1.5;0\r\n-2e3;1\r\n7;0\r\n8;1\r\n".to_vec(),
        idx(8, &[4, 2, 2], &[9; 16]),
        idx(8, &[4], &[0, 1, 0, 1]),
        npy(
            "<f4",
            false,
            &[4, 3],
            &floats(&[0.5, 1.0, 0.0, 2.0, 3.0, 1.0, 4.0, 5.0, 0.0, 6.0, 7.0, 1.0]),
        ),
        npy("|u1", true, &[4, 2, 2, 3], &[7; 48]),
    ]
}

/// Reads bytes in every role; what comes out must pass the check that sessions make.
fn try_all(bytes: &[u8]) {
    let labels = idx(8, &[4], &[0, 1, 0, 1]);
    let images = idx(8, &[4, 2, 2], &[9; 16]);
    for format in [
        None,
        Some(Format::Csv),
        Some(Format::Idx),
        Some(Format::Npy),
    ] {
        let request = |file_bytes, label_bytes: Option<_>| {
            let mut request = Request::new(file("x", file_bytes));
            request.format = format;
            request.labels = label_bytes.map(|bytes| file("y", bytes));
            request
        };
        let mut first = request(bytes, None);
        first.label = LabelColumn::Index(0);
        let mut tested = request(&images, Some(labels.as_slice()));
        tested.test = Some(file("t", bytes));
        tested.test_labels = Some(file("l", &labels));
        for request in [
            request(bytes, None),
            first,
            request(bytes, Some(&labels)),
            request(&images, Some(bytes)),
            tested,
        ] {
            let Ok(found) = import(&request) else {
                continue;
            };
            let Dataset {
                shape,
                class_names,
                train,
                test,
                ..
            } = found.data.clone();
            assert_eq!(
                Dataset::own(shape, class_names, train, test).as_ref(),
                Ok(&found.data)
            );
            assert!(!found.data.split(1).test.is_empty());
        }
    }
}

#[test]
fn every_beginning_of_a_valid_file_is_an_answer_or_an_error() {
    for bytes in valid() {
        (0..=bytes.len()).for_each(|end| try_all(&bytes[..end]));
    }
}

#[test]
fn deep_quotes_and_long_lines_are_no_trouble() {
    assert!(csv(&"\"".repeat(100_001)).is_err());
    assert!(csv(&",".repeat(100_000)).is_err());
    assert!(csv(&"\u{e4}".repeat(100_000)).is_err());
    assert!(csv(&"1\n".repeat(100_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        try_all(&bytes);
    }

    #[test]
    fn changed_files_never_panic(
        which in 0_usize..6,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..8),
    ) {
        let mut bytes = valid()[which].clone();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => bytes[at] ^= 1 << (byte % 8),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        try_all(&bytes);
    }
}
