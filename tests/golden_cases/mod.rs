//! The golden files' format: what a case holds, and how numbers are compared.

pub mod baselines;
pub mod ddq;
pub mod layers;
pub mod trajectory;

use ddq_playground::nn::tensor::{Shape, Tensor};
use serde_json::Value;
use std::path::Path;

/// |got − expected| ≤ atol + rtol·|expected|, unless the file says otherwise.
const RTOL: f64 = 1e-5;
const ATOL: f64 = 1e-6;

/// One case, with the tolerance of its file.
pub struct Case {
    file: String,
    value: Value,
    rtol: f64,
    atol: f64,
}

/// Every case of a file.
pub fn read(path: &Path) -> Vec<Case> {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let tolerance = |name: &str, default| all[name].as_f64().unwrap_or(default);
    let (rtol, atol) = (tolerance("rtol", RTOL), tolerance("atol", ATOL));
    let cases = all["cases"].as_array();
    let cases = cases.unwrap_or_else(|| panic!("{file}: expected a list \"cases\""));
    let made = cases.iter().map(|value| Case {
        file: file.clone(),
        rtol: value["rtol"].as_f64().unwrap_or(rtol),
        atol: value["atol"].as_f64().unwrap_or(atol),
        value: value.clone(),
    });
    made.collect()
}

impl Case {
    pub fn parse(file: &str, text: &str) -> Self {
        let value = serde_json::from_str(text).unwrap();
        let (file, rtol, atol) = (file.to_owned(), RTOL, ATOL);
        Self {
            file,
            value,
            rtol,
            atol,
        }
    }

    pub fn name(&self) -> String {
        format!(
            "{} {}",
            self.file,
            self.value["name"].as_str().unwrap_or("?")
        )
    }

    pub fn has(&self, field: &str) -> bool {
        self.value.get(field).is_some()
    }

    pub fn has_input(&self, name: &str) -> bool {
        self.value["inputs"].get(name).is_some()
    }

    /// Changes one expected number of a tensor.
    pub fn nudge(&mut self, field: &str, index: usize, by: f64) {
        let entry = &mut self.value[field]["data"][index];
        *entry = Value::from(entry.as_f64().unwrap() + by);
    }

    /// A field by its path, such as "init.W.0".
    fn at<'a>(&'a self, path: &str) -> &'a Value {
        let step = |at: &'a Value, part: &str| match part.parse::<usize>() {
            Ok(index) if at.is_array() => at.get(index),
            _ => at.get(part),
        };
        let found = path.split('.').try_fold(&self.value, step);
        found.unwrap_or_else(|| panic!("{}: no field {path}", self.name()))
    }

    pub fn text(&self, path: &str) -> &str {
        self.at(path).as_str().unwrap()
    }

    pub fn flag(&self, path: &str) -> bool {
        self.at(path).as_bool().unwrap()
    }

    pub fn number(&self, path: &str) -> f64 {
        number(self.at(path))
    }

    pub fn float(&self, path: &str) -> f32 {
        self.number(path) as f32
    }

    pub fn count(&self, path: &str) -> usize {
        self.at(path).as_u64().unwrap() as usize
    }

    /// Entries of a list.
    pub fn length(&self, path: &str) -> usize {
        self.at(path).as_array().unwrap().len()
    }

    /// A list of small whole numbers.
    pub fn codes(&self, path: &str) -> Vec<u8> {
        let list = self.at(path).as_array().unwrap();
        list.iter().map(|v| v.as_u64().unwrap() as u8).collect()
    }

    /// The numbers of a tensor, row-major.
    pub fn numbers(&self, path: &str) -> Vec<f64> {
        let data = self.at(path)["data"].as_array().unwrap();
        data.iter().map(number).collect()
    }

    pub fn floats(&self, path: &str) -> Vec<f32> {
        self.numbers(path).iter().map(|&v| v as f32).collect()
    }

    /// Sizes of a tensor.
    pub fn shape(&self, path: &str) -> Vec<usize> {
        let shape = self.at(path)["shape"].as_array().unwrap();
        shape.iter().map(|v| v.as_u64().unwrap() as usize).collect()
    }

    /// A tensor [N, C, H, W] or [N, features] in the crate's layout.
    pub fn tensor(&self, path: &str) -> Tensor {
        let (sample, n) = match self.shape(path)[..] {
            [n, c, h, w] => (Shape::image(c, h, w, 1), n),
            [n, features] => (Shape::features(features, 1), n),
            ref other => panic!("{}: {path} has shape {other:?}", self.name()),
        };
        let mut tensor = Tensor::default();
        let indices: Vec<usize> = (0..n).collect();
        tensor.load_samples(sample, &self.floats(path), &indices);
        tensor
    }

    /// Compares with the tensor at `path`.
    pub fn compare(&self, path: &str, got: &[f32]) {
        let expected = self.numbers(path);
        assert_eq!(got.len(), expected.len(), "{}: {path}", self.name());
        for (index, (&got, &expected)) in got.iter().zip(&expected).enumerate() {
            self.close(&format!("{path}[{index}]"), f64::from(got), expected);
        }
    }

    /// Compares with the number at `path`.
    pub fn compare_number(&self, path: &str, got: f64) {
        self.close(path, got, self.number(path));
    }

    fn close(&self, what: &str, got: f64, expected: f64) {
        assert!(
            (got - expected).abs() <= self.atol + self.rtol * expected.abs(),
            "{}: {what}: expected {expected}, got {got}",
            self.name()
        );
    }
}

fn number(value: &Value) -> f64 {
    value
        .as_f64()
        .unwrap_or_else(|| panic!("expected a number, got {value}"))
}
