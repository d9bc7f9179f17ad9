//! The course of a BSQ run: the group lasso on every layer's planes, the adjustments of their number, and the end, where
//! what is left meets the budget.
//!
//! The objective is loss + α·Σ_l r_l·B_l with the group lasso B_l of layer l (`quant::bsq::planes`). Memory-aware
//! weights: r_l = n_l·(weights of l)/(weights of all), so that planes which cost much are pulled hardest; or r_l = 1.
//! The gradient of the loss, not that of the lasso, is clipped to a part of the weights ([`Bsq::clip_gradient`]).
//!
//! The paper has one α for a whole run and no budget. With a budget the α given is where it starts: an adjustment that
//! finds more stored bits than a course that falls evenly to the budget raises it, unless they fall fast enough already;
//! one that finds fewer lowers it; within the budget the lasso rests. At the freeze, planes that still have bits are
//! dropped until the budget is met, the least squared error per saved bit first. What an adjustment took beyond the
//! budget is given back as finer steps, which leave the weights as they are and the fine-tuning more to choose from: to
//! the layer with the coarsest first.

use super::quantizer::{Bsq, MOST_DEPLOYED, Shrinkage};
use crate::archive::Archive;
use crate::data::Dataset;
use crate::nn::network::{Linear, Network};
use crate::parameter::Group;
use crate::quant::{End, Quantizer};
use crate::train::budget::{Budget, Scope};
use crate::train::options::Options;
use crate::train::schedule::{Course, Schedule};

/// Which of a run's layers the lasso pulls harder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weighting {
    /// Those that store more bits.
    Memory,
    /// All alike.
    Equal,
}

/// Part of the time until the freeze in which the bits are to fall to the budget.
const FALLS_UNTIL: f32 = 0.8;

/// What an adjustment multiplies α by to raise it, and divides it by to lower it.
const RAISE: f32 = 1.5;

/// α never exceeds this: far above every strength that leaves a bit.
const LARGEST_ALPHA: f32 = 1e4;

/// The course of one run.
#[derive(Debug, Clone)]
pub struct BsqSchedule {
    alpha: f32,
    /// λ of [`Bsq::clip_gradient`]; 0 for no clipping.
    clip: f32,
    weighting: Weighting,
    budget: Option<Budget>,
    /// Stored bits per weight at the start.
    start: f32,
    /// The same at the last adjustment.
    last: f32,
    freeze_at: f32,
    /// Mini-batches from one adjustment to the next.
    interval: usize,
    /// Mini-batches since the last one.
    since: usize,
}

impl BsqSchedule {
    /// The schedule that the options ask for, of a network that is not known yet.
    pub fn of_options(options: &Options, batches: usize) -> Self {
        Self {
            alpha: options.number("lassoStrength"),
            clip: options.number("planeClip"),
            weighting: if options.flag("memoryAware") {
                Weighting::Memory
            } else {
                Weighting::Equal
            },
            budget: options.budget_bits().map(|bits| Budget {
                scope: Scope::Weights,
                bits,
            }),
            start: 0.0,
            last: 0.0,
            freeze_at: options.number("freezeAt"),
            interval: ((options.number("adjustEvery") * batches as f32).round() as usize).max(1),
            since: 0,
        }
    }

    /// When the planes have the gradient of the loss: clips it, and adds that of the lasso.
    fn complete_gradients(&self, network: &mut Network) {
        if self.clip > 0.0 {
            let planes = network.linears_mut().filter_map(bsq_of);
            planes.for_each(|bsq| bsq.clip_gradient(self.clip));
        }
        self.add_lasso_gradient(network);
    }

    fn add_lasso_gradient(&self, network: &mut Network) {
        let rests = |budget: &Budget| budget.holds(network);
        if self.budget.as_ref().is_some_and(rests) {
            return;
        }
        let total: usize = network
            .linears()
            .map(|linear| linear.weight.value.len())
            .sum();
        for linear in network.linears_mut() {
            let part = linear.weight.value.len() as f32 / total as f32;
            let Some(bsq) = bsq_of(linear) else { continue };
            let weight = match self.weighting {
                Weighting::Memory => bsq.planes() as f32 * part,
                Weighting::Equal => 1.0,
            };
            bsq.add_lasso_gradient(self.alpha * weight);
        }
    }

    /// After every mini-batch: re-quantizes and adjusts the planes when it is time. True where it did, and
    /// what an optimizer remembers of them is void. `progress` is that of the phase, in [0, 1].
    fn advance(&mut self, network: &mut Network, progress: f32) -> bool {
        self.since += 1;
        if self.since < self.interval {
            return false;
        }
        self.since = 0;
        adjust(network);
        if let Some(budget) = self.budget {
            let average = Scope::Weights.average(network);
            self.steer(average, budget.bits, progress);
        }
        true
    }

