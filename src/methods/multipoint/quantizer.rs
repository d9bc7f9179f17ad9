//! Multipoint quantization (Liu, Ye, Zhou, Liu, AAAI 2021): the weights of an output channel, a row, are the sum of a
//! few low-bit vectors, ŵ = Σ_i a_i·q_i, as many as the row needs. Every point has the codes of one low-bit kernel.
//!
//! The first points of all rows share one coefficient, the one of least squared error over the layer: without further
//! points this is plain symmetric quantization with one scale a layer, and a coefficient of its own would cost a short
//! row (the nine taps of a depthwise filter) more bits than it saves. Further points are greedy: point i is the best one
//! for the residual r = w − Σ_{j<i} a_j·q_j (see [`point`]). Codes follow from w and the coefficients, so only those are
//! kept here.
//!
//! A point costs its codes, its coefficient and the number of its row. Made after the training: the gradient passes
//! straight through where the first point does not clip.

use super::point::{Coder, FEWEST_BITS, best_step, finite, largest_code};
use crate::archive::Archive;
use crate::parameter::Visitor;
use crate::quant::assign::clipped_gradient;
use crate::quant::{Details, FurtherPoint, PointCodes, Quantizer};

/// Most points of a row.
pub const MOST_POINTS: usize = 8;

/// Bits of a coefficient: one f32.
pub const COEFFICIENT_BITS: u64 = 32;

/// Bits of the number of a further point's row, its entry of the row map.
const ROW_BITS: u64 = 16;

/// Weights that the first points' coefficient is fitted to: evenly spaced ones of a larger layer.
const MOST_SAMPLES: usize = 4096;

/// Sums of low-bit points, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Multipoint {
    bits: u32,
    /// Weights of a row.
    row_length: usize,
    /// Step of every row's first point.
    step: f32,
    /// Steps of each row's further points.
    further: Vec<Vec<f32>>,
    /// Levels of the first points.
    levels: Vec<f32>,
}

/// Bits that a point beyond the first of a row of `row_length` weights costs.
pub fn point_bits(bits: u32, row_length: usize) -> u64 {
    u64::from(bits) * row_length as u64 + COEFFICIENT_BITS + ROW_BITS
}

impl Multipoint {
    /// One point a row, with codes of `bits` (2 to 8; others become the nearest of these), for `rows` rows of weights `w`.
    pub fn new(bits: u32, w: &[f32], rows: usize) -> Self {
        let bits = bits.clamp(FEWEST_BITS, 8);
        let stride = w.len().div_ceil(MOST_SAMPLES).max(1);
        let samples: Vec<f32> = w.iter().step_by(stride).copied().map(finite).collect();
        let step = best_step(&samples, bits).unwrap_or(0.0);
        let mut made = Self {
            bits,
            row_length: (w.len() / rows.max(1)).max(1),
            step,
            further: vec![Vec::new(); rows],
            levels: Vec::new(),
        };
        made.refresh();
        made
    }

    fn refresh(&mut self) {
        let last = largest_code(self.bits) as i32;
        let levels = (-last..=last).map(|k| self.step * k as f32);
        self.levels = levels.collect();
    }

    /// Gives `row`, whose weights are `w`, one more point, the best for what its points leave over. Returns whether one
    /// was found: none is where nothing is left over, or the row has [`MOST_POINTS`].
    pub fn add_point(&mut self, row: usize, w: &[f32]) -> bool {
        let left: Vec<f32> = self.residual(row, w).into_iter().map(finite).collect();
        let step = best_step(&left, self.bits);
        let further = self.further.get_mut(row);
        match (further, step) {
            (Some(further), Some(step)) if further.len() + 1 < MOST_POINTS => {
                further.push(step);
                true
            }
            _ => false,
        }
    }

    /// r = w − Σ_i a_i·q_i, what the points of `row` leave over of its weights `w`.
    pub fn residual(&self, row: usize, w: &[f32]) -> Vec<f32> {
        let mut sum = vec![0.0; w.len()];
        self.quantize_row(row, w, &mut sum);
        w.iter().zip(sum).map(|(w, sum)| w - sum).collect()
    }

    /// Points of each row.
    pub fn points(&self) -> Vec<u8> {
        let rows = 0..self.further.len();
        rows.map(|row| self.points_of(row) as u8).collect()
    }

