//! Single-layer sensitivity with an exact allocation: D_l(b) = mean squared error of the logits with only layer l's
//! weights at b bits; then the bits with the least Σ D_l(b_l) within the budget, by the knapsack. The reference that
//! every other search is to be held against: nothing to tune.

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::search::evaluator::PostTraining;
use crate::search::knapsack::least_loss;
use crate::search::problem::Problem;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::Options;

/// Training samples that the logits are compared on.
const SAMPLES: usize = 256;

/// Bits whose loss the evidence of a layer lists: 1 to 8.
const WIDTHS: u32 = 8;

struct Sensitivity {
    problem: Problem,
    network: PostTraining,
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
    let layers = problem.layers.len();
    Ok(Box::new(Sensitivity {
        network: PostTraining::new(network, data, SAMPLES),
        report: SearchReport {
            steps: layers,
            evidence_name: "logit error at 1 to 8 bits".into(),
            ..SearchReport::default()
        },
        problem,
    }))
}

impl BitSearch for Sensitivity {
    /// One layer at all its widths.
    fn step(&mut self) -> Option<Allocation> {
        let layer = self.report.step;
        if layer < self.problem.layers.len() {
            let mut bits = vec![None; self.problem.layers.len()];
            let mut row = Vec::new();
            for width in 1..=WIDTHS {
                bits[layer] = Some(width);
                row.push(self.network.logit_error(&bits) as f32);
            }
            self.report.evidence.push(row);
            self.report.step += 1;
            return None;
        }
        let best = least_loss(&self.problem, |layer, bits| {
            f64::from(self.report.evidence[layer][bits as usize - 1])
        });
        self.report.best.clone_from(&best);
        Some(self.problem.allocation(best))
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
