//! DDQ (Zhang et al., ICML 2021), as we read it: a level vector q of 2^b levels and b gates, both
//! trained by gradient. A gate that is off merges adjacent levels into their mean, so the number of
//! gates that are on is the effective number of bits.
//!
//! Gates are a prefix: g_i = Π_{j ≤ i} H(ĝ_j), H(0) = 1. The last gate is the least significant
//! bit and falls first; merged levels are always neighbours. Equations: x_q = q̃[code], q̃ = (U/Z)·q,
//! code = nearest effective level, ties to the lower one.

use super::structure::effective_levels;
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::assign::{Assignment, MAX_LEVELS, clipped_gradient, write_levels};
use crate::quant::grid::DeployedLevels;
use crate::quant::range::sort_nearly_sorted;
use crate::quant::{Details, Quantizer, Role};

/// Most storage bits of one tensor.
pub const MAX_BITS: u32 = 8;

/// Where gate logits start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateInit {
    /// ĝ = 1 … 0.1 in equal steps: the last gate reaches the threshold first. Our recipe.
    Staggered,
    /// ĝ = 1e-8 each: on, but at the threshold. Our reading of the paper; fragile, since gates with
    /// the same gradient fall together.
    Threshold,
}

/// Which gates are on when logits are out of order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateOrder {
    /// A gate is on only if all gates before it are.
    Prefix,
    /// Logits are sorted, largest first, after every step: the paper's permutation.
    Sorted,
}

/// A DDQ quantizer of one tensor.
#[derive(Debug, Clone)]
pub struct Ddq {
    pub(super) role: Role,
    pub(super) levels: Parameter,
    pub(super) gates: Parameter,
    pub(super) order: GateOrder,
    pub(super) frozen: bool,
    pub(super) min_bits: u32,
    pub(super) gradient_correction: f32,
    pub(super) on_grid: bool,
    pub(super) bits: u32,
    /// The 2^bits distinct effective levels in use.
    pub(super) effective: Vec<f32>,
    /// Finds the effective level.
    pub(super) nearest: Assignment,
    /// Finds the raw level; used while gates learn.
    pub(super) nearest_raw: Assignment,
    pub(super) codes: Vec<u8>,
    pub(super) raw_codes: Vec<u8>,
}

/// What a quantizer is made with beyond its levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DdqSettings {
    /// Whether gates are trained; otherwise all stay as they start.
    pub learn_gates: bool,
    /// Where gate logits start.
    pub gate_init: GateInit,
    /// Which gates are on when logits are out of order.
    pub order: GateOrder,
    /// Fewest effective bits; 0 to 8.
    pub min_bits: u32,
    /// Weight β of the gradient correction; 0 is off.
    pub gradient_correction: f32,
}

impl Default for DdqSettings {
    fn default() -> Self {
        Self {
            learn_gates: false,
            gate_init: GateInit::Staggered,
            order: GateOrder::Prefix,
            min_bits: 0,
            gradient_correction: 0.0,
        }
    }
}

impl Ddq {
    /// A quantizer with 2^`bits` equally spaced levels over [low, high]. `bits` is 0 to 8.
    pub fn new(role: Role, bits: u32, range: (f32, f32), settings: DdqSettings) -> Self {
        let bits = bits.min(MAX_BITS);
        let q = equal_steps(bits, bits, range);
        let logits = match settings.gate_init {
            GateInit::Staggered => {
                let step = 0.9 / bits.saturating_sub(1).max(1) as f32;
                (0..bits).map(|i| 1.0 - step * i as f32).collect()
            }
            GateInit::Threshold => vec![1e-8; bits as usize],
        };
        let mut made = Self::from_parts(role, q, logits, settings);
        made.levels.unit = unit(range);
        made
    }

    /// Begins anew with equally spaced levels over [low, high], as many as the gates leave.
    pub fn refit(&mut self, range: (f32, f32)) {
        self.levels.value = equal_steps(self.storage_bits(), self.bits, range);
        self.levels.unit = unit(range);
        self.refresh();
    }

    /// A quantizer with given ascending levels (2^b of them) and b gate logits.
    pub fn from_parts(role: Role, q: Vec<f32>, logits: Vec<f32>, settings: DdqSettings) -> Self {
        assert_eq!(q.len(), 1 << logits.len(), "b gates need 2^b levels");
        let mut made = Self {
            role,
            levels: Parameter::new(Group::Levels, q),
            gates: Parameter::new(Group::Gates, logits),
            order: settings.order,
            frozen: !settings.learn_gates,
            min_bits: settings.min_bits,
            gradient_correction: settings.gradient_correction,
            on_grid: false,
            bits: 0,
            effective: Vec::new(),
            nearest: Assignment::new(),
            nearest_raw: Assignment::new(),
            codes: Vec::new(),
            raw_codes: Vec::new(),
        };
        made.refresh();
        made
    }

