//! A whole session as one file, the project file, and back. The layout is described in `docs/PROJECT_FILE.md`.

#[cfg(feature = "files")]
use super::{ModelFile, ReadModel, fitted};
use super::{Session, build_network, built_in, start_search};
use crate::archive::Archive;
use crate::bytes::{Reader, Writer};
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::train::options::Options;
use crate::train::trainer::Trainer;

const MAGIC: [u8; 4] = *b"DDQS";
/// Of the layout and of the meaning of every number in it: a change of either is a new version.
const VERSION: u32 = 1;
/// Magic, version, checksum.
const HEADER_BYTES: usize = 16;

/// The options: `Options::save`.
const OPTIONS: u32 = 1;
/// Data that a caller brought: `Dataset::visit_state`; nothing where the data follow from the options.
const DATA: u32 = 2;
/// The file of a caller's model: `ModelFile::visit_state`; nothing where the model follows from the options.
const MODEL: u32 = 3;
/// All that the run remembers: `Trainer::visit_state`.
const RUN: u32 = 4;
/// What a host keeps beside the run, UTF-8.
const NOTE: u32 = 5;

/// The sections in their order.
const SECTIONS: [(u32, &str); 5] = [
    (OPTIONS, "section 1, the options"),
    (DATA, "section 2, own data"),
    (MODEL, "section 3, the file of an own model"),
    (RUN, "section 4, the run"),
    (NOTE, "section 5, the note"),
];

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
            #[cfg(feature = "files")]
            model_file,
            note,
        } = self;
        let mut file = Writer::default();
        file.put(&MAGIC);
        file.u32(VERSION as usize);
        file.put(&[0; 8]);
        let file = section(file, OPTIONS, |archive| trainer.options().save(archive));
        let file = section(file, DATA, |archive| save_data(trainer, archive));
        #[cfg(feature = "files")]
        let file = section(file, MODEL, |archive| {
            if let Some(model) = model_file {
                model.visit_state(archive);
            }
        });
        #[cfg(not(feature = "files"))]
        let file = section(file, MODEL, |_| {});
        let mut file = section(file, RUN, |archive| trainer.visit_state(archive));
        file.u32(NOTE as usize);
        file.text(note);
        let sum = checksum(&file.bytes[HEADER_BYTES..]);
        file.bytes[8..HEADER_BYTES].copy_from_slice(&sum.to_le_bytes());
        file.bytes
    }

    /// The session that [`Session::save`] took down. No checkpoint is needed.
    ///
    /// # Errors
    /// `Format` that names the byte and the part for bytes that are no project file, of another version or damaged,
    /// `UnknownOption` or `InvalidOption` for a method, an option or a model that this binary does not have.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let [options, data, _, run, note] = sections(bytes)?;
        let options = Options::restored(Archive::reading(options))?;
        let data = restore_data(&options, data)?;
        let network = build_network(&options, &data)?;
        Self::resumed(options, data, network, run, note)
    }

    /// The same, also of a session with a model of the caller's, whose file `read_model` reads.
    ///
    /// # Errors
    /// Those of [`Session::restore`] and of the model's file.
    #[cfg(feature = "files")]
    pub fn restore_with(bytes: &[u8], read_model: ReadModel) -> Result<Self, Error> {
        let [options, data, model, run, note] = sections(bytes)?;
        let options = Options::restored(Archive::reading(options))?;
        if !options.has_own_model() {
            return Self::restore(bytes);
        }
        let data = restore_data(&options, data)?;
        let file = ModelFile::restored(model)?;
        let network = fitted(read_model(&file)?, &data)?;
        let session = Self::resumed(options, data, network, run, note)?;
        Ok(Self {
            model_file: Some(file),
            ..session
        })
    }

    /// The run goes on from its section.
    fn resumed(
        options: Options,
        data: Dataset,
        network: Network,
        run: Reader<'_>,
        mut note: Reader<'_>,
    ) -> Result<Self, Error> {
        let note = note.take(note.left())?;
        let start_search = start_search(&options);
        let run = Archive::reading(run);
        let mut session = Self::of(Trainer::restored(
            options,
            data,
            network,
            start_search,
            run,
        )?);
        session.note = String::from_utf8_lossy(note).into_owned();
        Ok(session)
    }
}

#[cfg(feature = "files")]
impl ModelFile {
    /// The file that [`ModelFile::visit_state`] wrote.
    fn restored(section: Reader<'_>) -> Result<Self, Error> {
        let mut file = Self::default();
        let mut archive = Archive::reading(section);
        file.visit_state(&mut archive);
        archive.end()?;
        Ok(file)
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { name, bytes } = self;
        archive.part("the name of the model's file");
        archive.text(name);
        archive.part("the model's file");
        archive.bytes(bytes);
    }
}

#[cfg(feature = "files")]
fn save_data(trainer: &mut Trainer, archive: &mut Archive<'_>) {
    if trainer.options().has_own_data() {
        trainer.data_mut().visit_state(archive);
    }
}

#[cfg(feature = "files")]
fn restore_data(options: &Options, section: Reader<'_>) -> Result<Dataset, Error> {
    if options.has_own_data() {
        return Dataset::restored(section);
    }
    built_in(options)
}

/// Only a binary that reads files has data of a caller.
#[cfg(not(feature = "files"))]
fn save_data(_: &mut Trainer, _: &mut Archive<'_>) {}

#[cfg(not(feature = "files"))]
fn restore_data(options: &Options, _: Reader<'_>) -> Result<Dataset, Error> {
    built_in(options)
}

/// Writes a section: its number, its length in bytes, and what `visit` shows.
fn section(mut file: Writer, id: u32, visit: impl FnOnce(&mut Archive<'_>)) -> Writer {
    file.u32(id as usize);
    file.u32(0);
    let start = file.bytes.len();
    let mut archive = Archive::writing(file);
    visit(&mut archive);
    let mut file = archive.written();
    let length = (file.bytes.len() - start) as u32;
    file.bytes[start - 4..start].copy_from_slice(&length.to_le_bytes());
    file
}

/// The sections of a file whose header is right.
fn sections(bytes: &[u8]) -> Result<[Reader<'_>; SECTIONS.len()], Error> {
    let mut reader = Reader::new("project file", bytes);
    reader.magic(&MAGIC)?;
    reader.expect(VERSION, "version 1")?;
    let sum = checksum(bytes.get(HEADER_BYTES..).unwrap_or_default());
    reader.expect(sum as u32, "the checksum of undamaged bytes")?;
    reader.expect((sum >> 32) as u32, "the checksum of undamaged bytes")?;
    let mut found = core::array::from_fn(|_| reader.clone());
    for ((id, name), found) in SECTIONS.into_iter().zip(&mut found) {
        reader.expect(id, name)?;
        let length = reader.word()? as usize;
        *found = reader.section(length)?;
    }
    if reader.left() > 0 {
        return Err(reader.wrong("the end of the file", "more"));
    }
    Ok(found)
}
