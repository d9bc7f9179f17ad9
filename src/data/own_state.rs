//! A caller's data in a project file: other data follows from its spec, this cannot be had again.

use super::own::{CLASSES_MAX, INPUTS_MAX};
use super::{Dataset, OWN, SampleShape, Split};
use crate::archive::Archive;
use crate::bytes::Reader;
use crate::error::Error;

impl Dataset {
    /// Data that [`Dataset::visit_state`] wrote, with its two parts as they were.
    ///
    /// # Errors
    /// `Format` for bytes that end early or hold sizes out of range, and those of [`Dataset::own`].
    pub fn restored(reader: Reader<'_>) -> Result<Self, Error> {
        let mut data = Self {
            name: OWN,
            shape: SampleShape {
                channels: 0,
                height: 0,
                width: 0,
            },
            classes: 0,
            class_names: Vec::new(),
            train: Split::default(),
            test: Split::default(),
        };
        let mut archive = Archive::reading(reader);
        data.visit_state(&mut archive);
        archive.end()?;
        Self::own(data.shape, data.class_names, data.train, data.test)
    }

    /// Shows every number of the data.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            name: _,
            shape,
            classes: _,
            class_names,
            train,
            test,
        } = self;
        archive.part("the shape of a sample");
        for size in [&mut shape.channels, &mut shape.height, &mut shape.width] {
            archive.size(size, INPUTS_MAX);
        }
        archive.part("the names of the classes");
        archive.resize(class_names, CLASSES_MAX, String::new());
        class_names.iter_mut().for_each(|name| archive.text(name));
        for (name, part) in [("the training samples", train), ("the test samples", test)] {
            archive.part(name);
            part.visit_state(archive);
        }
    }
}

impl Split {
    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { inputs, labels } = self;
        archive.list(inputs);
        archive.resize(labels, usize::MAX, 0);
        for label in labels {
            let mut word = u32::from(*label);
            archive.count(&mut word, 0, CLASSES_MAX as u32 - 1);
            *label = word as u8;
        }
    }
}
