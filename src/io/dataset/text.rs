//! CSV (RFC 4180 and what programs make of it): UTF-8 with or without a byte order mark, lines ended by LF or CRLF,
//! cells in quotes where they need them, separated by comma, semicolon, tab or bar; one column is the class, the
//! others are finite numbers with a decimal point.
//!
//! Delimiter: the one that cuts the first lines into the most equal cells. Header: the first line holds names where
//! at least half of its feature cells are no numbers, or where its label cell alone is none while the next line's is.

use super::labels::Labels;
use super::{
    File, Header, LabelColumn, Look, PREVIEW_ROWS, Raw, Request, quoted, shortened, too_large,
    wrong,
};
use crate::data::SampleShape;
use crate::data::own::NUMBERS_MAX;
use crate::error::Error;
use csv::ByteRecord;

/// What may separate cells, the likelier first.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// Lines that are looked at for the delimiter.
const SNIFFED_LINES: usize = 20;
/// Bytes that are looked at for what text does not have.
const SNIFFED_BYTES: usize = 4096;
/// Column names that a message lists.
const LISTED: usize = 12;

/// Samples of a CSV; a test file must have the columns of `train`.
pub(super) fn read(
    file: File<'_>,
    request: &Request<'_>,
    train: Option<&Raw>,
) -> Result<Raw, Error> {
    let text = text_of(file)?;
    let delimiter = match (train, request.delimiter) {
        (Some(train), _) => train.look.delimiter.unwrap_or(DELIMITERS[0]),
        (None, Some(given)) => given,
        (None, None) => sniff_delimiter(text),
    };
    let mut lines = Lines::new(file, text, delimiter);
    let Some(first) = lines.next()? else {
        return Err(wrong(file, "line 1", "a line of cells", "only empty lines"));
    };
    let second = lines.next()?;
    let table = Table::new(file, request, &first, second.as_ref(), delimiter)?;
    if let Some(train) = train {
        table.check_columns(file, &train.look)?;
    }
    table.read(file, lines, [Some(first), second], train)
}

/// A record and the line that it begins on.
struct Line {
    cells: ByteRecord,
    number: u64,
}

/// The records of a file.
struct Lines<'a> {
    reader: csv::Reader<&'a [u8]>,
    file: File<'a>,
    /// Quotes of the whole file: an odd number means that one of them is not closed.
    open_quote: bool,
    text: &'a [u8],
    /// A place in the text, and the line that it is on.
    counted: (usize, u64),
}

impl<'a> Lines<'a> {
    fn new(file: File<'a>, text: &'a [u8], delimiter: u8) -> Self {
        let mut builder = csv::ReaderBuilder::new();
        builder
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter);
        Self {
            reader: builder.from_reader(text),
            file,
            open_quote: text.iter().filter(|&&byte| byte == b'"').count() % 2 == 1,
            text,
            counted: (0, 1),
        }
    }

    fn next(&mut self) -> Result<Option<Line>, Error> {
        let mut line = Line {
            cells: ByteRecord::new(),
            number: 0,
        };
        Ok(self.fill(&mut line)?.then_some(line))
    }

    /// Puts the next record into `line`; false at the end.
    fn fill(&mut self, line: &mut Line) -> Result<bool, Error> {
        let found = self
            .reader
            .read_byte_record(&mut line.cells)
            .map_err(|error| wrong(self.file, "a line", "cells", &error.to_string()))?;
        line.number = self.line_at(line.cells.position().map_or(0, csv::Position::byte));
        self.check_closed(line)?;
        Ok(found)
    }

    /// The line of the record that begins at byte `at`, or behind line ends that stand there: the crate's own count
    /// takes a record after CRLF to begin with its LF.
    fn line_at(&mut self, at: u64) -> u64 {
        let (from, line) = self.counted;
        let ends = |byte: &&u8| [b'\r', b'\n'].contains(*byte);
        let at = (at as usize).clamp(from, self.text.len());
        let to = at + self.text[at..].iter().take_while(ends).count();
        let ended = self.text[from..to].iter().filter(|&&byte| byte == b'\n');
        self.counted = (to, line + ended.count() as u64);
        self.counted.1
    }

    /// Whether the last record ran to the end of the file because a quote in it was never closed.
    fn check_closed(&self, line: &Line) -> Result<(), Error> {
        let spans_lines = line.cells.iter().any(|cell| cell.contains(&b'\n'));
        if self.open_quote && spans_lines && self.reader.position().byte() == self.text.len() as u64
        {
            let place = format!("line {}", line.number);
            let expected = "a closing quote \" before the end of the file";
            return Err(wrong(self.file, &place, expected, "none"));
        }
        Ok(())
    }
}

