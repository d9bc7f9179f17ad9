//! Which rows get more points (see [`super::quantizer`]), after the training and without changing it.
//!
//! Every row starts with one point. A row's score is e / Var / d: its output error on the calibration samples, with the
//! layers before it on quantized activations, over the mean variance of its layer's outputs and over the weights that a
//! point more costs. The row with the largest score gets a point and is scored again, until the budget holds no
//! further point, or every row's e / Var is below the tolerance. Dividing each row's error by its own variance instead
//! would choose no better than chance: what a row adds to the layer's error is what counts.

use super::cost::bits_for_points;
use super::layer::Layer;
use super::quantizer::MOST_POINTS;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::rng::{Rng, Stream};
use crate::train::allocation::{Allocation, BitSearch, LayerQuantizers, SearchReport, pinned};
use crate::train::calibrate::{attach_quantizers, calibration_inputs};
use crate::train::options::Options;
use core::cmp::Ordering;
use std::collections::BinaryHeap;

/// Multiply–accumulates of one step: a few milliseconds.
const STEP_MACS: usize = 4 << 20;

/// How the next row is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one with the largest score.
    Score,
    /// Any: what the score has to beat.
    Random,
}

/// What the next step does.
enum Stage {
    /// Gives the activations their quantizers.
    Activations,
    /// Takes down the inputs of every layer.
    Inputs,
    /// Gives rows their first point: layer and row of the next.
    FirstPoints(usize, usize),
    /// Gives rows more.
    MorePoints,
    /// Nothing.
    Done,
}

/// A row that may get a point more.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    score: f64,
    layer: usize,
    row: usize,
}

/// The largest score is the greatest; of equals the first row.
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = self.score.total_cmp(&other.score);
        by_score.then_with(|| (other.layer, other.row).cmp(&(self.layer, self.row)))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// A distribution of points among the rows of a network, in progress.
pub struct PointSearch {
    options: Options,
    data: Dataset,
    /// The float network; its activation quantizers from the first step on.
    network: Network,
    allocation: Allocation,
    choice: Choice,
    rng: Rng,
    tolerance: f64,
    /// Stored bits left for further points; None without a budget.
    left: Option<u64>,
    stage: Stage,
    layers: Vec<Layer>,
    candidates: BinaryHeap<Candidate>,
    /// Σ e / Var over all rows.
    error: f64,
    report: SearchReport,
}

/// Begins a search.
///
/// # Errors
/// `InvalidOption` for a budget that does not hold one point a row.
pub fn start(
    options: &Options,
    network: &Network,
    data: &Dataset,
) -> Result<Box<dyn BitSearch>, Error> {
    Ok(Box::new(PointSearch::new(
        options,
        network,
        data,
        Choice::Score,
    )?))
}

impl PointSearch {
    /// A search on a float network.
    ///
    /// # Errors
    /// `InvalidOption` for a budget that does not hold one point a row.
    pub fn new(
        options: &Options,
        network: &Network,
        data: &Dataset,
        choice: Choice,
    ) -> Result<Self, Error> {
        let allocation = Allocation::of_options(options, network.linears().count());
        Ok(Self {
            left: bits_for_points(options, network)?,
            tolerance: f64::from(options.number("tolerance")),
            rng: Rng::new(options.seed(), Stream::Search),
            report: SearchReport {
                steps: network.linears().map(|linear| linear.outputs()).sum(),
                best: allocation.weight.clone(),
                evidence_name: "output error of each row with one point, relative to the layer's output variance".into(),
                ..SearchReport::default()
            },
            options: options.clone(),
            data: data.clone(),
            network: network.clone(),
            allocation,
            choice,
            stage: Stage::Activations,
            layers: Vec::new(),
            candidates: BinaryHeap::new(),
            error: 0.0,
        })
    }

    /// Levels as they are deployed, so that errors are measured on what will run; weights stay real.
    fn attach_activations(&mut self) {
        attach_quantizers(
            &mut self.network,
            &self.data,
            &self.options,
            &self.allocation,
        );
        for linear in self.network.linears_mut() {
            linear.weight_quantizer = None;
            linear.quantizers_mut().for_each(|made| made.freeze());
        }
    }

