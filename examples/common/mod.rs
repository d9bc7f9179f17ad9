//! What the tables share: a whole run on the digits, and a mean with its deviation.

use ddq_playground::methods::CATALOGUE;
use ddq_playground::session::{Assets, Session, Snapshot};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use std::error::Error;

/// The end of one run of `model` on the digits, from its float checkpoint.
pub fn run(model: &str, seed: u32, given: &[(&str, &str)]) -> Result<Snapshot, Box<dyn Error>> {
    let seed = seed.to_string();
    let own = [("data", "digits"), ("model", model), ("seed", &seed)];
    let text = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let options = Options::parse(
        &CATALOGUE,
        &own.iter().chain(given).map(text).collect::<Vec<_>>(),
    )?;
    let checkpoint = std::fs::read(format!("pkg/checkpoints/{model}.bin"))?;
    let mut session = Session::new(options, Assets::of_checkpoint(Some(&checkpoint)))?;
    while session.step(1)?.phase != Phase::Done {}
    Ok(session.snapshot())
}

/// Test accuracy in percent.
pub fn accuracy(end: &Snapshot) -> f64 {
    100.0 * end.test_accuracy.unwrap_or(f64::NAN)
}

/// Mean ± standard deviation of a sample.
pub fn spread(values: &[f64]) -> String {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    format!(
        "{mean:.1} ± {:.1}",
        (squares / (count - 1.0).max(1.0)).sqrt()
    )
}
