//! Broken files, each with the error that names file, place, expected and got.

use crate::write::{csv, file, floats, idx, npy, npy_of};
use ddq_playground::io::dataset::{FILE_BYTES_MAX, Format, Header, LabelColumn, Request, import};

/// The whole error of an import that must fail.
fn error(request: &Request<'_>) -> String {
    import(request)
        .map(|found| found.data.train.len())
        .expect_err("a broken file")
        .to_string()
}

#[test]
fn broken_tables() {
    let long = format!(
        "a,y\n{}",
        (0..300).map(|i| format!("1,{i}.5\n")).collect::<String>()
    );
    let cases = [
        ("", "t.csv, at byte 0: expected samples, got an empty file"),
        (
            "\n\r\n\n",
            "t.csv, at line 1: expected a line of cells, got only empty lines",
        ),
        (
            "a,b,y\n",
            "t.csv, at line 2: expected samples after the header, got the end of the file",
        ),
        (
            "a\n1\n2\n",
            "t.csv, at line 1: expected at least 2 cells, a feature and a class, got 1: \"a\"",
        ),
        (
            "a,b,y\n1,2,p\n3,q\n",
            "t.csv, at line 3: expected 3 cells, as in the first line, got 2",
        ),
        (
            "a,b,y\n1,2,p\n3,4,q,5\n",
            "t.csv, at line 3: expected 3 cells, as in the first line, got 4",
        ),
        (
            "a,b,y\n1,2,p\n3,four,q\n",
            "t.csv, at line 3, column 2 (\"b\"): expected a finite number, got \"four\"",
        ),
        (
            "a,b,y\n1,2,p\n3,,q\n",
            "t.csv, at line 3, column 2 (\"b\"): expected a finite number, got an empty cell",
        ),
        (
            "a,b,y\n1,NaN,p\n3,4,q\n",
            "t.csv, at line 2, column 2 (\"b\"): expected a finite number, got \"NaN\"",
        ),
        (
            "a,b,y\n1,2,p\n-inf,4,q\n",
            "t.csv, at line 3, column 1 (\"a\"): expected a finite number, got \"-inf\"",
        ),
        (
            "a,b,y\n1,1e39,p\n3,4,q\n",
            "expected a finite number, got \"1e39\"",
        ),
        (
            "a;y\n1,5;p\n2,5;q\n",
            "t.csv, at line 2, column 1 (\"a\"): expected a finite number, got \"1,5\"",
        ),
        (
            "1,2,p\n3,x,q\n",
            "t.csv, at line 2, column 2: expected a finite number, got \"x\"",
        ),
        (
            "a,b,y\n1,2,p\n3,4,\n",
            "t.csv, at line 3, column 3 (\"y\"): expected a class, got an empty cell",
        ),
        (
            "a,b,y\n1,2,nan\n3,4,p\n",
            "t.csv, at line 2, column 3 (\"y\"): expected a class, got \"nan\"",
        ),
        (
            "a,a,y\n1,2,p\n3,4,q\n",
            "t.csv, at line 1, column 2: expected names that differ, got \"a\" again, as in column 1",
        ),
        ("a,y\n1,p\n2,p\n", "t.csv: expected 2 to 256 classes, got 1"),
        (
            "a,y\n1,p\n2,p\n3,q\n",
            "t.csv, at class \"q\": expected at least 2 samples, one for training and one for testing, got 1",
        ),
        (
            long.as_str(),
            "t.csv, at line 258, column 2 (\"y\"): expected at most 256 different classes, got \"256.5\" as one more",
        ),
        (
            "a,y\n1,p\n2,\"q\n3,p\n4,q\n",
            "t.csv, at line 3: expected a closing quote \" before the end of the file, got none",
        ),
        (
            "a,y\n1,p\n\u{0}2,q\n",
            "t.csv, at byte 8: expected text (or IDX, NPY), got a zero byte, as in binary files",
        ),
        (
            "PK\u{3}\u{4}rest",
            "t.csv, at byte 0: expected CSV text, IDX or NPY, got a zip archive",
        ),
        (
            "a,b,y\r\n1,2,p\r\n3,4\r\n",
            "t.csv, at line 3: expected 3 cells",
        ),
        (
            "a,b,y\n\n\"1\n\",2,p\n\n\n3,4\n",
            "t.csv, at line 7: expected 3 cells",
        ),
        (
            "\u{feff}a,b,y\n1,2,p\n3,#,q\n",
            "t.csv, at line 3, column 2 (\"b\"): expected a finite number, got \"#\"",
        ),
    ];
    for (text, words) in cases {
        let error = csv(text).map(|found| found.look).expect_err(text);
        assert!(error.contains(words), "{text:?}:\n{error}\nhas no\n{words}");
    }
}

