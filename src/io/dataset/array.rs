//! Arrays of numbers with the samples first, as IDX and NPY hold them, and what becomes of them: `[N, F]` is a table,
//! `[N, H, W]` grey images, `[N, C, H, W]` and `[N, H, W, C]` images of 1 to 4 channels.

use super::labels::Labels;
use super::values::Values;
use super::{
    File, Format, LabelColumn, Look, PREVIEW_ROWS, Raw, read_array, sniff, too_large, wrong,
};
use crate::data::SampleShape;
use crate::data::own::NUMBERS_MAX;
use crate::error::Error;
use crate::text::number;
use half::f16;

/// Channels that an axis of a colour image can have; the last axis wins where both fit.
const CHANNELS_MAX: usize = 4;
/// Axes that an array can have.
const AXES_MAX: usize = 4;

/// The type of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// false is 0, true 1.
    Bool,
    /// Unsigned, in bytes.
    Unsigned(usize),
    /// Signed, in bytes.
    Signed(usize),
    /// IEEE, in bytes.
    Float(usize),
}

/// The order of an element's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endian {
    /// Lowest first.
    Little,
    /// Highest first.
    Big,
}

impl Element {
    /// Bytes of one element.
    pub fn bytes(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Unsigned(bytes) | Self::Signed(bytes) | Self::Float(bytes) => bytes,
        }
    }

    /// Whether every number of the type is a 32-bit float.
    fn fits_single(self) -> bool {
        match self {
            Self::Bool => true,
            Self::Unsigned(bytes) | Self::Signed(bytes) => bytes <= 2,
            Self::Float(bytes) => bytes <= 4,
        }
    }

    /// The number in `bytes`, which are as many as the element has.
    fn value(self, bytes: &[u8], endian: Endian) -> f64 {
        let mut low = [0_u8; 8];
        let order = bytes.iter().enumerate();
        for (at, &byte) in order {
            let place = if endian == Endian::Little {
                at
            } else {
                bytes.len() - 1 - at
            };
            low[place] = byte;
        }
        let raw = u64::from_le_bytes(low);
        match self {
            Self::Bool => f64::from(u8::from(raw != 0)),
            Self::Unsigned(_) => raw as f64,
            Self::Signed(count) => {
                let above = 64 - 8 * count as u32;
                ((raw << above) as i64 >> above) as f64
            }
            Self::Float(2) => f16::from_bits(raw as u16).to_f64(),
            Self::Float(4) => f64::from(f32::from_bits(raw as u32)),
            Self::Float(_) => f64::from_bits(raw),
        }
    }
}

/// An array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Lengths of its axes, samples first.
    pub axes: Vec<usize>,
    /// Its numbers.
    pub values: Values,
    /// Whether they are unsigned bytes.
    pub is_bytes: bool,
}

/// Checks the axes that a header claims against the bytes that are there.
///
/// # Errors
/// `Format` for no or too many axes, or another number of bytes than the axes ask for; `Shape` for more numbers than
/// data can hold.
pub fn check_axes(
    file: File<'_>,
    axes: &[usize],
    element: Element,
    start: usize,
) -> Result<(), Error> {
    let place = "its shape";
    if axes.is_empty() || axes.len() > AXES_MAX {
        let expected = format!("1 to {AXES_MAX} axes, samples first");
        return Err(wrong(file, place, &expected, &axes.len().to_string()));
    }
    // In 64 bits, so that a claim reads the same on every machine.
    let numbers = axes
        .iter()
        .try_fold(1_u64, |all, &axis| all.checked_mul(axis as u64));
    let claimed = numbers.and_then(|numbers| numbers.checked_mul(element.bytes() as u64));
    let there = file.bytes.len().saturating_sub(start);
    if numbers == Some(0) {
        return Err(wrong(file, place, "at least one number", &shown(axes)));
    }
    if claimed != Some(there as u64) {
        let bytes = claimed.map_or("more bytes than there can be".to_owned(), |bytes| {
            format!("{bytes} bytes")
        });
        let expected = format!("{bytes} of numbers for {}", shown(axes));
        let place = format!("byte {start}");
        return Err(wrong(file, &place, &expected, &format!("{there} bytes")));
    }
    let numbers = there / element.bytes();
    if numbers > NUMBERS_MAX {
        return Err(too_large(file.name, numbers));
    }
    Ok(())
}

