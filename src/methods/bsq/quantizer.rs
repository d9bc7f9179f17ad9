//! BSQ (Yang, Duan, Chen, Li, ICLR 2021): the bits of the weights are the trainable variables, and a group lasso empties
//! whole bit planes of a layer, which are then dropped.
//!
//! ŵ = Δ·round(clip(C, −S, S)), C = Σ_b 2^b·(p_b − q_b), S = 2^n − 1, with the planes p, q of [`planes`] and the step
//! Δ = s/S of the paper's scale s: kept in this form because what changes the number of planes ([`precision`]) leaves Δ
//! as it is, or doubles it. Gradients pass straight through rounding and clipping: ∂p_b = Δ·2^b·δ, ∂q_b = −Δ·2^b·δ,
//! ∂Δ = Σ δ·round(…) = ∂s·S.
//!
//! While planes are trained they stand in place of the layer's weight, which follows them as w = Δ·C
//! ([`Quantizer::held`]). From the freeze on, w is trained itself on the grid of n planes and a sign, as DoReFa does: dL/dw =
//! δ inside the grid, ∂Δ = Σ δ·(round(w/Δ) − w/Δ), at the ends ±S. A sign costs a bit: n planes are n + 1 stored bits.
//!
//! Ours, not the paper's: [`Shrinkage::Step`] and [`Bsq::clip_gradient`]. The paper's networks have batch norm, which makes
//! the loss indifferent to the size of the weights, and large steps harmless; other networks need both.

use super::planes::{MOST_PLANES, Planes, largest_code, squares};
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::assign::clipped_gradient;
use crate::quant::range::{LARGEST, SMALLEST};
use crate::quant::{Details, End, PlaneState, Quantizer};
use core::ops::Range;

/// Most planes after the freeze: kernels hold codes of 8 bits, one of them the sign.
pub const MOST_DEPLOYED: u32 = 7;

/// Where weights are smaller than this part of their range on average, the clipping of gradients takes them for so large:
/// a layer of zeros could not leave them otherwise (the source's ε).
const LEAST_SPREAD: f32 = 1e-3;

/// A BSQ quantizer of the weights of one layer.
#[derive(Debug, Clone)]
pub struct Bsq {
    /// n.
    pub(super) count: u32,
    /// Fewest planes that an adjustment leaves.
    pub(super) fewest: u32,
    /// Δ.
    pub(super) step: Parameter,
    pub(super) smallest_step: f32,
    /// The planes, while they are trained.
    pub(super) planes: Option<Planes>,
    /// w = Δ·C of the planes.
    pub(super) held: Vec<f32>,
    /// ‖C‖.
    pub(super) code_norm: f32,
    pub(super) shrinkage: Shrinkage,
    pub(super) levels: Vec<f32>,
    /// Whether planes may be dropped: not where the layer's bits are given.
    pub(super) learned: bool,
    /// Position of the least significant plane; at the start it is 0.
    pub(super) lowest: i32,
    /// Positions at which there have been planes.
    pub(super) ever: Range<i32>,
}

/// Whether a layer's planes are trained and dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Training {
    /// Trained, and dropped when empty, down to this many (0 to 8).
    Planes(u32),
    /// Bits are given: weights are trained on a fixed grid.
    Grid,
}

/// What takes up that the lasso makes the planes' entries smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrinkage {
    /// Δ: after every step it grows by as much as ‖C‖ has fallen, so that ‖w‖ changes by the gradient of Δ alone. Our own
    /// addition, without which a network that has no batch norm forgets what it has learned.
    Step,
    /// The rest of the network, as in the paper: the weights shrink, and batch norm makes up for it.
    Network,
}

impl Bsq {
    /// `planes` planes (0 to 8) for the weights `w`, with s = max |w|. NaN counts as 0, ±∞ as ±s.
    pub fn new(planes: u32, w: &[f32], training: Training) -> Self {
        let count = planes.min(MOST_PLANES);
        let finite = w.iter().filter(|w| w.is_finite());
        let scale = finite.fold(0.0f32, |most, w| most.max(w.abs()).min(LARGEST));
        let scale = if scale > SMALLEST { scale } else { 1.0 };
        let mut step = Parameter::new(Group::Levels, vec![scale / largest_code(count).max(1.0)]);
        step.unit = step.value[0];
        let mut made = Self {
            count,
            fewest: 0,
            smallest_step: step.value[0] * 1e-4,
            step,
            planes: None,
            held: Vec::new(),
            code_norm: 0.0,
            shrinkage: Shrinkage::Step,
            levels: Vec::new(),
            learned: false,
            lowest: 0,
            ever: 0..count as i32,
        };
        if let Training::Planes(fewest) = training {
            let mut codes = vec![0.0; w.len()];
            made.codes(w, &mut codes);
            made.fewest = fewest.min(count);
            made.learned = true;
            made.planes = Some(Planes::new(&codes, count));
            made.held = codes;
        }
        made.refresh();
        made
    }