/// The text of a file without its byte order mark.
fn text_of(file: File<'_>) -> Result<&[u8], Error> {
    let text = file
        .bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(file.bytes);
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err(wrong(
            file,
            "byte 0",
            "UTF-8 text",
            "UTF-16: save it as UTF-8",
        ));
    }
    let start = &text[..text.len().min(SNIFFED_BYTES)];
    if let Some(at) = start.iter().position(|&byte| byte == 0) {
        return Err(wrong(
            file,
            &format!("byte {at}"),
            "text (or IDX, NPY)",
            "a zero byte, as binary files have",
        ));
    }
    Ok(text)
}

/// The delimiter that cuts the first lines into the most cells, equally many in each.
fn sniff_delimiter(text: &[u8]) -> u8 {
    let cells = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new();
        reader
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter);
        let mut reader = reader.from_reader(text);
        let lines = reader.byte_records().take(SNIFFED_LINES).flatten();
        let counts: Vec<usize> = lines.map(|line| line.len()).collect();
        let (least, most) = (counts.iter().min(), counts.iter().max());
        // Equal lines first; then many cells.
        (
            least == most && most.is_some_and(|&most| most > 1),
            most.copied().unwrap_or(0),
        )
    };
    let mut best = DELIMITERS[0];
    for delimiter in DELIMITERS {
        if cells(delimiter) > cells(best) {
            best = delimiter;
        }
    }
    best
}

