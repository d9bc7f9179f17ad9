//! DoReFa (Zhou et al. 2016) for weights: squeezed by tanh, then rounded to 2^b equal steps.
//!
//! w_q = m·(2·Q(tanh w/(2m) + ½) − 1) with m = max |tanh w| and Q(x) = round((2^b − 1)·x)/(2^b − 1); one bit:
//! sign(w)·mean |w|. The factor m in front is ours (the paper's w_q reaches ±1 whatever the weights' scale): a network
//! without batch norm keeps its scale. dL/dw = δ·(1 − tanh² w); one bit: δ. m counts as constant, and is that of the last
//! training step. Activations use the uniform quantizer, in place of the paper's fixed range [0, 1].

use crate::archive::Archive;
use crate::parameter::Visitor;
use crate::quant::Quantizer;
use crate::quant::range::{LARGEST, SMALLEST};

/// A DoReFa quantizer of weights.
#[derive(Debug, Clone)]
pub struct Dorefa {
    bits: u32,
    /// m, or mean |w| for one bit.
    bound: f32,
    levels: Vec<f32>,
    frozen: bool,
}

impl Dorefa {
    /// A quantizer with 2^`bits` levels (bits 1 to 8) for the weights `w`.
    pub fn new(bits: u32, w: &[f32]) -> Self {
        let mut made = Self {
            bits: bits.clamp(1, 8),
            bound: 1.0,
            levels: Vec::new(),
            frozen: false,
        };
        made.follow(w);
        made
    }

    /// Takes the bound of `w`. NaN does not count.
    fn follow(&mut self, w: &[f32]) {
        let sizes = w
            .iter()
            .filter(|w| !w.is_nan())
            .map(|w| w.abs().min(LARGEST));
        let bound = if self.bits == 1 {
            let (sum, count) = sizes.fold((0.0f64, 0usize), |(sum, count), size| {
                (sum + f64::from(size), count + 1)
            });
            (sum / count.max(1) as f64) as f32
        } else {
            libm::tanhf(sizes.fold(0.0, f32::max))
        };
        self.bound = if bound > SMALLEST { bound } else { 1.0 };
        self.refresh();
    }

    fn refresh(&mut self) {
        let last = self.last();
        let level = |code: u32| self.bound * (2.0 * code as f32 / last - 1.0);
        self.levels = (0..1u32 << self.bits).map(level).collect();
    }

    fn last(&self) -> f32 {
        ((1u32 << self.bits) - 1) as f32
    }
}

impl Quantizer for Dorefa {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        if !self.frozen {
            self.follow(x);
        }
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        let last = self.last();
        for (x_q, &x) in x_q.iter_mut().zip(x) {
            let code = if self.bits == 1 {
                f32::from(u8::from(x >= 0.0))
            } else {
                let unit = libm::tanhf(x) / (2.0 * self.bound) + 0.5;
                // NaN goes to the lowest level.
                let unit = if unit > 0.0 { unit.min(1.0) } else { 0.0 };
                (last * unit).round_ties_even()
            };
            *x_q = self.levels[code as usize];
        }
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        for ((dx, &x), &upstream) in dx.iter_mut().zip(x).zip(upstream) {
            let slope = if self.bits == 1 {
                1.0
            } else {
                let squeezed = libm::tanhf(x);
                1.0 - squeezed * squeezed
            };
            *dx = if slope.is_nan() {
                0.0
            } else {
                slope * upstream
            };
        }
    }

    fn visit_parameters(&mut self, _: &mut Visitor<'_>) {}

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            bits,
            bound,
            levels: _,
            frozen,
        } = self;
        archive.count(bits, 1, 8);
        archive.positive(bound);
        archive.flag(frozen);
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

    /// The bound holds still from here on, so that the levels shown are those that run.
    fn freeze(&mut self) {
        self.frozen = true;
    }
}
