//! Test accuracy on the digits of every method at equal bits, as a Markdown table: mean ± standard deviation
//! over seeds, in percent.
//!
//!     cargo run --release --example table            # seeds 1 to 5, minutes
//!     cargo run --release --example table -- 3 mlp   # seeds 1 to 3, one model
//!
//! Weights and activations have the same bits; "DDQ, learned" starts from 6 bits and meets the number as a
//! budget on weights and on activation bits; "BSQ" starts from eight planes and a sign and meets it as a budget on
//! weights, with activations of that many bits. The budget on weights allows what uniform levels of that many bits
//! store, scales included.

mod common;

use common::{accuracy, run, spread};
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
        let float = run(model, 1, &[("method", "float"), ("epochs", "0")])?;
        println!(
            "| {model} | float checkpoint | {:.1} | | |",
            accuracy(&float)
        );
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
            all.extend([
                ("budgetBits", bits),
                ("budgetCounts", "codes"),
                ("activationBudgetBits", bits),
            ]);
        } else if given.contains(&("method", "bsq")) {
            all.extend([
                ("budgetBits", bits),
                ("budgetCounts", "codes"),
                ("activationBits", bits),
            ]);
        } else {
            all.extend([("weightBits", bits), ("activationBits", bits)]);
        }
        let Ok(end) = run(model, seed, &all) else {
            return Ok("–".to_owned());
        };
        accuracies.push(accuracy(&end));
    }
    Ok(spread(&accuracies))
}
