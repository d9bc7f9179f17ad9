//! One direction of dependencies, and what may be named where.
#![cfg(not(target_arch = "wasm32"))]

use std::fs;
use std::path::{Path, PathBuf};

/// What everything may name; these name each other only in this order.
const BASE: [&str; 7] = [
    "error",
    "text",
    "bytes",
    "archive",
    "turn",
    "rng",
    "parameter",
];

/// Each names only modules before it.
const ORDER: [&str; 11] = [
    "data", "quant", "nn", "train", "search", "methods", "session", "kernels", "io", "plot", "web",
];

const WASM_CRATES: [&str; 4] = ["wasm_bindgen", "web_sys", "js_sys", "plotters_backend"];

/// Longest file allowed, in lines.
const LONGEST: usize = 500;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file under src with the name of its top module and its text without comments.
fn files() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(&root)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let module = name.split(['/', '.']).next().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        (name, module, code.collect::<Vec<_>>().join("\n"))
    };
    found.into_iter().map(read).collect()
}

fn rank(module: &str) -> usize {
    let all = BASE.iter().chain(&ORDER);
    let mut ranked = all.enumerate().filter(|(_, name)| **name == module);
    let rank = ranked.next().map(|(rank, _)| rank);
    rank.unwrap_or_else(|| panic!("module {module} has no place in the order"))
}

/// The modules that `code` names as crate::module.
fn named(code: &str) -> Vec<&str> {
    let parts = code.split("crate::").skip(1);
    let name = |part| str::split(part, |c: char| !c.is_alphanumeric() && c != '_').next();
    parts
        .filter_map(name)
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_module_names_only_modules_before_it() {
    let mut checked = 0;
    for (file, module, code) in files() {
        if module == "lib" {
            continue;
        }
        assert!(
            !code.contains("crate::{"),
            "{file}: name modules one by one"
        );
        for other in named(&code) {
            assert!(
                other == module || rank(other) < rank(&module),
                "{file} names {other}, which comes after {module}"
            );
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} uses seen");
}

#[test]
fn only_web_names_wasm_crates_and_targets_are_told_apart_in_few_places() {
    for (file, module, code) in files() {
        for name in WASM_CRATES {
            assert!(
                module == "web" || !code.contains(name),
                "{file} names {name}"
            );
        }
        let may_ask = ["web", "kernels", "lib"].contains(&module.as_str());
        for question in ["target_arch", "target_feature", "target_os"] {
            assert!(
                may_ask || !code.contains(question),
                "{file} asks for the target"
            );
        }
        assert!(!code.contains("std::time"), "{file} names a clock");
        assert!(!code.contains("HashMap"), "{file} names an unordered map");
    }
}

/// What one method has, the others and the rest of the crate do not name: they know it by its row.
#[test]
fn a_method_is_named_in_its_folder_and_in_the_table_alone() {
    let mut folders = 0;
    for (file, module, code) in files() {
        let folder = file.strip_prefix("methods/").unwrap_or(&file);
        let own = folder.split('/').next().unwrap();
        for part in code.split("methods::").skip(1) {
            let name = part.split(|c: char| !c.is_alphanumeric() && c != '_');
            let name = name.into_iter().next().unwrap();
            let shared = name.is_empty() || name.chars().all(|c| c.is_uppercase());
            // The drawing of matrix U is DDQ's.
            let drawn = file == "web/details.rs" && name == "ddq";
            assert!(
                shared || drawn || (module == "methods" && name == own),
                "{file} names the method {name}"
            );
        }
        if module == "methods" && folder.contains('/') {
            folders += 1;
            assert!(!code.contains("super::super"), "{file} leaves its folder");
        } else {
            let types = module != "quant" && code.contains("downcast");
            assert!(!types, "{file} asks for the type of a quantizer");
        }
    }
    assert!(folders > 30, "only {folders} files of methods seen");
}

#[test]
fn no_file_is_long() {
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "fuzz/src"] {
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &mut found,
        );
    }
    for path in found {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= LONGEST, "{}: {lines} lines", path.display());
    }
}
