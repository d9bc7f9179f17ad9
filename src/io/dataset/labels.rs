//! Classes out of words and whole numbers: each different one is a class.

use super::{File, quoted, wrong};
use crate::data::own::CLASSES_MAX;
use crate::error::Error;
use std::collections::BTreeMap;

/// Labels being read, as codes in the order in which their words were first seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Labels {
    codes: Vec<u8>,
    known: BTreeMap<String, u8>,
    /// Whether a word that is not known is an error: that of a test file.
    closed: bool,
}

impl Labels {
    /// Labels of a test file, whose classes are those of `train`; of a training file for none.
    pub fn like(train: Option<&Labels>) -> Self {
        match train {
            None => Self::default(),
            Some(train) => Self {
                codes: Vec::new(),
                known: train.known.clone(),
                closed: true,
            },
        }
    }

    /// How many labels there are.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// One more sample, of the class `word`, found at `place()`.
    ///
    /// # Errors
    /// `Format` for an empty label, a NaN, a class too many, or one that training does not have.
    pub fn push(
        &mut self,
        word: &str,
        file: File<'_>,
        place: impl Fn() -> String,
    ) -> Result<(), Error> {
        let word = word.trim();
        if let Some(&code) = self.known.get(word) {
            self.codes.push(code);
            return Ok(());
        }
        if word.is_empty() || word.eq_ignore_ascii_case("nan") {
            return Err(wrong(file, &place(), "a class", &quoted(word)));
        }
        // "3.0" and "3" are one class: programs write whole numbers in both ways.
        let name = whole(word).map_or_else(|| word.to_owned(), |number| number.to_string());
        let code = match self.known.get(&name) {
            Some(&code) => code,
            None if self.closed => {
                let expected = "a class that the training samples have";
                return Err(wrong(file, &place(), expected, &quoted(word)));
            }
            None => self.add(name, file, &place)?,
        };
        self.codes.push(code);
        Ok(())
    }

    fn add(
        &mut self,
        name: String,
        file: File<'_>,
        place: &dyn Fn() -> String,
    ) -> Result<u8, Error> {
        let Ok(code) = u8::try_from(self.known.len()) else {
            let expected = format!("at most {CLASSES_MAX} different classes");
            let got = format!("{} as one more: is this the label column?", quoted(&name));
            return Err(wrong(file, &place(), &expected, &got));
        };
        self.known.insert(name, code);
        Ok(code)
    }

    /// The names of the classes in their order, by number where all are whole numbers and else by the alphabet,
    /// and for each code the class that it stands for.
    pub fn classes(&self) -> (Vec<String>, Vec<u8>) {
        let mut names: Vec<(&String, u8)> = self.known.iter().map(|(n, &code)| (n, code)).collect();
        if names.iter().all(|(name, _)| whole(name).is_some()) {
            names.sort_by_key(|(name, _)| whole(name));
        }
        let mut order = vec![0; names.len()];
        for (class, (_, code)) in names.iter().enumerate() {
            order[usize::from(*code)] = class as u8;
        }
        let names = names.into_iter().map(|(name, _)| name.clone()).collect();
        (names, order)
    }

    /// The classes of all samples, with the order that [`Labels::classes`] of the training labels gave.
    pub fn codes(&self, order: &[u8]) -> Vec<u8> {
        self.codes
            .iter()
            .map(|&code| order[usize::from(code)])
            .collect()
    }
}

/// The whole number that a word represents exactly, if any.
fn whole(word: &str) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let number: f64 = word.parse().ok()?;
    (number.trunc() == number && number.abs() < EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: File = File {
        name: "f.csv",
        bytes: &[],
    };

    fn labels(words: &[&str]) -> (Vec<String>, Vec<u8>) {
        let mut labels = Labels::default();
        for word in words {
            labels.push(word, FILE, || "line 1".to_owned()).unwrap();
        }
        let (names, order) = labels.classes();
        (names, labels.codes(&order))
    }

    #[test]
    fn whole_numbers_are_ordered_as_numbers_and_words_by_the_alphabet() {
        let (names, codes) = labels(&["10", "9", "10.0", "-1"]);
        assert_eq!(names, ["-1", "9", "10"]);
        assert_eq!(codes, [2, 1, 2, 0]);
        let (names, codes) = labels(&["dog", " cat ", "10", "dog"]);
        assert_eq!(names, ["10", "cat", "dog"]);
        assert_eq!(codes, [2, 1, 0, 2]);
    }

    #[test]
    fn a_class_too_many_is_refused_and_256_are_not() {
        let mut labels = Labels::default();
        let push = |labels: &mut Labels, i: usize| {
            labels.push(&format!("{i}.5"), FILE, || format!("line {i}"))
        };
        (0..256).for_each(|i| push(&mut labels, i).unwrap());
        push(&mut labels, 7).unwrap();
        let error = push(&mut labels, 256).unwrap_err().to_string();
        assert!(
            error.contains("line 256: expected at most 256 different classes"),
            "{error}"
        );
        assert_eq!(labels.len(), 257);
    }
}
