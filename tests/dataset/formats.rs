//! Files as programs write them.

use crate::write::{csv, file, floats, idx, npy, npy_of};
use ddq_playground::data::SampleShape;
use ddq_playground::io::dataset::scaling::Scaling;
use ddq_playground::io::dataset::{Format, Header, Imported, LabelColumn, Request, import};

fn shape(channels: usize, height: usize, width: usize) -> SampleShape {
    SampleShape {
        channels,
        height,
        width,
    }
}

/// The inputs as the file had them.
fn unscaled(imported: &Imported) -> Vec<f32> {
    let inputs = imported.data.train.inputs.iter();
    match &imported.scaling {
        Scaling::Pixels => inputs.map(|x| ((x + 1.0) * 127.5).round()).collect(),
        Scaling::Range { low, high } => {
            let ranges = low.iter().zip(high).cycle();
            inputs
                .zip(ranges)
                .map(|(&x, (low, high))| (low + (f64::from(x) + 1.0) / 2.0 * (high - low)) as f32)
                .collect()
        }
    }
}

#[test]
fn a_table_with_words_as_classes() {
    let found = csv("length,width,kind\n1,10,cat\n3,30,dog\n2,10,cat\n1.5,20,dog\n").unwrap();
    assert_eq!(found.format, Format::Csv);
    assert_eq!(found.data.class_names, ["cat", "dog"]);
    assert_eq!(found.data.train.labels, [0, 1, 0, 1]);
    assert_eq!(found.data.shape, shape(2, 1, 1));
    assert_eq!(
        found.data.train.inputs,
        [-1.0, -1.0, 1.0, 1.0, 0.0, -1.0, -0.5, 0.0]
    );
    assert_eq!(
        found.scaling,
        Scaling::Range {
            low: vec![1.0, 10.0],
            high: vec![3.0, 30.0]
        }
    );
    assert_eq!(found.look.columns, ["length", "width", "kind"]);
    assert_eq!((found.look.label, found.look.header), (Some(2), true));
    assert_eq!(found.look.rows[1], ["3", "30", "dog"]);
    assert!(found.data.test.is_empty());
}

#[test]
fn what_programs_write_differently_is_one_table() {
    let plain = csv("a,b,y\n1,2,p\n3,4,q\n5,6,p\n7,8,q\n").unwrap();
    for text in [
        "\u{feff}a,b,y\n1,2,p\n3,4,q\n5,6,p\n7,8,q\n",
        "a,b,y\r\n1,2,p\r\n3,4,q\r\n5,6,p\r\n7,8,q\r\n",
        "a,b,y\n1,2,p\n\n3,4,q\n5,6,p\n7,8,q",
        "\"a\",\"b\",\"y\"\n\"1\",\"2\",\"p\"\n3,4,q\n5,6,p\n7,8,q\n",
        "a;b;y\n1;2;p\n3;4;q\n5;6;p\n7;8;q\n",
        "a\tb\ty\n1\t2\tp\n3\t4\tq\n5\t6\tp\n7\t8\tq\n",
        "a|b|y\n1|2|p\n3|4|q\n5|6|p\n7|8|q\n",
        "a, b, y\n1, 2, p\n 3,4 ,q\n5,6,p\n+7,8e0,q\n",
    ] {
        let other = csv(text).unwrap();
        assert_eq!(other.data, plain.data, "{text}");
        assert_eq!(other.look.columns, plain.look.columns, "{text}");
    }
}

#[test]
fn quotes_inside_cells_stand_for_themselves() {
    let found = csv("a,y\n1,5\"\n2,q\n3,5\"\n4,q\n5,5\"").unwrap();
    assert_eq!(found.data.class_names, ["5\"", "q"]);
    assert_eq!(found.data.train.labels, [0, 1, 0, 1, 0]);
}

#[test]
fn the_first_line_holds_names_where_its_cells_are_none() {
    for (text, header) in [
        ("1,2,p\n3,4,q\n5,6,p\n7,8,q\n", false),
        ("1,2,0\n3,4,1\n5,6,0\n7,8,1\n", false),
        ("a,b,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", true),
        // pandas names columns by numbers: the label's name alone tells.
        ("0,1,target\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", true),
        (",a,y\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n", true),
    ] {
        let found = csv(text).unwrap();
        assert_eq!(found.look.header, header, "{text}");
        assert_eq!(found.data.train.len(), 4, "{text}");
    }
    let text = "1,2,9\n3,4,1\n5,6,0\n7,8,1\n9,9,0\n";
    let mut request = Request::new(file("t.csv", text.as_bytes()));
    request.header = Header::Present;
    let found = import(&request).unwrap();
    assert_eq!(
        (found.data.train.len(), found.look.columns[1].as_str()),
        (4, "2")
    );
}

