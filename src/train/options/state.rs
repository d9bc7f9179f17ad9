//! Options in a saved run: every one of them by name, so that binaries with other tables can read them.

use super::super::option_table::{Value, find};
use super::Options;
use crate::archive::Archive;
#[cfg(feature = "methods")]
use crate::error::Error;

/// Names and values, and whether a value is the table's default: a binary that does not know the option leaves it out.
type Entries = Vec<(String, Value)>;

/// Far more than there are.
const MOST_OPTIONS: usize = 1000;

fn visit_entries(entries: &mut Entries, archive: &mut Archive<'_>) {
    archive.part("an option");
    let mut count = entries.len();
    archive.size(&mut count, MOST_OPTIONS);
    entries.resize_with(count, || (String::new(), Value::Flag(false)));
    entries.retain_mut(|(name, value)| {
        archive.text(name);
        let default: Option<Value> = find(name).and_then(|row| row.default.into());
        let mut is_default = default.as_ref() == Some(value);
        archive.flag(&mut is_default);
        visit_value(value, archive);
        !is_default || find(name).is_some()
    });
}

fn visit_value(value: &mut Value, archive: &mut Archive<'_>) {
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

#[cfg(feature = "methods")]
fn visit_latencies(latencies: &mut Vec<f64>, archive: &mut Archive<'_>) {
    archive.part("the latencies");
    archive.resize(latencies, usize::MAX, 0.0);
    for latency in latencies {
        archive.f64(latency);
        let sound = latency.is_finite() && *latency >= 0.0;
        archive.check(sound, "microseconds", *latency);
    }
}

/// Without the feature "methods" nobody asks for latencies, and there are none.
#[cfg(not(feature = "methods"))]
fn visit_latencies(_: &mut Vec<f64>, archive: &mut Archive<'_>) {
    archive.size(&mut 0, 0);
}

impl Options {
    /// Shows an archive that writes all options.
    pub fn save(&self, archive: &mut Archive<'_>) {
        let Self {
            entries,
            latencies,
            // Settled before a run begins: see `for_data` and `for_network`.
            #[cfg(feature = "files")]
                open_epochs: _,
            #[cfg(feature = "methods")]
                open_budget: _,
            #[cfg(feature = "methods")]
                open_bits: _,
        } = self;
        let named = |(name, value): &(&'static str, Value)| ((*name).to_owned(), value.clone());
        visit_entries(&mut entries.iter().map(named).collect(), archive);
        visit_latencies(&mut latencies.clone(), archive);
    }

    /// The options that `archive` holds. Those that it lacks have their defaults.
    ///
    /// # Errors
    /// `Format`, or those of [`Options::new`].
    #[cfg(feature = "methods")]
    pub fn restored(mut archive: Archive<'_>) -> Result<Self, Error> {
        let (mut entries, mut latencies) = (Vec::new(), Vec::new());
        visit_entries(&mut entries, &mut archive);
        visit_latencies(&mut latencies, &mut archive);
        archive.end()?;
        let mut options = Self::completed(&entries)?;
        options.latencies = latencies;
        #[cfg(feature = "methods")]
        {
            options.open_budget = false;
        }
        // Nobody gave them now: values that were filled in need not keep the rules for given ones.
        options.check_combinations(&[])?;
        Ok(options)
    }
}
