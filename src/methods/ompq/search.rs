//! OMPQ (Ma et al., AAAI 2023): bits without search or labels. How orthogonal each layer's function is to the others'
//! says how much it matters; a linear program gives the bits.
//!
//! With the features F_l of 64 training images, K_l = F_l F_lᵀ and K̃ its centred form,
//! ORM(i, j) = ⟨K̃_i, K̃_j⟩ / (‖K̃_i‖·‖K̃_j‖), γ_i = Σ_{j≠i} ORM(i, j) (redundancy), θ_i = exp(−β(γ_i − min γ)), and
//! c_i the mean of θ_j over the layers j ≥ i. The program: the most Σ c_i·b_i with Σ n_i·b_i within the budget and
//! each b_i in a narrow range around it. One row and box bounds make it a fractional knapsack, solved exactly; whole
//! bits come from the integer program of the same objective, so they never exceed the budget and never do worse
//! than the floored solution.
//!
//! The objective is linear in the bits: the eighth is worth as much as the third, so solutions sit at the ends of
//! the range. That is why the range is narrow (the budget's whole bits less 1 to 2 more), and why on small networks
//! the sensitivity search does better.

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::{Mode, Network};
use crate::nn::node::Op;
use crate::nn::tensor::Tensor;
use crate::search::knapsack::least_loss;
use crate::search::problem::Problem;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::evaluate::load_batch;
use crate::train::options::Options;

/// Unlabeled training samples that features are taken of.
const SAMPLES: usize = 64;
/// β of θ = exp(−β(γ − min γ)).
const BETA: f64 = 10.0;

/// A centred Gram matrix of features `[d, n]` (sample last): K̃ = J·FᵀF·J, n × n, row by row.
pub fn centred_gram(features: &[f32], n: usize) -> Vec<f64> {
    let mut gram = vec![0.0; n * n];
    for row in features.chunks_exact(n) {
        let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64;
        let centred: Vec<f64> = row.iter().map(|&v| f64::from(v) - mean).collect();
        for (gram, &a) in gram.chunks_exact_mut(n).zip(&centred) {
            for (gram, &b) in gram.iter_mut().zip(&centred) {
                *gram += a * b;
            }
        }
    }
    gram
}

/// ORM of two centred Gram matrices, in [0, 1]; 0 where one of them is 0 (a dead layer).
pub fn orthogonality(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let norms = dot(a, a).sqrt() * dot(b, b).sqrt();
    if norms > 0.0 {
        (dot(a, b) / norms).clamp(0.0, 1.0)
    } else {
        0.0
    }
}

/// γ of every layer from their centred Gram matrices.
pub fn redundancies(grams: &[Vec<f64>]) -> Vec<f64> {
    let gamma = |i: usize| {
        let others = grams.iter().enumerate().filter(|(j, _)| *j != i);
        others.map(|(_, gram)| orthogonality(&grams[i], gram)).sum()
    };
    (0..grams.len()).map(gamma).collect()
}

/// The weights c of the objective from γ.
pub fn importances(gamma: &[f64], beta: f64) -> Vec<f64> {
    let least = gamma.iter().copied().fold(f64::INFINITY, f64::min);
    // In f64 and less the smallest γ: e^(−βγ) itself would leave the numbers.
    let theta: Vec<f64> = gamma
        .iter()
        .map(|g| libm::exp(-beta * (g - least)))
        .collect();
    (0..theta.len())
        .map(|i| theta[i..].iter().sum::<f64>() / (theta.len() - i) as f64)
        .collect()
}

