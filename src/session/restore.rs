//! Restores a session from the project file that [`Session::save`] wrote. Not in the core build.

use super::project::{DATA, HEADER_BYTES, MAGIC, MODEL, NOTE, OPTIONS, RUN, VERSION, checksum};
#[cfg(feature = "files")]
use super::{ModelFile, ReadModel, fitted};
use super::{Session, build_network, built_in};
use crate::archive::Archive;
use crate::bytes::Reader;
use crate::data::Dataset;
use crate::error::Error;
use crate::methods::CATALOGUE;
use crate::nn::network::Network;
use crate::train::options::Options;
use crate::train::trainer::Trainer;

/// The sections in their order.
const SECTIONS: [(u32, &str); 5] = [
    (OPTIONS, "section 1, the options"),
    (DATA, "section 2, own data"),
    (MODEL, "section 3, the file of an own model"),
    (RUN, "section 4, the run"),
    (NOTE, "section 5, the note"),
];

impl Session {
    /// The session that [`Session::save`] took down. No checkpoint is needed.
    ///
    /// # Errors
    /// `Format` that names the byte and the part for bytes that are no project file, of another version or damaged,
    /// `UnknownOption` or `InvalidOption` for a method, an option or a model that this binary does not have.
    pub fn restore(bytes: &[u8]) -> Result<Self, Error> {
        let [options, data, _, run, note] = sections(bytes)?;
        let options = Options::restored(&CATALOGUE, Archive::reading(options))?;
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
        let options = Options::restored(&CATALOGUE, Archive::reading(options))?;
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
        let run = Archive::reading(run);
        let mut session = Self::of(Trainer::restored(options, data, network, run)?);
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
}

#[cfg(feature = "files")]
fn restore_data(options: &Options, section: Reader<'_>) -> Result<Dataset, Error> {
    if options.has_own_data() {
        return Dataset::restored(section);
    }
    built_in(options)
}

#[cfg(not(feature = "files"))]
fn restore_data(options: &Options, _: Reader<'_>) -> Result<Dataset, Error> {
    built_in(options)
}

/// The sections of a file whose header is right.
fn sections(bytes: &[u8]) -> Result<[Reader<'_>; SECTIONS.len()], Error> {
    let mut reader = Reader::new("project file", bytes);
    reader.magic(&MAGIC)?;
    reader.require(VERSION, "version 2")?;
    let sum = checksum(bytes.get(HEADER_BYTES..).unwrap_or_default());
    reader.require(sum as u32, "the checksum of undamaged bytes")?;
    reader.require((sum >> 32) as u32, "the checksum of undamaged bytes")?;
    let mut found = core::array::from_fn(|_| reader.clone());
    for ((id, name), found) in SECTIONS.into_iter().zip(&mut found) {
        reader.require(id, name)?;
        let length = reader.word()? as usize;
        *found = reader.section(length)?;
    }
    if reader.left() > 0 {
        return Err(reader.wrong("the end of the file", "more"));
    }
    Ok(found)
}
