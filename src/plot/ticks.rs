//! Where an axis is labelled, and how numbers are written there.

/// A labelled place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub label: String,
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten within [low, high], `most` or fewer
/// (one more where both ends are hit). `whole` allows only integers.
pub(crate) fn linear(low: f64, high: f64, most: usize, whole: bool) -> Vec<Tick> {
    let span = high - low;
    if span <= 0.0 || !span.is_finite() {
        return vec![Tick {
            at: low,
            label: number(low, low.abs().max(1e-30) / 100.0),
        }];
    }
    let mut step = nice_step(span / most.max(1) as f64);
    if whole && step < 1.0 {
        step = 1.0;
    }
    let first = (low / step - 1e-6).ceil();
    (0..=most)
        .map(|i| (first + i as f64) * step)
        .filter(|&at| at <= high + step * 1e-6)
        .map(|at| Tick {
            at,
            label: number(at, step),
        })
        .collect()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `raw` > 0.
fn nice_step(raw: f64) -> f64 {
    let magnitude = decade(raw);
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * magnitude >= raw * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * magnitude
}

/// The largest power of ten that is not above `value` > 0.
fn decade(value: f64) -> f64 {
    let mut magnitude = 1.0;
    while magnitude > value && magnitude > 1e-300 {
        magnitude /= 10.0;
    }
    while magnitude * 10.0 <= value * (1.0 + 1e-12) {
        magnitude *= 10.0;
    }
    magnitude
}

/// Ticks of a logarithmic axis, 0 < low < high: powers of ten (every k-th where there are too many),
/// with 2 and 5 between them on a short axis, and evenly spaced numbers on a very short one.
pub(crate) fn logarithmic(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let mut powers = Vec::new();
    let mut power = decade(low);
    while power <= high * (1.0 + 1e-9) && powers.len() < 700 {
        powers.push(power);
        power *= 10.0;
    }
    let inside = |at: &f64| *at >= low * (1.0 - 1e-9) && *at <= high * (1.0 + 1e-9);
    let tick = |at: f64| Tick {
        at,
        label: number(at, decade(at)),
    };
    let fine: Vec<f64> = powers
        .iter()
        .flat_map(|&p| [p, 2.0 * p, 5.0 * p])
        .filter(|at| inside(at))
        .collect();
    if fine.len() < 2 {
        return linear(low, high, most.min(3), false);
    }
    if fine.len() <= most {
        return fine.into_iter().map(tick).collect();
    }
    let whole: Vec<f64> = powers.into_iter().filter(|at| inside(at)).collect();
    let every = whole.len().div_ceil(most.max(1)).max(1);
    whole.into_iter().step_by(every).map(tick).collect()
}

/// `value` as short as its neighbours, `step` away, allow: 0.25, 12, 20k, 3M, 2e−5.
pub(crate) fn number(value: f64, step: f64) -> String {
    let size = value.abs();
    if !value.is_finite() || size < step * 1e-6 {
        return String::from("0");
    }
    let (unit, suffix) = match size {
        s if !(1e-3..1e15).contains(&s) => return scientific(value, step),
        s if s >= 1e9 => (1e9, "G"),
        s if s >= 1e6 => (1e6, "M"),
        s if s >= 1e4 || (s >= 1e3 && step >= 1e3) => (1e3, "k"),
        _ => (1.0, ""),
    };
    let mut text = fixed(value / unit, decimals(step / unit));
    text.push_str(suffix);
    text
}

fn scientific(value: f64, step: f64) -> String {
    let (mut lead, mut exponent, mut power) = (value, 0_i32, 1.0);
    while lead.abs() >= 10.0 - 1e-9 {
        lead /= 10.0;
        power *= 10.0;
        exponent += 1;
    }
    while lead.abs() < 1.0 - 1e-9 {
        lead *= 10.0;
        power /= 10.0;
        exponent -= 1;
    }
    let mut text = fixed(lead, decimals(step / power).min(2));
    text.push('e');
    if exponent < 0 {
        text.push('−');
    }
    text.push_str(&exponent.unsigned_abs().to_string());
    text
}

/// Digits after the point that tell multiples of `step` apart, at most 6.
fn decimals(step: f64) -> usize {
    let mut scaled = step;
    let mut digits = 0;
    while digits < 6 && (scaled < 1.0 - 1e-9 || (scaled - scaled.round()).abs() > 1e-3 * scaled) {
        scaled *= 10.0;
        digits += 1;
    }
    digits
}

/// `value` rounded to `digits` digits after the point: 0.50 at 2.
pub(crate) fn fixed(value: f64, digits: usize) -> String {
    let mut unit = 1.0;
    for _ in 0..digits {
        unit *= 10.0;
    }
    let scaled = (value.abs() * unit).round() as u64;
    let mut text = scaled.to_string();
    while text.len() <= digits {
        text.insert(0, '0');
    }
    if digits > 0 {
        text.insert(text.len() - digits, '.');
    }
    if value < 0.0 && scaled > 0 {
        text.insert(0, '−');
    }
    text
}

/// `value` with about three significant digits.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(value, 1.0);
    }
    let mut text = number(value, decade(value.abs()) / 100.0);
    if text.contains('.') && !text.contains('e') && text.ends_with(|c: char| c.is_ascii_digit()) {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: Vec<Tick>) -> Vec<String> {
        ticks.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_ticks_are_round_and_within_the_axis() {
        assert_eq!(labels(linear(0.0, 8.0, 4, true)), ["0", "2", "4", "6", "8"]);
        assert_eq!(labels(linear(-0.3, 0.31, 4, false)), ["−0.2", "0", "0.2"]);
        assert_eq!(
            labels(linear(0.0, 20_000.0, 4, false)),
            ["0", "5k", "10k", "15k", "20k"]
        );
        assert_eq!(
            labels(linear(0.96, 0.985, 5, false)),
            ["0.960", "0.965", "0.970", "0.975", "0.980", "0.985"]
        );
        assert_eq!(labels(linear(0.0, 1.2, 8, true)), ["0", "1"]);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_or_their_simple_multiples() {
        assert_eq!(
            labels(logarithmic(1e-4, 1.0, 5)),
            ["1e−4", "0.001", "0.01", "0.1", "1"]
        );
        assert_eq!(labels(logarithmic(0.9, 11.0, 5)), ["1", "2", "5", "10"]);
        assert_eq!(labels(logarithmic(1e-8, 1e8, 5)).len(), 5);
        assert!(logarithmic(1.2, 1.4, 5).len() >= 2);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(short(0.0123456), "0.0123");
        assert_eq!(short(-1.5), "−1.5");
        assert_eq!(short(250_000.0), "250k");
        assert_eq!(short(-2.5e-5), "−2.50e−5");
        assert_eq!(short(3e30), "3.00e30");
        assert_eq!(short(f64::NAN), "0");
        assert_eq!(fixed(-0.001, 2), "0.00");
    }

    #[test]
    fn no_axis_yields_too_many_ticks() {
        for (low, high) in [
            (0.0, 1e-30),
            (1e30, 1.0000001e30),
            (-1e38, 1e38),
            (5.0, 5.0),
            (0.0, f64::INFINITY),
        ] {
            assert!(linear(low, high, 5, false).len() <= 6, "{low}..{high}");
        }
    }
}
