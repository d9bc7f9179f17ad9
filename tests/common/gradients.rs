//! Central differences: the oracle for every gradient.

/// Checks `gradient` of the scalar function `loss` at `at` against central differences with step
/// `step`, element by element: |difference| ≤ tolerance · (1 + |numeric|).
pub fn check(
    what: &str,
    at: &[f32],
    gradient: &[f32],
    step: f32,
    tolerance: f64,
    mut loss: impl FnMut(&[f32]) -> f64,
) {
    assert_eq!(at.len(), gradient.len(), "{what}");
    let mut moved = at.to_vec();
    for index in 0..at.len() {
        let (up, down) = (at[index] + step, at[index] - step);
        moved[index] = up;
        let above = loss(&moved);
        moved[index] = down;
        let below = loss(&moved);
        moved[index] = at[index];
        let numeric = (above - below) / f64::from(up - down);
        let analytic = f64::from(gradient[index]);
        assert!(
            (numeric - analytic).abs() <= tolerance * (1.0 + numeric.abs()),
            "{what}[{index}]: analytic {analytic}, numeric {numeric}"
        );
    }
}

/// Σ a·b in double precision: the loss whose gradient with respect to `a` is `b`.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(&a, &b)| f64::from(a) * f64::from(b))
        .sum()
}
