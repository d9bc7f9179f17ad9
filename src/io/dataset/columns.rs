//! The columns of a CSV: their names, which one is the class, and which are excluded.
//!
//! The first line is a header if it contains the name given for the label or for an excluded column, if at least half
//! of its feature cells are not numbers, or if its label cell is the only one that is not a number while the next
//! line's is.

use super::text::{Line, number_of, words};
use super::{Column, File, Header, LabelColumn, Look, Request, quoted, wrong};
use crate::error::Error;

/// Column names that a message lists.
const LISTED: usize = 12;

/// What the columns of a file are.
pub(super) struct Columns {
    /// What they are called: by the first line, else by their places.
    pub names: Vec<String>,
    /// Whether the first line does.
    pub header: bool,
    /// Which is the class.
    pub label: usize,
    /// Which are not read, ascending.
    pub excluded: Vec<usize>,
}

impl Columns {
    /// The columns of a file that begins with these lines.
    ///
    /// # Errors
    /// `Format` for a single column or two of one name; `InvalidOption` for a label or a column to leave out that is
    /// not there, and where none is left to learn from.
    pub fn new(
        file: File<'_>,
        request: &Request<'_>,
        first: &Line,
        second: Option<&Line>,
    ) -> Result<Self, Error> {
        let width = first.cells.len();
        if width < 2 {
            let got = quoted(&words(first.cells.get(0).unwrap_or_default()));
            let place = format!("line {}", first.number);
            let expected = "at least 2 cells, a feature and a class";
            return Err(wrong(file, &place, expected, &format!("1: {got}")));
        }
        let header = has_header(request, first, second);
        let names = if header {
            names(file, first)?
        } else {
            (1..=width).map(|at| format!("column {at}")).collect()
        };
        let label = match &request.label {
            LabelColumn::Last => width - 1,
            LabelColumn::Index(index) => place_of("label", file, *index, width)?,
            LabelColumn::Name(name) => named("label", file, name, header, &names)?,
        };
        let excluded = excluded(file, request, header, &names, label)?;
        Ok(Self {
            names,
            header,
            label,
            excluded,
        })
    }

    /// How many features are left.
    pub fn features(&self) -> usize {
        self.names.len() - 1 - self.excluded.len()
    }

    /// The position of a cell.
    pub fn place(&self, line: &Line, column: usize) -> String {
        let name = if self.header {
            format!(" ({})", quoted(&self.names[column]))
        } else {
            String::new()
        };
        format!("line {}, column {}{name}", line.number, column + 1)
    }

    /// Whether a test file's columns are those of the training file.
    pub fn check_like(&self, file: File<'_>, train: &Look) -> Result<(), Error> {
        if self.names.len() != train.columns.len() {
            let expected = format!("{} cells, as the training file has", train.columns.len());
            let got = self.names.len().to_string();
            return Err(wrong(file, "line 1", &expected, &got));
        }
        let mut pairs = train.columns.iter().zip(&self.names).enumerate();
        match pairs.find(|(_, (train, test))| train != test) {
            Some((at, (train_name, name))) if self.header && train.header => {
                let expected = format!("{}, as in the training file", quoted(train_name));
                let place = format!("line 1, column {}", at + 1);
                Err(wrong(file, &place, &expected, &quoted(name)))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the first line holds names; see the head of this file.
fn has_header(request: &Request<'_>, first: &Line, second: Option<&Line>) -> bool {
    let found = |name: &String| first.cells.iter().position(|cell| *name == words(cell));
    let label = match &request.label {
        LabelColumn::Name(name) => found(name),
        LabelColumn::Index(index) => Some(*index),
        LabelColumn::Last => None,
    };
    let excluded: Vec<Option<usize>> = request
        .exclude
        .iter()
        .map(|column| match column {
            Column::Name(name) => found(name),
            Column::Index(index) => Some(*index),
        })
        .collect();
    let mut columns = request.exclude.iter().zip(&excluded);
    let calls_column =
        columns.any(|(column, at)| matches!(column, Column::Name(_)) && at.is_some());
    let calls_label = matches!(request.label, LabelColumn::Name(_)) && label.is_some();
    match request.header {
        Header::Present => true,
        Header::Absent => false,
        Header::Auto if calls_label || calls_column => true,
        Header::Auto => {
            let label = label.unwrap_or(first.cells.len() - 1);
            looks_like_header(first, second, label, &excluded)
        }
    }
}

fn looks_like_header(
    first: &Line,
    second: Option<&Line>,
    label: usize,
    excluded: &[Option<usize>],
) -> bool {
    let is_number = |cell: &[u8]| number_of(cell).is_some();
    let is_feature = |at: usize| at != label && !excluded.contains(&Some(at));
    let cells = first.cells.iter().enumerate();
    let features: Vec<&[u8]> = cells
        .filter(|(at, _)| is_feature(*at))
        .map(|(_, cell)| cell)
        .collect();
    let words = features.iter().filter(|cell| !is_number(cell)).count();
    let label_is_number = |line: &Line| line.cells.get(label).is_some_and(is_number);
    2 * words >= features.len().max(1)
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

/// The columns that the request leaves out.
fn excluded(
    file: File<'_>,
    request: &Request<'_>,
    header: bool,
    names: &[String],
    label: usize,
) -> Result<Vec<usize>, Error> {
    let mut excluded = Vec::new();
    for column in &request.exclude {
        let at = match column {
            Column::Index(index) => place_of("exclude", file, *index, names.len())?,
            Column::Name(name) => named("exclude", file, name, header, names)?,
        };
        if at == label {
            let got = format!("{}, column {}", quoted(&names[at]), at + 1);
            return Err(wrong_option(
                "exclude",
                file,
                "columns other than the label",
                got,
            ));
        }
        excluded.push(at);
    }
    excluded.sort_unstable();
    excluded.dedup();
    if excluded.len() == names.len() - 1 {
        let got = format!("all {} left out", excluded.len());
        return Err(wrong_option(
            "exclude",
            file,
            "at least one column besides the label",
            got,
        ));
    }
    Ok(excluded)
}

/// A column by its place.
fn place_of(option: &str, file: File<'_>, index: usize, width: usize) -> Result<usize, Error> {
    if index < width {
        return Ok(index);
    }
    let allowed = format!("a column from 0 to {}", width - 1);
    Err(wrong_option(option, file, &allowed, index.to_string()))
}

/// A column by its name.
fn named(
    option: &str,
    file: File<'_>,
    name: &str,
    header: bool,
    names: &[String],
) -> Result<usize, Error> {
    if !header {
        let place = if option == "label" {
            "\"last\" or the number"
        } else {
            "the number"
        };
        let allowed = format!("{place} of a column, since the first line has no names");
        return Err(wrong_option(option, file, &allowed, quoted(name)));
    }
    names.iter().position(|found| found == name).ok_or_else(|| {
        let listed: Vec<String> = names.iter().take(LISTED).map(|name| quoted(name)).collect();
        let more = if names.len() > LISTED { ", …" } else { "" };
        let allowed = format!("one of {}{more}", listed.join(", "));
        wrong_option(option, file, &allowed, quoted(name))
    })
}

fn wrong_option(option: &str, file: File<'_>, allowed: &str, got: String) -> Error {
    Error::InvalidOption {
        option: format!("{option} of {}", file.name),
        got,
        allowed: allowed.to_owned(),
    }
}