    /// Makes α larger where bits are above the course and did not fall fast enough to come back to it, smaller below it.
    fn steer(&mut self, average: f32, budget: f32, progress: f32) {
        let fallen = (progress / (FALLS_UNTIL * self.freeze_at)).min(1.0);
        let course = self.start + (budget - self.start).min(0.0) * fallen;
        let fell = self.last - average;
        self.last = average;
        if average <= course {
            self.alpha /= RAISE;
        } else if fell < average - course {
            self.alpha = (self.alpha * RAISE).min(LARGEST_ALPHA);
        }
    }

    /// Ends the training of planes: a last adjustment, the freeze, and the drops that kernels and the budget ask for.
    fn end(self, network: &mut Network) {
        adjust(network);
        for linear in network.linears_mut() {
            let Some(quantizer) = linear.weight_quantizer.as_mut() else {
                continue;
            };
            quantizer.freeze();
            while bsq_of(linear).is_some_and(|bsq| bsq.planes() > MOST_DEPLOYED) {
                drop_cheapest(linear);
            }
        }
        if let Some(budget) = &self.budget {
            while !budget.holds(network) && drop_one(network) {}
            while add_one(network, budget) {}
        }
    }
}

/// Begins the schedule of a run; None where no planes are trained.
pub fn start(
    options: &Options,
    network: Option<&mut Network>,
    batches: usize,
) -> Option<Box<dyn Schedule>> {
    let mut made = BsqSchedule::of_options(options, batches);
    if let Some(network) = network {
        if !options.flag("holdNorm") {
            let planes = network.linears_mut().filter_map(bsq_of);
            planes.for_each(|bsq| bsq.set_shrinkage(Shrinkage::Network));
        }
        made.start = Scope::Weights.average(network);
        made.last = made.start;
    }
    options
        .learns_bits()
        .then(|| Box::new(made) as Box<dyn Schedule>)
}

impl Schedule for BsqSchedule {
    fn before_update(&mut self, network: &mut Network) {
        self.complete_gradients(network);
    }

    fn after_batch(&mut self, network: &mut Network, course: &Course<'_>) -> Option<Group> {
        self.advance(network, course.progress)
            .then_some(Group::Planes)
    }

    fn finish(self: Box<Self>, network: &mut Network, _: &Dataset, _: &[Budget]) {
        self.end(network);
    }

    fn has_state(&self) -> bool {
        true
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            alpha,
            clip: _,
            weighting: _,
            budget: _,
            start,
            last,
            freeze_at: _,
            interval: _,
            since,
        } = self;
        archive.part("the course of the bit planes");
        archive.finite(alpha);
        archive.finite(start);
        archive.finite(last);
        archive.size(since, usize::MAX);
    }
}

fn bsq_of(linear: &mut Linear) -> Option<&mut Bsq> {
    linear.weight_quantizer.as_deref_mut()?.downcast_mut()
}

/// Re-quantizes and adjusts every layer; weights follow.
fn adjust(network: &mut Network) {
    for linear in network.linears_mut() {
        if let Some(bsq) = bsq_of(linear) {
            bsq.requantize();
            bsq.adjust();
        }
        linear.follow_quantizer();
    }
}

/// The end whose plane a layer loses at the least error, with the error added; None where it may lose none.
fn cheapest_end(linear: &Linear) -> Option<(End, f64)> {
    let bsq = linear.weight_quantizer.as_deref()?.downcast::<Bsq>()?;
    let w = &linear.weight.value;
    let before = bsq.error(w);
    let ends = [End::Low, End::High];
    let added = ends.map(|end| Some((end, bsq.error_without(end, w)? - before)));
    added
        .into_iter()
        .flatten()
        .min_by(|a, b| a.1.total_cmp(&b.1))
}

fn drop_cheapest(linear: &mut Linear) {
    if let Some((end, _)) = cheapest_end(linear)
        && let Some(bsq) = bsq_of(linear)
    {
        bsq.drop_plane(end);
    }
}

/// Drops the plane with the least added error per bit saved, of all layers; false where none may go.
fn drop_one(network: &mut Network) -> bool {
    let costs = network.linears().enumerate().filter_map(|(index, linear)| {
        let (_, added) = cheapest_end(linear)?;
        Some((index, added / linear.weight.value.len() as f64))
    });
    let Some((index, _)) = costs.min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return false;
    };
    network
        .linears_mut()
        .nth(index)
        .into_iter()
        .for_each(drop_cheapest);
    true
}

/// Gives the layer whose steps are coarsest beside its weights one plane more, of all for which the budget has room; false
/// where there is none.
fn add_one(network: &mut Network, budget: &Budget) -> bool {
    let room = budget.room(network);
    let noises = network.linears().enumerate().filter_map(|(index, linear)| {
        let bsq = linear.weight_quantizer.as_deref()?.downcast::<Bsq>()?;
        let w = &linear.weight.value;
        let cost = Bsq::stored_bits_at(bsq.planes() + 1, w.len()) - bsq.stored_bits(w.len());
        Some((index, bsq.rounding_noise(w)?)).filter(|_| cost <= room)
    });
    let Some((index, _)) = noises.max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return false;
    };
    network
        .linears_mut()
        .nth(index)
        .and_then(bsq_of)
        .into_iter()
        .for_each(Bsq::refine);
    true
}
