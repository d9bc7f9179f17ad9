//! What becomes of float training when gradients are held in narrow formats: test accuracy on the digits, and the
//! part of the gradients that becomes 0, as a Markdown table: mean ± standard deviation over seeds.
//!
//!     cargo run --release --example loss_scaling         # seeds 1 to 5, half a minute
//!     cargo run --release --example loss_scaling -- 3    # seeds 1 to 3
//!
//! A perceptron of six hidden layers of 48 units, plain SGD at a rate of 0.1 for 20 epochs, batches of 256,
//! no checkpoint.

use ddq_playground::session::{Session, Snapshot};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use std::error::Error;

type Given = &'static [(&'static str, &'static str)];

const RECIPE: Given = &[
    ("model", "mlp"),
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
        let mut line = format!("| {name} |");
        for (format, batch) in COLUMNS {
            line += &format!(" {} |", cell(format, batch, given, seeds)?);
        }
        println!("{line}");
    }
    let mut line = "| f32 instead |".to_owned();
    for (_, batch) in COLUMNS {
        line += &format!(" {} |", cell("f32", batch, &[], seeds)?);
    }
    println!("{line}");
    Ok(())
}

/// Accuracy, and in brackets the part that underflowed, in percent.
fn cell(format: &str, batch: &str, given: Given, seeds: u32) -> Result<String, Box<dyn Error>> {
    let (mut accuracies, mut lost) = (Vec::new(), Vec::new());
    for seed in 1..=seeds {
        let end = run(format, batch, &seed.to_string(), given)?;
        accuracies.push(100.0 * end.test_accuracy.unwrap_or(f64::NAN));
        if let Some(report) = &end.precision {
            let layers: Vec<_> = report.layers.iter().flatten().collect();
            let sum: f64 = layers.iter().map(|layer| layer.mean_underflow).sum();
            lost.push(100.0 * sum / layers.len() as f64);
        }
    }
    let (mean, deviation) = spread(&accuracies);
    let accuracy = format!("{mean:.1} ± {deviation:.1}");
    Ok(if lost.is_empty() {
        accuracy
    } else {
        format!("{accuracy} ({:.0} %)", spread(&lost).0)
    })
}

/// Mean and standard deviation.
fn spread(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0)).sqrt())
}

/// The end of one run.
fn run(format: &str, batch: &str, seed: &str, given: Given) -> Result<Snapshot, Box<dyn Error>> {
    let own = [("precision", format), ("batchSize", batch), ("seed", seed)];
    let text = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let all = RECIPE.iter().chain(&own).chain(given);
    let options = Options::parse(&all.map(text).collect::<Vec<_>>())?;
    let mut session = Session::new(options, None)?;
    while session.step(1)?.phase != Phase::Done {}
    Ok(session.snapshot())
}
