//! Greedy allocation: from the most bits down, a bit at a time where it loses least per bit of storage saved, judged by
//! the logits of the network as it then stands.

use super::evaluator::PostTraining;
use super::problem::Problem;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::Options;

/// Training samples that the logits are compared on.
const SAMPLES: usize = 128;

struct Greedy {
    problem: Problem,
    network: PostTraining,
    bits: Vec<u32>,
    /// Logit error with one bit less, for each layer tried in this round.
    tried: Vec<Option<f64>>,
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
    let problem = Problem::new(options, network)?;
    let bits = problem.most();
    let drops =
        |layer: usize| (problem.layers[layer].bits.1 - problem.layers[layer].bits.0) as usize;
    // At most: every free layer tried for every drop.
    let steps = problem.free().map(drops).sum::<usize>() * problem.free().count();
    Ok(Box::new(Greedy {
        network: PostTraining::new(network, data, SAMPLES),
        tried: vec![None; bits.len()],
        report: SearchReport {
            steps,
            best: bits.clone(),
            ..SearchReport::default()
        },
        bits,
        problem,
    }))
}

impl Greedy {
    fn error_with(&mut self, layer: usize, bits: u32) -> f64 {
        let mut all: Vec<Option<u32>> = self.bits.iter().copied().map(Some).collect();
        all[layer] = Some(bits);
        self.network.logit_error(&all)
    }
}

impl BitSearch for Greedy {
    /// One layer tried with one bit less, or the best of them taken.
    fn step(&mut self) -> Option<Allocation> {
        if self.problem.allows(&self.bits) {
            return Some(self.problem.allocation(self.bits.clone()));
        }
        let can_drop = |layer: usize| self.bits[layer] > self.problem.layers[layer].bits.0;
        let next =
            (0..self.bits.len()).find(|&layer| self.tried[layer].is_none() && can_drop(layer));
        if let Some(layer) = next {
            self.tried[layer] = Some(self.error_with(layer, self.bits[layer] - 1));
            self.report.step += 1;
            return None;
        }
        let per_bit = |layer: usize| {
            let saved = self.problem.cost(layer, 1) - self.problem.cost(layer, 0);
            self.tried[layer].map(|error| (layer, error / saved as f64))
        };
        let found = (0..self.bits.len())
            .filter_map(per_bit)
            .min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((layer, _)) = found {
            self.bits[layer] -= 1;
        }
        self.tried.fill(None);
        self.report.best.clone_from(&self.bits);
        None
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
