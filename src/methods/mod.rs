//! The methods, a folder each: quantizers, what they do around the steps of a training or the search of their bits, their
//! options. A method is added by its folder and its row in the table here; the rest of the crate knows it by that row.
//! Rows behind the feature "methods" are not in the small binary with which a first view starts.

#[cfg(feature = "methods")]
pub mod apot;
#[cfg(feature = "methods")]
pub mod bsq;
pub mod ddq;
#[cfg(feature = "methods")]
pub mod dorefa;
pub mod float;
#[cfg(feature = "methods")]
pub mod greedy;
#[cfg(feature = "methods")]
pub mod haq;
#[cfg(feature = "methods")]
pub mod hawq;
#[cfg(feature = "methods")]
pub mod lsq;
#[cfg(feature = "methods")]
pub mod multipoint;
#[cfg(feature = "methods")]
pub mod ompq;
#[cfg(feature = "methods")]
pub mod oracle;
#[cfg(feature = "methods")]
pub mod pact;
#[cfg(feature = "methods")]
pub mod pot;
#[cfg(feature = "methods")]
pub mod random;
#[cfg(feature = "methods")]
pub mod sensitivity;
pub mod uniform;

use crate::train::method::{Catalogue, Method, names};
use crate::train::option_table::{self, OptionSpec};

/// Every method, in the order in which people meet them.
#[cfg(feature = "methods")]
pub const METHODS: [&Method; 17] = [
    &float::METHOD,
    &uniform::METHOD,
    &dorefa::METHOD,
    &lsq::METHOD,
    &pact::METHOD,
    &pot::METHOD,
    &apot::METHOD,
    &ddq::METHOD,
    &bsq::METHOD,
    &haq::METHOD,
    &ompq::METHOD,
    &hawq::METHOD,
    &sensitivity::METHOD,
    &greedy::METHOD,
    &random::METHOD,
    &oracle::METHOD,
    &multipoint::METHOD,
];

/// Those of a first view.
#[cfg(not(feature = "methods"))]
pub const METHODS: [&Method; 3] = [&float::METHOD, &uniform::METHOD, &ddq::METHOD];

/// The names alone.
pub const NAMES: &[&str] = &names(&METHODS);

const METHOD_OPTION: &[OptionSpec] = &[option_table::method(NAMES)];

/// All of them, with their options.
pub static CATALOGUE: Catalogue = Catalogue {
    methods: &METHODS,
    options: &[
        option_table::DATA_AND_MODEL,
        METHOD_OPTION,
        option_table::BITS,
        #[cfg(feature = "methods")]
        haq::OPTIONS,
        #[cfg(feature = "methods")]
        multipoint::OPTIONS,
        #[cfg(feature = "methods")]
        bsq::OPTIONS,
        option_table::RANGE,
        ddq::OPTIONS,
        option_table::TRAINING,
        #[cfg(feature = "methods")]
        option_table::PRECISION,
        option_table::SEED,
    ],
};
