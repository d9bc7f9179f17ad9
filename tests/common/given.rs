//! Options as a command line has them: "model=mlp seed=2".

use ddq_playground::error::Error;
use ddq_playground::methods::CATALOGUE;
use ddq_playground::train::options::Options;

/// The options of a text.
pub fn options(given: &str) -> Result<Options, Error> {
    let pairs = given.split_whitespace().map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    });
    Options::parse(&CATALOGUE, &pairs.collect::<Vec<_>>())
}
