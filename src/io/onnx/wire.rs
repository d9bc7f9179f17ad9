//! Checks the bytes before they are parsed: lengths, wire types and nesting depth of the protocol buffer messages
//! that make up an ONNX file.
//!
//! The parser trusts every length, follows graphs inside attributes of nodes inside graphs, and never returns from an
//! unterminated packed number. Here a damaged length or number, or a hostile depth, becomes an error that names the
//! byte, before anything is allocated. Field numbers are those of onnx.proto.

use super::File;
use crate::error::Error;

/// Graphs inside graphs (branches, loops) deeper than this are damage; none of them is supported anyway.
const DEEPEST: usize = 16;

/// The messages that are followed; the content of all others is skipped by the reader too.
#[derive(Debug, Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    Sequence,
    TensorType,
    Shape,
    Dimension,
    Entry,
}

impl Message {
    fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Graph => "graph",
            Self::Node => "node",
            Self::Attribute => "attribute",
            Self::Tensor => "tensor",
            Self::ValueInfo => "value_info",
            Self::Type | Self::Sequence | Self::TensorType => "type",
            Self::Shape => "shape",
            Self::Dimension => "dim",
            Self::Entry => "entry",
        }
    }

    /// The message that field `number` holds, if it is followed.
    fn child(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6) => Self::Graph,
            (Self::Model, 8 | 14) | (Self::Tensor, 13) => Self::Entry,
            (Self::Graph, 1) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5) => Self::Tensor,
            (Self::Graph, 11..=13) => Self::ValueInfo,
            (Self::Node, 5) => Self::Attribute,
            (Self::ValueInfo, 2) | (Self::Sequence, 1) => Self::Type,
            (Self::Type, 1) => Self::TensorType,
            (Self::Type, 4) => Self::Sequence,
            (Self::TensorType, 2) => Self::Shape,
            (Self::Shape, 1) => Self::Dimension,
            _ => return None,
        })
    }
}

/// Numbers behind each other in one field.
#[derive(Debug, Clone, Copy)]
enum Packed {
    /// Seven bits a byte, the last below 128.
    Varints,
    /// This many bytes each.
    Fixed(usize),
}

impl Packed {
    /// What field `number` of `message` holds, if it is packed numbers that the reader unpacks.
    fn of(message: Message, number: u64) -> Option<Self> {
        match (message, number) {
            (Message::Tensor, 4) => Some(Self::Fixed(4)),
            (Message::Tensor, 5 | 7) => Some(Self::Varints),
            (Message::Tensor, 10) => Some(Self::Fixed(8)),
            _ => None,
        }
    }
}

struct Walk<'a> {
    file: &'a File,
    bytes: &'a [u8],
    at: usize,
}

/// Checks the bytes of a model.
///
/// # Errors
/// `Format` that names the byte and the message around it.
pub(super) fn check(file: &File, bytes: &[u8]) -> Result<(), Error> {
    let mut walk = Walk { file, bytes, at: 0 };
    walk.message(Message::Model, bytes.len(), 0)
        .map_err(|error| {
            // No magic number stands in front, but every exporter writes the version first, as field 1.
            if bytes.first() == Some(&IR_VERSION_TAG) {
                return error;
            }
            let begin = bytes.iter().take(8).map(|&byte| match byte {
                b' '..=b'~' => char::from(byte),
                _ => '.',
            });
            let got = format!("a file that begins with \"{}\"", begin.collect::<String>());
            file.wrong("byte 0", "an ONNX model", &got)
        })
}

/// Field 1, a number.
const IR_VERSION_TAG: u8 = 0x08;

impl Walk<'_> {
    fn wrong(&self, message: Message, expected: &str, got: &str) -> Error {
        let place = format!("byte {}, in a {}", self.at, message.name());
        self.file.wrong(&place, expected, got)
    }

    fn message(&mut self, message: Message, end: usize, depth: usize) -> Result<(), Error> {
        if depth > 4 * DEEPEST {
            let expected = format!("at most {DEEPEST} graphs inside each other");
            return Err(self.wrong(message, &expected, "more"));
        }
        while self.at < end {
            let start = self.at;
            let tag = self.varint(message, end)?;
            let number = tag >> 3;
            let known = number > 0 && matches!(tag & 7, 0 | 1 | 2 | 5);
            if !known {
                self.at = start;
                let got = format!("field {number} of wire type {}", tag & 7);
                return Err(self.wrong(message, "a field of a protocol buffer", &got));
            }
            match tag & 7 {
                0 => {
                    self.varint(message, end)?;
                }
                1 => self.skip(message, 8, end)?,
                5 => self.skip(message, 4, end)?,
                _ => self.block(message, number, end, depth)?,
            }
        }
        Ok(())
    }

    fn block(
        &mut self,
        message: Message,
        number: u64,
        end: usize,
        depth: usize,
    ) -> Result<(), Error> {
        let length = self.varint(message, end)?;
        let left = end - self.at;
        let Some(length) = usize::try_from(length).ok().filter(|&size| size <= left) else {
            let expected = format!("{length} bytes of field {number}");
            return Err(self.wrong(message, &expected, &format!("{left}")));
        };
        if let Some(packed) = Packed::of(message, number) {
            return self.packed(message, packed, self.at + length);
        }
        match message.child(number) {
            Some(child) => self.message(child, self.at + length, depth + 1),
            None => self.skip(message, length, end),
        }
    }

    /// Packed numbers up to `end`, each of them whole.
    fn packed(&mut self, message: Message, packed: Packed, end: usize) -> Result<(), Error> {
        while self.at < end {
            match packed {
                Packed::Varints => {
                    self.varint(message, end)?;
                }
                Packed::Fixed(bytes) => self.skip(message, bytes, end)?,
            }
        }
        Ok(())
    }

    fn skip(&mut self, message: Message, count: usize, end: usize) -> Result<(), Error> {
        if end - self.at < count {
            let got = (end - self.at).to_string();
            return Err(self.wrong(message, &format!("{count} bytes"), &got));
        }
        self.at += count;
        Ok(())
    }

    fn varint(&mut self, message: Message, end: usize) -> Result<u64, Error> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            if self.at == end {
                return Err(self.wrong(message, "a number", "its end"));
            }
            let byte = self.bytes[self.at];
            value |= u64::from(byte & 0x7f) << shift;
            self.at += 1;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.wrong(message, "a number of at most 64 bits", "more"))
    }
}
