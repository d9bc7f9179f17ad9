//! Inputs brought to about [−1, 1], as the built-in data are.
//!
//! Pixels of bytes: x/127.5 − 1, where one of the training file reaches 128. Photographs do; what stays in the lower
//! half has another range (the digits of scikit-learn 0 to 16, masks 0 and 1) and would become a sliver of [−1, 1].
//! Columns of a table: each its own affine map that takes the least value of the training file to −1 and the largest to
//! 1; images of other numbers: one such map for all. A column with one value becomes 0. Ranges are those of the training
//! file, also where the test samples will be taken from it. Everything is computed in double precision from the file's
//! numbers and rounded once.

use super::values::Values;
use crate::data::SampleShape;

/// The largest pixel of bytes that make no use of their upper half is below this.
const UPPER_HALF: f64 = 128.0;

/// How inputs were scaled.
#[derive(Debug, Clone, PartialEq)]
pub enum Scaling {
    /// x/127.5 − 1.
    Pixels,
    /// From [low, high] to [−1, 1], a pair for each column in turn, or one for all.
    Range {
        /// What becomes −1.
        low: Vec<f64>,
        /// What becomes 1.
        high: Vec<f64>,
    },
}

/// Different values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distinct {
    /// In the training file.
    pub found: usize,
    /// As 32-bit inputs: fewer where two fell together.
    pub kept: usize,
}

impl Scaling {
    /// The scaling for the numbers of a training file, `[N, inputs]`; `bytes`: whether they are unsigned bytes.
    pub fn of(values: &Values, shape: SampleShape, bytes: bool) -> Self {
        let image = shape.height > 1 || shape.width > 1;
        if shape.height > 1 && bytes && values.iter().any(|value| value >= UPPER_HALF) {
            return Self::Pixels;
        }
        let columns = if image { 1 } else { shape.inputs().max(1) };
        let (mut low, mut high) = (
            vec![f64::INFINITY; columns],
            vec![f64::NEG_INFINITY; columns],
        );
        for (index, value) in values.iter().enumerate() {
            let column = index % columns;
            low[column] = low[column].min(value);
            high[column] = high[column].max(value);
        }
        Self::Range { low, high }
    }

    /// Inputs from the numbers of a file.
    pub fn inputs(&self, values: Values) -> Vec<f32> {
        let maps = self.maps();
        let scaled = |(index, x): (usize, f64)| maps[index % maps.len()].of(x);
        match values {
            Values::Single(mut values) => {
                let numbered = values.iter_mut().enumerate();
                numbered.for_each(|(index, x)| *x = scaled((index, f64::from(*x))));
                values
            }
            Values::Double(values) => values.into_iter().enumerate().map(scaled).collect(),
        }
    }

    /// How many different values each column of a table has, in the file and as inputs.
    pub fn distinct(&self, values: &Values) -> Vec<Distinct> {
        let maps = self.maps();
        let columns = maps.iter().enumerate();
        let counted = columns.map(|(column, map)| {
            let places = (column..values.len()).step_by(maps.len());
            let mut column: Vec<f64> = places.map(|at| values.at(at)).collect();
            column.sort_unstable_by(f64::total_cmp);
            // 0 and −0 are neighbours.
            column.dedup();
            let mut inputs: Vec<f32> = column.iter().map(|&x| map.of(x)).collect();
            inputs.dedup();
            Distinct {
                found: column.len(),
                kept: inputs.len(),
            }
        });
        counted.collect()
    }

    /// At least one map, for the columns in turn.
    fn maps(&self) -> Vec<Map> {
        match self {
            Self::Pixels => vec![Map::new(0.0, 255.0)],
            Self::Range { low, high } => {
                let ranges = low.iter().zip(high);
                ranges.map(|(&low, &high)| Map::new(low, high)).collect()
            }
        }
    }
}

/// x ↦ (x − low)·factor − 1, or 0 where there is a single value.
struct Map {
    low: f64,
    factor: f64,
    /// What is subtracted at the end.
    shift: f64,
}

impl Map {
    fn new(low: f64, high: f64) -> Self {
        let is_range = high > low;
        Self {
            low,
            factor: if is_range { 2.0 / (high - low) } else { 0.0 },
            shift: if is_range { 1.0 } else { 0.0 },
        }
    }

    fn of(&self, x: f64) -> f32 {
        ((x - self.low) * self.factor - self.shift) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: SampleShape = SampleShape {
        channels: 3,
        height: 1,
        width: 1,
    };
    const IMAGE: SampleShape = SampleShape {
        channels: 1,
        height: 2,
        width: 2,
    };

    #[test]
    fn columns_reach_from_minus_one_to_one_and_constant_ones_are_zero() {
        let values = Values::Single(vec![0.0, 5.0, -3e38, 10.0, 5.0, 3e38, 5.0, 5.0, 0.0]);
        let scaling = Scaling::of(&values, TABLE, false);
        assert_eq!(
            scaling.inputs(values),
            [-1.0, 0.0, -1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
        );
    }

    #[test]
    fn pixels_and_images_have_one_scale() {
        for (values, bytes, expected) in [
            ([0.0, 255.0, 51.0, 204.0], true, [-1.0, 1.0, -0.6, 0.6]),
            (
                [0.0, 128.0, 51.0, 0.0],
                true,
                [-1.0, 0.5 / 127.5, -0.6, -1.0],
            ),
            // No pixel is in the upper half: another range.
            ([0.0, 127.0, 63.5, 0.0], true, [-1.0, 1.0, 0.0, -1.0]),
            ([0.0, 8.0, 4.0, 16.0], true, [-1.0, 0.0, -0.5, 1.0]),
            ([0.0, 8.0, 4.0, 16.0], false, [-1.0, 0.0, -0.5, 1.0]),
            ([3.0, 5.0, 4.0, 5.0], true, [-1.0, 1.0, 0.0, 1.0]),
            ([0.0, 250.0, 125.0, 0.0], false, [-1.0, 1.0, 0.0, -1.0]),
        ] {
            let values = Values::Single(values.to_vec());
            let found = Scaling::of(&values, IMAGE, bytes).inputs(values.clone());
            assert_eq!(found, expected, "{values:?}");
        }
    }

    #[test]
    fn values_far_from_0_stay_apart_and_those_that_do_not_are_counted() {
        let seconds: Vec<f64> = (0..200).flat_map(|i| [1.7e9 + f64::from(i); 3]).collect();
        let mut values = seconds.clone();
        // In the second column one value dwarfs the others, in the third all are one.
        values[1] = 1e18;
        (0..200).for_each(|row| values[3 * row + 2] = -0.0);
        values[2] = 0.0;
        let values = Values::Double(values);
        let scaling = Scaling::of(&values, TABLE, false);
        let distinct = |found, kept| Distinct { found, kept };
        assert_eq!(
            scaling.distinct(&values),
            [distinct(200, 200), distinct(200, 2), distinct(1, 1)]
        );
        let inputs = scaling.inputs(values);
        assert!((0..199).all(|row| inputs[3 * row] < inputs[3 * row + 3]));
    }
}
