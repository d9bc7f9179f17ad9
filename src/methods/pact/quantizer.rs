//! PACT (Choi et al. 2018): a uniform grid up to a learned clip α.
//!
//! 2^b levels on [0, α], or on [−α, α] for signed tensors. dL/dx = 0 where x ≥ α or x ≤ the lower
//! bound; dL/dα = Σ of δ where x ≥ α, minus (signed) Σ of δ where x ≤ −α.

use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::range::{RangeRule, SMALLEST, absolute_quantile, range};
use crate::quant::{Quantizer, Role};

/// A PACT quantizer.
#[derive(Debug, Clone)]
pub struct Pact {
    clip: Parameter,
    bits: u32,
    signed: bool,
    levels: Vec<f32>,
    smallest_clip: f32,
}

impl Pact {
    /// A grid of 2^`bits` levels (bits 1 to 8) up to `clip` > 0.
    pub fn new(bits: u32, signed: bool, clip: f32) -> Self {
        let mut parameter = Parameter::new(Group::Levels, vec![clip]);
        parameter.unit = clip;
        let mut made = Self {
            clip: parameter,
            bits: bits.clamp(1, 8),
            signed,
            levels: Vec::new(),
            smallest_clip: clip * 1e-4,
        };
        made.refresh();
        made
    }

    /// A clip for a tensor: from the MSE-optimal range, or the 99.9th percentile of |x|.
    pub fn calibrated(bits: u32, x: &[f32], role: Role, rule: RangeRule) -> Self {
        let signed = role == Role::Weight || x.iter().any(|&v| v < 0.0);
        let clip = match rule {
            RangeRule::Mse => {
                let (low, high) = range(rule, x, bits);
                high.max(-low)
            }
            RangeRule::MinMax => absolute_quantile(x, 0.999),
        };
        Self::new(bits, signed, if clip > SMALLEST { clip } else { 1.0 })
    }

    fn low(&self) -> f32 {
        if self.signed {
            -self.clip.value[0]
        } else {
            0.0
        }
    }

    fn last(&self) -> f32 {
        ((1u32 << self.bits) - 1) as f32
    }

    fn refresh(&mut self) {
        let (low, high, last) = (self.low(), self.clip.value[0], self.last());
        let step = (high - low) / last;
        self.levels.clear();
        self.levels
            .extend((0..1u32 << self.bits).map(|code| low + step * code as f32));
    }

    /// dL/dα of the last step.
    pub fn clip_gradient(&self) -> f32 {
        self.clip.gradient[0]
    }
}

impl Quantizer for Pact {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        let (low, last) = (self.low(), self.last());
        let step = (self.clip.value[0] - low) / last;
        let inverse = 1.0 / step;
        for (x_q, &x) in x_q.iter_mut().zip(x) {
            let v = (x - low) * inverse;
            // NaN goes to the lowest level.
            let v = if v > 0.0 { v } else { 0.0 };
            let v = if v < last { v } else { last };
            *x_q = low + step * v.round_ties_even();
        }
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let (low, high) = (self.low(), self.clip.value[0]);
        let mut lanes = [0.0f32; 8];
        for (index, ((dx, &x), &upstream)) in dx.iter_mut().zip(x).zip(upstream).enumerate() {
            *dx = if (x > low) & (x < high) {
                upstream
            } else {
                0.0
            };
            let above = if x >= high { upstream } else { 0.0 };
            let below = if self.signed & (x <= low) {
                upstream
            } else {
                0.0
            };
            lanes[index % 8] += above - below;
        }
        self.clip.gradient[0] += lanes.iter().sum::<f32>();
    }

    fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        visit(&mut self.clip);
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            clip,
            bits,
            signed,
            levels: _,
            smallest_clip,
        } = self;
        archive.count(bits, 1, 8);
        archive.flag(signed);
        clip.visit_state(archive);
        archive.positive(smallest_clip);
        if archive.loaded() {
            self.refresh();
        }
    }

    fn constrain(&mut self) {
        self.clip.value[0] = self.clip.value[0].max(self.smallest_clip);
        self.refresh();
    }

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
}
