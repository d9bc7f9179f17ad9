//! What is fuzzed: one function per parser, of any bytes. It returns whether they were taken, and panics where they
//! were neither read nor refused in words. `fuzz_targets` hands them to libFuzzer, `tests/fuzz.rs` runs them in `cargo test`.

mod data;
mod runs;
mod seeds;

use ddq_playground::error::Error;
pub use seeds::{regressions, seeds};

/// What libFuzzer calls; whether the bytes were taken.
pub type Target = fn(&[u8]) -> bool;

/// The parsers by name.
pub const TARGETS: [(&str, Target); 8] = [
    ("csv", data::csv),
    ("idx", data::idx),
    ("npy", data::npy),
    ("pixels", data::pixels),
    ("onnx", runs::onnx),
    ("project", runs::project),
    ("deployed", runs::deployed),
    ("checkpoint", runs::checkpoint),
];

/// The target called `name`.
pub fn find(name: &str) -> Target {
    let found = TARGETS.iter().find(|(called, _)| *called == name);
    found.unwrap_or_else(|| panic!("no target {name}")).1
}

/// Refuses: checks that an error says what was expected and, but for options that do not exist, what was got.
fn explained(error: &Error) -> bool {
    let text = error.to_string();
    let got = matches!(error, Error::UnknownOption { .. }) || text.contains(", got ");
    assert!(text.contains("expected ") && got, "{text}");
    false
}