/// The finite number of a cell.
fn number_of(cell: &[u8]) -> Option<f32> {
    let number: f32 = str::from_utf8(cell).ok()?.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// Text of a cell, as messages and previews show it.
fn words(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

/// The columns of a file and which of them is the class.
struct Table {
    columns: Vec<String>,
    label: usize,
    header: bool,
    delimiter: u8,
}

impl Table {
    fn new(
        file: File<'_>,
        request: &Request<'_>,
        first: &Line,
        second: Option<&Line>,
        delimiter: u8,
    ) -> Result<Self, Error> {
        let width = first.cells.len();
        if width < 2 {
            let got = format!(
                "1: {}",
                quoted(&words(first.cells.get(0).unwrap_or_default()))
            );
            let place = format!("line {}", first.number);
            return Err(wrong(
                file,
                &place,
                "at least 2 cells, a feature and a class",
                &got,
            ));
        }
        let named = first.cells.iter().position(
            |cell| matches!(&request.label, LabelColumn::Name(name) if *name == words(cell)),
        );
        let label = match &request.label {
            LabelColumn::Last => Some(width - 1),
            LabelColumn::Index(index) => (*index < width).then_some(*index),
            LabelColumn::Name(_) => named,
        };
        let header = match request.header {
            Header::Present => true,
            Header::Absent => false,
            Header::Auto => {
                named.is_some() || looks_like_header(first, second, label.unwrap_or(width - 1))
            }
        };
        let columns = if header {
            names(file, first)?
        } else {
            (1..=width).map(|at| format!("column {at}")).collect()
        };
        match label.filter(|_| header || named.is_none()) {
            Some(label) => Ok(Self {
                columns,
                label,
                header,
                delimiter,
            }),
            None => Err(unknown_label(file, &request.label, header, &columns)),
        }
    }

    /// Whether a test file's columns are those of the training file.
    fn check_columns(&self, file: File<'_>, train: &Look) -> Result<(), Error> {
        if self.columns.len() != train.columns.len() {
            let expected = format!("{} cells, as the training file has", train.columns.len());
            return Err(wrong(
                file,
                "line 1",
                &expected,
                &self.columns.len().to_string(),
            ));
        }
        let mut pairs = train.columns.iter().zip(&self.columns).enumerate();
        let other = pairs.find(|(_, (train, test))| train != test);
        match other {
            Some((at, (train_name, name))) if self.header && train.header => {
                let expected = format!("{}, as in the training file", quoted(train_name));
                Err(wrong(
                    file,
                    &format!("line 1, column {}", at + 1),
                    &expected,
                    &quoted(name),
                ))
            }
            _ => Ok(()),
        }
    }

    /// All samples: those of the lines already read, and of the others.
    fn read(
        self,
        file: File<'_>,
        mut lines: Lines<'_>,
        begun: [Option<Line>; 2],
        train: Option<&Raw>,
    ) -> Result<Raw, Error> {
        let mut samples = Samples {
            inputs: Vec::new(),
            labels: Labels::like(train.map(|raw| &raw.labels)),
            rows: Vec::new(),
        };
        for line in begun.into_iter().flatten().skip(usize::from(self.header)) {
            self.add(file, &line, &mut samples)?;
        }
        let mut line = Line {
            cells: ByteRecord::new(),
            number: 0,
        };
        while lines.fill(&mut line)? {
            self.add(file, &line, &mut samples)?;
        }
        if samples.labels.is_empty() {
            return Err(wrong(
                file,
                "line 2",
                "samples below the names",
                "the end of the file",
            ));
        }
        Ok(Raw {
            shape: SampleShape {
                channels: self.columns.len() - 1,
                height: 1,
                width: 1,
            },
            inputs: samples.inputs,
            pixels: false,
            labels: samples.labels,
            look: Look {
                columns: self.columns,
                label: Some(self.label),
                rows: samples.rows,
                header: self.header,
                delimiter: Some(self.delimiter),
            },
        })
    }

    fn add(&self, file: File<'_>, line: &Line, samples: &mut Samples) -> Result<(), Error> {
        let width = self.columns.len();
        let place = |column: usize| {
            let name = if self.header {
                format!(" ({})", quoted(&self.columns[column]))
            } else {
                String::new()
            };
            format!("line {}, column {}{name}", line.number, column + 1)
        };
        if line.cells.len() != width {
            let expected = format!("{width} cells, as in the first line");
            return Err(wrong(
                file,
                &format!("line {}", line.number),
                &expected,
                &line.cells.len().to_string(),
            ));
        }
        if samples.inputs.len() + width > NUMBERS_MAX {
            return Err(too_large(file.name, samples.inputs.len() + width));
        }
        for (column, cell) in line.cells.iter().enumerate() {
            if column == self.label {
                let word = str::from_utf8(cell).map_err(|_| {
                    wrong(file, &place(column), "UTF-8 text", &quoted(&words(cell)))
                })?;
                samples.labels.push(word, file, || place(column))?;
            } else {
                let number = number_of(cell).ok_or_else(|| {
                    wrong(
                        file,
                        &place(column),
                        "a finite number",
                        &quoted(&words(cell)),
                    )
                })?;
                samples.inputs.push(number);
            }
        }
        if samples.rows.len() < PREVIEW_ROWS {
            samples.rows.push(
                line.cells
                    .iter()
                    .map(|cell| shortened(&words(cell)))
                    .collect(),
            );
        }
        Ok(())
    }
}

/// What was read so far.
struct Samples {
    inputs: Vec<f32>,
    labels: Labels,
    rows: Vec<Vec<String>>,
}

/// Whether the first line holds names; see the head of this file.
fn looks_like_header(first: &Line, second: Option<&Line>, label: usize) -> bool {
    let is_number = |cell: &[u8]| number_of(cell).is_some();
    let features = first
        .cells
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != label);
    let words = features.filter(|(_, cell)| !is_number(cell)).count();
    let label_is_number = |line: &Line| line.cells.get(label).is_some_and(is_number);
    2 * words >= first.cells.len() - 1
        || (!label_is_number(first) && second.is_some_and(label_is_number))
}

/// The names in a header, each different.
fn names(file: File<'_>, line: &Line) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = Vec::with_capacity(line.cells.len());
    let mut sorted = std::collections::BTreeMap::new();
    for (at, cell) in line.cells.iter().enumerate() {
        let name = words(cell);
        if let Some(former) = sorted.insert(name.clone(), at)
            && !name.is_empty()
        {
            let place = format!("line {}, column {}", line.number, at + 1);
            let got = format!("{} again, as in column {}", quoted(&name), former + 1);
            return Err(wrong(file, &place, "names that differ", &got));
        }
        names.push(if name.is_empty() {
            format!("column {}", at + 1)
        } else {
            name
        });
    }
    Ok(names)
}

fn unknown_label(file: File<'_>, label: &LabelColumn, header: bool, columns: &[String]) -> Error {
    let listed: Vec<String> = columns
        .iter()
        .take(LISTED)
        .map(|name| quoted(name))
        .collect();
    let more = if columns.len() > LISTED { ", …" } else { "" };
    let (got, allowed) = match label {
        LabelColumn::Name(name) if header => {
            (quoted(name), format!("one of {}{more}", listed.join(", ")))
        }
        LabelColumn::Name(name) => (
            quoted(name),
            "\"last\" or the place of a column, since the first line holds no names".to_owned(),
        ),
        LabelColumn::Index(index) => (
            index.to_string(),
            format!("a column from 0 to {}", columns.len() - 1),
        ),
        LabelColumn::Last => ("last".to_owned(), "a file with columns".to_owned()),
    };
    Error::InvalidOption {
        option: format!("label of {}", file.name),
        got,
        allowed,
    }
}
