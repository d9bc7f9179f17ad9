//! Methods that choose the bits of each layer before the training: a search looks at the float network through
//! post-training quantization and ends with an [`Allocation`](crate::train::allocation::Allocation) within the
//! budget. Each works in bounded steps and reports where it stands. [`multipoint`] chooses points of rows instead, and
//! hands over the quantizers that it made.

pub mod advice;
pub mod evaluator;
pub mod greedy;
pub mod haq;
pub mod hardware;
pub mod hawq;
pub mod knapsack;
pub mod multipoint;
pub mod ompq;
pub mod oracle;
pub mod problem;
pub mod random;
pub mod sensitivity;

use crate::train::allocation::StartSearch;

/// The table of searches by the method's name: adding one is one file, one row here and one among the methods.
pub const SEARCHES: &[(&str, StartSearch)] = &[
    ("haq", haq::start),
    ("ompq", ompq::start),
    ("hawq", hawq::start),
    ("sensitivity", sensitivity::start),
    ("greedy", greedy::start),
    ("random", random::start),
    ("oracle", oracle::start),
    ("multipoint", multipoint::start),
];

/// How the search of a method begins; None for a method without one.
pub fn find(method: &str) -> Option<StartSearch> {
    let row = SEARCHES.iter().find(|(name, _)| *name == method);
    row.map(|(_, start)| *start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::methods::{Bits, METHODS};

    #[test]
    fn every_searching_method_has_its_search_and_the_other_way_round() {
        for method in METHODS {
            assert_eq!(
                find(method.name).is_some(),
                !matches!(method.bits, Bits::Given | Bits::Learned),
                "{method:?}"
            );
        }
        assert!(
            SEARCHES
                .iter()
                .all(|(name, _)| METHODS.iter().any(|method| method.name == *name))
        );
    }
}
