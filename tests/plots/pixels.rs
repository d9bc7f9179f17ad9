//! Pictures made of pixels, and colours.

use crate::svg::*;
use ddq_playground::plot::*;

#[test]
fn a_matrix_becomes_one_pixel_for_each_value() {
    let (low, high) = (color("#000000"), color("#ffffff"));
    let bytes = pixels::matrix(&[0.0, 1.0, 2.0, f32::NAN, -1.0, 9.0], low, high, Some(2.0));
    let gray: Vec<u8> = bytes.chunks(4).map(|pixel| pixel[0]).collect();
    assert_eq!(gray, [0, 128, 255, 0, 0, 255]);
    assert!(bytes.chunks(4).all(|pixel| pixel[3] == 255));
    assert_eq!(
        pixels::matrix(&[0.0, 0.0], low, high, None),
        [0, 0, 0, 255, 0, 0, 0, 255]
    );
    assert_eq!(
        pixels::matrix(&[1.0, 4.0], low, high, None)[4],
        255,
        "the largest value is the end by default"
    );
}

#[test]
fn a_surface_is_stronger_where_the_network_is_sure() {
    let colors = [color("#ff0000"), color("#0000ff")];
    let logits = [9.0, -9.0, -9.0, 9.0, 0.0, 0.0, f32::NAN, 1.0];
    let bytes = pixels::surface(&logits, &colors, color("#ffffff"));
    assert_eq!(bytes.len(), 16);
    let pixel = |i: usize| (bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2]);
    assert_eq!(pixel(0), (255, 97, 97));
    assert_eq!(pixel(1), (97, 97, 255));
    assert!(
        pixel(2).1 > 225 && pixel(2).0 == pixel(2).2,
        "{:?}",
        pixel(2)
    );
    assert_eq!(
        pixel(3),
        pixel(2),
        "what is not a number counts as undecided"
    );
}

#[test]
fn a_digit_runs_from_paper_to_ink() {
    let bytes = pixels::digit(&[-1.0, 0.0, 1.0], color("#102030"), color("#f0e0d0"));
    assert_eq!(bytes[..3], [0xf0, 0xe0, 0xd0]);
    assert_eq!(bytes[8..11], [0x10, 0x20, 0x30]);
    assert_eq!(bytes[4], 0x80);
}

#[test]
fn only_hexadecimal_colours_are_colours() {
    assert_eq!(
        parse_color("#01fe80"),
        Some(plotters::style::RGBAColor(1, 254, 128, 1.0))
    );
    assert_eq!(parse_color("#00000000").map(|color| color.3), Some(0.0));
    for wrong in [
        "", "red", "#12345", "#1234567", "#gggggg", "#日本", "123456", "#+1+2+3",
    ] {
        assert_eq!(parse_color(wrong), None, "{wrong}");
    }
}
