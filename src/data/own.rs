//! Imported data: checked once, and split by the run's seed unless it came with a test split.

use super::{Dataset, OWN, SampleShape, Split, split};
use crate::error::Error;
use crate::rng::{Rng, Stream};
use crate::text::number;

/// Classes that data can have: a label is a byte.
pub const CLASSES_MAX: usize = 256;
/// Numbers that the inputs of one data set can hold, train and test together: 256 MB as 32-bit floats.
pub const NUMBERS_MAX: usize = 64_000_000;
/// Numbers that one sample can hold, such as 577×577 pixels in colour.
pub const INPUTS_MAX: usize = 1_000_000;
/// One sample in this many is for the test where no test part was given.
const TEST_PART: usize = 4;

impl Dataset {
    /// Data of a caller: `train` holds every sample where `test` is empty, and [`Dataset::split`] divides it.
    ///
    /// # Errors
    /// `Format` that names the sample for inputs that are not finite, labels without a class, a class without
    /// samples; `Shape` for sizes that do not fit together or are beyond [`NUMBERS_MAX`] and [`CLASSES_MAX`].
    pub fn own(
        shape: SampleShape,
        class_names: Vec<String>,
        train: Split,
        test: Split,
    ) -> Result<Self, Error> {
        let classes = class_names.len();
        if !(2..=CLASSES_MAX).contains(&classes) {
            let expected = format!("2 to {CLASSES_MAX} classes");
            return Err(wrong_size("data", expected, classes));
        }
        let inputs = check_shape(shape)?;
        for (name, part) in [("data", &train), ("test data", &test)] {
            check_sizes(name, part, inputs)?;
            check_values(name, part, classes)?;
        }
        if train.inputs.len() + test.inputs.len() > NUMBERS_MAX {
            let got = train.inputs.len() + test.inputs.len();
            let expected = format!("at most {NUMBERS_MAX} numbers in all samples");
            return Err(wrong_size("data", expected, got));
        }
        let data = Self {
            name: OWN,
            shape,
            classes,
            class_names,
            train,
            test,
        };
        data.check_classes()?;
        Ok(data)
    }

    /// The same with a test part: the one it has, else a quarter of every class, drawn from `seed`. Samples are
    /// shuffled: files are often sorted by class, and calibrations and searches look at the first samples.
    pub fn split(self, seed: u64) -> Self {
        let mut rng = Rng::new(seed, Stream::Split);
        let train = self.train.shuffled(&mut rng);
        if !self.test.is_empty() {
            let test = self.test.shuffled(&mut rng);
            return Self {
                train,
                test,
                ..self
            };
        }
        let Split { inputs, labels } = &train;
        let total = (labels.len() + TEST_PART / 2) / TEST_PART;
        let (train, test) = split::stratified(inputs, labels, self.classes, total.max(1), seed);
        Self {
            train,
            test,
            ..self
        }
    }

    /// Every class needs a sample to learn from, and one more where the test part is taken from the same samples.
    fn check_classes(&self) -> Result<(), Error> {
        let needed = if self.test.is_empty() { 2 } else { 1 };
        for (class, count) in self.train.counts(self.classes).into_iter().enumerate() {
            if count < needed {
                let why = if needed == 2 {
                    "at least 2 samples, one for training and one for testing"
                } else {
                    "at least 1 training sample"
                };
                let place = format!("class \"{}\"", self.class_names[class]);
                return Err(wrong("data", place, why.to_owned(), count.to_string()));
            }
        }
        Ok(())
    }
}

impl Split {
    /// The same samples in another order; takes them, so that no third copy is alive while they are split.
    fn shuffled(self, rng: &mut Rng) -> Self {
        let mut order: Vec<usize> = (0..self.len()).collect();
        rng.shuffle(&mut order);
        let inputs = self.inputs.len() / self.len().max(1);
        let sample = |&at: &usize| self.inputs[at * inputs..(at + 1) * inputs].iter().copied();
        Self {
            inputs: order.iter().flat_map(sample).collect(),
            labels: order.iter().map(|&at| self.labels[at]).collect(),
        }
    }

    /// How many samples each class has; labels must be below `classes`.
    pub fn counts(&self, classes: usize) -> Vec<usize> {
        let mut counts = vec![0; classes];
        for &label in &self.labels {
            counts[usize::from(label)] += 1;
        }
        counts
    }
}

/// Numbers of a sample, of a shape that a caller chose.
///
/// # Errors
/// `Shape` for none, or more than [`INPUTS_MAX`].
pub fn check_shape(shape: SampleShape) -> Result<usize, Error> {
    let SampleShape {
        channels,
        height,
        width,
    } = shape;
    let inputs = channels
        .checked_mul(height)
        .and_then(|size| size.checked_mul(width));
    match inputs {
        Some(inputs) if inputs > 0 && inputs <= INPUTS_MAX => Ok(inputs),
        _ => Err(Error::Shape {
            what: "data".to_owned(),
            expected: format!("samples of 1 to {INPUTS_MAX} numbers"),
            got: format!("{channels}×{height}×{width}"),
        }),
    }
}

