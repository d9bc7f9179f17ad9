//! Writes the seeds of every target: `cargo run --example seeds -- FOLDER` makes FOLDER/TARGET/000 and so on.

use ddq_playground_fuzz::{TARGETS, regressions, seeds};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = env::args().nth(1).expect("a folder for the seeds");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (target, _) in TARGETS {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        let files = seeds(target, &root).into_iter();
        let files = files.chain(regressions(target, &root));
        for (index, bytes) in files.enumerate() {
            fs::write(folder.join(format!("{index:03}")), bytes)?;
        }
    }
    Ok(())
}
