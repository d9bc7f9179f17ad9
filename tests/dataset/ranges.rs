//! Ranges that are not those of their types: bytes of few values, columns far from 0.

use crate::write::{csv, file, floats, idx, npy};
use ddq_playground::io::dataset::scaling::{Distinct, Scaling};
use ddq_playground::io::dataset::{Imported, Request, import};

/// Four images of 2×2 with two classes.
fn images(bytes: &[u8], test: Option<&[u8]>) -> Imported {
    let labels = idx(8, &[4], &[0, 1, 0, 1]);
    let mut request = Request::new(file("x", bytes));
    request.labels = Some(file("y", &labels));
    request.test = test.map(|bytes| file("test", bytes));
    request.test_labels = test.map(|_| file("test y", &labels));
    import(&request).unwrap_or_else(|error| panic!("{error}"))
}

/// Pixels from 0 to `most`.
fn pixels(most: u8) -> Vec<u8> {
    let at = |i: u16| (u16::from(most) * i / 15) as u8;
    (0..16).map(at).collect()
}

#[test]
fn bytes_of_a_small_range_are_what_the_same_numbers_are_as_floats() {
    for most in [1, 16, 100, 127] {
        let values: Vec<f32> = pixels(most).iter().map(|&p| f32::from(p)).collect();
        let expected = images(&npy("<f4", false, &[4, 2, 2], &floats(&values)), None);
        for bytes in [
            idx(8, &[4, 2, 2], &pixels(most)),
            npy("|u1", false, &[4, 2, 2], &pixels(most)),
            npy("|u1", false, &[4, 2, 2, 1], &pixels(most)),
        ] {
            let found = images(&bytes, None);
            assert_eq!(found.data.train, expected.data.train, "{most}");
            let range = Scaling::Range {
                low: vec![0.0],
                high: vec![f64::from(most)],
            };
            assert_eq!(found.scaling, range);
            assert!(found.distinct.is_empty());
        }
    }
    for most in [128, 200, 255] {
        let found = images(&idx(8, &[4, 2, 2], &pixels(most)), None);
        assert_eq!(found.scaling, Scaling::Pixels, "{most}");
    }
}

#[test]
fn test_images_have_the_scale_of_the_training_images() {
    let (small, large) = (
        idx(8, &[4, 2, 2], &pixels(16)),
        idx(8, &[4, 2, 2], &pixels(255)),
    );
    let found = images(&small, Some(&large));
    assert_eq!(found.data.test.inputs.last(), Some(&(255.0 / 8.0 - 1.0)));
    let found = images(&large, Some(&small));
    assert_eq!(found.scaling, Scaling::Pixels);
    assert_eq!(found.data.test.inputs.last(), Some(&(16.0 / 127.5 - 1.0)));
}

/// Rows of one column and a class.
fn table(cell: impl Fn(u32) -> String) -> Imported {
    let rows = (0..200).map(|i| format!("{},{}\n", cell(i), i % 2));
    csv(&format!("x,y\n{}", rows.collect::<String>())).unwrap()
}

#[test]
fn a_column_far_from_0_keeps_its_values_apart() {
    for (told, found) in [
        ("Unix seconds", table(|i| (1_764_374_400 + i).to_string())),
        ("pressure in Pa", table(|i| format!("101325.{i:03}"))),
        ("northing in m", table(|i| format!("5432100.{i:03}"))),
        ("milliseconds", table(|i| format!("17643744{i:05}.5"))),
    ] {
        let inputs = &found.data.train.inputs;
        assert!(inputs.windows(2).all(|pair| pair[0] < pair[1]), "{told}");
        assert_eq!((inputs[0], inputs[199]), (-1.0, 1.0), "{told}");
        let all = Distinct {
            found: 200,
            kept: 200,
        };
        assert_eq!(found.distinct, [all], "{told}");
    }
    for descr in ["<f8", "<i8", ">u4"] {
        let seconds = 1_764_374_400_u32..1_764_374_600;
        let elements: Vec<u8> = match descr {
            "<f8" => seconds.flat_map(|s| f64::from(s).to_le_bytes()).collect(),
            "<i8" => seconds.flat_map(|s| i64::from(s).to_le_bytes()).collect(),
            _ => seconds.flat_map(u32::to_be_bytes).collect(),
        };
        let labels: Vec<u8> = (0..200).map(|i| i % 2).collect();
        let (samples, labels) = (
            npy(descr, false, &[200, 1], &elements),
            idx(8, &[200], &labels),
        );
        let mut request = Request::new(file("x", &samples));
        request.labels = Some(file("y", &labels));
        let found = import(&request).unwrap();
        assert_eq!(found.distinct[0].kept, 200, "{descr}");
        assert_eq!(
            found.data.train.inputs,
            table(|i| (1_764_374_400 + i).to_string()).data.train.inputs,
            "{descr}"
        );
    }
}

#[test]
fn values_that_fall_together_are_counted() {
    let found = table(|i| {
        if i == 7 {
            "1e20".to_owned()
        } else {
            i.to_string()
        }
    });
    assert_eq!(
        found.distinct,
        [Distinct {
            found: 200,
            kept: 2
        }]
    );
    let found = table(|i| (i / 50).to_string());
    assert_eq!(found.distinct, [Distinct { found: 4, kept: 4 }]);
}
