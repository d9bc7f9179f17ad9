//! Whole runs from options as a command line has them: "model=mlp seed=2".

use super::given::options;
use ddq_playground::error::Error;
use ddq_playground::session::{Assets, Session, Snapshot};
use ddq_playground::train::trainer::Phase;

/// A session with the checkpoint of its model.
pub fn session(given: &str) -> Result<Session, Error> {
    let options = options(given)?;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/checkpoints");
    let checkpoint = std::fs::read(format!("{folder}/{}.bin", options.text("model")));
    Session::new(options, Assets::of_checkpoint(checkpoint.ok().as_deref()))
}

/// Runs a session to its end.
pub fn finish(session: &mut Session) -> Snapshot {
    while session.step(1).unwrap().phase != Phase::Done {}
    session.snapshot()
}

/// The end of a run.
pub fn run(given: &str) -> Snapshot {
    finish(&mut session(given).unwrap())
}

/// Runs that every export holds: every quantizer, odd widths, every model, inputs with and without a grid, sums of points.
pub const PACKED: &[&str] = &[
    "model=mlp method=uniform weightBits=3 activationBits=4 epochs=1",
    "model=cnn method=uniform range=minmax weightBits=5 activationBits=6 epochs=1",
    "model=mlp method=lsq weightBits=4 activationBits=4 epochs=1",
    "model=mlp method=lsq weightBits=7 activationBits=3 epochs=1",
    "model=mlp method=pact weightBits=2 activationBits=7 epochs=1",
    "model=mlp method=dorefa weightBits=3 activationBits=5 epochs=1",
    "model=mlp method=dorefa weightBits=1 activationBits=2 epochs=1",
    "model=mlp method=pot weightBits=4 activationBits=4 epochs=1",
    "model=mlp method=apot weightBits=6 activationBits=5 epochs=1",
    "model=mobile method=ddq budgetBits=3.5 activationBudgetBits=4 epochs=1 batchSize=64",
    "model=mlp method=ddq learnBits=false weightBits=8 activationBits=8 epochs=1",
    "model=mlp method=ddq learnBits=false weightBits=1 activationBits=1 epochs=1",
    "model=cnn method=ddq learnBits=false weightBits=5 activationBits=7 epochs=1",
    "model=mobile method=multipoint budgetBits=4",
    "data=moons model=mlp samples=200 hidden=9-7 pretrainEpochs=4 epochs=2 budgetBits=6",
    "model=mlp method=bsq startPlanes=7 budgetBits=5 epochs=1",
];