    /// Recomputes everything that follows from the planes and Δ.
    pub(super) fn refresh(&mut self) {
        self.follow_planes();
        self.fill_levels();
    }

    /// w = Δ·C, and ‖C‖.
    fn follow_planes(&mut self) {
        let Some(planes) = &self.planes else { return };
        planes.codes(&mut self.held);
        self.code_norm = squares(&self.held).sqrt();
        let step = self.step.value[0];
        self.held.iter_mut().for_each(|code| *code *= step);
    }

    fn fill_levels(&mut self) {
        let step = self.step.value[0];
        let last = largest_code(self.count) as i32;
        self.levels.clear();
        self.levels
            .extend((-last..=last).map(|code| step * code as f32));
    }

    /// Lets Δ make up for ‖C‖ having been `before`.
    fn hold_norm(&mut self, before: f32) {
        let factor = before / self.code_norm;
        let step = self.step.value[0] * factor;
        if factor > 0.0 && step < LARGEST {
            self.step.value[0] = step;
            self.step.unit *= factor;
            self.held.iter_mut().for_each(|weight| *weight *= factor);
        }
    }

    /// Chooses what takes up that the planes' entries become smaller; Δ does at the start.
    pub fn set_shrinkage(&mut self, shrinkage: Shrinkage) {
        self.shrinkage = shrinkage;
    }

    /// round(clip(x/Δ, −S, S)); NaN gives 0.
    fn codes(&self, x: &[f32], codes: &mut [f32]) {
        let (inverse, last) = (1.0 / self.step.value[0], largest_code(self.count));
        for (code, &x) in codes.iter_mut().zip(x) {
            *code = clipped(x, inverse, last).round_ties_even();
        }
    }

    /// n.
    pub fn planes(&self) -> u32 {
        self.count
    }

    /// Fewest planes that are left of them.
    pub fn fewest_planes(&self) -> u32 {
        if self.learned {
            self.fewest
        } else {
            self.count
        }
    }

    /// Δ.
    pub fn step(&self) -> f32 {
        self.step.value[0]
    }

    /// dL/dΔ of the last step.
    pub fn step_gradient(&self) -> f32 {
        self.step.gradient[0]
    }

    /// The planes, while they are trained.
    pub fn trained(&self) -> Option<&Planes> {
        self.planes.as_ref()
    }

    /// Adaptive gradient clipping (Brock, De, Smith, Simonyan 2021), for planes: scales their gradient down so that
    /// it moves the layer's weights by at most `most` of their norm, the learning rate left out: ‖M‖ ≤ λ·‖w‖ with
    /// M = Δ·Σ_b 2^b·(∂p_b − ∂q_b). λ > 0; there, 0.01 to 0.16.
    ///
    /// With ∂p_b = −∂q_b = Δ·2^b·δ, M = κ²·δ where κ² = 2·Δ²·(4^n − 1)/3, about ⅔·s²: in weights, the learning rate of the
    /// planes is multiplied by the square of their range. Without the limit, a trained network without batch norm whose
    /// weights reach 3 diverges within five mini-batches.
    pub fn clip_gradient(&mut self, most: f32) {
        let Some(planes) = &mut self.planes else {
            return;
        };
        let step = self.step.value[0];
        let squares = ((1u32 << (2 * self.count)) - 1) as f32 / 3.0;
        let kappa = step * (2.0 * squares).sqrt();
        let weights = planes.count() as f32;
        let least = LEAST_SPREAD * largest_code(self.count) * weights.sqrt();
        let limit = most * step * self.code_norm.max(least);
        planes.clip_gradient(limit / kappa);
    }

    /// Adds `strength` times the gradient of the group lasso to that of the planes, where they are trained.
    pub fn add_lasso_gradient(&mut self, strength: f32) {
        if let Some(planes) = &mut self.planes {
            planes.add_lasso_gradient(strength);
        }
    }

    /// Bits of a code of n planes: with the sign, and none for a layer of zeros.
    pub fn bits_of(planes: u32) -> u32 {
        if planes == 0 { 0 } else { planes + 1 }
    }

    /// Bits to store `count` weights with n planes: codes, and the two numbers that decode them.
    pub fn stored_bits_at(planes: u32, count: usize) -> u64 {
        u64::from(Self::bits_of(planes)) * count as u64 + 64
    }

