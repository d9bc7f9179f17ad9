//! Test accuracy on the digits of every method at equal bits, as a Markdown table: mean ± standard deviation
//! over seeds, in percent.
//!
//!     cargo run --release --example table            # seeds 1 to 5, minutes
//!     cargo run --release --example table -- 3 mlp   # seeds 1 to 3, one model
//!
//! Weights and activations have the same bits; "DDQ, learned" starts from 6 bits and meets the number as a
//! budget on stored bits per weight (codebooks and scales included) and on activation bits; "BSQ" starts from eight
//! planes and a sign and meets it as a budget on stored bits per weight, with activations of that many bits.

use ddq_playground::session::{Session, Snapshot};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use std::error::Error;

type Given = &'static [(&'static str, &'static str)];

const METHODS: [(&str, Given); 8] = [
    (
        "uniform, min–max",
        &[("method", "uniform"), ("range", "minmax")],
    ),
    ("uniform, MSE range", &[("method", "uniform")]),
    ("PACT", &[("method", "pact")]),
    ("powers of two", &[("method", "pot")]),
    ("LSQ", &[("method", "lsq")]),
    ("DDQ, fixed", &[("method", "ddq"), ("learnBits", "false")]),
    ("DDQ, learned", &[("method", "ddq"), ("learnBits", "true")]),
    ("BSQ", &[("method", "bsq")]),
];

const BITS: [&str; 3] = ["4", "3", "2"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seeds: u32 = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let wanted: Vec<String> = arguments.collect();
    println!("| model | method | 4 bits | 3 bits | 2 bits |\n|---|---|---|---|---|");
    for model in ["mlp", "cnn", "mobile"] {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == model) {
            continue;
        }
        let float = run(model, "1", &[("method", "float"), ("epochs", "0")])?;
        let accuracy = 100.0 * float.test_accuracy.unwrap_or(f64::NAN);
        println!("| {model} | float checkpoint | {accuracy:.1} | | |");
        for (name, given) in METHODS {
            let mut cells = Vec::new();
            for bits in BITS {
                cells.push(cell(model, bits, given, seeds)?);
            }
            println!("| {model} | {name} | {} |", cells.join(" | "));
        }
    }
    Ok(())
}

/// Mean ± deviation over seeds; "–" where the budget cannot be met.
fn cell(model: &str, bits: &str, given: Given, seeds: u32) -> Result<String, Box<dyn Error>> {
    let mut accuracies = Vec::new();
    for seed in 1..=seeds {
        let mut all = given.to_vec();
        if given.contains(&("learnBits", "true")) {
            all.extend([("budgetBits", bits), ("activationBudgetBits", bits)]);
        } else if given.contains(&("method", "bsq")) {
            all.extend([("budgetBits", bits), ("activationBits", bits)]);
        } else {
            all.extend([("weightBits", bits), ("activationBits", bits)]);
        }
        let Ok(end) = run(model, &seed.to_string(), &all) else {
            return Ok("–".to_owned());
        };
        accuracies.push(100.0 * end.test_accuracy.unwrap_or(f64::NAN));
    }
    let count = accuracies.len() as f64;
    let mean = accuracies.iter().sum::<f64>() / count;
    let squares: f64 = accuracies.iter().map(|a| (a - mean).powi(2)).sum();
    Ok(format!(
        "{mean:.1} ± {:.1}",
        (squares / (count - 1.0).max(1.0)).sqrt()
    ))
}

/// The end of one run.
fn run(model: &str, seed: &str, given: &[(&str, &str)]) -> Result<Snapshot, Box<dyn Error>> {
    let own = [("data", "digits"), ("model", model), ("seed", seed)];
    let text = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let options = Options::parse(&own.iter().chain(given).map(text).collect::<Vec<_>>())?;
    let checkpoint = std::fs::read(format!("pkg/checkpoints/{model}.bin"))?;
    let mut session = Session::new(options, Some(&checkpoint))?;
    while session.step(1)?.phase != Phase::Done {}
    Ok(session.snapshot())
}
