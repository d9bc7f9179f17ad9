//! Narrow floating-point formats: the nearest representable number, ties to even, with subnormals.
//!
//! | format | exponent, mantissa bits | smallest | largest | nearest would be above it from |
//! |---|---|---|---|---|
//! | fp16 (IEEE 754 binary16) | 5, 10 | 2⁻²⁴ | 65504 | 65520 |
//! | E5M2 (OCP 8-bit, Micikevicius et al. 2022) | 5, 2 | 2⁻¹⁶ | 57344 | 61440 |
//! | E4M3 (the same; no infinity, one NaN) | 4, 3 | 2⁻⁹ | 448 | above 464 |
//!
//! Overflow saturates: what is beyond the largest number, infinity too, becomes the largest, as in the saturating
//! conversion of the OCP formats. [`Rounder::hold`] tells whether it happened. NaN stays NaN, and the sign of zero stays.

/// A floating-point format that a tensor is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// 32 bits: nothing is rounded.
    F32,
    /// IEEE half precision.
    F16,
    /// 8 bits: the exponents of half precision, 2 bits of mantissa.
    E5m2,
    /// 8 bits: 4 bits of exponent, 3 of mantissa.
    E4m3,
}

/// Names in JS and in the URL, the default first.
pub const NAMES: &[&str] = &["f32", "f16", "e5m2", "e4m3"];

impl Format {
    /// The format of a name; f32 for any other.
    pub fn of_name(name: &str) -> Self {
        match name {
            "f16" => Self::F16,
            "e5m2" => Self::E5m2,
            "e4m3" => Self::E4m3,
            _ => Self::F32,
        }
    }

    /// Bits of the mantissa that are stored, and the exponent of the smallest normal number.
    const fn fields(self) -> (u32, i32) {
        match self {
            Self::F32 => (23, -126),
            Self::F16 => (10, -14),
            Self::E5m2 => (2, -14),
            Self::E4m3 => (3, -6),
        }
    }

    /// The smallest number above 0, a subnormal one.
    pub fn smallest(self) -> f64 {
        let (mantissa, exponent) = self.fields();
        libm::ldexp(1.0, exponent - mantissa as i32)
    }

    /// The largest finite number.
    pub const fn largest(self) -> f32 {
        match self {
            Self::F32 => f32::MAX,
            Self::F16 => 65504.0,
            Self::E5m2 => 57344.0,
            Self::E4m3 => 448.0,
        }
    }

    /// The smallest number whose nearest, were there a larger one, would be above the largest.
    const fn overflow(self) -> f32 {
        match self {
            Self::F32 => f32::INFINITY,
            Self::F16 => 65520.0,
            Self::E5m2 => 61440.0,
            // A tie at 464 goes to 448, whose mantissa is even.
            Self::E4m3 => 464.0_f32.next_up(),
        }
    }

    /// The nearest number of this format.
    pub fn round(self, x: f32) -> f32 {
        Rounder::new(self).map_or(x, |rounder| rounder.round(x))
    }
}

const EXPONENT: u32 = 0x7f80_0000;
const MAGNITUDE: u32 = 0x7fff_ffff;
const MANTISSA_BITS: u32 = 23;

/// How many numbers rounding made zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loss {
    /// Numbers other than 0 before rounding.
    pub nonzero: u64,
    /// Those of them that became 0.
    pub flushed: u64,
}

impl Loss {
    /// The underflow rate, in [0, 1]: 0 where there was nothing to lose.
    pub fn rate(&self) -> f64 {
        self.flushed as f64 / self.nonzero.max(1) as f64
    }
}

/// Rounds to one format without a branch, so that the loop over a tensor becomes vector instructions.
///
/// For |x| in [2^e, 2^(e+1)) neighbours are 2^(e−m) apart, m being the bits of the mantissa. That is also the distance
/// of neighbouring f32 at M = 2^(e−m+23), so (|x| + M) − M is |x| rounded by the processor itself, ties to even.
/// Below the smallest normal number the distance no longer shrinks: e stops there, and subnormals come out by themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rounder {
    /// Bits of the smallest normal number.
    least: u32,
    /// What makes 2^e into M: 23 − m, in the place of an exponent.
    shift: u32,
    largest: f32,
    overflow: u32,
}

impl Rounder {
    /// None for f32, which needs no rounding.
    pub fn new(format: Format) -> Option<Self> {
        let (mantissa, exponent) = format.fields();
        (format != Format::F32).then(|| Self {
            least: ((exponent + 127) as u32) << MANTISSA_BITS,
            shift: (MANTISSA_BITS - mantissa) << MANTISSA_BITS,
            largest: format.largest(),
            overflow: format.overflow().to_bits(),
        })
    }

    /// The nearest number of the format.
    pub fn round(&self, x: f32) -> f32 {
        let y = x.abs();
        let y = if y > self.largest { self.largest } else { y };
        let exponent = (y.to_bits() & EXPONENT).max(self.least);
        let magic = f32::from_bits(exponent.wrapping_add(self.shift));
        let rounded = (y + magic) - magic;
        f32::from_bits(rounded.to_bits() | (x.to_bits() & !MAGNITUDE))
    }

    /// x ← round(scale·x)/scale for every x, `scale` a power of two; whether one of them overflowed or was NaN.
    pub fn hold(&self, values: &mut [f32], scale: f32) -> bool {
        let inverse = scale.recip();
        let mut largest = 0;
        for value in values {
            let scaled = *value * scale;
            largest = largest.max(scaled.to_bits() & MAGNITUDE);
            *value = self.round(scaled) * inverse;
        }
        largest >= self.overflow
    }

    /// [`Self::hold`], and how much became zero.
    pub fn hold_measured(&self, values: &mut [f32], scale: f32) -> (bool, Loss) {
        let nonzero = count(values);
        let overflowed = self.hold(values, scale);
        let flushed = nonzero - count(values);
        (overflowed, Loss { nonzero, flushed })
    }

    /// Rounds every number.
    pub fn round_all(&self, values: &mut [f32]) {
        values
            .iter_mut()
            .for_each(|value| *value = self.round(*value));
    }
}

/// Numbers other than 0.
fn count(values: &[f32]) -> u64 {
    // Blocks that a 32-bit counter cannot overflow: it fits the vectors.
    let block = |values: &[f32]| -> u32 { values.iter().map(|&v| u32::from(v != 0.0)).sum() };
    values.chunks(1 << 16).map(|v| u64::from(block(v))).sum()
}

/// The largest |x|; 0 for no numbers. NaN counts as the largest of all.
pub fn largest(values: &[f32]) -> f32 {
    let magnitudes = values.iter().map(|x| x.to_bits() & MAGNITUDE);
    f32::from_bits(magnitudes.fold(0, u32::max))
}
