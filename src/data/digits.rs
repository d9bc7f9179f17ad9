//! The handwritten digits: 1,797 images of 8×8 pixels, values 0 to 16, ten classes.
//!
//! E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (its test part), UCI
//! Machine Learning Repository, 1998, doi:10.24432/C50P49, licence CC BY 4.0. `digits.bin` is made
//! by `scripts/make_digits.py`; [`super::digits_codec`] describes the format.

use super::{Dataset, SampleShape, digits_codec, split};
use crate::error::Error;

static PACKED: &[u8] = include_bytes!("digits.bin");

const SHAPE: SampleShape = SampleShape {
    channels: 1,
    height: 8,
    width: 8,
};
const CLASSES: usize = 10;
const TEST_SAMPLES: usize = 360;

/// The digits with pixel / 8 − 1 as inputs, so in [−1, 1]; 1,437 train and 360 test samples.
pub fn build(name: &'static str, seed: u64) -> Result<Dataset, Error> {
    let images = digits_codec::decode(PACKED)?;
    let inputs: Vec<f32> = images
        .pixels
        .iter()
        .map(|&p| f32::from(p) / 8.0 - 1.0)
        .collect();
    let (train, test) = split::stratified(&inputs, &images.labels, CLASSES, TEST_SAMPLES, seed);
    Ok(Dataset {
        name,
        shape: SHAPE,
        classes: CLASSES,
        class_names: (0..CLASSES).map(|digit| digit.to_string()).collect(),
        train,
        test,
    })
}
