//! Uniform quantization: 2^b equally spaced levels over a range, straight-through gradient.
//!
//! With the MSE-optimal range this is DDQ's starting point; on small networks most of DDQ's gain
//! over naive uniform quantization is that range. With min–max, weights re-read their range every
//! step and activations follow theirs by a moving average.

use super::assign::{Assignment, clipped_gradient};
use super::grid::DeployedLevels;
use super::range::{RangeRule, min_max};
use super::{Quantizer, Role};
use crate::archive::Archive;
use crate::parameter::Visitor;

/// Part of the old range that a moving average keeps per step.
const KEPT: f32 = 0.99;

/// A uniform quantizer.
#[derive(Debug, Clone)]
pub struct Uniform {
    role: Role,
    bits: u32,
    rule: RangeRule,
    range: (f32, f32),
    on_grid: bool,
    levels: Vec<f32>,
    nearest: Assignment,
}

impl Uniform {
    /// 2^`bits` levels (bits 0 to 8) over `range`, which `rule` may move later.
    pub fn new(role: Role, bits: u32, range: (f32, f32), rule: RangeRule) -> Self {
        let mut made = Self {
            role,
            bits: bits.min(8),
            rule,
            range,
            on_grid: false,
            levels: Vec::new(),
            nearest: Assignment::new(),
        };
        made.refresh();
        made
    }

    fn refresh(&mut self) {
        let (low, high) = self.range;
        let last = ((1u32 << self.bits) - 1).max(1) as f32;
        self.levels.clear();
        self.levels
            .extend((0..1u32 << self.bits).map(|i| low + (high - low) * (i as f32 / last)));
        if self.on_grid && self.role == Role::Activation {
            let deployed = DeployedLevels::fit(&self.levels, self.role, self.bits);
            self.levels.clear();
            self.levels.extend(deployed.values());
        }
        self.nearest.set_levels(&self.levels);
    }

    fn follow(&mut self, x: &[f32]) {
        let held = self.on_grid && self.role == Role::Activation;
        if self.rule == RangeRule::Mse || held {
            return;
        }
        let (low, high) = min_max(x);
        self.range = match self.role {
            Role::Weight => (low, high),
            Role::Activation => (
                KEPT * self.range.0 + (1.0 - KEPT) * low,
                KEPT * self.range.1 + (1.0 - KEPT) * high,
            ),
        };
        self.refresh();
    }
}

impl Quantizer for Uniform {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.follow(x);
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        self.nearest.quantize(&self.levels, x, x_q);
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let bounds = (self.levels[0], self.levels[self.levels.len() - 1]);
        clipped_gradient(x, upstream, bounds, dx);
    }

    fn visit_parameters(&mut self, _: &mut Visitor<'_>) {}

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            role: _,
            bits,
            rule: _,
            range: (low, high),
            on_grid,
            levels: _,
            nearest: _,
        } = self;
        archive.count(bits, 0, 8);
        archive.finite(low);
        archive.finite(high);
        archive.flag(on_grid);
        if archive.loaded() {
            self.refresh();
        }
    }

    fn constrain(&mut self) {}

    fn levels(&self) -> &[f32] {
        &self.levels
    }

    fn bits(&self) -> u32 {
        self.bits
    }

    /// Codes, and the two numbers that decode them.
    fn stored_bits(&self, count: usize) -> u64 {
        u64::from(self.bits) * count as u64 + 64
    }

    fn freeze(&mut self) {
        self.on_grid = true;
        self.refresh();
    }
}
