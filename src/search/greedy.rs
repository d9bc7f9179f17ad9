//! Greedy allocation: from the most bits down, a bit at a time where the logits of the network lose least per bit of
//! storage saved, until the budget holds; then bits are given back, where they gain most per bit of storage, while
//! they fit.

use super::evaluator::PostTraining;
use super::problem::Problem;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::Options;

/// Training samples that the logits are compared on.
const SAMPLES: usize = 128;

/// Whether bits are taken or given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Down,
    Up,
}

/// The course of bits alone: it names allocations and is told their errors, so that it knows no network.
#[derive(Debug, Clone)]
pub struct Course {
    problem: Problem,
    bits: Vec<u32>,
    /// Error of `bits`; None before it is known.
    now: Option<f64>,
    way: Way,
    /// Error with one layer's bits changed by one, for each layer tried in this round.
    tried: Vec<Option<f64>>,
}

impl Course {
    /// From the most bits of every layer. The problem's fewest bits must be within its budget.
    pub fn new(problem: Problem) -> Self {
        let bits = problem.most();
        Self {
            now: None,
            way: Way::Down,
            tried: vec![None; bits.len()],
            bits,
            problem,
        }
    }

    /// The bits so far: within the budget once there is nothing to ask.
    pub fn bits(&self) -> &[u32] {
        &self.bits
    }

    /// The next allocation whose error is to be told; None at the end.
    pub fn ask(&mut self) -> Option<Vec<u32>> {
        if self.now.is_none() {
            return Some(self.bits.clone());
        }
        loop {
            if self.way == Way::Down && self.problem.allows(&self.bits) {
                self.way = Way::Up;
            }
            if let Some(layer) = self.untried() {
                return Some(self.changed(layer));
            }
            if !self.take_best() {
                return None;
            }
        }
    }

    /// Takes the error of the allocation asked last.
    pub fn tell(&mut self, error: f64) {
        match (self.now, self.untried()) {
            (Some(_), Some(layer)) => self.tried[layer] = Some(error),
            _ => self.now = Some(error),
        }
    }

    /// The bits with one bit more or less of a layer.
    fn changed(&self, layer: usize) -> Vec<u32> {
        let mut bits = self.bits.clone();
        match self.way {
            Way::Down => bits[layer] -= 1,
            Way::Up => bits[layer] += 1,
        }
        bits
    }

    fn untried(&self) -> Option<usize> {
        (0..self.bits.len()).find(|&layer| self.tried[layer].is_none() && self.can_change(layer))
    }

    fn can_change(&self, layer: usize) -> bool {
        let (fewest, most) = self.problem.layers[layer].bits;
        match self.way {
            Way::Down => self.bits[layer] > fewest,
            Way::Up => self.bits[layer] < most && self.problem.allows(&self.changed(layer)),
        }
    }

    /// Makes the change with the least added error per stored bit, or with the most removed, and begins a new round;
    /// false where a round has no change, or none that is worth a bit.
    fn take_best(&mut self) -> bool {
        let now = self.now.unwrap_or(0.0);
        let per_bit = |(layer, &error): (usize, &Option<f64>)| {
            let stored = self.problem.cost(layer, 1) - self.problem.cost(layer, 0);
            let error = error?;
            Some((layer, error, (error - now) / stored as f64))
        };
        let found = self.tried.iter().enumerate().filter_map(per_bit);
        let best = found.min_by(|a, b| a.2.total_cmp(&b.2));
        let Some((layer, error, added)) = best else {
            return false;
        };
        if self.way == Way::Up && added >= 0.0 {
            return false;
        }
        self.bits = self.changed(layer);
        self.now = Some(error);
        self.tried.fill(None);
        true
    }
}

struct Greedy {
    course: Course,
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
    let drops =
        |layer: usize| (problem.layers[layer].bits.1 - problem.layers[layer].bits.0) as usize;
    // At most, as long as only drops are counted: the start, and every free layer tried for every drop.
    let steps = 1 + problem.free().map(drops).sum::<usize>() * problem.free().count();
    Ok(Box::new(Greedy {
        network: PostTraining::new(network, data, SAMPLES),
        report: SearchReport {
            steps,
            best: problem.most(),
            ..SearchReport::default()
        },
        course: Course::new(problem),
    }))
}

impl BitSearch for Greedy {
    /// The error of one allocation.
    fn step(&mut self) -> Option<Allocation> {
        let asked = self.course.ask();
        self.report.best = self.course.bits().to_vec();
        let Some(bits) = asked else {
            return Some(self.course.problem.allocation(self.report.best.clone()));
        };
        let bits: Vec<Option<u32>> = bits.into_iter().map(Some).collect();
        self.course.tell(self.network.logit_error(&bits));
        self.report.step += 1;
        self.report.steps = self.report.steps.max(self.report.step);
        None
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }

    /// What is within the budget, once bits are given back.
    fn best(&self) -> Option<Allocation> {
        let (problem, bits) = (&self.course.problem, self.course.bits());
        problem
            .allows(bits)
            .then(|| problem.allocation(bits.to_vec()))
    }
}
