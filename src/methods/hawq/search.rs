//! HAWQ-style allocation (Dong et al., HAWQ-V2 2020, V3 2021): Ω_l(b) = Tr(H_l)/n_l · ‖Q_b(W_l) − W_l‖², the second-order
//! estimate of what b bits cost in loss; then the least Σ Ω_l(b_l) within the budget, exactly.
//!
//! The trace of each layer's Hessian by Hutchinson's estimator, Tr(H) = E[vᵀHv] with random signs v, for all layers at
//! once: signs of different layers are independent, so what one layer's direction adds to another's vᵀHv averages out.
//! Hv by central differences of gradients: Hv ≈ (g(w + εv) − g(w − εv)) / 2ε.

use crate::data::Dataset;
use crate::error::Error;
use crate::nn::loss::softmax_cross_entropy;
use crate::nn::network::{Mode, Network};
use crate::nn::tensor::Tensor;
use crate::rng::{Rng, Stream};
use crate::search::evaluator::PostTraining;
use crate::search::knapsack::least_loss;
use crate::search::problem::Problem;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::evaluate::load_batch;
use crate::train::options::Options;

/// Random directions.
const PROBES: usize = 32;
/// Training samples that gradients are taken on.
const SAMPLES: usize = 256;
/// ε in units of a layer's root mean square weight: small against the weights, large against rounding.
const RELATIVE_STEP: f32 = 1e-2;

/// Estimates the mean curvature Tr(H_l)/n_l of every layer's weights, a probe at a time.
pub struct TraceEstimator {
    network: Network,
    weights: Vec<Vec<f32>>,
    input: Tensor,
    labels: Vec<u8>,
    rng: Rng,
    sums: Vec<f64>,
    probes: usize,
}

impl TraceEstimator {
    /// For a float network and the first `samples` training samples.
    pub fn new(network: &Network, data: &Dataset, samples: usize, seed: u64) -> Self {
        let network = network.clone();
        let weights: Vec<Vec<f32>> = network
            .linears()
            .map(|linear| linear.weight.value.clone())
            .collect();
        let indices: Vec<usize> = (0..data.train.len().min(samples)).collect();
        let mut input = Tensor::default();
        load_batch(data, &data.train, &indices, &mut input);
        Self {
            labels: data.train.labels[..indices.len()].to_vec(),
            sums: vec![0.0; weights.len()],
            rng: Rng::new(seed, Stream::Search),
            network,
            weights,
            input,
            probes: 0,
        }
    }

    /// One direction.
    pub fn probe(&mut self) {
        let direction = |weights: &Vec<f32>, rng: &mut Rng| {
            let square: f32 = weights.iter().map(|w| w * w).sum();
            let step = RELATIVE_STEP * (square / weights.len().max(1) as f32).sqrt().max(1e-12);
            weights
                .iter()
                .map(|_| {
                    if rng.next_u32() >> 31 == 0 {
                        step
                    } else {
                        -step
                    }
                })
                .collect()
        };
        let directions: Vec<Vec<f32>> = self
            .weights
            .iter()
            .map(|w| direction(w, &mut self.rng))
            .collect();
        let above = self.gradient_at(&directions, 1.0);
        let below = self.gradient_at(&directions, -1.0);
        for (layer, sum) in self.sums.iter_mut().enumerate() {
            // The direction is εv, so v·(g⁺ − g⁻)/2ε = (εv)·(g⁺ − g⁻)/2ε².
            let step = f64::from(directions[layer].first().map_or(1.0, |d| d.abs()));
            let difference = above[layer]
                .iter()
                .zip(&below[layer])
                .map(|(a, b)| f64::from(a - b));
            let product: f64 = difference
                .zip(&directions[layer])
                .map(|(d, &v)| d * f64::from(v))
                .sum();
            *sum += product / (2.0 * step * step);
        }
        self.probes += 1;
    }

