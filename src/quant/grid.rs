//! The grid of levels that low-bit kernels compute with.
//!
//! Weights: offset + scale·t with t in 0..=126 up to 4 bits (7 bits unsigned, so that the relaxed
//! SIMD dot product is exact) and 0..=255 above. Activations: scale·t with t in −127..=127 and no
//! offset, so that zero padding is exactly representable.

use super::Role;

/// Levels on the deployment grid.
#[derive(Debug, Clone, PartialEq)]
pub struct DeployedLevels {
    /// Width of a grid cell, in units of the tensor; 0 where all levels are equal.
    pub scale: f32,
    /// The value of t = 0; 0 for activations.
    pub offset: f32,
    /// The levels as integers, ascending.
    pub t: Vec<i16>,
}

impl DeployedLevels {
    /// The grid of `role` at `bits` that fits ascending `levels`, with each level at its nearest
    /// grid point.
    pub fn fit(levels: &[f32], role: Role, bits: u32) -> Self {
        let (first, last) = match (levels.first(), levels.last()) {
            (Some(&first), Some(&last)) => (first, last),
            _ => (0.0, 0.0),
        };
        let (offset, extent, limit) = match role {
            Role::Weight if bits <= 4 => (first, last - first, 126.0),
            Role::Weight => (first, last - first, 255.0),
            Role::Activation => (0.0, first.abs().max(last.abs()), 127.0),
        };
        let scale = if extent.is_finite() {
            extent / limit
        } else {
            0.0
        };
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        let on_grid =
            |&level: &f32| ((level - offset) * inverse).round().max(-limit).min(limit) as i16;
        let t = levels.iter().map(on_grid).collect();
        Self { scale, offset, t }
    }

    /// The values of the levels.
    pub fn values(&self) -> impl Iterator<Item = f32> + '_ {
        self.t.iter().map(|&t| self.value(t))
    }

    /// The value of a grid point.
    pub fn value(&self, t: i16) -> f32 {
        self.offset + self.scale * f32::from(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_points_are_within_half_a_cell_and_in_range() {
        let levels: Vec<f32> = (0..16)
            .map(|i| (i as f32 * 0.37).sin() * 0.1 + i as f32 * 0.2 - 1.3)
            .collect();
        for (role, bits) in [(Role::Weight, 4), (Role::Weight, 6), (Role::Activation, 4)] {
            let grid = DeployedLevels::fit(&levels, role, bits);
            for (value, level) in grid.values().zip(&levels) {
                assert!(
                    (value - level).abs() <= 0.5001 * grid.scale,
                    "{role:?} {value} {level}"
                );
            }
        }
    }

    #[test]
    fn equal_levels_have_scale_zero_and_keep_their_value() {
        let grid = DeployedLevels::fit(&[0.7; 4], Role::Weight, 2);
        assert_eq!(grid.scale, 0.0);
        assert!(grid.values().all(|v| v == 0.7));
    }
}
