//! Training data: the handwritten digits, generated 2-D sets, and imported data.
//!
//! [`DatasetSpec`] names a set; [`Dataset::build`] makes it, bit-identical for the same spec. `Dataset::own` checks
//! imported data. Every set is split into training and test samples within each class. Samples come first in memory
//! (`[N, inputs]`, inputs in the order channel, row, column), with values in about [−1, 1].

mod digits;
mod digits_codec;
#[cfg(feature = "files")]
pub mod own;
#[cfg(feature = "files")]
mod own_state;
#[cfg(feature = "methods")]
mod planar;
mod split;

use crate::error::Error;

/// Every built-in data set by name.
pub const NAMES: [&str; 7] = [
    "digits",
    "moons",
    "circles",
    "xor",
    "gaussians",
    "spiral2",
    "spiral3",
];

/// The [`Dataset::name`] of imported data.
pub const OWN: &str = "own";

/// Samples that a generated set can have.
pub const SAMPLES_MIN: usize = 60;
/// Samples that a generated set can have.
pub const SAMPLES_MAX: usize = 20_000;
/// Default number of samples of a generated set.
pub const SAMPLES_DEFAULT: usize = 600;

/// Which data to build.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetSpec {
    /// One of [`NAMES`].
    pub name: String,
    /// Samples of a generated set, train and test together: [`SAMPLES_MIN`] to [`SAMPLES_MAX`].
    /// Digits always has its 1,797.
    pub samples: usize,
    /// Standard deviation of the normal noise added to each coordinate of a generated set, in
    /// units of the plane: 0 to 1. Digits has none.
    pub noise: f32,
    /// Seed of the points, their noise and the split.
    pub seed: u64,
}

/// Sizes of one sample: an image, or `channels` features with height and width 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleShape {
    /// Channels of an image, or features.
    pub channels: usize,
    /// Rows; 1 for features.
    pub height: usize,
    /// Columns; 1 for features.
    pub width: usize,
}

impl SampleShape {
    /// Numbers in one sample.
    pub const fn inputs(self) -> usize {
        self.channels * self.height * self.width
    }
}

/// Samples of one part of a data set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Split {
    /// `[N, inputs]`, one sample after the other.
    pub inputs: Vec<f32>,
    /// `[N]`, the class of each sample.
    pub labels: Vec<u8>,
}

impl Split {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

/// Labelled samples, split into train and test.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name it was asked for by, one of [`NAMES`], or [`OWN`].
    pub name: &'static str,
    /// Sizes of one sample.
    pub shape: SampleShape,
    /// Number of classes; labels are smaller.
    pub classes: usize,
    /// `[classes]`, what each class is called.
    pub class_names: Vec<String>,
    /// Training samples: three quarters of the points, 1,437 of the digits; three quarters or all of imported data.
    pub train: Split,
    /// Test samples: one quarter of the points, 360 of the digits.
    pub test: Split,
}

impl Dataset {
    /// Makes the data set of `spec`.
    ///
    /// # Errors
    /// `InvalidOption` naming `data`, `samples` or `noise` where the spec is outside its range.
    #[cfg(feature = "methods")]
    pub fn build(spec: &DatasetSpec) -> Result<Self, Error> {
        let Some(name) = NAMES.into_iter().find(|name| *name == spec.name) else {
            let allowed = format!("one of {}", NAMES.join(", "));
            return Err(invalid("data", format!("\"{}\"", spec.name), allowed));
        };
        match planar::Geometry::of(name) {
            Some(geometry) => {
                check_ranges(spec)?;
                Ok(planar::build(name, geometry, spec))
            }
            None => digits::build(name, spec.seed),
        }
    }

    /// The digits: the binary of a first view has no other data.
    ///
    /// # Errors
    /// `InvalidOption` for another name.
    #[cfg(not(feature = "methods"))]
    pub fn build(spec: &DatasetSpec) -> Result<Self, Error> {
        if spec.name != NAMES[0] {
            let allowed = NAMES[0].to_owned() + " until the other data are loaded";
            return Err(invalid("data", spec.name.clone(), allowed));
        }
        digits::build(NAMES[0], spec.seed)
    }
}

#[cfg(feature = "methods")]
fn check_ranges(spec: &DatasetSpec) -> Result<(), Error> {
    if !(SAMPLES_MIN..=SAMPLES_MAX).contains(&spec.samples) {
        let allowed = format!("a whole number from {SAMPLES_MIN} to {SAMPLES_MAX}");
        return Err(invalid("samples", spec.samples.to_string(), allowed));
    }
    if !(0.0..=1.0).contains(&spec.noise) {
        let allowed = "a number from 0 to 1".to_owned();
        return Err(invalid(
            "noise",
            crate::text::number(f64::from(spec.noise)),
            allowed,
        ));
    }
    Ok(())
}

fn invalid(option: &str, got: String, allowed: String) -> Error {
    Error::InvalidOption {
        option: option.to_owned(),
        got,
        allowed,
    }
}
