//! A whole session as one file, the project file; `restore` is the way back. The layout is described in `docs/PROJECT_FILE.md`.

#[cfg(feature = "files")]
use super::ModelFile;
use super::Session;
use crate::archive::Archive;
use crate::bytes::{FNV_START, Writer, fnv1a};
use crate::train::trainer::Trainer;

pub(super) const MAGIC: [u8; 4] = *b"DDQS";
/// Of the layout and of the meaning of every number in it: a change of either is a new version.
pub(super) const VERSION: u32 = 2;
/// Magic, version, checksum.
pub(super) const HEADER_BYTES: usize = 16;

/// The options: `Options::save`.
pub(super) const OPTIONS: u32 = 1;
/// Data that a caller brought: `Dataset::visit_state`; nothing where the data follow from the options.
pub(super) const DATA: u32 = 2;
/// The file of a caller's model: `ModelFile::visit_state`; nothing where the model follows from the options.
pub(super) const MODEL: u32 = 3;
/// All that the run remembers: `Trainer::visit_state`.
pub(super) const RUN: u32 = 4;
/// What a host keeps beside the run, UTF-8.
pub(super) const NOTE: u32 = 5;

/// A single byte changed always changes it.
pub(super) fn checksum(bytes: &[u8]) -> u64 {
    fnv1a(FNV_START, bytes)
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
}

#[cfg(feature = "files")]
impl ModelFile {
    pub(super) fn visit_state(&mut self, archive: &mut Archive<'_>) {
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

/// Only a binary that reads files has data of a caller.
#[cfg(not(feature = "files"))]
fn save_data(_: &mut Trainer, _: &mut Archive<'_>) {}

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
