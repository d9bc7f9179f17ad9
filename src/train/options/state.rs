//! Options in a saved run: every one of them by name, so that binaries with other tables can read them.

use super::super::option_table::{TABLE, Value};
use super::Options;
use crate::archive::Archive;
use crate::error::Error;

/// An option as it is saved.
#[derive(Clone)]
struct Entry {
    name: String,
    value: Value,
    /// Whether the value is the table's own: a binary that does not know the option reads on.
    is_default: bool,
}

impl Entry {
    fn new() -> Self {
        Self {
            name: String::new(),
            value: Value::Flag(false),
            is_default: false,
        }
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            name,
            value,
            is_default,
        } = self;
        archive.text(name);
        archive.flag(is_default);
        let mut kind = match value {
            Value::Text(_) => 0,
            Value::Number(_) => 1,
            Value::Flag(_) => 2,
        };
        archive.size(&mut kind, 2);
        if archive.loaded() {
            *value = match kind {
                0 => Value::Text(String::new()),
                1 => Value::Number(0.0),
                _ => Value::Flag(false),
            };
        }
        match value {
            Value::Text(text) => archive.text(text),
            Value::Number(number) => archive.f64(number),
            Value::Flag(flag) => archive.flag(flag),
        }
    }
}

fn visit_all(entries: &mut Vec<Entry>, latencies: &mut Vec<f64>, archive: &mut Archive<'_>) {
    archive.part("an option");
    archive.resize(entries, usize::MAX, Entry::new());
    entries
        .iter_mut()
        .for_each(|entry| entry.visit_state(archive));
    archive.part("the latencies");
    archive.resize(latencies, usize::MAX, 0.0);
    for latency in latencies {
        archive.f64(latency);
        let sound = latency.is_finite() && *latency >= 0.0;
        archive.check(sound, "microseconds", || crate::text::number(*latency));
    }
}

impl Options {
    /// The options of a run as bytes.
    pub fn save(&self) -> Vec<u8> {
        let Self {
            entries,
            latencies,
            // Settled before a run begins: see `for_network`.
            #[cfg(feature = "methods")]
                open_budget: _,
        } = self;
        let entry = |(name, value): &(&'static str, Value)| {
            let row = TABLE.iter().find(|row| row.name == *name);
            let default: Option<Value> = row.and_then(|row| row.default.into());
            Entry {
                name: (*name).to_owned(),
                is_default: default.as_ref() == Some(value),
                value: value.clone(),
            }
        };
        let mut archive = Archive::writing();
        let mut entries = entries.iter().map(entry).collect();
        visit_all(&mut entries, &mut latencies.clone(), &mut archive);
        archive.written()
    }

    /// The options that `archive` holds. Those that it lacks have their defaults.
    ///
    /// # Errors
    /// `Format`, or those of [`Options::new`].
    pub fn restored(mut archive: Archive<'_>) -> Result<Self, Error> {
        let (mut entries, mut latencies) = (Vec::new(), Vec::new());
        visit_all(&mut entries, &mut latencies, &mut archive);
        archive.end()?;
        let known = |entry: &Entry| TABLE.iter().any(|row| row.name == entry.name);
        let kept = entries
            .into_iter()
            .filter(|entry| known(entry) || !entry.is_default);
        let given: Vec<(String, Value)> = kept.map(|entry| (entry.name, entry.value)).collect();
        let options = Self {
            latencies,
            #[cfg(feature = "methods")]
            open_budget: false,
            ..Self::completed(&given)?
        };
        // Nobody gave them now: values that were filled in need not keep the rules for given ones.
        options.check_combinations(&[])?;
        Ok(options)
    }
}