    /// Recomputes everything that follows from q and ĝ.
    fn refresh(&mut self) {
        self.bits = self
            .gates
            .value
            .iter()
            .take_while(|&&logit| logit >= 0.0)
            .count() as u32;
        let merged = self.levels.value.len() >> self.bits;
        let all = effective_levels(&self.levels.value, &self.gate_values());
        self.effective.clear();
        self.effective.extend(all.iter().step_by(merged));
        if self.on_grid {
            let deployed = DeployedLevels::fit(&self.effective, self.role, self.bits);
            self.effective.clear();
            self.effective.extend(deployed.values());
        }
        self.nearest.set_levels(&self.effective);
        if !self.frozen {
            self.nearest_raw.set_levels(&self.levels.value);
        }
    }

    /// The gates g as numbers: 1 for the first `bits`, 0 behind.
    pub(super) fn gate_values(&self) -> Vec<f32> {
        let mut gates = vec![1.0; self.bits as usize];
        gates.resize(self.gates.value.len(), 0.0);
        gates
    }

    /// The level vector q, 2^b values, ascending.
    pub fn raw_levels(&self) -> &[f32] {
        &self.levels.value
    }

    /// The gate logits ĝ, in [−1, 1] after a step.
    pub fn gate_logits(&self) -> &[f32] {
        &self.gates.value
    }

    /// The gates g: 1 on, 0 off.
    pub fn gates_on(&self) -> Vec<u8> {
        let mut gates = vec![1; self.bits as usize];
        gates.resize(self.gates.value.len(), 0);
        gates
    }

    /// b: bits that all gates together would give.
    pub fn storage_bits(&self) -> u32 {
        self.gates.value.len() as u32
    }

    /// Fewest effective bits allowed; no more than all gates together give.
    pub fn min_bits(&self) -> u32 {
        self.min_bits.min(self.storage_bits())
    }

    /// Whether gates are fixed.
    pub fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Bits to store `count` values at `bits` effective bits: codes, a codebook of 8-bit grid
    /// levels, and scale and offset of the grid as two f32. Where the codebook costs more than the
    /// narrow codes save, the grid levels themselves are stored, 8 bits each.
    #[inline(never)]
    pub fn stored_bits_at(&self, bits: u32, count: usize) -> u64 {
        let (bits, count) = (u64::from(bits), count as u64);
        (count * bits + (8 << bits)).min(8 * count) + 64
    }

    /// The logit of the last gate that is on; None where the tensor may not lose it.
    pub fn last_on_logit(&self) -> Option<f32> {
        let last = (self.bits > self.min_bits()).then(|| self.bits as usize - 1)?;
        self.gates.value.get(last).copied()
    }

    /// The logit of the first gate that is off.
    pub fn first_off_logit(&self) -> Option<f32> {
        self.gates.value.get(self.bits as usize).copied()
    }

    /// Adds to dL/dĝ of the last gate that is on. Does nothing once gates are fixed.
    pub fn add_last_gate_gradient(&mut self, gradient: f32) {
        let last = (self.bits as usize).checked_sub(1);
        if let Some(last) = last.filter(|_| !self.frozen) {
            self.gates.gradient[last] += gradient;
        }
    }

    /// Adds to dL/dĝ of every gate. Does nothing once gates are fixed.
    pub fn add_gate_gradient(&mut self, gradient: f32) {
        if !self.frozen {
            self.gates.gradient.iter_mut().for_each(|g| *g += gradient);
        }
    }

    /// Switches the last ON gate off: its logit goes just below the threshold.
    pub fn drop_last_gate(&mut self) {
        if let Some(last) = (self.bits as usize).checked_sub(1) {
            self.gates.value[last] = -1e-3;
            self.refresh();
        }
    }

    /// Switches the first OFF gate on, and no other: its logit goes just above the threshold, and the
    /// next one's below, which may have been above while it stood behind an OFF gate.
    pub fn add_gate(&mut self) {
        let first = self.bits as usize;
        if let Some(logit) = self.gates.value.get_mut(first) {
            *logit = 1e-3;
            if let Some(next) = self.gates.value.get_mut(first + 1) {
                *next = next.min(-1e-3);
            }
            self.refresh();
        }
    }

    /// dL/dq and dL/dĝ of the current step.
    pub fn gradients(&self) -> (&[f32], &[f32]) {
        (&self.levels.gradient, &self.gates.gradient)
    }

