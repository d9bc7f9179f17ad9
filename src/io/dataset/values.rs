//! The numbers of a file, none of which was rounded: 32-bit floats where the file's type fits into them, else 64-bit ones.
//! They become 32-bit inputs once, when [`super::scaling`] has subtracted the least value: Unix seconds differ by more
//! than float32 can tell apart, what is left of them does not.

/// Numbers in the order of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Of types whose numbers are 32-bit floats as well.
    Single(Vec<f32>),
    /// Of all others, text among them.
    Double(Vec<f64>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Single(values) => values.len(),
            Self::Double(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at a place.
    pub fn at(&self, index: usize) -> f64 {
        match self {
            Self::Single(values) => f64::from(values[index]),
            Self::Double(values) => values[index],
        }
    }

    /// All numbers.
    pub fn iter(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|index| self.at(index))
    }

    /// Those at `places`, in that order.
    pub fn picked(&self, places: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::Single(values) => Self::Single(places.map(|at| values[at]).collect()),
            Self::Double(values) => Self::Double(places.map(|at| values[at]).collect()),
        }
    }
}