/// The linear program: bits (one of them fractional at most) within `bounds` with the most Σ c·b and
/// Σ weights·b ≤ `capacity`; None where the lower bounds exceed it.
pub fn linear_program(
    c: &[f64],
    weights: &[usize],
    bounds: &[(u32, u32)],
    capacity: f64,
) -> Option<Vec<f64>> {
    let mut bits: Vec<f64> = bounds.iter().map(|b| f64::from(b.0)).collect();
    let used: f64 = bits.iter().zip(weights).map(|(b, &n)| b * n as f64).sum();
    let mut room = capacity - used;
    if room < 0.0 {
        return None;
    }
    let mut order: Vec<usize> = (0..c.len()).collect();
    order.sort_by(|&a, &b| (c[b] / weights[b] as f64).total_cmp(&(c[a] / weights[a] as f64)));
    for layer in order {
        let more = (room / weights[layer] as f64).min(f64::from(bounds[layer].1) - bits[layer]);
        bits[layer] += more;
        room -= more * weights[layer] as f64;
    }
    Some(bits)
}

/// Where each layer's features stand: its node followed through batch norm and activation, and, where that is all
/// that reads it, through the residual sum.
fn feature_nodes(network: &Network) -> Vec<usize> {
    let nodes = network.nodes();
    let follow = |start: usize| {
        let mut at = start;
        loop {
            let mut readers = (0..nodes.len()).filter(|&reader| nodes[reader].inputs.contains(&at));
            match (readers.next(), readers.next()) {
                (Some(next), None) => match nodes[next].op {
                    Op::BatchNorm(_) | Op::Activation(_) => at = next,
                    Op::Add => return next,
                    _ => return at,
                },
                _ => return at,
            }
        }
    };
    let linear = |&index: &usize| matches!(nodes[index].op, Op::Linear(_));
    (0..nodes.len()).filter(linear).map(follow).collect()
}

struct Ompq {
    problem: Problem,
    network: Network,
    input: Tensor,
    nodes: Vec<usize>,
    grams: Vec<Vec<f64>>,
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
    let mut problem = Problem::new(options, network)?;
    narrow(&mut problem, options.budget_bits().unwrap_or(8.0));
    let mut network = network.clone();
    let indices: Vec<usize> = (0..data.train.len().min(SAMPLES)).collect();
    let mut input = Tensor::default();
    load_batch(data, &data.train, &indices, &mut input);
    network.forward(&input, Mode::Eval);
    let nodes = feature_nodes(&network);
    Ok(Box::new(Ompq {
        report: SearchReport {
            steps: nodes.len(),
            evidence_name: "redundancy γ".into(),
            ..SearchReport::default()
        },
        problem,
        network,
        input,
        nodes,
        grams: Vec::new(),
    }))
}

/// Narrows the free layers to the budget's whole bits less 1 up to 2 more, as far as the fewest bits allow.
fn narrow(problem: &mut Problem, budget: f32) {
    let whole = budget as u32;
    let fewest_allowed = problem.fewest();
    for layer in &mut problem.layers {
        let (fewest, most) = layer.bits;
        let low = whole.saturating_sub(1).clamp(fewest, most);
        layer.bits = (low, (whole + 2).clamp(low, most));
    }
    // A budget hardly above the fewest bits: the range reaches down until they fit, which `Problem::new` has checked.
    while problem.total(&problem.fewest()) > problem.capacity {
        for (layer, &fewest) in problem.layers.iter_mut().zip(&fewest_allowed) {
            layer.bits.0 = (layer.bits.0 - 1).max(fewest);
        }
    }
}

impl BitSearch for Ompq {
    /// One layer's Gram matrix.
    fn step(&mut self) -> Option<Allocation> {
        let n = self.input.shape().n;
        if let Some(&node) = self.nodes.get(self.grams.len()) {
            self.grams
                .push(centred_gram(self.network.nodes()[node].output.data(), n));
            self.report.step += 1;
            return None;
        }
        let gamma = redundancies(&self.grams);
        self.report.evidence = gamma.iter().map(|&g| vec![g as f32]).collect();
        let c = importances(&gamma, BETA);
        let best = least_loss(&self.problem, |layer, bits| -c[layer] * f64::from(bits));
        self.report.best.clone_from(&best);
        Some(self.problem.allocation(best))
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
