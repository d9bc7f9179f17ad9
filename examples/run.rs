//! Runs one session natively and prints a line per epoch, and the trace of the whole run.
//!
//!     cargo run --release --example run -- model=mlp method=ddq budgetBits=3 seed=2
//!
//! Options are those of `createSession`, as name=value. Checkpoints are read from `pkg/checkpoints`.

use ddq_playground::methods::CATALOGUE;
use ddq_playground::session::{Assets, Session, Snapshot};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut given = Vec::new();
    for argument in std::env::args().skip(1) {
        let (name, value) = argument.split_once('=').ok_or("expected name=value")?;
        given.push((name.to_owned(), value.to_owned()));
    }
    let options = Options::parse(&CATALOGUE, &given)?;
    let file = format!("pkg/checkpoints/{}.bin", options.text("model"));
    let mut session = Session::new(
        options,
        Assets::of_checkpoint(std::fs::read(file).ok().as_deref()),
    )?;
    let mut shown = None;
    loop {
        let progress = session.step(1)?;
        if shown != Some((progress.phase, progress.epoch)) {
            shown = Some((progress.phase, progress.epoch));
            print(&session.snapshot());
        }
        if progress.phase == Phase::Done {
            println!("trace {}", session.snapshot().trace.digits());
            return Ok(());
        }
    }
}

fn print(snapshot: &Snapshot) {
    let percent =
        |part: Option<f64>| part.map_or("–".to_owned(), |p| format!("{:.2} %", 100.0 * p));
    let layers = snapshot.layers.iter();
    let bits: Vec<String> = layers
        .map(|l| match &l.activation {
            Some(activation) => format!("{}/{}", l.weight.bits, activation.bits),
            None => l.weight.bits.to_string(),
        })
        .collect();
    println!(
        "{:9} epoch {:3}  loss {:.4}  test {}  float {}  {:.2} bits  {}",
        snapshot.progress.phase.name(),
        snapshot.progress.epoch,
        snapshot.progress.loss,
        percent(snapshot.test_accuracy),
        percent(snapshot.float_accuracy),
        snapshot.sizes.average_bits(),
        bits.join(" "),
    );
}
