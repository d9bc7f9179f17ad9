//! What changes the number of planes: re-quantization and precision adjustment, which keep the weights that the planes
//! stand for, and the drop of a plane that still has bits, which a budget may ask for.

use super::planes::{MOST_PLANES, Planes, largest_code};
use super::quantizer::{Bsq, MOST_DEPLOYED, clipped};
use crate::quant::End;

impl Bsq {
    /// Makes zeros and ones of the planes again: R = round(C), without the forward's clip. A weight that has outgrown S
    /// gets its layer one plane more, up to 8, and is clipped beyond. Δ stays, so Δ·R is exactly what Δ·round(C) was.
    pub fn requantize(&mut self) {
        let Some(planes) = &self.planes else { return };
        let mut codes = vec![0.0; self.held.len()];
        planes.codes(&mut codes);
        let mut largest = 0.0f32;
        for code in &mut codes {
            *code = code.round_ties_even();
            largest = largest.max(code.abs());
        }
        while largest > largest_code(self.count) && self.count < MOST_PLANES {
            self.count += 1;
        }
        self.note_places();
        let last = largest_code(self.count);
        codes
            .iter_mut()
            .for_each(|code| *code = code.clamp(-last, last));
        self.rewrite(&codes);
    }

    /// Drops the planes without a bit at both ends, of planes that are zeros and ones (see [`Self::requantize`]), down to
    /// the fewest allowed. k planes at the low end multiply Δ by 2^k; Δ·R stays exactly as it is.
    pub fn adjust(&mut self) {
        let Some(planes) = &self.planes else { return };
        let mut codes = vec![0.0; self.held.len()];
        planes.codes(&mut codes);
        let bits = codes.iter().fold(0, |bits, code| bits | code.abs() as u32);
        let low = if bits == 0 { 0 } else { bits.trailing_zeros() };
        let needed = (u32::BITS - bits.leading_zeros()).saturating_sub(low);
        self.count = needed.max(self.fewest);
        self.raise_low_end(low);
        let factor = 1.0 / (1u32 << low) as f32;
        codes.iter_mut().for_each(|code| *code *= factor);
        self.rewrite(&codes);
    }

    /// Δ after `planes` have gone at the low end.
    fn raise_low_end(&mut self, planes: u32) {
        self.scale_step((1u32 << planes) as f32);
        self.lowest += planes as i32;
    }

    fn scale_step(&mut self, factor: f32) {
        self.step.value[0] *= factor;
        self.step.unit *= factor;
        self.smallest_step *= factor;
    }

    /// Planes have been where they are now.
    fn note_places(&mut self) {
        let (low, high) = (self.lowest, self.lowest + self.count as i32);
        self.ever = self.ever.start.min(low)..self.ever.end.max(high);
    }

    fn rewrite(&mut self, codes: &[f32]) {
        self.planes = Some(Planes::new(codes, self.count));
        self.refresh();
    }

    /// ‖w − ŵ‖²/‖w‖² of weights `w` with one plane less at this end; None where no plane may go, or planes are still
    /// trained. Weights of zeros lose nothing.
    pub fn error_without(&self, end: End, w: &[f32]) -> Option<f64> {
        let may = self.learned && self.planes.is_none() && self.count > self.fewest;
        may.then(|| {
            let step = match end {
                End::Low => 2.0 * self.step(),
                End::High => self.step(),
            };
            grid_error(w, step, self.count - 1)
        })
    }

    /// ‖w − ŵ‖²/‖w‖² as things stand.
    pub fn error(&self, w: &[f32]) -> f64 {
        grid_error(w, self.step(), self.count)
    }

    /// Drops one plane, which may have bits, of planes that are no longer trained.
    pub fn drop_plane(&mut self, end: End) {
        self.count = self.count.saturating_sub(1);
        if end == End::Low {
            self.raise_low_end(1);
        }
        self.refresh();
    }
}

impl Bsq {
    /// What one plane more at the low end may win: the variance of rounding to the grid, Δ²/12, in parts of the weights'
    /// mean square. None where no plane may come, or planes are still trained.
    pub fn rounding_noise(&self, w: &[f32]) -> Option<f64> {
        let may = self.learned && self.planes.is_none() && self.count < MOST_DEPLOYED;
        let norm: f64 = w.iter().map(|&w| f64::from(w).powi(2)).sum();
        let noise = f64::from(self.step()).powi(2) / 12.0 * w.len() as f64 / norm;
        (may && noise.is_finite()).then_some(noise)
    }

    /// One plane more at the low end: Δ halves, and the weights that the planes stand for stay exactly.
    pub fn refine(&mut self) {
        self.count += 1;
        self.scale_step(0.5);
        self.lowest -= 1;
        self.note_places();
        self.refresh();
    }
}

/// ‖w − ŵ‖²/‖w‖² on the grid of this step and number of planes; 0 for weights of zeros.
fn grid_error(w: &[f32], step: f32, planes: u32) -> f64 {
    let (inverse, last) = (1.0 / step, largest_code(planes));
    let (mut error, mut norm) = (0.0, 0.0);
    for &w in w {
        let w_q = step * clipped(w, inverse, last).round_ties_even();
        error += f64::from(w - w_q).powi(2);
        norm += f64::from(w).powi(2);
    }
    if norm > 0.0 { error / norm } else { 0.0 }
}