    /// Points of one row.
    pub fn points_of(&self, row: usize) -> usize {
        1 + self.further.get(row).map_or(0, Vec::len)
    }

    /// Weights of a row.
    pub fn row_length(&self) -> usize {
        self.row_length
    }

    /// The first points' step a₁/N.
    pub fn step(&self) -> f32 {
        self.step
    }

    /// The first points' codes k + N of weights `w`, and the further points, row by row.
    pub fn codes(&self, w: &[f32]) -> (Vec<u8>, Vec<FurtherPoint>) {
        let last = largest_code(self.bits);
        let mut first = Vec::with_capacity(w.len());
        let mut further = Vec::new();
        let mut sum = vec![0.0; self.row_length];
        for (row, w) in w.chunks(self.row_length).enumerate() {
            let sum = &mut sum[..w.len()];
            sum.fill(0.0);
            for (index, step) in self.steps(row).enumerate() {
                let coder = Coder::new(step, self.bits);
                let mut codes = Vec::with_capacity(w.len());
                for (sum, &w) in sum.iter_mut().zip(w) {
                    let code = coder.code(w - *sum);
                    *sum += step * code;
                    codes.push((code + last) as u8);
                }
                if index == 0 {
                    first.extend(codes);
                } else {
                    further.push(FurtherPoint { row, step, codes });
                }
            }
        }
        (first, further)
    }

    fn steps(&self, row: usize) -> impl Iterator<Item = f32> {
        let further = self.further.get(row).map_or(&[][..], Vec::as_slice);
        core::iter::once(self.step).chain(further.iter().copied())
    }

    /// Writes Σ_i a_i·q_i of one row.
    fn quantize_row(&self, row: usize, w: &[f32], sum: &mut [f32]) {
        sum.fill(0.0);
        for step in self.steps(row) {
            let coder = Coder::new(step, self.bits);
            for (sum, &w) in sum.iter_mut().zip(w) {
                *sum += step * coder.code(w - *sum);
            }
        }
    }
}

impl Quantizer for Multipoint {
    fn forward(&mut self, x: &[f32], x_q: &mut [f32]) {
        self.quantize(x, x_q);
    }

    fn quantize(&self, x: &[f32], x_q: &mut [f32]) {
        let rows = x
            .chunks(self.row_length)
            .zip(x_q.chunks_mut(self.row_length));
        for (row, (x, x_q)) in rows.enumerate() {
            self.quantize_row(row, x, x_q);
        }
    }

    fn backward(&mut self, x: &[f32], upstream: &[f32], dx: &mut [f32]) {
        let bounds = (self.levels[0], self.levels[self.levels.len() - 1]);
        clipped_gradient(x, upstream, bounds, dx);
    }

    fn visit_parameters(&mut self, _: &mut Visitor<'_>) {}

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            bits,
            row_length,
            step,
            further,
            levels: _,
        } = self;
        archive.count(bits, FEWEST_BITS, 8);
        archive.size(row_length, usize::MAX);
        let length = *row_length;
        archive.check(length > 0, "a row of weights", 0.0);
        archive.finite(step);
        archive.resize(further, usize::MAX, Vec::new());
        for steps in further {
            archive.resize(steps, MOST_POINTS - 1, 0.0);
            archive.floats(steps);
        }
        if archive.loaded() {
            self.refresh();
        }
    }

    fn constrain(&mut self) {}

    fn details(&self, _: &[f32]) -> Details {
        Details {
            points: Some(self.points()),
            ..Details::default()
        }
    }

    fn point_codes(&self, w: &[f32]) -> Option<PointCodes> {
        let (codes, further) = self.codes(w);
        Some(PointCodes {
            step: self.step,
            codes,
            further,
        })
    }

    /// Levels of the first points; sums of points lie between them.
    fn levels(&self) -> &[f32] {
        &self.levels
    }

    /// Bits of a code.
    fn bits(&self) -> u32 {
        self.bits
    }

    /// Codes of all points, the coefficient of the first points, and for every further point its own and its row.
    fn stored_bits(&self, count: usize) -> u64 {
        let further: usize = self.further.iter().map(Vec::len).sum();
        u64::from(self.bits) * count as u64
            + COEFFICIENT_BITS
            + further as u64 * point_bits(self.bits, self.row_length)
    }
}