    fn take_inputs(&mut self) {
        let inputs = calibration_inputs(&mut self.network, &self.data);
        let pins = pinned(&self.options, inputs.len());
        let linears = self.network.linears().zip(self.network.epilogues());
        for (index, ((linear, epilogue), input)) in linears.zip(inputs).enumerate() {
            let bits = self.allocation.weight[index];
            let open = pins[index].is_none();
            self.layers
                .push(Layer::new(linear, epilogue, input, bits, open));
        }
    }

    /// Gives rows their first point until the step is full; the next row, if there is one.
    fn give_first_points(&mut self, mut layer: usize, mut row: usize) -> Option<(usize, usize)> {
        let mut work = 0;
        while let Some(at) = self.layers.get_mut(layer) {
            if row == at.rows() {
                self.report.evidence.push(at.relative_errors());
                (layer, row) = (layer + 1, 0);
                continue;
            }
            if work > STEP_MACS {
                return Some((layer, row));
            }
            at.measure_first(row);
            work += at.macs();
            self.report.step += 1;
            row += 1;
        }
        None
    }

    /// Lists the rows, with the mean error of their first points.
    fn list_candidates(&mut self) {
        let mut rows = 0;
        for layer in 0..self.layers.len() {
            for row in 0..self.layers[layer].rows() {
                self.error += self.layers[layer].relative_error(row);
                rows += 1;
                self.list(layer, row);
            }
        }
        self.report
            .errors
            .push((self.error / f64::from(rows)) as f32);
        let cheapest = self.layers.iter().map(Layer::point_bits).min().unwrap_or(1);
        let most = self.candidates.len() * (MOST_POINTS - 1);
        let fitting = self.left.map_or(most, |left| (left / cheapest) as usize);
        self.report.steps += fitting.min(most);
    }

    /// Lists a row where it may get a point more.
    fn list(&mut self, layer: usize, row: usize) {
        let at = &self.layers[layer];
        let relative = at.relative_error(row);
        if at.takes_points(row) && relative > 0.0 && relative >= self.tolerance {
            let score = match self.choice {
                Choice::Score => relative / at.row_length() as f64,
                Choice::Random => f64::from(self.rng.uniform()),
            };
            self.candidates.push(Candidate { score, layer, row });
        }
    }

    /// Gives rows further points until the step is full. Whether there is more to do.
    fn give_more_points(&mut self) -> bool {
        let rows: usize = self.layers.iter().map(Layer::rows).sum();
        let mut work = 0;
        while work <= STEP_MACS {
            let Some(Candidate { layer, row, .. }) = self.candidates.pop() else {
                return false;
            };
            let at = &mut self.layers[layer];
            let cost = at.point_bits();
            if self.left.is_some_and(|left| left < cost) {
                continue;
            }
            let before = at.relative_error(row);
            work += at.macs();
            if !at.add_point(row) {
                continue;
            }
            self.error += at.relative_error(row) - before;
            self.left = self.left.map(|left| left - cost);
            self.report.step += 1;
            self.report.errors.push((self.error / rows as f64) as f32);
            self.list(layer, row);
        }
        true
    }
}

impl BitSearch for PointSearch {
    /// The calibration, or the points of some rows.
    fn step(&mut self) -> Option<Allocation> {
        self.stage = match self.stage {
            Stage::Activations => {
                self.attach_activations();
                Stage::Inputs
            }
            Stage::Inputs => {
                self.take_inputs();
                Stage::FirstPoints(0, 0)
            }
            Stage::FirstPoints(layer, row) => match self.give_first_points(layer, row) {
                Some((layer, row)) => Stage::FirstPoints(layer, row),
                None => {
                    self.list_candidates();
                    Stage::MorePoints
                }
            },
            Stage::MorePoints => {
                let more = self.give_more_points();
                if more { Stage::MorePoints } else { Stage::Done }
            }
            Stage::Done => Stage::Done,
        };
        let done = matches!(self.stage, Stage::Done);
        if done {
            self.report.steps = self.report.step;
        }
        done.then(|| self.allocation.clone())
    }

    fn take_quantizers(&mut self) -> Option<Vec<LayerQuantizers>> {
        let layers = self.layers.drain(..).zip(self.network.linears_mut());
        let made = layers.map(|(layer, linear)| LayerQuantizers {
            weight: layer.into_quantizer(),
            activation: linear.activation_quantizer.take(),
        });
        Some(made.collect())
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
