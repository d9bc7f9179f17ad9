//! What the methods that choose bits are worth at equal size, as a Markdown table: test accuracy on the digits
//! in percent, mean ± standard deviation over seeds, as chosen (no training at these bits) and after 8 epochs.
//!
//!     cargo run --release --example allocations            # seeds 1 to 3, minutes
//!     cargo run --release --example allocations -- 1 mlp   # seed 1, one model
//!
//! Activations have 8 bits everywhere, so that the weights alone decide. A budget counts codes: every method has the bytes
//! that uniform levels of so many bits take, scales included.

mod common;

use common::{accuracy, run, spread};
use std::error::Error;

type Given = &'static [(&'static str, &'static str)];

/// The baselines come first: equal bits everywhere, chance, and every allocation where there are few.
const METHODS: [(&str, Given); 9] = [
    ("uniform, equal bits", &[("method", "uniform")]),
    ("random, best of 200", &[("method", "random")]),
    ("oracle", &[("method", "oracle")]),
    ("sensitivity", &[("method", "sensitivity")]),
    ("greedy", &[("method", "greedy")]),
    ("HAWQ", &[("method", "hawq")]),
    ("OMPQ", &[("method", "ompq")]),
    ("HAQ, 200 episodes", &[("method", "haq")]),
    ("DDQ, learned", &[("method", "ddq")]),
];

const BUDGETS: [&str; 2] = ["4", "3"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seeds: u32 = arguments.next().map_or(Ok(3), |text| text.parse())?;
    let wanted: Vec<String> = arguments.collect();
    println!(
        "| model | bits from | 4 bits, as chosen | trained | 3 bits, as chosen | trained | bits, seed 1 |\n|---|---|---|---|---|---|---|"
    );
    for model in ["mlp", "cnn", "mobile"] {
        if !wanted.is_empty() && !wanted.iter().any(|name| name == model) {
            continue;
        }
        for (name, given) in METHODS {
            // More layers have too many allocations to try them all.
            if name == "oracle" && model == "mobile" {
                continue;
            }
            let mut cells = Vec::new();
            let mut bits = String::new();
            for budget in BUDGETS {
                // DDQ learns its bits while it trains: there is no network with them before.
                let chosen = match name {
                    "DDQ, learned" => "–".to_owned(),
                    _ => cell(model, budget, given, seeds, "0")?.0,
                };
                let (trained, found) = cell(model, budget, given, seeds, "8")?;
                cells.extend([chosen, trained]);
                bits = found;
            }
            println!("| {model} | {name} | {} | {bits} |", cells.join(" | "));
        }
    }
    Ok(())
}

/// Mean ± deviation over seeds after so many epochs, and the bits of the first seed.
fn cell(
    model: &str,
    budget: &str,
    given: Given,
    seeds: u32,
    epochs: &str,
) -> Result<(String, String), Box<dyn Error>> {
    let mut accuracies = Vec::new();
    let mut first = String::new();
    for seed in 1..=seeds {
        let mut all = given.to_vec();
        all.extend([
            ("budgetBits", budget),
            ("budgetCounts", "codes"),
            ("activationBits", "8"),
            ("epochs", epochs),
        ]);
        let end = run(model, seed, &all)?;
        if seed == 1 {
            let bits: Vec<String> = end
                .layers
                .iter()
                .map(|l| l.weight.bits.to_string())
                .collect();
            first = bits.join("/");
        }
        accuracies.push(accuracy(&end));
    }
    Ok((spread(&accuracies), first))
}