    fn gradient_at(&mut self, directions: &[Vec<f32>], sign: f32) -> Vec<Vec<f32>> {
        for ((linear, weights), direction) in self
            .network
            .linears_mut()
            .zip(&self.weights)
            .zip(directions)
        {
            let moved = weights.iter().zip(direction).map(|(w, d)| w + sign * d);
            linear.weight.value.clear();
            linear.weight.value.extend(moved);
        }
        self.network.zero_gradients();
        let mut gradient = Tensor::default();
        let logits = self.network.forward(&self.input, Mode::Train);
        softmax_cross_entropy(logits, &self.labels, &mut gradient);
        self.network.backward(&gradient);
        self.network
            .linears()
            .map(|linear| linear.weight.gradient.clone())
            .collect()
    }

    /// Tr(H_l)/n_l so far; a layer at a saddle counts as flat.
    pub fn mean_curvature(&self) -> Vec<f64> {
        let mean = |(sum, weights): (&f64, &Vec<f32>)| {
            (sum / self.probes.max(1) as f64 / weights.len().max(1) as f64).max(0.0)
        };
        self.sums.iter().zip(&self.weights).map(mean).collect()
    }
}

struct Hawq {
    problem: Problem,
    network: PostTraining,
    estimator: TraceEstimator,
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
    Ok(Box::new(Hawq {
        problem: Problem::new(options, network)?,
        network: PostTraining::new(network, data, 1),
        estimator: TraceEstimator::new(network, data, SAMPLES, options.seed()),
        report: SearchReport {
            steps: PROBES,
            evidence_name: "Hessian trace per weight".into(),
            ..SearchReport::default()
        },
    }))
}

impl BitSearch for Hawq {
    /// One probe.
    fn step(&mut self) -> Option<Allocation> {
        if self.report.step < PROBES {
            self.estimator.probe();
            self.report.step += 1;
            let curvature = self.estimator.mean_curvature();
            self.report.evidence = curvature.iter().map(|&c| vec![c as f32]).collect();
            return None;
        }
        let curvature = self.estimator.mean_curvature();
        let mut losses: Vec<Vec<f64>> = Vec::new();
        for (layer, &curvature) in curvature.iter().enumerate() {
            let loss = |bits| curvature * self.network.weight_error(layer, bits);
            losses.push((1..=8).map(loss).collect());
        }
        let best = least_loss(&self.problem, |layer, bits| {
            losses[layer][bits as usize - 1]
        });
        self.report.best.clone_from(&best);
        Some(self.problem.allocation(best))
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::DatasetSpec;
    use crate::nn::models;
    use crate::train::evaluate::sample_shape;

    /// The exact trace by differences along every single weight.
    #[test]
    fn the_estimate_nears_the_trace_found_weight_by_weight() {
        let spec = DatasetSpec {
            name: "moons".into(),
            samples: 80,
            noise: 0.1,
            seed: 1,
        };
        let data = Dataset::build(&spec).unwrap();
        let network = models::mlp(sample_shape(&data), &[4], 2, &mut Rng::new(1, Stream::Init));
        let mut estimator = TraceEstimator::new(&network, &data, 60, 1);
        let mut exact = Vec::new();
        for layer in 0..estimator.weights.len() {
            let mut trace = 0.0;
            for index in 0..estimator.weights[layer].len() {
                let mut directions: Vec<Vec<f32>> = estimator
                    .weights
                    .iter()
                    .map(|w| vec![0.0; w.len()])
                    .collect();
                directions[layer][index] = 1e-2;
                let above = estimator.gradient_at(&directions, 1.0)[layer][index];
                let below = estimator.gradient_at(&directions, -1.0)[layer][index];
                trace += f64::from(above - below) / 2e-2;
            }
            exact.push(trace / estimator.weights[layer].len() as f64);
        }
        for _ in 0..400 {
            estimator.probe();
        }
        for (found, exact) in estimator.mean_curvature().iter().zip(exact) {
            assert!(
                (found - exact).abs() < 0.15 * exact.abs() + 2e-3,
                "{found} for {exact}"
            );
        }
    }
}
