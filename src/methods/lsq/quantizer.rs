//! LSQ (Esser et al., ICLR 2020): a uniform grid with a learned step size.
//!
//! x_q = s·round(clip(x/s, −Q_N, Q_P)), ties to even. Signed: Q_N = 2^(b−1), Q_P = 2^(b−1) − 1; unsigned: Q_N = 0,
//! Q_P = 2^b − 1. Straight-through inside the clip (strictly), 0 outside; dL/ds = Σ δ·(round(v) − v·[inside]), v the
//! clipped x/s, times 1/√(N·Q_P).
//!
//! Signed, b = 1 would leave Q_P = 0 and nothing above 0; with Q_P = 1 it is the grid {−1, 0, 1}·s. Three levels need
//! codes of 2 bits, and that is what `bits` and `stored_bits` say. Sessions refuse it: for 2 bits there are four levels.

use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::range::{LARGEST, RangeRule, SMALLEST, range};
use crate::quant::{Quantizer, Role};

/// An LSQ quantizer.
#[derive(Debug, Clone)]
pub struct Lsq {
    step: Parameter,
    /// The grid's b.
    width: u32,
    below: f32,
    above: f32,
    levels: Vec<f32>,
    smallest_step: f32,
}

/// (Q_N, Q_P) of a grid of `width` bits, 1 to 8.
fn bounds(width: u32, signed: bool) -> (f32, f32) {
    let half = (1u32 << (width - 1)) as f32;
    if signed {
        (half, (half - 1.0).max(1.0))
    } else {
        (0.0, 2.0 * half - 1.0)
    }
}

impl Lsq {
    /// The grid of b = `width` bits, 1 to 8, and step size `step` > 0.
    pub fn new(width: u32, signed: bool, step: f32) -> Self {
        let width = width.clamp(1, 8);
        let (below, above) = bounds(width, signed);
        let mut parameter = Parameter::new(Group::Levels, vec![step]);
        parameter.unit = step;
        let mut made = Self {
            step: parameter,
            width,
            below,
            above,
            levels: Vec::new(),
            smallest_step: step * 1e-4,
        };
        made.refresh();
        made
    }

    /// A grid for a tensor: the step of the MSE-optimal range, or the paper's start 2·mean|x|/√Q_P.
    pub fn calibrated(width: u32, x: &[f32], role: Role, rule: RangeRule) -> Self {
        let signed = role == Role::Weight || x.iter().any(|&v| v < 0.0);
        let (below, above) = bounds(width.clamp(1, 8), signed);
        let step = match rule {
            RangeRule::Mse => {
                let (low, high) = range(rule, x, width);
                (high / above).max(if signed { -low / below } else { 0.0 })
            }
            RangeRule::MinMax => {
                let finite = x
                    .iter()
                    .filter(|v| v.is_finite())
                    .map(|v| v.abs().min(LARGEST));
                let (sum, count) =
                    finite.fold((0.0f64, 0usize), |(s, n), v| (s + f64::from(v), n + 1));
                2.0 * (sum / count.max(1) as f64) as f32 / above.sqrt()
            }
        };
        Self::new(width, signed, if step > SMALLEST { step } else { 1.0 })
    }

    fn refresh(&mut self) {
        let step = self.step.value[0];
        self.levels.clear();
        self.levels
            .extend((-self.below as i32..=self.above as i32).map(|code| step * code as f32));
    }

    /// x/s clipped to the codes; NaN goes to the lowest.
    #[inline(always)]
    fn clipped(&self, x: f32, inverse: f32) -> f32 {
        let v = x * inverse;
        let v = if v > -self.below { v } else { -self.below };
        if v < self.above { v } else { self.above }
    }

    /// dL/ds of the last step.
    pub fn step_gradient(&self) -> f32 {
        self.step.gradient[0]
    }
}

impl Quantizer for Lsq {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        let step = self.step.value[0];
        let inverse = 1.0 / step;
        for (x_q, &x) in x_q.iter_mut().zip(x) {
            *x_q = step * self.clipped(x, inverse).round_ties_even();
        }
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let inverse = 1.0 / self.step.value[0];
        let mut lanes = [0.0f32; 8];
        for (index, ((dx, &x), &upstream)) in dx.iter_mut().zip(x).zip(upstream).enumerate() {
            let v = self.clipped(x, inverse);
            let inside = (v > -self.below) & (v < self.above);
            *dx = if inside { upstream } else { 0.0 };
            let slope = v.round_ties_even() - if inside { v } else { 0.0 };
            lanes[index % 8] += upstream * slope;
        }
        let scale = 1.0 / (x.len().max(1) as f32 * self.above).sqrt();
        self.step.gradient[0] += scale * lanes.iter().sum::<f32>();
    }

    fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        visit(&mut self.step);
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            step,
            width,
            below,
            above,
            levels: _,
            smallest_step,
        } = self;
        let mut signed = *below > 0.0;
        archive.count(width, 1, 8);
        archive.flag(&mut signed);
        step.visit_state(archive);
        archive.positive(smallest_step);
        if archive.loaded() {
            (*below, *above) = bounds(*width, signed);
            self.refresh();
        }
    }

    fn constrain(&mut self) {
        self.step.value[0] = self.step.value[0].max(self.smallest_step);
        self.refresh();
    }

    fn levels(&self) -> &[f32] {
        &self.levels
    }

    /// Those of a code, which are the grid's but for signed 1 bit: see the module.
    fn bits(&self) -> u32 {
        self.levels.len().next_power_of_two().trailing_zeros()
    }

    /// Codes, and the two numbers that decode them.
    fn stored_bits(&self, count: usize) -> u64 {
        u64::from(self.bits()) * count as u64 + 64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Reader, Writer};

    #[test]
    fn a_code_has_as_many_bits_as_its_levels_need() {
        for (width, signed, count, bits) in [
            (1, false, 2, 1),
            (1, true, 3, 2),
            (2, true, 4, 2),
            (3, false, 8, 3),
            (8, true, 256, 8),
        ] {
            let lsq = Lsq::new(width, signed, 0.5);
            assert_eq!((lsq.levels().len(), lsq.bits()), (count, bits));
            assert_eq!(lsq.stored_bits(10), u64::from(10 * bits + 64));
        }
    }

    #[test]
    fn three_levels_come_back_from_a_saved_run() {
        let mut lsq = Lsq::new(1, true, 0.5);
        let mut archive = Archive::writing(Writer::default());
        lsq.visit_state(&mut archive);
        let bytes = archive.written().bytes;
        let mut again = Lsq::new(4, false, 1.0);
        let mut archive = Archive::reading(Reader::new("a state", &bytes));
        again.visit_state(&mut archive);
        archive.end().unwrap();
        assert_eq!(again.levels(), [-0.5, 0.0, 0.5]);
    }
}
