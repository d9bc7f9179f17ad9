//! Data of others.

use super::explained;
use ddq_playground::data::{Dataset, SampleShape};
use ddq_playground::io::dataset::{
    Column, File, Format, Header, Imported, LabelColumn, Request, from_pixels, import, look,
};

const NAME: &str = "x.bin";

fn file(bytes: &[u8]) -> File<'_> {
    File { name: NAME, bytes }
}

/// Data that were read pass the check of sessions and can be split; errors name the file.
fn import_any(request: &Request<'_>) -> bool {
    match import(request) {
        Ok(Imported { data, .. }) => usable(data),
        Err(error) => {
            assert!(error.to_string().contains(NAME), "{error}");
            if let Some(look) = look(request) {
                assert!(look.label < Some(look.columns.len()));
            }
            explained(&error)
        }
    }
}

fn usable(data: Dataset) -> bool {
    let Dataset {
        shape,
        class_names,
        train,
        test,
        ..
    } = data.clone();
    assert_eq!(
        Dataset::own(shape, class_names, train, test).as_ref(),
        Ok(&data)
    );
    assert!(!data.split(1).test.is_empty());
    true
}

/// A table, its class in the last and in the first column, with and without names; and as its own test file.
pub fn csv(bytes: &[u8]) -> bool {
    let request = || Request {
        format: Some(Format::Csv),
        ..Request::new(file(bytes))
    };
    let requests = [
        request(),
        Request {
            label: LabelColumn::Index(0),
            header: Header::Absent,
            ..request()
        },
        Request {
            label: LabelColumn::Name("y".to_owned()),
            header: Header::Present,
            test: Some(file(bytes)),
            ..request()
        },
        Request {
            delimiter: bytes.first().copied(),
            exclude: vec![Column::Name("a".to_owned()), Column::Index(1)],
            ..request()
        },
    ];
    // Not short of the first that is taken.
    requests
        .iter()
        .filter(|request| import_any(request))
        .count()
        > 0
}

/// Images with labels, a table, and labels.
pub fn idx(bytes: &[u8]) -> bool {
    array(bytes, Format::Idx)
}

/// The same.
pub fn npy(bytes: &[u8]) -> bool {
    array(bytes, Format::Npy)
}

fn array(bytes: &[u8], format: Format) -> bool {
    // Four grey images of 2×2 pixels, and labels for any four samples.
    const IMAGES: &[u8] = b"\0\0\x08\x03\0\0\0\x04\0\0\0\x02\0\0\0\x020123456789abcdef";
    const LABELS: &[u8] = b"\0\0\x08\x01\0\0\0\x04\0\x01\0\x01";
    let request = || Request {
        format: Some(format),
        ..Request::new(file(bytes))
    };
    let requests = [
        request(),
        Request {
            label: LabelColumn::Index(0),
            test: Some(file(bytes)),
            ..request()
        },
        Request {
            labels: Some(file(LABELS)),
            ..request()
        },
        Request {
            labels: Some(file(bytes)),
            ..Request::new(file(IMAGES))
        },
    ];
    requests
        .iter()
        .filter(|request| import_any(request))
        .count()
        > 0
}

/// Images that a browser decoded: channels, height, width, classes and labels as a byte each, the labels, the pixels.
pub fn pixels(bytes: &[u8]) -> bool {
    let Some((&[channels, height, width, classes, labels], rest)) = bytes.split_first_chunk()
    else {
        return false;
    };
    let shape = SampleShape {
        channels: channels.into(),
        height: height.into(),
        width: width.into(),
    };
    let (labels, pixels) = rest.split_at(rest.len().min(labels.into()));
    let names = (0..classes).map(|class| class.to_string()).collect();
    match from_pixels(pixels, shape, labels.to_vec(), names) {
        Ok((data, _)) => usable(data),
        Err(error) => explained(&error),
    }
}
