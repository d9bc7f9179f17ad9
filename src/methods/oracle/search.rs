//! The oracle: every allocation within the budget, tried. For networks of at most four free layers; what the other
//! searches are measured against. Allocations with room to spare are tried too: without training, a bit less
//! sometimes classifies a sample more.

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::search::evaluator::{PostTraining, SCORE_SAMPLES, Score};
use crate::search::problem::Problem;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::{Options, invalid};

/// Free layers up to which all allocations can be tried.
const MOST_LAYERS: usize = 4;

struct Oracle {
    problem: Problem,
    network: PostTraining,
    left: Vec<Vec<u32>>,
    best: Option<Score>,
    report: SearchReport,
}

/// Begins a search.
///
/// # Errors
/// `InvalidOption` for a budget out of reach or a network with too many free layers.
pub fn start(
    options: &Options,
    network: &Network,
    data: &Dataset,
) -> Result<Box<dyn BitSearch>, Error> {
    let problem = Problem::new(options, network)?;
    let free = problem.free().count();
    if free > MOST_LAYERS {
        return Err(invalid(
            "method",
            "\"oracle\"",
            &format!(
                "another method for {free} free layers: the oracle tries every allocation of at most {MOST_LAYERS} layers; lock some or use mlp"
            ),
        ));
    }
    let mut left = all_within(&problem);
    // Popped from the end: the first allocations first.
    left.reverse();
    Ok(Box::new(Oracle {
        network: PostTraining::new(network, data, SCORE_SAMPLES),
        report: SearchReport {
            steps: left.len(),
            ..SearchReport::default()
        },
        problem,
        left,
        best: None,
    }))
}

/// Every allocation within the budget.
pub fn all_within(problem: &Problem) -> Vec<Vec<u32>> {
    let mut all = vec![problem.fewest()];
    for layer in problem.free() {
        let (fewest, most) = problem.layers[layer].bits;
        let raised = all.iter().flat_map(|bits| {
            (fewest..=most).map(|width| {
                let mut bits = bits.clone();
                bits[layer] = width;
                bits
            })
        });
        all = raised
            .filter(|bits| problem.total(bits) <= problem.capacity)
            .collect();
    }
    all
}

impl BitSearch for Oracle {
    /// One allocation.
    fn step(&mut self) -> Option<Allocation> {
        if let Some(bits) = self.left.pop() {
            let score = self.network.score(&bits, &self.problem.activation);
            self.report.accuracies.push(score.accuracy as f32);
            if self.best.is_none_or(|best| score.beats(&best)) {
                self.best = Some(score);
                self.report.best = bits;
            }
            self.report.step += 1;
        }
        self.left
            .is_empty()
            .then(|| self.problem.allocation(self.report.best.clone()))
    }

    fn best(&self) -> Option<Allocation> {
        self.best
            .map(|_| self.problem.allocation(self.report.best.clone()))
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
