//! Trains the float checkpoints in `pkg/checkpoints` again, for all models or for those named.
//!
//!     cargo run --release --example pretrain
//!     cargo run --release --example pretrain -- mobile
//!
//! Trained on the train split of seed 0, on which pretrained sessions run.

use ddq_playground::methods::CATALOGUE;
use ddq_playground::session::{Assets, Session, Which};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use std::error::Error;

/// Model, epochs, learning rate of AdamW.
const RECIPES: [(&str, &str, &str); 3] = [
    ("mlp", "40", "0.004"),
    ("cnn", "30", "0.006"),
    ("mobile", "60", "0.01"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for (model, epochs, rate) in RECIPES {
        if wanted.is_empty() || wanted.iter().any(|name| name == model) {
            pretrain(model, epochs, rate)?;
        }
    }
    Ok(())
}

fn pretrain(model: &str, epochs: &str, rate: &str) -> Result<(), Box<dyn Error>> {
    let mut session = Session::new(
        options(&[
            ("model", model),
            ("pretrained", "false"),
            ("pretrainEpochs", epochs),
            ("pretrainLearningRate", rate),
            ("batchSize", "64"),
            ("seed", "0"),
        ])?,
        Assets::default(),
    )?;
    while session.step(1)?.phase == Phase::Pretrain {}
    let bytes = session.checkpoint();
    let file = format!("pkg/checkpoints/{model}.bin");
    std::fs::write(&file, &bytes)?;
    let mut loaded = Session::new(
        options(&[("model", model)])?,
        Assets::of_checkpoint(Some(&bytes)),
    )?;
    println!(
        "{file}: {} bytes, accuracy train {:.2} %, test {:.2} %",
        bytes.len(),
        100.0 * loaded.evaluate("train", Which::Reference)?.accuracy,
        100.0 * loaded.evaluate("test", Which::Reference)?.accuracy,
    );
    Ok(())
}

fn options(given: &[(&str, &str)]) -> Result<Options, ddq_playground::error::Error> {
    let text = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let mut all = vec![text(&("method", "float")), text(&("epochs", "0"))];
    all.extend(given.iter().map(text));
    Options::parse(&CATALOGUE, &all)
}
