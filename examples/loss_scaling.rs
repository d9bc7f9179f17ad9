//! What becomes of float training when gradients are held in narrow formats: test accuracy on the digits, and the
//! part of the gradients that becomes 0, as a Markdown table: mean ± standard deviation over seeds.
//!
//!     cargo run --release --example loss_scaling         # seeds 1 to 5, half a minute
//!     cargo run --release --example loss_scaling -- 3    # seeds 1 to 3
//!
//! A perceptron of six hidden layers of 48 units, plain SGD at a rate of 0.1 for 20 epochs, batches of 256,
//! no checkpoint.

mod common;

use common::{accuracy, run, spread};
use ddq_playground::session::Snapshot;
use std::error::Error;

type Given = &'static [(&'static str, &'static str)];

const RECIPE: Given = &[
    ("hidden", "48-48-48-48-48-48"),
    ("method", "float"),
    ("pretrained", "false"),
    ("pretrainEpochs", "0"),
    ("epochs", "20"),
    ("optimizer", "sgd"),
    ("momentum", "0"),
    ("learningRate", "0.1"),
    ("schedule", "constant"),
];

const POLICIES: [(&str, Given); 6] = [
    ("none", &[("lossScaling", "none")]),
    (
        "fixed 128",
        &[("lossScaling", "fixed"), ("lossScale", "128")],
    ),
    (
        "fixed 1024",
        &[("lossScaling", "fixed"), ("lossScale", "1024")],
    ),
    (
        "fixed 8192",
        &[("lossScaling", "fixed"), ("lossScale", "8192")],
    ),
    ("dynamic", &[("lossScaling", "dynamic")]),
    ("adaptive", &[("lossScaling", "adaptive")]),
];

/// Format and batch size.
const COLUMNS: [(&str, &str); 4] = [
    ("f16", "256"),
    ("e5m2", "256"),
    ("e4m3", "256"),
    ("e4m3", "64"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let seeds: u32 = std::env::args().nth(1).map_or(Ok(5), |text| text.parse())?;
    println!("| scaling | f16 | E5M2 | E4M3 | E4M3, batches of 64 |\n|---|---|---|---|---|");
    for (name, given) in POLICIES {
        print!("| {name} |");
        for (format, batch) in COLUMNS {
            print!(" {} |", cell(format, batch, given, seeds)?);
        }
        println!();
    }
    print!("| f32 instead |");
    for (_, batch) in COLUMNS {
        print!(" {} |", cell("f32", batch, &[], seeds)?);
    }
    println!();
    Ok(())
}

/// Accuracy, and in brackets the part that underflowed, in percent.
fn cell(format: &str, batch: &str, given: Given, seeds: u32) -> Result<String, Box<dyn Error>> {
    let (mut accuracies, mut lost) = (Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let own = [("precision", format), ("batchSize", batch)];
        let all: Vec<(&str, &str)> = RECIPE.iter().chain(&own).chain(given).copied().collect();
        let end = run("mlp", seed, &all)?;
        accuracies.push(accuracy(&end));
        lost.extend(underflow(&end));
    }
    let mut words = spread(&accuracies);
    if !lost.is_empty() {
        let mean = lost.iter().sum::<f64>() / lost.len() as f64;
        words += &format!(" ({:.0} %)", 100.0 * mean);
    }
    Ok(words)
}

/// Mean over the layers of the part of their gradients that underflowed; None with precision f32.
fn underflow(end: &Snapshot) -> Option<f64> {
    let layers: Vec<_> = end.precision.as_ref()?.layers.iter().flatten().collect();
    let sum: f64 = layers.iter().map(|layer| layer.mean_underflow).sum();
    Some(sum / layers.len() as f64)
}