/// Axes as 60000×28×28.
fn shown(axes: &[usize]) -> String {
    let axes: Vec<String> = axes.iter().map(usize::to_string).collect();
    axes.join("×")
}

/// The numbers from byte `start` on, all of them finite.
///
/// # Errors
/// `Format` that names the byte of a number that is not finite, or too large for 32 bits.
pub fn decode(
    file: File<'_>,
    start: usize,
    element: Element,
    endian: Endian,
) -> Result<Values, Error> {
    let bytes = &file.bytes[start..];
    if element == Element::Unsigned(1) {
        let values = bytes.iter().map(|&byte| f32::from(byte));
        return Ok(Values::Single(values.collect()));
    }
    let size = element.bytes();
    let values = bytes.chunks_exact(size).enumerate().map(|(index, bytes)| {
        let value = element.value(bytes, endian);
        if (value as f32).is_finite() {
            return Ok(value);
        }
        let place = format!("byte {} (number {index})", start + index * size);
        let expected = "a finite 32-bit number";
        Err(wrong(file, &place, expected, &number(value)))
    });
    Ok(match element.fits_single() {
        true => {
            let values = values.map(|value| value.map(|value| value as f32));
            Values::Single(values.collect::<Result<_, _>>()?)
        }
        false => Values::Double(values.collect::<Result<_, _>>()?),
    })
}

impl Array {
    /// Samples with labels of a file of their own.
    pub(super) fn with_labels(
        self,
        file: File<'_>,
        labels: File<'_>,
        known: Option<&Labels>,
    ) -> Result<Raw, Error> {
        let samples = self.axes[0];
        let labels = read_labels(labels, samples, known)?;
        let is_bytes = self.is_bytes;
        let (shape, inputs) = self.into_samples(file)?;
        let columns = column_names(shape, 0);
        let rows = first_rows(&inputs, columns.len());
        Ok(Raw {
            shape,
            bytes: is_bytes,
            inputs,
            labels,
            look: Look {
                columns,
                rows,
                ..Look::default()
            },
        })
    }

    /// Samples of a table, one of whose columns is the class.
    pub(super) fn with_label_column(
        self,
        file: File<'_>,
        column: &LabelColumn,
        known: Option<&Labels>,
    ) -> Result<Raw, Error> {
        let (samples, width) = match self.axes[..] {
            [samples, width] if width > 1 => (samples, width),
            _ => {
                let expected = "a file of labels beside it, or N×F numbers with a column of labels";
                return Err(wrong(file, "its shape", expected, &shown(&self.axes)));
            }
        };
        let label = match column {
            LabelColumn::Last => width - 1,
            LabelColumn::Index(index) if *index < width => *index,
            LabelColumn::Index(index) => {
                return Err(label_error(
                    file,
                    &format!("a column from 0 to {}", width - 1),
                    &index.to_string(),
                ));
            }
            LabelColumn::Name(name) => {
                return Err(label_error(
                    file,
                    "\"last\" or the place of a column, since arrays name none",
                    &format!("\"{name}\""),
                ));
            }
        };
        let mut labels = Labels::like(known);
        for row in 0..samples {
            let place = || format!("row {row}, column {label}");
            let value = self.values.at(row * width + label);
            push_whole(&mut labels, value, file, place)?;
        }
        let places = (0..samples * width).filter(|at| at % width != label);
        let inputs = self.values.picked(places);
        let shape = SampleShape {
            channels: width - 1,
            height: 1,
            width: 1,
        };
        let mut columns = column_names(shape, 0);
        columns.insert(label, "label".to_owned());
        let rows = first_rows(&self.values, width);
        let look = Look {
            columns,
            rows,
            label: Some(label),
            ..Look::default()
        };
        Ok(Raw {
            shape,
            inputs,
            bytes: self.is_bytes,
            labels,
            look,
        })
    }

