//! NPY, NumPy's own format (NumPy Enhancement Proposal 1): a magic, a version, the length of the header, the header,
//! which is a Python dict of `descr`, `fortran_order` and `shape`, then the numbers.
//!
//! A reader of its own: the crate `npyz` parses headers with `pest`, whose stack guard is written in assembly and is
//! ten times this file.

use super::array::{Array, Element, Endian, check_axes, decode};
use super::values::Values;
use super::{File, quoted, wrong};
use crate::error::Error;

/// The first bytes of every NPY file.
pub const MAGIC: &[u8] = b"\x93NUMPY";
/// Bytes before the header's length.
const VERSION_END: usize = 8;

/// What a header says.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    element: Element,
    endian: Endian,
    order: Order,
    axes: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The last axis fastest, as C has it.
    RowMajor,
    /// The first axis fastest, as Fortran has it.
    ColumnMajor,
}

/// The array in an NPY file.
///
/// # Errors
/// `Format` for another magic number or version, a header that cannot be read, a type that is no number, a number
/// of bytes that does not fit the shape, or a number that is not finite.
pub fn read(file: File<'_>) -> Result<Array, Error> {
    if !file.bytes.starts_with(MAGIC) {
        let got = String::from_utf8_lossy(&file.bytes[..file.bytes.len().min(MAGIC.len())]);
        return Err(wrong(
            file,
            "byte 0",
            "the NPY magic \\x93NUMPY",
            &quoted(&got),
        ));
    }
    let (start, end) = header_range(file)?;
    let text = file
        .bytes
        .get(start..end)
        .and_then(|bytes| str::from_utf8(bytes).ok());
    let Some(text) = text else {
        let expected = format!("a header of {} bytes of text", end - start);
        let got = format!("{} bytes", file.bytes.len().saturating_sub(start));
        return Err(wrong(file, &format!("byte {start}"), &expected, &got));
    };
    let header = parse(text).map_err(|(at, expected)| {
        let rest = text.get(at..).unwrap_or_default().trim_end();
        wrong(
            file,
            &format!("byte {}", start + at),
            expected,
            &quoted(rest),
        )
    })?;
    check_axes(file, &header.axes, header.element, end)?;
    let values = decode(file, end, header.element, header.endian)?;
    Ok(Array {
        values: match header.order {
            Order::RowMajor => values,
            Order::ColumnMajor => row_major(&values, &header.axes),
        },
        is_bytes: header.element == Element::Unsigned(1),
        axes: header.axes,
    })
}

/// Where the header begins and ends.
fn header_range(file: File<'_>) -> Result<(usize, usize), Error> {
    let byte = |at: usize| file.bytes.get(at).map(|&byte| usize::from(byte));
    let wide = match byte(MAGIC.len()) {
        Some(1) => 2,
        Some(2 | 3) => 4,
        other => {
            let got = other.map_or("nothing".to_owned(), |version| version.to_string());
            return Err(wrong(file, "byte 6", "version 1, 2 or 3", &got));
        }
    };
    let length = (0..wide)
        .rev()
        .try_fold(0_usize, |all, at| Some(all << 8 | byte(VERSION_END + at)?));
    match length {
        Some(length) => Ok((
            VERSION_END + wide,
            (VERSION_END + wide).saturating_add(length),
        )),
        None => Err(wrong(
            file,
            "byte 8",
            "the length of the header",
            "the end of the file",
        )),
    }
}

/// `values` of an array whose first axis is fastest, with the last axis fastest.
fn row_major(values: &Values, axes: &[usize]) -> Values {
    let mut index = vec![0; axes.len()];
    let places = (0..values.len()).map(|_| {
        let at = index
            .iter()
            .zip(axes)
            .rev()
            .fold(0, |at, (&i, &axis)| at * axis + i);
        for (i, &axis) in index.iter_mut().zip(axes).rev() {
            *i += 1;
            if *i < axis {
                break;
            }
            *i = 0;
        }
        at
    });
    values.picked(places)
}

