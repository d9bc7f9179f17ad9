//! The attributes of a node, by name and type.

use super::File;
use super::constant::Constant;
use crate::error::Error;
use rten_onnx::onnx::{AttributeProto, AttributeType, TensorProto};

/// The attributes of one node.
#[derive(Debug)]
pub(super) struct Attributes {
    file: File,
    place: String,
    entries: Vec<AttributeProto>,
}

impl Attributes {
    pub fn new(file: &File, place: String, entries: Vec<AttributeProto>) -> Result<Self, Error> {
        let name = |entry: &AttributeProto| entry.name.clone().unwrap_or_default();
        for (index, entry) in entries.iter().enumerate() {
            if entries[..index]
                .iter()
                .any(|other| name(other) == name(entry))
            {
                let got = format!("\"{}\" twice", name(entry));
                return Err(file.wrong(&place, "each attribute once", &got));
            }
        }
        Ok(Self {
            file: file.clone(),
            place,
            entries,
        })
    }

    fn find(&self, name: &str) -> Option<&AttributeProto> {
        let mut named = self.entries.iter();
        named.find(|entry| entry.name.as_deref() == Some(name))
    }

    fn wrong<T>(&self, name: &str, expected: &str) -> Result<T, Error> {
        let got = "another type";
        let place = format!("{}, attribute \"{name}\"", self.place);
        Err(self.file.wrong(&place, expected, got))
    }

    fn is(entry: &AttributeProto, kind: AttributeType) -> bool {
        entry
            .r#type
            .is_none_or(|stated| stated == kind || stated == AttributeType::UNDEFINED)
    }

    /// An integer, or `default`.
    pub fn integer(&self, name: &str, default: i64) -> Result<i64, Error> {
        match self.find(name) {
            None => Ok(default),
            Some(entry) if Self::is(entry, AttributeType::INT) => Ok(entry.i.unwrap_or(0)),
            Some(_) => self.wrong(name, "an integer"),
        }
    }

    /// A real number, or `default`.
    pub fn number(&self, name: &str, default: f32) -> Result<f32, Error> {
        match self.find(name) {
            None => Ok(default),
            Some(entry) if Self::is(entry, AttributeType::FLOAT) => Ok(entry.f.unwrap_or(0.0)),
            Some(_) => self.wrong(name, "a number"),
        }
    }

    /// A text, or `default`.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> Result<&'a str, Error> {
        match self.find(name) {
            None => Ok(default),
            Some(entry) if Self::is(entry, AttributeType::STRING) => {
                Ok(entry.s.as_deref().unwrap_or(""))
            }
            Some(_) => self.wrong(name, "a text"),
        }
    }

    /// A list of integers; None where there is none.
    pub fn integers(&self, name: &str) -> Result<Option<&[i64]>, Error> {
        match self.find(name) {
            None => Ok(None),
            Some(entry) if Self::is(entry, AttributeType::INTS) => Ok(Some(&entry.ints)),
            Some(_) => self.wrong(name, "integers"),
        }
    }

    /// A list of sizes, which are not negative; None where there is none.
    pub fn sizes(&self, name: &str) -> Result<Option<Vec<usize>>, Error> {
        let Some(values) = self.integers(name)? else {
            return Ok(None);
        };
        let sizes = values.iter().map(|&value| usize::try_from(value).ok());
        match sizes.collect::<Option<Vec<usize>>>() {
            Some(sizes) => Ok(Some(sizes)),
            None => {
                let place = format!("{}, attribute \"{name}\"", self.place);
                let got = format!("{values:?}");
                Err(self.file.wrong(&place, "numbers of 0 or more", &got))
            }
        }
    }

    /// The value of a Constant node, in any of its forms.
    pub fn value(&self) -> Result<Option<Constant>, Error> {
        let tensor: Option<&TensorProto> = self.find("value").and_then(|entry| entry.t.as_ref());
        if let Some(tensor) = tensor {
            return Constant::read(&self.file, &self.place, tensor).map(Some);
        }
        let found = |name: &str| self.find(name);
        if let Some(entry) = found("value_float") {
            return Ok(Some(Constant::floats(
                Vec::new(),
                vec![entry.f.unwrap_or(0.0)],
            )));
        }
        if let Some(entry) = found("value_floats") {
            let count = entry.floats.len();
            return Ok(Some(Constant::floats(vec![count], entry.floats.clone())));
        }
        if let Some(entry) = found("value_int") {
            let single = Constant::integers(vec![entry.i.unwrap_or(0)]);
            return Ok(Some(single.with_dims(Vec::new())));
        }
        Ok(found("value_ints").map(|entry| Constant::integers(entry.ints.clone())))
    }
}
