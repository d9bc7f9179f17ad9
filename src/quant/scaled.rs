//! Fixed levels times one learned scale α: what powers of two and their sums share.
//!
//! levels = α·base, base ascending with largest magnitude 1. dL/dx = δ inside the range (bounds included), else 0.

use super::assign::{Assignment, MAX_LEVELS, clipped_gradient};
use super::grid::DeployedLevels;
use super::range::{SMALLEST, min_max};
use super::{Quantizer, Role};
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};

/// What α learns from, with δ = dL/dx_q.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScaleGradient {
    /// dL/dα = Σ δ·x_q/α: x_q moves with its level (powers of two).
    Level,
    /// dL/dα = Σ δ·(x_q − x)/α inside the range, Σ δ·sign(x) outside: x is clipped at α first (Li et al. 2020).
    Clip,
}

/// A quantizer of levels α·base.
#[derive(Debug, Clone)]
pub struct ScaledLevels {
    role: Role,
    scale: Parameter,
    bits: u32,
    rule: ScaleGradient,
    base: Vec<f32>,
    /// The base on the grid of the kernels, from the freeze on.
    grid: Option<DeployedLevels>,
    levels: Vec<f32>,
    nearest: Assignment,
    /// x_q of the last forward, for dL/dα.
    x_q: Vec<f32>,
    smallest_scale: f32,
}

/// Magnitudes of α that the calibration tries: 1/20 … 20/20 of the largest |x|.
const POSITIONS: usize = 20;
/// Values that the calibration looks at: evenly spaced ones of a larger tensor.
const SAMPLES: usize = 2048;

impl ScaledLevels {
    /// Levels `scale`·`base`, `scale` > 0, addressed by `bits`.
    pub fn new(role: Role, bits: u32, base: Vec<f32>, scale: f32, rule: ScaleGradient) -> Self {
        let mut parameter = Parameter::new(Group::Levels, vec![scale]);
        parameter.unit = scale;
        let mut made = Self {
            role,
            scale: parameter,
            bits,
            rule,
            base,
            grid: None,
            levels: Vec::new(),
            nearest: Assignment::new(),
            x_q: Vec::new(),
            smallest_scale: scale * 1e-4,
        };
        made.refresh();
        made
    }

    /// The scale with the least squared error on a tensor.
    pub fn calibrated(
        role: Role,
        bits: u32,
        base: Vec<f32>,
        x: &[f32],
        rule: ScaleGradient,
    ) -> Self {
        let (low, high) = min_max(x);
        let largest = high.max(-low);
        if largest <= SMALLEST {
            return Self::new(role, bits, base, 1.0, rule);
        }
        let samples: Vec<f32> = x
            .iter()
            .copied()
            .step_by(x.len().div_ceil(SAMPLES))
            .collect();
        let mut x_q = vec![0.0; samples.len()];
        let tried = (1..=POSITIONS).map(|position| {
            let scale = largest * position as f32 / POSITIONS as f32;
            let made = Self::new(role, bits, base.clone(), scale, rule);
            made.quantize(&samples, &mut x_q);
            (
                super::histogram::relative_squared_error(&samples, &x_q),
                scale,
            )
        });
        let best = tried.min_by(|a, b| a.0.total_cmp(&b.0));
        let scale = best.map_or(largest, |(_, scale)| scale);
        Self::new(role, bits, base, scale, rule)
    }

    fn refresh(&mut self) {
        let scale = self.scale.value[0];
        self.levels.clear();
        match &self.grid {
            Some(grid) => self.levels.extend(grid.values().map(|base| scale * base)),
            None => self
                .levels
                .extend(self.base.iter().map(|base| scale * base)),
        }
        self.nearest.set_levels(&self.levels);
    }

    /// dL/dα of the last step.
    pub fn scale_gradient(&self) -> f32 {
        self.scale.gradient[0]
    }
}

impl Quantizer for ScaledLevels {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.quantize(x, x_q);
        self.x_q.clear();
        self.x_q.extend_from_slice(x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        self.nearest.quantize(&self.levels, x, x_q);
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let bounds = (self.levels[0], self.levels[self.levels.len() - 1]);
        clipped_gradient(x, upstream, bounds, dx);
        let mut lanes = [0.0f32; 8];
        let values = x.iter().zip(&self.x_q).zip(upstream);
        for (index, ((&x, &x_q), &upstream)) in values.enumerate() {
            // Outside the range x_q is the bound, and its slope in α the bound's base: ±1, or 0 for an unsigned floor.
            let inside = x >= bounds.0 && x <= bounds.1;
            let moved = match self.rule {
                ScaleGradient::Clip if inside => x_q - x,
                _ => x_q,
            };
            lanes[index % 8] += upstream * moved;
        }
        self.scale.gradient[0] += lanes.iter().sum::<f32>() / self.scale.value[0];
    }

    fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        visit(&mut self.scale);
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            role,
            scale,
            bits,
            rule: _,
            base,
            grid,
            levels: _,
            nearest: _,
            x_q: _,
            smallest_scale,
        } = self;
        archive.count(bits, 1, 8);
        archive.resize(base, MAX_LEVELS, 0.0);
        archive.floats(base);
        let ascending = base.windows(2).all(|pair| pair[0] < pair[1]);
        let sound = !base.is_empty() && ascending && base.iter().all(|b| b.abs() <= 1.0);
        archive.check(sound, "ascending levels in [-1, 1]", f64::NAN);
        scale.visit_state(archive);
        archive.positive(smallest_scale);
        let mut on_grid = grid.is_some();
        archive.flag(&mut on_grid);
        if archive.loaded() {
            *grid = on_grid.then(|| DeployedLevels::fit(base, *role, *bits));
            self.refresh();
        }
    }

    fn constrain(&mut self) {
        self.scale.value[0] = self.scale.value[0].max(self.smallest_scale);
        self.refresh();
    }

    fn levels(&self) -> &[f32] {
        &self.levels
    }

    fn bits(&self) -> u32 {
        self.bits
    }

    /// Codes, and the two numbers that decode them: the base follows from the bits.
    fn stored_bits(&self, count: usize) -> u64 {
        u64::from(self.bits) * count as u64 + 64
    }

    fn freeze(&mut self) {
        self.grid = Some(DeployedLevels::fit(&self.base, self.role, self.bits));
        self.refresh();
    }

    fn deployed(&self) -> Option<DeployedLevels> {
        let scale = self.scale.value[0];
        self.grid.as_ref().map(|grid| DeployedLevels {
            scale: scale * grid.scale,
            offset: scale * grid.offset,
            t: grid.t.clone(),
        })
    }
}

/// Weights are signed, and activations that go below 0.
pub fn needs_sign(role: Role, x: &[f32]) -> bool {
    role == Role::Weight || x.iter().any(|&v| v < 0.0)
}

/// 2^−k from its bits; beyond 2^−126 a level would leave the normal numbers.
pub fn power(k: i32) -> f32 {
    f32::from_bits(((127 - k.min(126)) as u32) << 23)
}

/// 0 and the ascending `magnitudes`, and their negatives where `signed`.
pub fn with_signs(magnitudes: Vec<f32>, signed: bool) -> Vec<f32> {
    let negative = magnitudes.iter().rev().map(|v| -v).filter(|_| signed);
    let mut base: Vec<f32> = negative.collect();
    base.push(0.0);
    base.extend(magnitudes);
    base
}
