//! Cosine and sine of an angle given in turns. In turns, reducing to a small angle is exact and needs no table, and
//! the result is bit-identical everywhere.

/// (cos 2πt, sin 2πt), within 2e-7 of the true values for |t| ≤ 1e3; NaN where `t` is not finite.
pub fn cos_sin(turns: f32) -> (f32, f32) {
    let turns = f64::from(turns);
    let quarter = (4.0 * turns).round();
    // The rest is at most an eighth of a turn, where eleven terms are exact to 1e-12.
    let angle = core::f64::consts::TAU * (turns - 0.25 * quarter);
    let (mut cos, mut sin, mut term) = (0.0, 0.0, 1.0);
    for order in (0..12).step_by(4) {
        let (c, s) = (f64::from(order + 1), f64::from(order + 2));
        cos += term;
        term *= angle / c;
        sin += term;
        term *= angle / s;
        cos -= term;
        term *= angle / (c + 2.0);
        sin -= term;
        term *= angle / (s + 2.0);
    }
    let (cos, sin) = (cos as f32, sin as f32);
    match quarter.rem_euclid(4.0) as u32 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

#[cfg(test)]
mod tests {
    use super::cos_sin;

    #[test]
    fn agrees_with_the_library_all_around() {
        for step in -4000..4000 {
            let turns = step as f32 / 1000.0 + 1e-4;
            let angle = core::f64::consts::TAU * f64::from(turns);
            let (cos, sin) = cos_sin(turns);
            assert!(
                (f64::from(cos) - libm::cos(angle)).abs() < 2e-7,
                "cos of {turns} turns"
            );
            assert!(
                (f64::from(sin) - libm::sin(angle)).abs() < 2e-7,
                "sin of {turns} turns"
            );
        }
        assert_eq!(cos_sin(0.0), (1.0, 0.0));
        assert_eq!(cos_sin(0.5).0, -1.0);
        assert_eq!(cos_sin(0.25).0, 0.0);
        assert!(cos_sin(f32::NAN).0.is_nan() && cos_sin(f32::INFINITY).1.is_nan());
    }
}
