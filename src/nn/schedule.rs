//! Learning-rate schedules as factors of progress in [0, 1].

use crate::turn::cos_sin;

/// How the learning rate changes over a phase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// Always the full rate.
    Constant,
    /// Half a cosine from 1 to 0.
    Cosine,
    /// Times `factor` after each of `steps` equal parts of the phase but the last.
    Step {
        /// Equal parts; ≥ 1.
        steps: u32,
        /// In (0, 1].
        factor: f32,
    },
}

impl Schedule {
    /// The factor at `progress`, which is clamped to [0, 1].
    pub fn factor(self, progress: f32) -> f32 {
        let progress = progress.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Cosine => 0.5 * (1.0 + cos_sin(0.5 * progress).0),
            Self::Step { steps, factor } => {
                let passed = (progress * steps as f32) as u32;
                (0..passed.min(steps.saturating_sub(1))).fold(1.0, |product, _| product * factor)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_start_at_one_and_end_where_they_should() {
        let step = Schedule::Step {
            steps: 3,
            factor: 0.1,
        };
        for schedule in [Schedule::Constant, Schedule::Cosine, step] {
            assert_eq!(schedule.factor(0.0), 1.0);
        }
        assert_eq!(Schedule::Constant.factor(1.0), 1.0);
        assert!(Schedule::Cosine.factor(1.0).abs() < 1e-7);
        assert!((Schedule::Cosine.factor(0.5) - 0.5).abs() < 1e-7);
        assert_eq!(step.factor(0.32), 1.0);
        assert!((step.factor(0.34) - 0.1).abs() < 1e-7);
        assert!((step.factor(1.0) - 0.01).abs() < 1e-7);
    }
}
