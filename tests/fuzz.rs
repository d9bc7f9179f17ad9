//! The fuzz targets over their seeds and over changes of them that are always the same; `make fuzz` looks further.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use ddq_playground::rng::{Rng, Stream};
use std::path::Path;

/// Changed files of a target, shared out to its seeds.
const CHANGED: usize = 2_000;

/// One of the ways in which libFuzzer changes files, and not much less.
fn change(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    const EXTREMES: [u32; 6] = [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX, 1 << 20];
    let at = rng.below(bytes.len().max(1)).min(bytes.len());
    let run = (1 + rng.below(8)).min(bytes.len() - at);
    match rng.below(8) {
        0 => bytes.truncate(at),
        1 => drop(bytes.drain(at..at + run)),
        2 => bytes.insert(at, rng.below(256) as u8),
        3 => bytes.extend_from_within(at..at + run),
        4 if bytes.len() >= at + 4 => {
            let word = EXTREMES[rng.below(EXTREMES.len())].to_le_bytes();
            bytes[at..at + 4].copy_from_slice(&word);
        }
        5 => {
            bytes.truncate(at);
            bytes.extend(&other[rng.below(other.len().max(1)).min(other.len())..]);
        }
        _ if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
        _ => {}
    }
}

fn runs(name: &str) {
    let target = fuzz::find(name);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = fuzz::seeds(name, root);
    for (index, seed) in seeds.iter().enumerate() {
        assert!(target(seed), "{name}: seed {index} is refused");
    }
    for bytes in fuzz::regressions(name, root) {
        target(&bytes);
    }
    let mut rng = Rng::new(17, Stream::Test);
    let mut taken = 0;
    for round in 0..CHANGED {
        let mut bytes = seeds[round % seeds.len()].clone();
        let other = &seeds[rng.below(seeds.len())];
        for _ in 0..=rng.below(4) {
            change(&mut bytes, other, &mut rng);
        }
        taken += usize::from(target(&bytes));
    }
    assert!((1..CHANGED).contains(&taken), "{name}: {taken} taken");
}

#[test]
fn these_are_all_targets() {
    let names = fuzz::TARGETS.map(|(name, _)| name);
    let list = include_str!("../fuzz/Cargo.toml");
    let listed = list
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    assert!(
        listed.eq(names.map(|name| format!("{name}.rs\""))),
        "{names:?}"
    );
    assert_eq!(
        names,
        [
            "csv",
            "idx",
            "npy",
            "pixels",
            "onnx",
            "project",
            "deployed",
            "checkpoint"
        ]
    );
}

#[test]
fn tables() {
    runs("csv");
}

#[test]
fn arrays() {
    runs("idx");
    runs("npy");
}

#[test]
fn pixels() {
    runs("pixels");
}

#[test]
fn models() {
    runs("onnx");
}

#[test]
fn projects() {
    runs("project");
}

#[test]
fn deployments() {
    runs("deployed");
}

#[test]
fn checkpoints() {
    runs("checkpoint");
}