#[test]
fn a_comma_in_quotes_is_no_delimiter() {
    let found = csv("name;x\n\"a, b\";1\n\"c;\"\"d\";2\n\"a, b\";3\n\"c;\"\"d\";4\n");
    assert!(found.unwrap_err().contains("expected a finite number"));
    let text = "name;x\n\"a, b\";1\n\"c;\"\"d\";2\n\"a, b\";3\n\"c;\"\"d\";4\n";
    let mut request = Request::new(file("t.csv", text.as_bytes()));
    request.label = LabelColumn::Name("name".to_owned());
    let found = import(&request).unwrap();
    assert_eq!(found.data.class_names, ["a, b", "c;\"d"]);
    assert_eq!(found.data.train.inputs, [-1.0, -1.0 / 3.0, 1.0 / 3.0, 1.0]);
}

#[test]
fn the_label_column_is_chosen_by_name_or_place() {
    let text = "y,a,b\n0,1,2\n1,3,4\n0,5,6\n1,7,8\n";
    for label in [LabelColumn::Name("y".to_owned()), LabelColumn::Index(0)] {
        let mut request = Request::new(file("t.csv", text.as_bytes()));
        request.label = label;
        let found = import(&request).unwrap();
        assert_eq!(found.data.class_names, ["0", "1"]);
        assert_eq!(unscaled(&found), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
        assert_eq!(found.look.label, Some(0));
    }
}

#[test]
fn a_test_file_is_the_test_part_and_is_scaled_like_training() {
    let (train, test) = ("a,y\n0,p\n10,q\n", "a,y\n20,q\n5,p\n");
    let mut request = Request::new(file("train.csv", train.as_bytes()));
    request.test = Some(file("test.csv", test.as_bytes()));
    let data = import(&request).unwrap().data;
    assert_eq!(data.train.inputs, [-1.0, 1.0]);
    assert_eq!(
        (data.test.inputs, data.test.labels),
        (vec![3.0, 0.0], vec![1, 0])
    );
}

#[test]
fn idx_images_with_their_labels() {
    let pixels: Vec<u8> = (0..4 * 6).map(|i| i * 10).collect();
    let images = idx(8, &[4, 2, 3], &pixels);
    let labels = idx(8, &[4], &[7, 3, 7, 3]);
    let mut request = Request::new(file("images", &images));
    request.labels = Some(file("labels", &labels));
    let found = import(&request).unwrap();
    assert_eq!(
        (found.format, found.data.shape),
        (Format::Idx, shape(1, 2, 3))
    );
    assert_eq!(found.data.class_names, ["3", "7"]);
    assert_eq!(found.data.train.labels, [1, 0, 1, 0]);
    assert_eq!(found.scaling, Scaling::Pixels);
    let expected: Vec<f32> = pixels.iter().map(|&p| f32::from(p)).collect();
    assert_eq!(unscaled(&found), expected);
}

#[test]
fn every_type_of_an_array_is_read_in_both_byte_orders() {
    let labels = idx(8, &[4], &[0, 1, 0, 1]);
    let values = [-2.0_f32, 1.0, 0.0, 5.0];
    let cases: [(&str, Vec<u8>); 10] = [
        ("|i1", vec![254, 1, 0, 5]),
        (
            "<i2",
            [-2_i16, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect(),
        ),
        (
            ">i2",
            [-2_i16, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_be_bytes())
                .collect(),
        ),
        (
            "<i4",
            [-2_i32, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect(),
        ),
        (
            ">i8",
            [-2_i64, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_be_bytes())
                .collect(),
        ),
        (
            "<f2",
            [0xc000_u16, 0x3c00, 0, 0x4500]
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect(),
        ),
        ("<f4", floats(&values)),
        (">f4", values.iter().flat_map(|v| v.to_be_bytes()).collect()),
        (
            "<f8",
            values
                .iter()
                .flat_map(|&v| f64::from(v).to_le_bytes())
                .collect(),
        ),
        (
            "=f8",
            values
                .iter()
                .flat_map(|&v| f64::from(v).to_le_bytes())
                .collect(),
        ),
    ];
    let read = |bytes: &[u8]| {
        let mut request = Request::new(file("x", bytes));
        request.labels = Some(file("labels", &labels));
        import(&request).unwrap_or_else(|error| panic!("{error}"))
    };
    for (descr, elements) in cases {
        let found = read(&npy(descr, false, &[4, 1], &elements));
        assert_eq!(
            found.scaling,
            Scaling::Range {
                low: vec![-2.0],
                high: vec![5.0]
            },
            "{descr}"
        );
        assert!(
            unscaled(&found)
                .iter()
                .zip(values)
                .all(|(a, b)| (a - b).abs() < 1e-6),
            "{descr}"
        );
    }
    for (kind, elements) in [
        (9, vec![254, 1, 0, 5]),
        (
            0x0b,
            [-2_i16, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_be_bytes())
                .collect(),
        ),
        (
            0x0c,
            [-2_i32, 1, 0, 5]
                .iter()
                .flat_map(|v| v.to_be_bytes())
                .collect::<Vec<u8>>(),
        ),
        (0x0d, values.iter().flat_map(|v| v.to_be_bytes()).collect()),
        (
            0x0e,
            values
                .iter()
                .flat_map(|&v| f64::from(v).to_be_bytes())
                .collect(),
        ),
    ] {
        let found = read(&idx(kind, &[4, 1], &elements));
        assert!(
            unscaled(&found)
                .iter()
                .zip(values)
                .all(|(a, b)| (a - b).abs() < 1e-6),
            "{kind}"
        );
    }
}

#[test]
fn an_npy_table_has_its_labels_in_a_column() {
    let values = [1.0, 2.0, 0.0, 3.0, 4.0, 1.0, 5.0, 6.0, 0.0, 7.0, 8.0, 1.0];
    let found = import(&Request::new(file(
        "t.npy",
        &npy("<f4", false, &[4, 3], &floats(&values)),
    )))
    .unwrap();
    assert_eq!(found.data.train.labels, [0, 1, 0, 1]);
    assert_eq!(unscaled(&found), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
    assert_eq!(found.look.columns, ["x0", "x1", "label"]);
    // The same array column by column.
    let columns: Vec<f32> = (0..3)
        .flat_map(|c| (0..4).map(move |r| values[3 * r + c]))
        .collect();
    let other = import(&Request::new(file(
        "t.npy",
        &npy("<f4", true, &[4, 3], &floats(&columns)),
    )))
    .unwrap();
    assert_eq!(other.data, found.data);
}

#[test]
fn colour_images_have_their_channels_first_or_last() {
    let labels = npy("|u1", false, &[4], &[0, 1, 0, 1]);
    let last: Vec<u8> = (0..4 * 5 * 6 * 3).map(|i| (i % 251) as u8).collect();
    let mut first = Vec::new();
    for image in last.chunks(90) {
        for channel in 0..3 {
            first.extend(image.iter().skip(channel).step_by(3));
        }
    }
    let read = |bytes: &[u8]| {
        let mut request = Request::new(file("x.npy", bytes));
        request.labels = Some(file("y.npy", &labels));
        import(&request).unwrap()
    };
    let a = read(&npy("|u1", false, &[4, 5, 6, 3], &last));
    let b = read(&npy("|u1", false, &[4, 3, 5, 6], &first));
    assert_eq!(a.data.shape, shape(3, 5, 6));
    assert_eq!(a.data, b.data);
    assert_eq!(a.scaling, Scaling::Pixels);
}

#[test]
fn headers_of_npy_are_read_as_python_writes_them() {
    let bytes = floats(&[1.0, 0.0, 2.0, 1.0, 3.0, 0.0, 4.0, 1.0]);
    for header in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }",
        "{\"shape\":(4,2),\"fortran_order\":False,\"descr\":\"<f4\"}",
        "{'shape': (4L, 2L), 'descr': '<f4', 'fortran_order': False}",
    ] {
        let found = import(&Request::new(file("t.npy", &npy_of(header, &bytes)))).unwrap();
        assert_eq!(found.data.train.labels, [0, 1, 0, 1], "{header}");
    }
}