    /// Codes of effective levels of the last `forward`.
    pub fn codes(&self) -> &[u8] {
        &self.codes
    }

    /// Indices of raw levels of the last `forward`: inside each code's block the nearest raw level,
    /// ties to the lower one. Only while gates learn.
    pub fn raw_codes(&self) -> &[u8] {
        &self.raw_codes
    }
}

/// 2^`storage` levels that merge, each block of neighbours into its mean, to 2^`bits` equally spaced ones over
/// [low, high]. `bits` is at most `storage`.
fn equal_steps(storage: u32, bits: u32, (low, high): (f32, f32)) -> Vec<f32> {
    let last = ((1usize << bits) - 1).max(1) as f32;
    let merged = (1usize << (storage - bits)) as f32;
    let level = |index: usize| {
        let position = (index as f32 + 0.5) / merged - 0.5;
        low + (high - low) * (position / last)
    };
    (0..1usize << storage).map(level).collect()
}

/// The unit in which the optimizer counts the levels of a range: its larger bound.
fn unit((low, high): (f32, f32)) -> f32 {
    match low.abs().max(high.abs()) {
        bound if bound > 0.0 && bound.is_finite() => bound,
        _ => 1.0,
    }
}

impl Quantizer for Ddq {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.codes.resize(x.len(), 0);
        self.nearest.codes(x, &mut self.codes);
        write_levels(&self.effective, &self.codes, x_q);
        if !self.frozen {
            self.find_raw_codes(x);
        }
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        self.nearest.quantize(&self.effective, x, x_q);
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let bounds = (self.effective[0], self.effective[self.effective.len() - 1]);
        clipped_gradient(x, upstream, bounds, dx);
        if self.frozen {
            self.backward_frozen(upstream);
        } else {
            self.backward_learning(upstream);
        }
        if self.gradient_correction > 0.0 {
            self.correct_gradient(x);
        }
    }

    fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        visit(&mut self.levels);
        visit(&mut self.gates);
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            role: _,
            levels,
            gates,
            order: _,
            frozen,
            min_bits: _,
            gradient_correction: _,
            on_grid,
            bits: _,
            effective: _,
            nearest: _,
            nearest_raw: _,
            codes: _,
            raw_codes: _,
        } = self;
        archive.resize(&mut gates.value, MAX_BITS as usize, 0.0);
        gates.visit_state(archive);
        let (expected, mut count) = (1 << gates.value.len(), levels.value.len());
        archive.size(&mut count, MAX_LEVELS);
        archive.check(count == expected, "2^b levels for b gates", count as f64);
        if archive.loaded() {
            levels.value.resize(expected, 0.0);
        }
        levels.visit_state(archive);
        archive.flag(frozen);
        archive.flag(on_grid);
        if archive.loaded() {
            self.refresh();
        }
    }

    fn constrain(&mut self) {
        sort_nearly_sorted(&mut self.levels.value);
        for logit in &mut self.gates.value {
            *logit = logit.clamp(-1.0, 1.0);
        }
        if self.order == GateOrder::Sorted {
            sort_nearly_sorted(&mut self.gates.value);
            self.gates.value.reverse();
        }
        for logit in self.gates.value.iter_mut().take(self.min_bits as usize) {
            *logit = logit.max(0.0);
        }
        self.refresh();
    }

    fn levels(&self) -> &[f32] {
        &self.effective
    }

    fn bits(&self) -> u32 {
        self.bits
    }

    fn stored_bits(&self, count: usize) -> u64 {
        self.stored_bits_at(self.bits, count)
    }

    fn fewest_bits(&self) -> u32 {
        if self.frozen {
            self.bits
        } else {
            self.min_bits().min(self.bits)
        }
    }

    fn fewest_stored_bits(&self, count: usize) -> u64 {
        let widths = self.fewest_bits()..=self.bits;
        widths
            .map(|bits| self.stored_bits_at(bits, count))
            .min()
            .unwrap_or(0)
    }

    fn details(&self, _: &[f32]) -> Details {
        Details {
            raw_levels: Some(self.raw_levels().to_vec()),
            gate_logits: Some(self.gate_logits().to_vec()),
            gates_on: Some(self.gates_on()),
            #[cfg(feature = "methods")]
            points: None,
            #[cfg(feature = "methods")]
            planes: None,
        }
    }

    fn freeze(&mut self) {
        self.frozen = true;
        self.on_grid = true;
        self.refresh();
    }

    fn deployed(&self) -> Option<DeployedLevels> {
        Some(DeployedLevels::fit(&self.effective, self.role, self.bits))
    }
}
