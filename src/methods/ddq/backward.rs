//! DDQ's gradients. With δ = dL/dx_q, m merged levels per block and the assignment held fixed:
//! - dL/dx = δ where the lowest effective level ≤ x ≤ the highest (bounds included), else 0
//!   (clipped straight-through): values outside train the end levels, and so the range;
//! - dL/dq_k = (Σ of δ over the values in k's block) / m, which is U·h/Z with h the sums per level;
//! - dL/dg_i = hᵀ·D_i·q, h summed per raw level (see `structure::gate_derivative`);
//! - dL/dĝ_i = dL/dg_i where |ĝ_i| ≤ 1, else 0 (straight-through through the step function).

use super::quantizer::Ddq;
use super::structure::gate_derivative;
use crate::quant::assign::MAX_LEVELS;

/// Sums that are kept side by side: consecutive values often share a code, and adding to one
/// number again and again would wait for each addition.
const BANKS: usize = 4;

/// Σ of `values` per code, into `sums`, one per level. Value i adds to bank i mod 4; banks add up in order.
fn sums_per_code(codes: &[u8], values: &[f32], sums: &mut [f32]) {
    if sums.len() <= 16 {
        sum_banks::<16>(codes, values, sums);
    } else {
        sum_banks::<MAX_LEVELS>(codes, values, sums);
    }
}

/// Banks of N, a power of two, need no bounds check for a code modulo N.
fn sum_banks<const N: usize>(codes: &[u8], values: &[f32], sums: &mut [f32]) {
    let mut banks = [[0.0f32; N]; BANKS];
    let (mut code_runs, mut value_runs) = (codes.chunks_exact(BANKS), values.chunks_exact(BANKS));
    for (codes, values) in code_runs.by_ref().zip(value_runs.by_ref()) {
        for bank in 0..BANKS {
            banks[bank][usize::from(codes[bank]) % N] += values[bank];
        }
    }
    for (&code, &value) in code_runs.remainder().iter().zip(value_runs.remainder()) {
        banks[0][usize::from(code) % N] += value;
    }
    for (level, sum) in sums.iter_mut().enumerate() {
        *sum = banks.iter().map(|bank| bank[level]).sum();
    }
}

impl Ddq {
    pub(super) fn backward_frozen(&mut self, upstream: &[f32]) {
        let mut sums = [0.0; MAX_LEVELS];
        let sums = &mut sums[..self.effective.len()];
        sums_per_code(&self.codes, upstream, sums);
        self.add_level_gradients(sums);
    }

    /// Adds `sums` per effective level to dL/dq: each of the m levels of a block gets 1/m.
    fn add_level_gradients(&mut self, sums: &[f32]) {
        let merged = self.levels.value.len() >> self.bits;
        let share = 1.0 / merged as f32;
        let blocks = self.levels.gradient.chunks_exact_mut(merged);
        for (block, &sum) in blocks.zip(sums) {
            block
                .iter_mut()
                .for_each(|gradient| *gradient += sum * share);
        }
    }

    pub(super) fn backward_learning(&mut self, upstream: &[f32]) {
        let mut raw = [0.0; MAX_LEVELS];
        let raw = &mut raw[..self.levels.value.len()];
        sums_per_code(&self.raw_codes, upstream, raw);
        let merged = raw.len() >> self.bits;
        let sums: Vec<f32> = raw
            .chunks_exact(merged)
            .map(|block| block.iter().sum())
            .collect();
        self.add_level_gradients(&sums);
        let gates = self.gate_values();
        for bit in 0..gates.len() {
            if self.gates.value[bit].abs() <= 1.0 {
                let derivative = gate_derivative(&self.levels.value, &gates, bit);
                let gradient: f32 = raw.iter().zip(&derivative).map(|(h, d)| h * d).sum();
                self.gates.gradient[bit] += gradient;
            }
        }
    }

    /// Gradient correction: adds β·d/dq of the mean of (x_q − x)², codes and gates held fixed.
    pub(super) fn correct_gradient(&mut self, x: &[f32]) {
        let scale = 2.0 * self.gradient_correction / x.len().max(1) as f32;
        // A value that is not finite has no distance to a level and pulls at none.
        let error = |(&x, &code): (&f32, &u8)| match scale * (self.effective[usize::from(code)] - x)
        {
            error if error.is_finite() => error,
            _ => 0.0,
        };
        let errors: Vec<f32> = x.iter().zip(&self.codes).map(error).collect();
        let mut sums = [0.0; MAX_LEVELS];
        let sums = &mut sums[..self.effective.len()];
        sums_per_code(&self.codes, &errors, sums);
        self.add_level_gradients(sums);
    }

    pub(super) fn find_raw_codes(&mut self, x: &[f32]) {
        self.raw_codes.resize(x.len(), 0);
        self.nearest_raw.codes(x, &mut self.raw_codes);
        let shift = self.storage_bits() - self.bits;
        let last = ((1u32 << shift) - 1) as u8;
        for (raw, &code) in self.raw_codes.iter_mut().zip(&self.codes) {
            let first = (u32::from(code) << shift) as u8;
            *raw = (*raw).clamp(first, first | last);
        }
    }
}