    /// Every plane that there has been of weights `w`, least significant first.
    pub fn states(&self, w: &[f32]) -> Vec<PlaneState> {
        let mut codes = vec![0.0; w.len()];
        self.codes(w, &mut codes);
        let weights = w.len().max(1) as f32;
        let norms: Option<Vec<f32>> = self.planes.as_ref().map(|planes| planes.norms().collect());
        let state = |position: i32| {
            let plane = position - self.lowest;
            let dropped = match plane {
                ..0 => Some(End::Low),
                _ if plane >= self.count as i32 => Some(End::High),
                _ => None,
            };
            let is_set = |code: &&f32| dropped.is_none() && code.abs() as u32 >> plane & 1 == 1;
            let set = codes.iter().filter(is_set).count() as f32 / weights;
            let norm = norms.as_ref().and_then(|norms| norms.get(plane as usize));
            PlaneState {
                position,
                set,
                norm: norm.map_or(set.sqrt(), |norm| norm / weights.sqrt()),
                dropped,
            }
        };
        self.ever.clone().map(state).collect()
    }
}

/// x/Δ within ±`last`; NaN gives 0.
#[inline(always)]
pub(super) fn clipped(x: f32, inverse: f32, last: f32) -> f32 {
    let v = x * inverse;
    let v = if v.is_nan() { 0.0 } else { v };
    let v = if v > -last { v } else { -last };
    if v < last { v } else { last }
}

/// Planes lie within the exponents of a float, far inside this.
const FARTHEST: i32 = 1000;

fn visit_position(position: &mut i32, archive: &mut Archive<'_>) {
    let mut word = (*position + FARTHEST) as u32;
    archive.count(&mut word, 0, 2 * FARTHEST as u32);
    *position = word as i32 - FARTHEST;
}

impl Quantizer for Bsq {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        let step = self.step.value[0];
        let (inverse, last) = (1.0 / step, largest_code(self.count));
        for (x_q, &x) in x_q.iter_mut().zip(x) {
            *x_q = step * clipped(x, inverse, last).round_ties_even();
        }
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let step = self.step.value[0];
        let (inverse, last) = (1.0 / step, largest_code(self.count));
        let trained = self.planes.is_some();
        let mut lanes = [0.0f32; 8];
        for (index, (&x, &upstream)) in x.iter().zip(upstream).enumerate() {
            let v = clipped(x, inverse, last);
            let inside = (v > -last) & (v < last) & !trained;
            lanes[index % 8] += upstream * (v.round_ties_even() - if inside { v } else { 0.0 });
        }
        self.step.gradient[0] += lanes.iter().sum::<f32>();
        match &mut self.planes {
            Some(planes) => {
                planes.backward(step, upstream);
                dx.fill(0.0);
            }
            None => {
                let end = last * step;
                clipped_gradient(x, upstream, (-end, end), dx);
            }
        }
    }

    fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        if let Some(planes) = &mut self.planes {
            visit(planes.parameter());
        }
        visit(&mut self.step);
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            count,
            fewest,
            step,
            smallest_step,
            planes,
            held,
            code_norm,
            shrinkage,
            levels: _,
            learned,
            lowest,
            ever,
        } = self;
        archive.count(count, 0, MOST_PLANES);
        archive.count(fewest, 0, MOST_PLANES);
        step.visit_state(archive);
        archive.positive(smallest_step);
        let wanted = *count as usize;
        archive.maybe(
            planes,
            || Planes::new(&[], 0),
            |planes, archive| planes.visit_state(wanted, archive),
        );
        // Not recomputed: a step that made up for shrinkage has left its own rounding in them.
        archive.list(held);
        archive.f32(code_norm);
        let mut holds = *shrinkage == Shrinkage::Step;
        archive.flag(&mut holds);
        *shrinkage = if holds {
            Shrinkage::Step
        } else {
            Shrinkage::Network
        };
        archive.flag(learned);
        visit_position(lowest, archive);
        visit_position(&mut ever.start, archive);
        visit_position(&mut ever.end, archive);
        if archive.loaded() {
            self.fill_levels();
        }
    }

    fn constrain(&mut self) {
        let step = &mut self.step.value[0];
        *step = step.max(self.smallest_step).min(LARGEST);
        if let Some(planes) = &mut self.planes {
            planes.constrain();
            let before = self.code_norm;
            self.follow_planes();
            if self.shrinkage == Shrinkage::Step {
                self.hold_norm(before);
            }
        }
        self.fill_levels();
    }

    fn levels(&self) -> &[f32] {
        &self.levels
    }

    /// n planes and the sign; up to 9 while planes are trained.
    fn bits(&self) -> u32 {
        Self::bits_of(self.count)
    }

    fn stored_bits(&self, count: usize) -> u64 {
        Self::stored_bits_at(self.count, count)
    }

    fn fewest_stored_bits(&self, count: usize) -> u64 {
        Self::stored_bits_at(self.fewest_planes(), count)
    }

    fn details(&self, w: &[f32]) -> Details {
        Details {
            planes: Some(self.states(w)),
            ..Details::default()
        }
    }

    fn held(&self) -> Option<&[f32]> {
        self.planes.as_ref().map(|_| self.held.as_slice())
    }

    /// The planes end: the layer's weight goes on from where it followed them.
    fn freeze(&mut self) {
        self.planes = None;
        self.held = Vec::new();
    }
}
