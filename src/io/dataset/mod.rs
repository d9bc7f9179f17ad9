//! Data files: bytes → a checked [`Dataset`] with its inputs scaled, and what a preview shows of it.
//!
//! [`import`] reads a file (and those that belong to it); [`text`] is CSV, [`idx`] and [`npy`] are arrays of
//! numbers ([`array`], [`values`]), [`columns`] finds what those of a table are, [`labels`] makes classes of words and whole
//! numbers, [`scaling`] brings inputs to about [−1, 1]. Every size that a file claims is checked against its bytes before room is made for it, and an error
//! names the file, the place in it, what was expected there and what stands there.

pub mod array;
mod columns;
pub mod idx;
pub mod labels;
pub mod npy;
pub mod scaling;
pub mod text;
pub mod values;

use crate::data::own::NUMBERS_MAX;
use crate::data::{Dataset, SampleShape, Split};
use crate::error::Error;
use array::Array;
use labels::Labels;
use scaling::{Distinct, Scaling};
use values::Values;

/// Largest file, in bytes, unpacked.
pub const FILE_BYTES_MAX: usize = 50_000_000;
/// Samples whose cells a preview shows.
const PREVIEW_ROWS: usize = 8;
/// Characters of a file's text that a message or a preview shows.
const SHOWN: usize = 32;

/// A file by the name that errors call it.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What it is called.
    pub name: &'a str,
    /// All of it.
    pub bytes: &'a [u8],
}

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text, a sample a line.
    Csv,
    /// The arrays of MNIST.
    Idx,
    /// An array of NumPy.
    Npy,
}

/// Which column of a table is the class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelColumn {
    /// The last one.
    Last,
    /// The one with this name in the header.
    Name(String),
    /// This one, counted from 0.
    Index(usize),
}

/// A column of a CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The one with this name in the header.
    Name(String),
    /// This one, counted from 0.
    Index(usize),
}

/// Whether the first line of a CSV holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// It does where its cells are no numbers.
    Auto,
    /// It does.
    Present,
    /// It is a sample.
    Absent,
}

/// What to read, and how.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The samples.
    pub file: File<'a>,
    /// Their labels, where these stand in a file of their own.
    pub labels: Option<File<'a>>,
    /// Samples for the test; none: a session takes some of the others.
    pub test: Option<File<'a>>,
    /// Their labels.
    pub test_labels: Option<File<'a>>,
    /// The format; none: found from the first bytes.
    pub format: Option<Format>,
    /// The column with the classes.
    pub label: LabelColumn,
    /// CSV: columns that are not read, and so may hold anything.
    pub exclude: Vec<Column>,
    /// CSV: whether there is a header.
    pub header: Header,
    /// CSV: what separates cells; none: found from the first lines.
    pub delimiter: Option<u8>,
}

impl<'a> Request<'a> {
    /// A file with everything else found from it.
    pub fn new(file: File<'a>) -> Self {
        Self {
            file,
            labels: None,
            test: None,
            test_labels: None,
            format: None,
            label: LabelColumn::Last,
            exclude: Vec::new(),
            header: Header::Auto,
            delimiter: None,
        }
    }
}

/// What a file looks like, for a preview.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// Names of all columns of a table, the label's too; empty for images.
    pub columns: Vec<String>,
    /// The label's place among them; none where labels have a file of their own.
    pub label: Option<usize>,
    /// CSV: the places of the columns that are left out, ascending.
    pub excluded: Vec<usize>,
    /// The cells of the first samples of a table.
    pub rows: Vec<Vec<String>>,
    /// CSV: whether the first line holds names.
    pub header: bool,
    /// CSV: what separates the cells.
    pub delimiter: Option<u8>,
}

/// Data that were read, ready for a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The format found.
    pub format: Format,
    /// The samples, scaled; the test part is empty where no test file was given.
    pub data: Dataset,
    /// How the inputs were scaled.
    pub scaling: Scaling,
    /// How many different values each input column of a table has; empty for images.
    pub distinct: Vec<Distinct>,
    /// What the file looks like.
    pub look: Look,
}

