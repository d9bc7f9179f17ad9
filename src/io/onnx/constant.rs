//! Tensors that stand in the file: weights, and the numbers that operators take as inputs.

use super::File;
use crate::error::Error;
use half::{bf16, f16};
use rten_onnx::onnx::{DataLocation, DataType, TensorProto};

/// Larger tensors are taken for damage.
const LARGEST: usize = 1 << 26;

/// The type of a tensor that states none.
const UNDEFINED: DataType = DataType(0);

/// The numbers of a constant, in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Numbers {
    /// Real numbers, as the network holds them.
    Floats(Vec<f32>),
    /// Integers, with the range of their type where it is one that levels of a quantizer have.
    Integers(Vec<i64>, Option<(i64, i64)>),
}

/// A tensor of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Constant {
    pub dims: Vec<usize>,
    pub numbers: Numbers,
}

impl Constant {
    /// A list of integers.
    pub fn integers(values: Vec<i64>) -> Self {
        Self {
            dims: vec![values.len()],
            numbers: Numbers::Integers(values, None),
        }
    }

    /// Real numbers of given sizes.
    pub fn floats(dims: Vec<usize>, values: Vec<f32>) -> Self {
        Self {
            dims,
            numbers: Numbers::Floats(values),
        }
    }

    pub fn len(&self) -> usize {
        match &self.numbers {
            Numbers::Floats(values) => values.len(),
            Numbers::Integers(values, _) => values.len(),
        }
    }

    /// The integers; None for real numbers.
    pub fn as_integers(&self) -> Option<&[i64]> {
        match &self.numbers {
            Numbers::Integers(values, _) => Some(values),
            Numbers::Floats(_) => None,
        }
    }

    /// The real numbers; None for integers.
    pub fn as_floats(&self) -> Option<&[f32]> {
        match &self.numbers {
            Numbers::Floats(values) => Some(values),
            Numbers::Integers(..) => None,
        }
    }

    /// The single number, whatever its type.
    pub fn scalar(&self) -> Option<f32> {
        match &self.numbers {
            Numbers::Floats(values) if values.len() == 1 => Some(values[0]),
            Numbers::Integers(values, _) if values.len() == 1 => Some(values[0] as f32),
            _ => None,
        }
    }

    /// The same numbers with other sizes, which must have as many elements.
    pub fn with_dims(&self, dims: Vec<usize>) -> Self {
        Self {
            dims,
            numbers: self.numbers.clone(),
        }
    }

    /// The numbers with the dimensions in the order `axes`, a permutation.
    pub fn transposed(&self, axes: &[usize]) -> Self {
        let mut strides = vec![1; self.dims.len()];
        for axis in (1..self.dims.len()).rev() {
            strides[axis - 1] = strides[axis] * self.dims[axis];
        }
        let dims: Vec<usize> = axes.iter().map(|&axis| self.dims[axis]).collect();
        let source = |index: usize| {
            let mut rest = index;
            let mut at = 0;
            for (&axis, &size) in axes.iter().zip(&dims).rev() {
                at += rest % size * strides[axis];
                rest /= size;
            }
            at
        };
        let numbers = match &self.numbers {
            Numbers::Floats(values) => {
                Numbers::Floats((0..values.len()).map(|i| values[source(i)]).collect())
            }
            Numbers::Integers(values, range) => Numbers::Integers(
                (0..values.len()).map(|i| values[source(i)]).collect(),
                *range,
            ),
        };
        Self { dims, numbers }
    }

    /// Reads a tensor of the file; `place` says which.
    ///
    /// # Errors
    /// `Format` for sizes that are negative or do not fit the data, and for types and places that are not read.
    pub fn read(file: &File, place: &str, tensor: &TensorProto) -> Result<Self, Error> {
        let wrong = |expected: &str, got: &str| Err(file.wrong(place, expected, got));
        if tensor.data_location == Some(DataLocation::EXTERNAL) || !tensor.external_data.is_empty()
        {
            return wrong(
                "its numbers inside the file",
                "external data (save the model as one file)",
            );
        }
        let mut dims = Vec::with_capacity(tensor.dims.len());
        for &dim in &tensor.dims {
            match usize::try_from(dim) {
                Ok(dim) => dims.push(dim),
                Err(_) => return wrong("sizes of 0 or more", &dim.to_string()),
            }
        }
        let count = dims
            .iter()
            .try_fold(1usize, |product, &dim| product.checked_mul(dim))
            .filter(|&count| count <= LARGEST);
        let Some(count) = count else {
            return wrong(&format!("at most {LARGEST} elements"), &format!("{dims:?}"));
        };
        let kind = tensor.data_type.unwrap_or(UNDEFINED);
        let found = numbers(tensor, kind, count);
        let Some(numbers) = found else {
            return wrong(
                "numbers of 8 to 64 bits, float16 or bfloat16",
                &kind.to_string(),
            );
        };
        let made = Self { dims, numbers };
        if made.len() != count {
            let got = format!("{}", made.len());
            return wrong(
                &format!("{count} numbers for the sizes {:?}", made.dims),
                &got,
            );
        }
        Ok(made)
    }
}