/// A place in the header, and what was expected there.
type Complaint = (usize, &'static str);

/// Reads the dict of a header token by token.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes `token` if it comes next.
    fn takes(&mut self, token: &str) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn require(&mut self, token: &'static str) -> Result<(), Complaint> {
        if self.takes(token) {
            Ok(())
        } else {
            Err((self.at, token))
        }
    }

    /// A text in single or double quotes.
    fn quoted(&mut self, expected: &'static str) -> Result<&'a str, Complaint> {
        self.skip_spaces();
        let quote = self
            .rest()
            .chars()
            .next()
            .filter(|c| ['\'', '"'].contains(c));
        let inner = quote.and_then(|quote| self.rest()[1..].split_once(quote));
        let (text, _) = inner.ok_or((self.at, expected))?;
        self.at += text.len() + 2;
        Ok(text)
    }

    fn number(&mut self) -> Result<usize, Complaint> {
        self.skip_spaces();
        let end = self
            .rest()
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest().len());
        let number = self.rest()[..end]
            .parse()
            .map_err(|_| (self.at, "a length"))?;
        self.at += end;
        // Python 2 wrote long integers with an L.
        self.takes("L");
        Ok(number)
    }
}

/// A header as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, keys in any order.
fn parse(text: &str) -> Result<Header, Complaint> {
    let mut cursor = Cursor { text, at: 0 };
    let (mut element, mut order, mut axes) = (None, None, None);
    cursor.require("{")?;
    while !cursor.takes("}") {
        let start = cursor.at;
        let key = cursor.quoted("'descr', 'fortran_order' or 'shape'")?;
        cursor.require(":")?;
        match key {
            "descr" => element = Some(parse_type(&mut cursor)?),
            "fortran_order" => order = Some(parse_order(&mut cursor)?),
            "shape" => axes = Some(parse_shape(&mut cursor)?),
            _ => return Err((start, "'descr', 'fortran_order' or 'shape'")),
        }
        if !cursor.takes(",") {
            cursor.require("}")?;
            break;
        }
    }
    let (element, endian) = element.ok_or((cursor.at, "'descr' before the end"))?;
    Ok(Header {
        element,
        endian,
        order: order.ok_or((cursor.at, "'fortran_order' before the end"))?,
        axes: axes.ok_or((cursor.at, "'shape' before the end"))?,
    })
}

fn parse_type(cursor: &mut Cursor<'_>) -> Result<(Element, Endian), Complaint> {
    const EXPECTED: &str = "a type of plain numbers such as '<f4', '|u1', '>i2'";
    cursor.skip_spaces();
    let at = cursor.at;
    let text = cursor.quoted(EXPECTED)?;
    let endian = if text.starts_with('>') {
        Endian::Big
    } else {
        Endian::Little
    };
    let element = match text.trim_start_matches(['<', '>', '|', '=']) {
        "b1" => Element::Bool,
        "u1" => Element::Unsigned(1),
        "u2" => Element::Unsigned(2),
        "u4" => Element::Unsigned(4),
        "u8" => Element::Unsigned(8),
        "i1" => Element::Signed(1),
        "i2" => Element::Signed(2),
        "i4" => Element::Signed(4),
        "i8" => Element::Signed(8),
        "f2" => Element::Float(2),
        "f4" => Element::Float(4),
        "f8" => Element::Float(8),
        _ => return Err((at, EXPECTED)),
    };
    Ok((element, endian))
}

fn parse_order(cursor: &mut Cursor<'_>) -> Result<Order, Complaint> {
    if cursor.takes("True") {
        return Ok(Order::ColumnMajor);
    }
    if cursor.takes("False") {
        return Ok(Order::RowMajor);
    }
    Err((cursor.at, "True or False"))
}

fn parse_shape(cursor: &mut Cursor<'_>) -> Result<Vec<usize>, Complaint> {
    let mut axes = Vec::new();
    cursor.require("(")?;
    while !cursor.takes(")") {
        axes.push(cursor.number()?);
        if !cursor.takes(",") {
            cursor.require(")")?;
            break;
        }
    }
    Ok(axes)
}