/// Samples as a file has them.
struct Raw {
    shape: SampleShape,
    /// `[N, inputs]`, not scaled.
    inputs: Values,
    /// Whether they are unsigned bytes.
    bytes: bool,
    labels: Labels,
    look: Look,
}

/// Reads data.
///
/// # Errors
/// `Format` or `Shape` that names the file, the place, what was expected and what was got; `InvalidOption` for a
/// label column or a label file that does not fit the file.
pub fn import(request: &Request<'_>) -> Result<Imported, Error> {
    let format = match request.format {
        Some(format) => format,
        None => sniff(request.file)?,
    };
    let train = read(format, request, request.file, request.labels, None)?;
    let test = match request.test {
        Some(file) => Some(read(
            format,
            request,
            file,
            request.test_labels,
            Some(&train),
        )?),
        None => None,
    };
    assemble(format, request, train, test)
}

/// Scales and checks what was read.
fn assemble(
    format: Format,
    request: &Request<'_>,
    train: Raw,
    test: Option<Raw>,
) -> Result<Imported, Error> {
    let scaling = Scaling::of(&train.inputs, train.shape, train.bytes);
    let is_table = train.shape.height == 1 && train.shape.width == 1;
    let distinct = match is_table {
        true => scaling.distinct(&train.inputs),
        false => Vec::new(),
    };
    let (class_names, order) = train.labels.classes();
    let part = |raw: Raw| {
        let inputs = scaling.inputs(raw.inputs);
        let labels = raw.labels.codes(&order);
        Split { inputs, labels }
    };
    let (shape, look) = (train.shape, train.look.clone());
    let (train, test) = (part(train), test.map(part).unwrap_or_default());
    let data = Dataset::own(shape, class_names, train, test)
        .map_err(|error| in_file(error, request.file, request.test))?;
    Ok(Imported {
        format,
        data,
        scaling,
        distinct,
        look,
    })
}

/// What a CSV looks like, be its cells numbers or not: for a preview of a file that [`import`] refuses, so that columns
/// can be left out. None where its columns cannot be told, and for other formats.
pub fn look(request: &Request<'_>) -> Option<Look> {
    let format = request.format.or_else(|| sniff(request.file).ok())?;
    let is_table = format == Format::Csv && request.file.bytes.len() <= FILE_BYTES_MAX;
    let look = is_table.then(|| text::look(request.file, request))?;
    look.ok()
}

/// Images that a browser decoded: `pixels` is `[N, C, H, W]` with a class of `class_names` each. They reach from 0 to
/// 255 by their format, dark ones too.
///
/// # Errors
/// Those of [`Dataset::own`], and `Shape` for pixels and labels that do not fit together.
pub fn from_pixels(
    pixels: &[u8],
    shape: SampleShape,
    labels: Vec<u8>,
    class_names: Vec<String>,
) -> Result<(Dataset, Scaling), Error> {
    if pixels.len() > NUMBERS_MAX {
        return Err(too_large("images", pixels.len()));
    }
    let pixels = pixels.iter().map(|&pixel| f32::from(pixel)).collect();
    let inputs = Scaling::Pixels.inputs(Values::Single(pixels));
    let train = Split { inputs, labels };
    let data = Dataset::own(shape, class_names, train, Split::default())?;
    Ok((data, Scaling::Pixels))
}

/// The format of a file from its first bytes.
///
/// # Errors
/// `Format` for what is known to be something else.
pub fn sniff(file: File<'_>) -> Result<Format, Error> {
    const OTHERS: [(&[u8], &str); 6] = [
        (
            b"PK\x03\x04",
            "a zip archive (NPZ and XLSX are such): unpack or convert it first",
        ),
        (b"\x1f\x8b", "gzip within gzip"),
        (
            b"\x89PNG",
            "a PNG image: images come as a folder or several files",
        ),
        (
            b"\xff\xd8\xff",
            "a JPEG image: images come as a folder or several files",
        ),
        (b"PAR1", "a Parquet file: convert it to CSV"),
        (b"%PDF", "a PDF"),
    ];
    let is = |magic: &[u8]| file.bytes.starts_with(magic);
    if let Some((_, what)) = OTHERS.iter().find(|(magic, _)| is(magic)) {
        return Err(wrong(file, "byte 0", "CSV text, IDX or NPY", what));
    }
    Ok(if is(npy::MAGIC) {
        Format::Npy
    } else if is(&[0, 0]) {
        Format::Idx
    } else {
        Format::Csv
    })
}