    /// The shape of a sample, and the samples with channels before rows.
    fn into_samples(self, file: File<'_>) -> Result<(SampleShape, Values), Error> {
        let is_channels = |axis: usize| (1..=CHANNELS_MAX).contains(&axis);
        let shape = |channels, height, width| SampleShape {
            channels,
            height,
            width,
        };
        let (shape, values) = match self.axes[..] {
            [_, features] => (shape(features, 1, 1), self.values),
            [_, height, width] => (shape(1, height, width), self.values),
            [_, height, width, channels] if is_channels(channels) => {
                let values = channels_first(&self.values, height * width, channels);
                (shape(channels, height, width), values)
            }
            [_, channels, height, width] if is_channels(channels) => {
                (shape(channels, height, width), self.values)
            }
            [_] => {
                let got = format!("{}, as a file of labels has", shown(&self.axes));
                return Err(wrong(file, "its shape", "2 to 4 axes, samples first", &got));
            }
            _ => {
                let expected =
                    format!("images of 1 to {CHANNELS_MAX} channels, N×C×H×W or N×H×W×C");
                return Err(wrong(file, "its shape", &expected, &shown(&self.axes)));
            }
        };
        Ok((shape, values))
    }
}

/// `[N, HW, C]` as `[N, C, HW]`.
fn channels_first(values: &Values, pixels: usize, channels: usize) -> Values {
    let size = pixels * channels;
    let place = |at: usize| {
        let (image, channel, pixel) = (at / size, at % size / pixels, at % pixels);
        image * size + pixel * channels + channel
    };
    values.picked((0..values.len()).map(place))
}

/// Labels of an array with one axis (or N×1).
fn read_labels(file: File<'_>, samples: usize, known: Option<&Labels>) -> Result<Labels, Error> {
    let format = sniff(file)?;
    if format == Format::Csv {
        return Err(wrong(
            file,
            "byte 0",
            "IDX or NPY",
            "neither of their magic numbers",
        ));
    }
    let array = read_array(format, file)?;
    if !matches!(array.axes[..], [_] | [_, 1]) {
        return Err(wrong(
            file,
            "its shape",
            "one label for each sample",
            &shown(&array.axes),
        ));
    }
    if array.values.len() != samples {
        let expected = format!("{samples} labels, as many as there are samples");
        return Err(wrong(
            file,
            "its shape",
            &expected,
            &array.values.len().to_string(),
        ));
    }
    let mut labels = Labels::like(known);
    for (index, value) in array.values.iter().enumerate() {
        push_whole(&mut labels, value, file, || format!("label {index}"))?;
    }
    Ok(labels)
}

/// A label that is a number: classes are whole ones.
fn push_whole(
    labels: &mut Labels,
    value: f64,
    file: File<'_>,
    place: impl Fn() -> String,
) -> Result<(), Error> {
    if value.trunc() != value {
        return Err(wrong(
            file,
            &place(),
            "a whole number as the label",
            &number(value),
        ));
    }
    labels.push(&(value as i64).to_string(), file, place)
}

/// Names for columns that have none; none for images.
fn column_names(shape: SampleShape, first: usize) -> Vec<String> {
    if shape.height > 1 || shape.width > 1 {
        return Vec::new();
    }
    (first..first + shape.channels)
        .map(|column| format!("x{column}"))
        .collect()
}

fn first_rows(values: &Values, width: usize) -> Vec<Vec<String>> {
    let rows = values.len().checked_div(width).unwrap_or(0);
    let cells = |row: usize| (row * width..(row + 1) * width).map(|at| number(values.at(at)));
    (0..rows.min(PREVIEW_ROWS))
        .map(|row| cells(row).collect())
        .collect()
}

fn label_error(file: File<'_>, allowed: &str, got: &str) -> Error {
    Error::InvalidOption {
        option: format!("label of {}", file.name),
        got: got.to_owned(),
        allowed: allowed.to_owned(),
    }
}
