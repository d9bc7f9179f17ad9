//! Additive powers of two (Li et al., ICLR 2020): a level is α times a sum of powers of two, one of each term, so a
//! multiplication is a few shifts and adds, and the levels are less crowded at 0 than single powers.
//!
//! n magnitude bits (b − 1 beside the sign) are ⌊n/2⌋ terms of two bits and, where n is odd, one of one bit. Exponents
//! −1, −2, … are dealt out to the two-bit terms in turn, twice around; then one to the one-bit term; then once more
//! around. Each term may also be 0. n = 4: {0, 2⁻¹, 2⁻³, 2⁻⁵} + {0, 2⁻², 2⁻⁴, 2⁻⁶}; n = 3: {0, ½, ¼, 1/16} + {0, ⅛}.
//! All sums are divided by the largest. 2-bit weights are {−1, 0, 1}·α.
//!
//! α clips: dL/dα = Σ δ·(x_q − x)/α inside, Σ δ·sign(x) outside. The paper's weight normalisation is left out: the
//! checkpoints' weights keep their scale, and α is in their unit.

use super::Role;
use super::pot::{needs_sign, power, with_signs};
use super::scaled::{ScaleGradient, ScaledLevels};

/// Levels up to `scale` > 0. `bits` is 1 to 8, for a signed tensor 2 to 8: sessions refuse 1, here it counts as 2.
pub fn additive(role: Role, bits: u32, signed: bool, scale: f32) -> ScaledLevels {
    let (bits, base) = base(bits, signed);
    ScaledLevels::new(role, bits, base, scale, ScaleGradient::Clip)
}

/// The scale with the least squared error on a tensor.
pub fn calibrated(role: Role, bits: u32, x: &[f32]) -> ScaledLevels {
    let (bits, base) = base(bits, needs_sign(role, x));
    ScaledLevels::calibrated(role, bits, base, x, ScaleGradient::Clip)
}

fn base(bits: u32, signed: bool) -> (u32, Vec<f32>) {
    let bits = bits.clamp(if signed { 2 } else { 1 }, 8);
    let magnitudes = magnitudes(if signed { bits - 1 } else { bits });
    (bits, with_signs(magnitudes, signed))
}

/// The 2^n − 1 magnitudes above 0 of n bits, ascending to 1.
fn magnitudes(n: u32) -> Vec<f32> {
    let mut exponent = 0;
    let mut next = || {
        exponent += 1;
        power(exponent)
    };
    let mut terms = vec![vec![0.0]; (n / 2) as usize];
    for _ in 0..2 {
        terms.iter_mut().for_each(|term| term.push(next()));
    }
    let single = (n % 2 == 1).then(|| vec![0.0, next()]);
    terms.iter_mut().for_each(|term| term.push(next()));
    let mut sums = vec![0.0f32];
    for term in terms.iter().chain(&single) {
        sums = sums
            .iter()
            .flat_map(|sum| term.iter().map(move |power| sum + power))
            .collect();
    }
    sums.sort_by(f32::total_cmp);
    let largest = sums[sums.len() - 1];
    sums[1..].iter().map(|sum| sum / largest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_are_those_of_the_paper() {
        let eight: Vec<f32> = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0]
            .iter()
            .map(|v| v / 10.0)
            .collect();
        assert_eq!(magnitudes(3), eight);
        assert_eq!(magnitudes(1), [1.0]);
        let four = magnitudes(4);
        assert_eq!(four.len(), 15);
        // {0, 32, 8, 2} + {0, 16, 4, 1}, over 48.
        assert_eq!(
            (four[0], four[13], four[14]),
            (1.0 / 48.0, 36.0 / 48.0, 1.0)
        );
        for n in 1..=8 {
            let found = magnitudes(n);
            assert_eq!(found.len(), (1 << n) - 1);
            assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{n}");
        }
    }
}