/// Samples of one file; a test file must look as `train` does.
fn read(
    format: Format,
    request: &Request<'_>,
    file: File<'_>,
    labels: Option<File<'_>>,
    train: Option<&Raw>,
) -> Result<Raw, Error> {
    if file.bytes.len() > FILE_BYTES_MAX {
        let expected = format!("at most {FILE_BYTES_MAX} bytes");
        return Err(wrong(
            file,
            "its end",
            &expected,
            &file.bytes.len().to_string(),
        ));
    }
    if file.bytes.is_empty() {
        return Err(wrong(file, "byte 0", "samples", "an empty file"));
    }
    match (format, labels) {
        (Format::Csv, Some(labels)) => Err(wrong(
            labels,
            "the labels",
            "the name or place of a column, since a CSV holds its labels itself",
            "a file of labels",
        )),
        (Format::Csv, None) => text::read(file, request, train),
        (_, labels) => {
            if !request.exclude.is_empty() {
                return Err(Error::InvalidOption {
                    option: format!("exclude of {}", file.name),
                    got: format!("{} columns", request.exclude.len()),
                    allowed: "nothing for arrays: only a CSV has columns to leave out".to_owned(),
                });
            }
            let array = read_array(format, file)?;
            from_array(array, file, labels, &request.label, train)
        }
    }
}

fn read_array(format: Format, file: File<'_>) -> Result<Array, Error> {
    match format {
        Format::Npy => npy::read(file),
        _ => idx::read(file),
    }
}

/// Samples of an array, whose labels stand in another file or in a column.
fn from_array(
    array: Array,
    file: File<'_>,
    labels: Option<File<'_>>,
    column: &LabelColumn,
    train: Option<&Raw>,
) -> Result<Raw, Error> {
    let known = train.map(|raw| &raw.labels);
    let raw = match labels {
        Some(labels) => array.with_labels(file, labels, known)?,
        None => array.with_label_column(file, column, known)?,
    };
    match train {
        Some(train) if train.shape != raw.shape => Err(wrong(
            file,
            "a sample",
            &format!("{}, as in training", shown_shape(train.shape)),
            &shown_shape(raw.shape),
        )),
        _ => Ok(raw),
    }
}

fn shown_shape(shape: SampleShape) -> String {
    format!(
        "{}×{}×{} numbers",
        shape.channels, shape.height, shape.width
    )
}

/// An error of [`Dataset::own`] under the name of the file.
fn in_file(error: Error, file: File<'_>, test: Option<File<'_>>) -> Error {
    let name = |what: String| match (what.as_str(), test) {
        ("data", _) => file.name.to_owned(),
        ("test data", Some(test)) => test.name.to_owned(),
        _ => what,
    };
    match error {
        Error::Format {
            what,
            place,
            expected,
            got,
        } => Error::Format {
            what: name(what),
            place,
            expected,
            got,
        },
        Error::Shape {
            what,
            expected,
            got,
        } => Error::Shape {
            what: name(what),
            expected,
            got,
        },
        other => other,
    }
}

fn wrong(file: File<'_>, place: &str, expected: &str, got: &str) -> Error {
    Error::Format {
        what: file.name.to_owned(),
        place: place.to_owned(),
        expected: expected.to_owned(),
        got: got.to_owned(),
    }
}

fn too_large(name: &str, numbers: usize) -> Error {
    Error::Shape {
        what: name.to_owned(),
        expected: format!("at most {NUMBERS_MAX} numbers in all samples"),
        got: numbers.to_string(),
    }
}

/// Text of a file as a message shows it: quoted, and not too much of it.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "an empty cell".to_owned();
    }
    format!("\"{}\"", shortened(text))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
