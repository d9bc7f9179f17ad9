//! The one source of randomness: a seeded PCG stream whose whole state is three integers,
//! so that a run can be saved and resumed to the same bits.

use crate::archive::Archive;
use crate::turn::cos_sin;
use rand_core::Rng as _;
use rand_pcg::Pcg32;

/// What a stream of random numbers is for. Each purpose draws from its own stream of the same
/// seed, so that drawing more for one (say, noise) never changes another (say, initial weights).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// Generated data and its noise.
    Data = 1,
    /// The train/test split.
    Split = 2,
    /// Initial weights.
    Init = 3,
    /// The order of samples in an epoch.
    Shuffle = 4,
    /// Searches (agents, random allocations).
    Search = 5,
    /// Tests and benchmarks.
    Test = 6,
}

/// A seeded generator (PCG32, O'Neill 2014).
#[derive(Debug, Clone)]
pub struct Rng {
    pcg: Pcg32,
    seed: u64,
    stream: Stream,
    draws: u64,
}

impl Rng {
    /// The generator of `seed` for one purpose.
    pub fn new(seed: u64, stream: Stream) -> Self {
        Self {
            pcg: Pcg32::new(seed, stream as u64),
            seed,
            stream,
            draws: 0,
        }
    }

    /// The same generator after `draws` 32-bit draws, as [`Rng::draws`] counted them.
    pub fn resumed(seed: u64, stream: Stream, draws: u64) -> Self {
        let mut rng = Self::new(seed, stream);
        rng.pcg.advance(draws);
        rng.draws = draws;
        rng
    }

    /// Draws made; seed and stream are those it was made from.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            pcg: _,
            seed,
            stream,
            draws,
        } = self;
        archive.u64(draws);
        if archive.loaded() {
            *self = Self::resumed(*seed, *stream, *draws);
        }
    }

    /// 32-bit draws made since the seed.
    pub fn draws(&self) -> u64 {
        self.draws
    }

    /// The seed and the stream this generator was made from.
    pub fn origin(&self) -> (u64, Stream) {
        (self.seed, self.stream)
    }

    /// A uniform 32-bit integer.
    pub fn next_u32(&mut self) -> u32 {
        self.draws += 1;
        self.pcg.next_u32()
    }

    /// A uniform number in [0, 1) with 24 random bits: every value is exact in f32.
    pub fn uniform(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A uniform number in [low, high).
    pub fn uniform_in(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// A standard normal number (Box–Muller; two draws, the cosine branch).
    pub fn normal(&mut self) -> f32 {
        let radius = libm::sqrtf(-2.0 * libm::logf(1.0 - self.uniform()));
        radius * cos_sin(self.uniform()).0
    }

    /// A uniform integer in [0, bound); `bound` ≥ 1 (Lemire's multiply-shift; bias < bound / 2³²).
    pub fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.next_u32()) * bound as u64) >> 32) as usize
    }

    /// Puts `items` in a uniformly random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_stream_continues_with_the_same_bits() {
        let mut whole = Rng::new(7, Stream::Shuffle);
        for _ in 0..1000 {
            whole.normal();
        }
        let mut resumed = Rng::resumed(7, Stream::Shuffle, whole.draws());
        for _ in 0..100 {
            assert_eq!(whole.next_u32(), resumed.next_u32());
        }
    }

    #[test]
    fn streams_of_one_seed_differ() {
        let mut a = Rng::new(1, Stream::Init);
        let mut b = Rng::new(1, Stream::Split);
        assert!((0..8).any(|_| a.next_u32() != b.next_u32()));
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut rng = Rng::new(3, Stream::Test);
        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(rng.normal())).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance =
            draws.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / draws.len() as f64;
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.02, "variance {variance}");
    }
}
