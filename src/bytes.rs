//! Little-endian bytes in memory: reads and writes the crate's own files.

use crate::error::Error;

/// The hash of no bytes: see [`fnv1a`].
pub const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// `hash` with more bytes behind those that it stands for: FNV-1a, 64 bits (Fowler, Noll, Vo).
pub fn fnv1a(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Bytes under construction.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was written so far.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Raw bytes.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    /// 32 bits of a size, which is below 2³².
    pub fn u32(&mut self, value: usize) {
        self.put(&(value as u32).to_le_bytes());
    }

    /// A float's 32 bits.
    pub fn f32(&mut self, value: f32) {
        self.put(&value.to_le_bytes());
    }

    /// UTF-8 text, preceded by its length in bytes.
    pub fn text(&mut self, text: &str) {
        self.u32(text.len());
        self.put(text.as_bytes());
    }
}

/// Reads bytes from front to back; errors name the file and the byte.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which errors call `what`.
    pub fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, bytes, at: 0 }
    }

    /// The byte that comes next, counted from the file's first.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes to come.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The error at this place.
    pub fn wrong(&self, expected: &str, got: &str) -> Error {
        self.wrong_in("", expected, got)
    }

    /// The error at this place in a part of the file.
    pub fn wrong_in(&self, part: &str, expected: &str, got: &str) -> Error {
        let mut place = "byte ".to_owned() + &self.at.to_string();
        if !part.is_empty() {
            place = place + " (" + part + ")";
        }
        Error::Format {
            what: self.what.to_owned(),
            place,
            expected: expected.to_owned(),
            got: got.to_owned(),
        }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// `Format` where fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Error> {
        if count > self.left() {
            let expected = count.to_string() + " bytes more";
            return Err(self.wrong(&expected, &self.left().to_string()));
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    /// The next N bytes.
    ///
    /// # Errors
    /// `Format` where fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// The next 32 bits.
    ///
    /// # Errors
    /// `Format` where fewer are left.
    pub fn word(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Goes past the four letters with which the file begins.
    ///
    /// # Errors
    /// `Format` if other bytes are there, or none.
    pub fn magic(&mut self, magic: &[u8; 4]) -> Result<(), Error> {
        let place = self.clone();
        let found = self.take(4)?;
        if found == magic {
            return Ok(());
        }
        let expected = "the magic ".to_owned() + &String::from_utf8_lossy(magic);
        Err(place.wrong(&expected, &String::from_utf8_lossy(found)))
    }

    /// Skips a word that must be `value`, which errors call `expected`.
    ///
    /// # Errors
    /// `Format` if another word is there, or none.
    pub fn require(&mut self, value: u32, expected: &str) -> Result<(), Error> {
        let place = self.clone();
        let found = self.word()?;
        if found == value {
            return Ok(());
        }
        Err(place.wrong(expected, &found.to_string()))
    }

    /// A reader of the next `count` bytes that keeps their position in this file for errors.
    ///
    /// # Errors
    /// `Format` where fewer are left.
    pub fn section(&mut self, count: usize) -> Result<Self, Error> {
        let at = self.at;
        self.take(count)?;
        Ok(Self {
            what: self.what,
            bytes: &self.bytes[..self.at],
            at,
        })
    }
}
