//! Random allocations pushed into the budget by HAQ's wall; the most accurate on the calibration samples wins. What
//! every learning search has to beat.

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::rng::{Rng, Stream};
use crate::search::evaluator::{PostTraining, SCORE_SAMPLES, Score};
use crate::search::problem::Problem;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::Options;

struct Random {
    problem: Problem,
    network: PostTraining,
    rng: Rng,
    best: Option<Score>,
    report: SearchReport,
}

/// Begins a search.
///
/// # Errors
/// `InvalidOption` for a budget out of reach.
pub fn start(
    options: &Options,
    network: &Network,
    data: &Dataset,
) -> Result<Box<dyn BitSearch>, Error> {
    Ok(Box::new(Random {
        problem: Problem::new(options, network)?,
        network: PostTraining::new(network, data, SCORE_SAMPLES),
        rng: Rng::new(options.seed(), Stream::Search),
        best: None,
        report: SearchReport {
            steps: options.integer("episodes"),
            ..SearchReport::default()
        },
    }))
}

impl BitSearch for Random {
    /// One allocation.
    fn step(&mut self) -> Option<Allocation> {
        let mut bits = self.problem.fewest();
        for (bits, layer) in bits.iter_mut().zip(&self.problem.layers) {
            *bits += self.rng.below((layer.bits.1 - layer.bits.0 + 1) as usize) as u32;
        }
        self.problem.wall(&mut bits);
        let score = self.network.score(&bits, &self.problem.activation);
        self.report.accuracies.push(score.accuracy as f32);
        if self.best.is_none_or(|best| score.beats(&best)) {
            self.best = Some(score);
            self.report.best = bits;
        }
        self.report.step += 1;
        (self.report.step >= self.report.steps)
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
