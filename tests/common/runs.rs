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