/// The numbers of a tensor, from whichever field holds them; None for a type that is not read.
fn numbers(tensor: &TensorProto, kind: DataType, count: usize) -> Option<Numbers> {
    let raw = tensor.raw_data.as_ref().map(|raw| raw.borrow());
    let raw = raw.as_deref().map(Vec::as_slice);
    let floats = |values: Vec<f32>| Some(Numbers::Floats(values));
    let integers =
        |values: Vec<i64>, range: Option<(i64, i64)>| Some(Numbers::Integers(values, range));
    let typed = || {
        tensor
            .int32_data
            .iter()
            .map(|&v| i64::from(v))
            .collect::<Vec<i64>>()
    };
    // Two numbers of 4 bits in each.
    let bytes_of_words = || tensor.int32_data.iter().map(|&v| v as u8).collect();
    match (kind, raw) {
        (DataType::FLOAT, Some(raw)) => floats(words(raw, f32::from_le_bytes)),
        (DataType::FLOAT, None) => floats(tensor.float_data.clone()),
        (DataType::DOUBLE, Some(raw)) => floats(words(raw, |b| f64::from_le_bytes(b) as f32)),
        (DataType::DOUBLE, None) => floats(tensor.double_data.iter().map(|&v| v as f32).collect()),
        (DataType::FLOAT16, Some(raw)) => floats(words(raw, |b| f16::from_le_bytes(b).to_f32())),
        (DataType::FLOAT16, None) => {
            let half = |&v: &i32| f16::from_bits(v as u16).to_f32();
            floats(tensor.int32_data.iter().map(half).collect())
        }
        (DataType::BFLOAT16, Some(raw)) => floats(words(raw, |b| bf16::from_le_bytes(b).to_f32())),
        (DataType::INT64, Some(raw)) => integers(words(raw, i64::from_le_bytes), None),
        (DataType::INT64, None) => integers(tensor.int64_data.clone(), None),
        (DataType::INT32, Some(raw)) => {
            integers(words(raw, |b| i64::from(i32::from_le_bytes(b))), None)
        }
        (DataType::INT32, None) => integers(typed(), None),
        (DataType::BOOL, Some(raw)) => integers(words(raw, |[b]| i64::from(b != 0)), None),
        (DataType::BOOL, None) => integers(typed(), None),
        (DataType::INT8, Some(raw)) => integers(
            words(raw, |b| i64::from(i8::from_le_bytes(b))),
            Some((-128, 127)),
        ),
        (DataType::INT8, None) => integers(typed(), Some((-128, 127))),
        (DataType::UINT8, Some(raw)) => integers(words(raw, |[b]| i64::from(b)), Some((0, 255))),
        (DataType::UINT8, None) => integers(typed(), Some((0, 255))),
        (DataType::INT16, Some(raw)) => integers(
            words(raw, |b| i64::from(i16::from_le_bytes(b))),
            Some((-32_768, 32_767)),
        ),
        (DataType::INT16, None) => integers(typed(), Some((-32_768, 32_767))),
        (DataType::UINT16, Some(raw)) => integers(
            words(raw, |b| i64::from(u16::from_le_bytes(b))),
            Some((0, 65_535)),
        ),
        (DataType::UINT16, None) => integers(typed(), Some((0, 65_535))),
        (DataType::INT4, raw) => {
            let signed = |n: u8| (i64::from(n) ^ 8) - 8;
            let packed = raw.map_or_else(bytes_of_words, <[u8]>::to_vec);
            integers(nibbles(&packed, count, signed), Some((-8, 7)))
        }
        (DataType::UINT4, raw) => {
            let packed = raw.map_or_else(bytes_of_words, <[u8]>::to_vec);
            integers(nibbles(&packed, count, i64::from), Some((0, 15)))
        }
        _ => None,
    }
}

/// Little-endian words; what is left over at the end makes one more, so that the count is wrong and gets reported.
fn words<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    let word = |chunk: &[u8]| {
        let mut bytes = [0; N];
        bytes[..chunk.len()].copy_from_slice(chunk);
        read(bytes)
    };
    raw.chunks(N).map(word).collect()
}

/// Two numbers a byte, the low half first; an odd count leaves the last half unused.
fn nibbles(raw: &[u8], count: usize, read: impl Fn(u8) -> i64) -> Vec<i64> {
    let halves = raw.iter().flat_map(|&byte| [byte & 15, byte >> 4]);
    let mut values: Vec<i64> = halves.map(read).collect();
    if values.len() == count + 1 {
        values.pop();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_are_put_into_another_order() {
        let made = Constant::floats(vec![2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let turned = made.transposed(&[1, 0]);
        assert_eq!(turned.dims, [3, 2]);
        assert_eq!(
            turned.as_floats().unwrap(),
            [1.0, 4.0, 2.0, 5.0, 3.0, 6.0].as_slice()
        );
        let cube = Constant::integers((0..24).collect()).with_dims(vec![2, 3, 4]);
        let turned = cube.transposed(&[2, 0, 1]);
        assert_eq!(turned.dims, [4, 2, 3]);
        assert_eq!(
            &turned.as_integers().unwrap()[..7],
            [0, 4, 8, 12, 16, 20, 1]
        );
    }
}