fn check_sizes(name: &str, part: &Split, inputs: usize) -> Result<(), Error> {
    if part.labels.len().checked_mul(inputs) == Some(part.inputs.len()) {
        return Ok(());
    }
    let expected = format!("{inputs} numbers for each of {} labels", part.labels.len());
    Err(wrong_size(name, expected, part.inputs.len()))
}

fn check_values(name: &str, part: &Split, classes: usize) -> Result<(), Error> {
    let unlabelled = |label: &u8| usize::from(*label) >= classes;
    if let Some(sample) = part.labels.iter().position(unlabelled) {
        let expected = format!("a label below {classes}, the number of classes");
        let got = part.labels[sample].to_string();
        return Err(wrong(name, format!("sample {sample}"), expected, got));
    }
    if let Some(at) = part.inputs.iter().position(|value| !value.is_finite()) {
        let inputs = part.inputs.len() / part.labels.len();
        let place = format!("sample {}, input {}", at / inputs, at % inputs);
        let got = number(f64::from(part.inputs[at]));
        return Err(wrong(name, place, "a finite number".to_owned(), got));
    }
    Ok(())
}

fn wrong(what: &str, place: String, expected: String, got: String) -> Error {
    Error::Format {
        what: what.to_owned(),
        place,
        expected,
        got,
    }
}

fn wrong_size(what: &str, expected: String, got: usize) -> Error {
    Error::Shape {
        what: what.to_owned(),
        expected,
        got: got.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: SampleShape = SampleShape {
        channels: 2,
        height: 1,
        width: 1,
    };

    fn names() -> Vec<String> {
        vec!["cat".to_owned(), "dog".to_owned()]
    }

    fn part(labels: &[u8]) -> Split {
        let inputs = (0..2 * labels.len()).map(|i| i as f32).collect();
        Split {
            inputs,
            labels: labels.to_vec(),
        }
    }

    #[test]
    fn every_sample_is_in_one_part_and_every_class_in_both() {
        let all = part(&[0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
        let whole = Dataset::own(SHAPE, names(), all.clone(), Split::default()).unwrap();
        let [one, same, other] = [1, 1, 2].map(|seed| whole.clone().split(seed));
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_eq!((one.train.len(), one.test.len()), (8, 3));
        assert!(one.train.counts(2).into_iter().all(|count| count > 0));
        let mut seen = [one.train.inputs, one.test.inputs].concat();
        seen.sort_by(f32::total_cmp);
        assert_eq!(seen, all.inputs);
    }

    #[test]
    fn a_test_part_stays_apart_and_both_are_shuffled() {
        let labels: Vec<u8> = (0..60).map(|i| i / 30).collect();
        let (train, test) = (part(&labels), part(&[0, 1]));
        let data = Dataset::own(SHAPE, names(), train.clone(), test.clone()).unwrap();
        let data = data.split(3);
        assert_ne!(data.train, train);
        assert!((8..22).contains(&data.train.labels[..30].iter().filter(|&&l| l == 0).count()));
        for (before, after) in [(train, data.train), (test, data.test)] {
            // Input 2i belongs to sample i, wherever it went.
            for (sample, &label) in after.inputs.chunks(2).zip(&after.labels) {
                assert_eq!(label, before.labels[sample[0] as usize / 2]);
            }
            let mut seen = after.inputs;
            seen.sort_by(f32::total_cmp);
            assert_eq!(seen, before.inputs);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let nan = |at: usize| {
            let mut part = part(&[0, 1, 0, 1]);
            part.inputs[at] = f32::NAN;
            part
        };
        let mut short = part(&[0, 1, 0, 1]);
        short.inputs.pop();
        let flat = SampleShape { height: 0, ..SHAPE };
        let good = part(&[0, 1, 0, 1]);
        let none = Split::default();
        for (shape, classes, train, test, words) in [
            (
                SHAPE,
                1,
                good.clone(),
                none.clone(),
                "2 to 256 classes, got 1",
            ),
            (
                flat,
                2,
                good.clone(),
                none.clone(),
                "1 to 1000000 numbers, got 2×0×1",
            ),
            (
                SHAPE,
                2,
                short,
                none.clone(),
                "2 numbers for each of 4 labels, got 7",
            ),
            (
                SHAPE,
                2,
                part(&[0, 1, 2]),
                none.clone(),
                "sample 2: expected a label below 2",
            ),
            (
                SHAPE,
                2,
                nan(5),
                none.clone(),
                "data, at sample 2, input 1: expected a finite number, got NaN",
            ),
            (
                SHAPE,
                2,
                good.clone(),
                nan(0),
                "test data, at sample 0, input 0",
            ),
            (
                SHAPE,
                2,
                part(&[0, 1, 1]),
                none.clone(),
                "class \"cat\": expected at least 2 samples",
            ),
            (
                SHAPE,
                2,
                part(&[0, 0]),
                good,
                "class \"dog\": expected at least 1 training sample",
            ),
            (SHAPE, 2, none.clone(), none, "class \"cat\""),
        ] {
            let names = names()[..classes].to_vec();
            let error = Dataset::own(shape, names, train, test).unwrap_err();
            assert!(error.to_string().contains(words), "{error}: no {words}");
        }
    }
}