#[test]
fn bytes_that_are_no_utf8() {
    let utf16: Vec<u8> = "\u{feff}a,b\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let words = "t.csv, at byte 0: expected UTF-8 text, got UTF-16: save it as UTF-8";
    assert_eq!(error(&Request::new(file("t.csv", &utf16))), words);
    let latin = b"a,y\n1,caf\xe9\n2,the\n";
    let words = "t.csv, at line 2, column 2 (\"y\"): expected UTF-8 text";
    assert!(error(&Request::new(file("t.csv", latin))).contains(words));
}

#[test]
fn label_columns_that_are_not_there() {
    let cases = [
        (
            "a,y\n1,p\n2,q\n",
            LabelColumn::Name("z".into()),
            "option \"label of t.csv\": expected one of \"a\", \"y\", got \"z\"",
        ),
        (
            "a,y\n1,p\n2,q\n",
            LabelColumn::Index(2),
            "option \"label of t.csv\": expected a column from 0 to 1, got 2",
        ),
        (
            "1,0\n2,1\n",
            LabelColumn::Name("y".into()),
            "since the first line has no names, got \"y\"",
        ),
    ];
    for (text, label, words) in cases {
        let mut request = Request::new(file("t.csv", text.as_bytes()));
        request.label = label;
        let error = error(&request);
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
    let mut request = Request::new(file("t.csv", b"a,y\n1,p\n2,q\n"));
    request.header = Header::Absent;
    assert!(error(&request).contains("line 1, column 1: expected a finite number, got \"a\""));
}

#[test]
fn test_files_that_do_not_fit() {
    for (test, words) in [
        (
            "a,b,y\n1,2,r\n",
            "test.csv, at line 2, column 3 (\"y\"): expected a class that the training samples have, got \"r\"",
        ),
        (
            "a,y\n1,p\n",
            "test.csv, at line 1: expected 3 cells, as the training file has, got 2",
        ),
        (
            "a,c,y\n1,2,p\n",
            "test.csv, at line 1, column 2: expected \"b\", as in the training file, got \"c\"",
        ),
        (
            "",
            "test.csv, at byte 0: expected samples, got an empty file",
        ),
        (
            "a,b,y\n",
            "test.csv, at line 2: expected samples after the header",
        ),
        (
            "a,b,y\n1,?,p\n",
            "test.csv, at line 2, column 2 (\"b\"): expected a finite number, got \"?\"",
        ),
    ] {
        let mut request = Request::new(file("train.csv", b"a,b,y\n1,2,p\n3,4,q\n"));
        request.test = Some(file("test.csv", test.as_bytes()));
        let error = error(&request);
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
}

#[test]
fn broken_arrays() {
    let good = idx(8, &[2, 2, 2], &[0; 8]);
    let nan = idx(
        0x0d,
        &[2, 2],
        &[[0, 0, 0, 0], [0x7f, 0xc0, 0, 0], [0; 4], [0; 4]].concat(),
    );
    let mut long = good.clone();
    long.push(0);
    let cases: [(Vec<u8>, &str); 17] = [
        (
            vec![0, 0, 8],
            "x, at byte 0: expected the IDX magic 00 00, type, axes, got 00 00 08",
        ),
        (
            idx(7, &[2], &[0; 2]),
            "x, at byte 2: expected an IDX type: 08, 09, 0b, 0c, 0d or 0e, got 07",
        ),
        (
            good[..10].to_vec(),
            "x, at byte 4: expected 3 lengths of 4 bytes, got 6 bytes",
        ),
        (
            good[..20].to_vec(),
            "x, at byte 16: expected 8 bytes of numbers for 2×2×2, got 4 bytes",
        ),
        (
            long,
            "x, at byte 16: expected 8 bytes of numbers for 2×2×2, got 9 bytes",
        ),
        (
            idx(8, &[1_000_000_000, 28, 28], &[0; 9]),
            "expected 784000000000 bytes of numbers for 1000000000×28×28, got 9 bytes",
        ),
        (
            idx(8, &[u32::MAX; 4], &[0; 9]),
            "expected more bytes than can be addressed of numbers for 4294967295×4294967295",
        ),
        (
            idx(8, &[0, 28, 28], &[]),
            "x, at its shape: expected at least one number, got 0×28×28",
        ),
        (
            idx(8, &[2, 1, 1, 1, 1], &[0; 2]),
            "x, at its shape: expected 1 to 4 axes, samples first, got 5",
        ),
        (
            nan,
            "x, at byte 16 (number 1): expected a finite 32-bit number, got NaN",
        ),
        (
            b"\x93NUMPY\x04\x00".to_vec(),
            "x, at byte 6: expected version 1, 2 or 3, got 4",
        ),
        (
            b"\x93NUMPY\x01\x00\xff\xff{'descr'".to_vec(),
            "x, at byte 10: expected a header of 65535 bytes of text, got 8 bytes",
        ),
        (
            npy("<c8", false, &[2], &[0; 16]),
            "expected a type of plain numbers such as '<f4', '|u1', '>i2', got \"'<c8', 'fortran_order'",
        ),
        (
            npy_of("{'descr': '<f4', 'shape': (2, 2)}", &[0; 16]),
            "expected 'fortran_order' before the end",
        ),
        (
            npy_of(
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2)}",
                &[0; 16],
            ),
            "expected a type of plain numbers",
        ),
        (
            npy("<f4", false, &[1_000_000_000, 64], &[0; 16]),
            "expected 256000000000 bytes of numbers for 1000000000×64",
        ),
        (
            npy(
                "<f8",
                false,
                &[2, 2],
                &[[0; 8], 1e300_f64.to_le_bytes(), [0; 8], [0; 8]].concat(),
            ),
            "(number 1): expected a finite 32-bit number, got 1e300",
        ),
    ];
    let labels = idx(8, &[2], &[0, 1]);
    for (bytes, words) in cases {
        let mut request = Request::new(file("x", &bytes));
        request.labels = Some(file("labels", &labels));
        let error = error(&request);
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
}

#[test]
fn labels_that_do_not_fit() {
    let images = idx(8, &[4, 2, 2], &[0; 16]);
    let half = npy("<f4", false, &[4], &floats(&[0.0, 1.0, 0.5, 1.0]));
    let many = npy(
        "<i2",
        false,
        &[300],
        &(0..300_i16).flat_map(i16::to_le_bytes).collect::<Vec<_>>(),
    );
    for (labels, words) in [
        (
            idx(8, &[3], &[0, 1, 0]),
            "labels, at its shape: expected 4 labels, as many as there are samples, got 3",
        ),
        (
            idx(8, &[4, 10], &[0; 40]),
            "labels, at its shape: expected one label for each sample, got 4×10",
        ),
        (
            half,
            "labels, at label 2: expected a whole number as the label, got 0.5",
        ),
        (
            b"0\n1\n0\n1\n".to_vec(),
            "labels, at byte 0: expected IDX or NPY, got neither of their magic numbers",
        ),
        (
            idx(8, &[4], &[5; 4]),
            "images: expected 2 to 256 classes, got 1",
        ),
    ] {
        let mut request = Request::new(file("images", &images));
        request.labels = Some(file("labels", &labels));
        let error = error(&request);
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
    let lone = error(&Request::new(file("images", &images)));
    assert!(lone.contains("images, at its shape: expected a separate file of labels, or N×F numbers with a label column, got 4×2×2"), "{lone}");
    let swapped = idx(8, &[4], &[0, 1, 0, 1]);
    let mut request = Request::new(file("images", &swapped));
    request.labels = Some(file("labels", &swapped));
    assert!(error(&request).contains(
        "images, at its shape: expected 2 to 4 axes, samples first, got 4, as a file of labels has"
    ));
    let wide = idx(8, &[300, 2], &[0; 600]);
    let mut request = Request::new(file("x", &wide));
    request.labels = Some(file("labels", &many));
    assert!(
        error(&request).contains("labels, at label 256: expected at most 256 different classes")
    );
}

#[test]
fn what_is_too_large_or_another_format() {
    let large = vec![b'1'; FILE_BYTES_MAX + 1];
    let error_of = |bytes: &[u8], format| {
        let mut request = Request::new(file("x", bytes));
        request.format = format;
        error(&request)
    };
    assert_eq!(
        error_of(&large, None),
        "x, at its end: expected at most 50000000 bytes, got 50000001"
    );
    assert!(
        error_of(b"a,y\n1,2\n", Some(Format::Npy)).contains("x, at byte 0: expected the NPY magic")
    );
    assert!(
        error_of(b"a,y\n1,2\n", Some(Format::Idx))
            .contains("x, at byte 0: expected the IDX magic 00 00, type, axes, got 61 2c 79 0a")
    );
    assert!(error_of(b"\x89PNG\r\n", None).contains("got a PNG image"));
    let images = idx(8, &[4, 2, 3], &[0; 24]);
    let (other, labels) = (idx(8, &[4, 3, 3], &[0; 36]), idx(8, &[4], &[0, 1, 0, 1]));
    let mut request = Request::new(file("images", &images));
    request.labels = Some(file("labels", &labels));
    request.test = Some(file("other", &other));
    request.test_labels = Some(file("other labels", &labels));
    assert_eq!(
        error(&request),
        "other, at a sample: expected 1×2×3 numbers, as in training, got 1×3×3 numbers"
    );
}
