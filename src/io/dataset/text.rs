//! CSV (RFC 4180 and what programs make of it): UTF-8 with or without a byte order mark, lines ended by LF or CRLF,
//! cells in quotes where they need them, separated by comma, semicolon, tab or bar; one column is the class, the
//! others are finite numbers with a decimal point.
//!
//! Delimiter: the one that cuts the first lines into the most equal cells.

use super::columns::Columns;
use super::labels::Labels;
use super::values::Values;
use super::{File, Look, PREVIEW_ROWS, Raw, Request, quoted, shortened, too_large, wrong};
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

/// Samples of a CSV; a test file must have the columns of `train`.
pub(super) fn read(
    file: File<'_>,
    request: &Request<'_>,
    train: Option<&Raw>,
) -> Result<Raw, Error> {
    let delimiter = match train {
        Some(train) => train.look.delimiter,
        None => request.delimiter,
    };
    let begun = Begun::new(file, delimiter)?;
    let columns = begun.columns(file, request)?;
    if let Some(train) = train {
        columns.check_like(file, &train.look)?;
    }
    begun.read(file, columns, train)
}

/// Columns and first lines of a CSV, whatever stands in its cells.
///
/// # Errors
/// `Format` for what is no text, has no lines, a single column or two columns of one name.
pub(super) fn look(file: File<'_>, request: &Request<'_>) -> Result<Look, Error> {
    let mut begun = Begun::new(file, request.delimiter)?;
    let columns = begun.columns(file, request).or_else(|_| {
        // Of a request that asks for other columns than there are.
        let plain = Request {
            header: request.header,
            ..Request::new(file)
        };
        begun.columns(file, &plain)
    })?;
    let first = (!columns.header).then_some(begun.first);
    let mut rows: Vec<_> = first.iter().chain(&begun.second).map(shown).collect();
    while rows.len() < PREVIEW_ROWS
        && let Some(line) = begun.lines.next()?
    {
        rows.push(shown(&line));
    }
    Ok(Look {
        columns: columns.names,
        label: Some(columns.label),
        excluded: columns.excluded,
        rows,
        header: columns.header,
        delimiter: Some(begun.delimiter),
    })
}

/// A file of which two lines were read.
struct Begun<'a> {
    lines: Lines<'a>,
    delimiter: u8,
    first: Line,
    second: Option<Line>,
}

impl<'a> Begun<'a> {
    fn new(file: File<'a>, delimiter: Option<u8>) -> Result<Self, Error> {
        let text = text_of(file)?;
        let delimiter = delimiter.unwrap_or_else(|| sniff_delimiter(text));
        let mut lines = Lines::new(file, text, delimiter);
        let Some(first) = lines.next()? else {
            return Err(wrong(file, "line 1", "a line of cells", "only empty lines"));
        };
        Ok(Self {
            second: lines.next()?,
            lines,
            delimiter,
            first,
        })
    }

    fn columns(&self, file: File<'_>, request: &Request<'_>) -> Result<Columns, Error> {
        Columns::new(file, request, &self.first, self.second.as_ref())
    }

    /// All samples.
    fn read(mut self, file: File<'_>, columns: Columns, train: Option<&Raw>) -> Result<Raw, Error> {
        let mut samples = Samples {
            columns,
            inputs: Vec::new(),
            labels: Labels::like(train.map(|raw| &raw.labels)),
            rows: Vec::new(),
        };
        if !samples.columns.header {
            samples.add(file, &self.first)?;
        }
        if let Some(second) = &self.second {
            samples.add(file, second)?;
        }
        let mut line = Line {
            cells: ByteRecord::new(),
            number: 0,
        };
        while self.lines.fill(&mut line)? {
            samples.add(file, &line)?;
        }
        samples.end(file, self.delimiter)
    }
}

/// A record and the line that it begins on.
pub(super) struct Line {
    pub cells: ByteRecord,
    pub number: u64,
}

