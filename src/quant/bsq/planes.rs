//! The trainable bits of one tensor, and the group lasso that empties them.
//!
//! Of n planes, plane b holds p_b and q_b, the bits of the positive and of the negative weights: numbers in [0, 2], one
//! of each a weight. In units of the step a weight is C = Σ_b 2^b·(p_b − q_b). The lasso's groups are the planes:
//! B = Σ_b √(1e-8 + ‖p_b‖² + ‖q_b‖²).

use crate::archive::Archive;
use crate::parameter::{Group, Parameter};

/// Most planes of a tensor.
pub const MOST_PLANES: u32 = 8;

/// Largest value of a plane's entries.
const LARGEST_ENTRY: f32 = 2.0;

/// Under the root of a group's norm, so that an empty plane has a gradient.
const SMOOTHING: f32 = 1e-8;

/// Accumulators side by side, so that long sums vectorise and always round alike.
const LANES: usize = 16;

/// n planes of `count` weights.
#[derive(Debug, Clone)]
pub struct Planes {
    /// Plane after plane from the least significant; of each, p and then q.
    bits: Parameter,
    count: usize,
}

/// 2^b.
fn weight_of(plane: usize) -> f32 {
    (1u32 << plane) as f32
}

/// S_n = 2^n − 1, the largest magnitude that n planes of zeros and ones hold.
pub fn largest_code(planes: u32) -> f32 {
    ((1u32 << planes) - 1) as f32
}

impl Planes {
    /// The bits of whole numbers `codes` with |code| ≤ S_n.
    pub fn new(codes: &[f32], planes: u32) -> Self {
        let count = codes.len();
        let mut bits = Vec::with_capacity(2 * count * planes as usize);
        for plane in 0..planes {
            let bit = |code: f32| f32::from((code as u32 >> plane & 1) as u8);
            // As an integer a negative number saturates to 0: no bit of it is set.
            bits.extend(codes.iter().map(|&code| bit(code)));
            bits.extend(codes.iter().map(|&code| bit(-code)));
        }
        Self {
            bits: Parameter::new(Group::Planes, bits),
            count,
        }
    }

    /// Shows every entry of `planes` planes.
    pub fn visit_state(&mut self, planes: usize, archive: &mut Archive<'_>) {
        let Self { bits, count } = self;
        archive.size(count, usize::MAX);
        archive.resize(&mut bits.value, usize::MAX, 0.0);
        bits.visit_state(archive);
        let right = bits.value.len() == 2 * *count * planes;
        archive.check(right, "two numbers a weight and plane", *count as f64);
    }

    /// p_b and q_b of every plane, least significant plane first.
    pub fn halves(&self) -> impl DoubleEndedIterator<Item = (&[f32], &[f32])> {
        let planes = self.bits.value.chunks_exact((2 * self.count).max(1));
        planes.map(|plane| plane.split_at(self.count))
    }

    /// Writes C = Σ_b 2^b·(p_b − q_b).
    pub fn codes(&self, codes: &mut [f32]) {
        codes.fill(0.0);
        for (plane, (p, q)) in self.halves().enumerate() {
            let factor = weight_of(plane);
            for ((code, &p), &q) in codes.iter_mut().zip(p).zip(q) {
                *code += factor * (p - q);
            }
        }
    }

    /// From δ = dL/dŵ and the step Δ: adds Δ·2^b·δ to dL/dp_b and subtracts it from dL/dq_b.
    pub fn backward(&mut self, step: f32, upstream: &[f32]) {
        let count = self.count;
        let planes = self.bits.gradient.chunks_exact_mut((2 * count).max(1));
        for (plane, gradient) in planes.enumerate() {
            let factor = step * weight_of(plane);
            let (d_p, d_q) = gradient.split_at_mut(count);
            for ((d_p, d_q), &upstream) in d_p.iter_mut().zip(d_q).zip(upstream) {
                let change = factor * upstream;
                *d_p += change;
                *d_q -= change;
            }
        }
    }

    /// Weights that the planes stand for.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Scales the gradient of all entries down to the norm `limit` where it is longer.
    pub fn clip_gradient(&mut self, limit: f32) {
        let norm = squares(&self.bits.gradient).sqrt();
        if norm > limit {
            let factor = limit / norm;
            self.bits.gradient.iter_mut().for_each(|g| *g *= factor);
        }
    }

    /// Norms √(‖p_b‖² + ‖q_b‖²), least significant plane first.
    pub fn norms(&self) -> impl Iterator<Item = f32> {
        let planes = self.bits.value.chunks_exact((2 * self.count).max(1));
        planes.map(|plane| squares(plane).sqrt())
    }

    /// B, the group lasso.
    pub fn lasso(&self) -> f32 {
        self.norms()
            .map(|norm| (SMOOTHING + norm * norm).sqrt())
            .sum()
    }

    /// Adds `strength` times the gradient of B, which is v/√(1e-8 + ‖v‖²) for a plane v.
    pub fn add_lasso_gradient(&mut self, strength: f32) {
        let length = (2 * self.count).max(1);
        let planes = self.bits.value.chunks_exact(length);
        for (plane, gradient) in planes.zip(self.bits.gradient.chunks_exact_mut(length)) {
            let factor = strength / (SMOOTHING + squares(plane)).sqrt();
            for (gradient, &value) in gradient.iter_mut().zip(plane) {
                *gradient += factor * value;
            }
        }
    }

    /// Brings every entry back to [0, 2]; what is no number becomes 0.
    pub fn constrain(&mut self) {
        for value in &mut self.bits.value {
            let positive = if *value > 0.0 { *value } else { 0.0 };
            *value = if positive < LARGEST_ENTRY {
                positive
            } else {
                LARGEST_ENTRY
            };
        }
    }

    /// The entries of all planes as an optimizer sees them.
    pub fn parameter(&mut self) -> &mut Parameter {
        &mut self.bits
    }

    /// The entries and their gradients.
    pub fn entries(&self) -> &Parameter {
        &self.bits
    }
}

/// Σ v².
pub(super) fn squares(values: &[f32]) -> f32 {
    let (chunks, tail) = values.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += value * value;
        }
    }
    for (lane, value) in lanes.iter_mut().zip(tail) {
        *lane += value * value;
    }
    lanes.iter().sum()
}
