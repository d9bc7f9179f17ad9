//! A whole session as one file, the project file, and back. The layout is described in `docs/PROJECT_FILE.md`.

use super::{Session, build_data, build_network, start_search};
use crate::archive::Archive;
use crate::bytes::{Reader, Writer};
use crate::error::Error;
use crate::train::options::Options;
use crate::train::trainer::Trainer;

const MAGIC: [u8; 4] = *b"DDQS";
/// Of the layout and of the meaning of every number in it: a change of either is a new version.
const VERSION: u32 = 1;
/// Magic, version, checksum.
const HEADER_BYTES: usize = 16;

/// Sections, by number; they stand in this order.
const OPTIONS: u32 = 1;
/// Kept for data that a visitor brought: built-in data follows from the options.
const DATA: u32 = 2;
/// Kept for a network that a visitor brought: built-in models follow from the options.
const MODEL: u32 = 3;
/// All that the run remembers: `Trainer::visit_state`.
const RUN: u32 = 4;
/// What a host keeps beside the run, UTF-8.
const NOTE: u32 = 5;

/// FNV-1a, 64 bits (Fowler, Noll, Vo): a single byte changed always changes it.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

impl Session {
    /// The whole session as bytes from which [`Session::restore`] goes on to the same bits as this one.
    pub fn save(&mut self) -> Vec<u8> {
        let Self {
            trainer,
            probe: _,
            note,
        } = self;
        let mut run = Archive::writing();
        trainer.visit_state(&mut run);
        let mut sections = Writer::default();
        let mut section = |id: u32, bytes: &[u8]| {
            sections.u32(id as usize);
            sections.u32(bytes.len());
            sections.put(bytes);
        };
        section(OPTIONS, &trainer.options().save());
        section(RUN, &run.written());
        section(NOTE, note.as_bytes());
        let mut file = Writer::default();
        file.put(&MAGIC);
        file.u32(VERSION as usize);
        file.put(&checksum(&sections.bytes).to_le_bytes());
        file.put(&sections.bytes);
        file.bytes
    }

    /// The session that [`Session::save`] took down. No checkpoint is needed.
    ///
    /// # Errors
    /// `Format` that names the byte and the part for bytes that are no project file, of another version or damaged,
    /// `UnknownOption` or `InvalidOption` for a method or an option that this binary does not have.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = opened(bytes)?;
        let options = Options::restored(Archive::reading(section(&mut reader, OPTIONS)?))?;
        let data = build_data(&options)?;
        let network = build_network(&options, &data)?;
        let start_search = start_search(&options);
        let run = Archive::reading(section(&mut reader, RUN)?);
        let trainer = Trainer::restored(options, data, network, start_search, run)?;
        let mut note = section(&mut reader, NOTE)?;
        let text = note.take(note.left())?.to_vec();
        let note = String::from_utf8(text).map_err(|_| note.wrong("UTF-8", "other bytes"))?;
        if reader.left() > 0 {
            let left = reader.left().to_string() + " bytes more";
            return Err(reader.wrong("the end of the file", &left));
        }
        Ok(Self {
            note,
            ..Self::of(trainer)
        })
    }
}

/// The sections of a file whose header is right.
fn opened(bytes: &[u8]) -> Result<Reader<'_>, Error> {
    let mut reader = Reader::new("project file", bytes);
    let start = reader.clone();
    if reader.array()? != MAGIC {
        return Err(start.wrong("the magic DDQS", "other bytes"));
    }
    let place = reader.clone();
    let version = reader.word()?;
    if version != VERSION {
        return Err(place.wrong("version 1", &version.to_string()));
    }
    let place = reader.clone();
    let stated = u64::from_le_bytes(reader.array()?);
    let found = checksum(&bytes[HEADER_BYTES..]);
    if stated != found {
        let expected = "the checksum of undamaged bytes, ".to_owned() + &found.to_string();
        return Err(place.wrong(&expected, &stated.to_string()));
    }
    Ok(reader)
}

/// The next section, which must be `expected`.
fn section<'a>(reader: &mut Reader<'a>, expected: u32) -> Result<Reader<'a>, Error> {
    let place = reader.clone();
    let id = reader.word()?;
    if id != expected {
        let got = match id {
            DATA => "data of one's own".to_owned(),
            MODEL => "a network of one's own".to_owned(),
            id => id.to_string(),
        };
        return Err(place.wrong(&("section ".to_owned() + &expected.to_string()), &got));
    }
    let length = reader.word()? as usize;
    reader.section(length)
}