/// The records of a file.
struct Lines<'a> {
    reader: csv::Reader<&'a [u8]>,
    file: File<'a>,
    delimiter: u8,
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
            delimiter,
            open_quote: is_odd(text),
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

    /// Whether the last record ran to the end of the file because a quote in it was never closed: one that opens a
    /// cell, with an odd number in all. Others stand for themselves.
    fn check_closed(&self, line: &Line) -> Result<(), Error> {
        if !self.open_quote || self.reader.position().byte() != self.text.len() as u64 {
            return Ok(());
        }
        let start = line.cells.position().map_or(0, csv::Position::byte) as usize;
        let record = self
            .text
            .get(start..)
            .unwrap_or_default()
            .trim_ascii_start();
        let opens = [self.delimiter, b'"'];
        let is_quoted = record.starts_with(b"\"") || record.windows(2).any(|pair| pair == opens);
        if is_quoted && is_odd(record) {
            let place = format!("line {}", line.number);
            let expected = "a closing quote \" before the end of the file";
            return Err(wrong(self.file, &place, expected, "none"));
        }
        Ok(())
    }
}

/// Whether there is an odd number of quotes.
fn is_odd(text: &[u8]) -> bool {
    text.iter().filter(|&&byte| byte == b'"').count() % 2 == 1
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
    // The likelier one where several cut alike.
    let mut best = (DELIMITERS[0], cells(DELIMITERS[0]));
    for delimiter in DELIMITERS {
        let cut = cells(delimiter);
        if cut > best.1 {
            best = (delimiter, cut);
        }
    }
    best.0
}

/// The finite number of a cell, in the range of 32-bit floats.
pub(super) fn number_of(cell: &[u8]) -> Option<f64> {
    let number: f64 = str::from_utf8(cell).ok()?.trim().parse().ok()?;
    (number as f32).is_finite().then_some(number)
}

/// Text of a cell, as messages and previews show it.
pub(super) fn words(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().to_owned()
}

/// The cells of a line as a preview shows them.
fn shown(line: &Line) -> Vec<String> {
    let cells = line.cells.iter();
    cells.map(|cell| shortened(&words(cell))).collect()
}

/// What was read so far.
struct Samples {
    columns: Columns,
    inputs: Vec<f64>,
    labels: Labels,
    rows: Vec<Vec<String>>,
}

impl Samples {
    fn add(&mut self, file: File<'_>, line: &Line) -> Result<(), Error> {
        let columns = &self.columns;
        let width = columns.names.len();
        if line.cells.len() != width {
            let expected = format!("{width} cells, as in the first line");
            let (place, got) = (format!("line {}", line.number), line.cells.len());
            return Err(wrong(file, &place, &expected, &got.to_string()));
        }
        let numbers = self.inputs.len() + columns.features();
        if numbers > NUMBERS_MAX {
            return Err(too_large(file.name, numbers));
        }
        let mut excluded = columns.excluded.iter().peekable();
        for (column, cell) in line.cells.iter().enumerate() {
            let place = || columns.place(line, column);
            let wrong = |expected| wrong(file, &place(), expected, &quoted(&words(cell)));
            if excluded.next_if_eq(&&column).is_some() {
                continue;
            }
            if column == columns.label {
                let word = str::from_utf8(cell).map_err(|_| wrong("UTF-8 text"))?;
                self.labels.push(word, file, place)?;
            } else {
                let number = number_of(cell).ok_or_else(|| wrong("a finite number"))?;
                self.inputs.push(number);
            }
        }
        if self.rows.len() < PREVIEW_ROWS {
            self.rows.push(shown(line));
        }
        Ok(())
    }

    fn end(self, file: File<'_>, delimiter: u8) -> Result<Raw, Error> {
        if self.labels.is_empty() {
            let (expected, got) = ("samples below the names", "the end of the file");
            return Err(wrong(file, "line 2", expected, got));
        }
        Ok(Raw {
            shape: SampleShape {
                channels: self.columns.features(),
                height: 1,
                width: 1,
            },
            inputs: Values::Double(self.inputs),
            bytes: false,
            labels: self.labels,
            look: Look {
                columns: self.columns.names,
                label: Some(self.columns.label),
                excluded: self.columns.excluded,
                rows: self.rows,
                header: self.columns.header,
                delimiter: Some(delimiter),
            },
        })
    }
}
