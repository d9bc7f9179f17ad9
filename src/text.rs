//! Numbers in messages. The standard library's float formatting finds the shortest text that reads back
//! to the same bits; its tables would be a tenth of the binary, and a message does not need them.

/// `value` in at most nine significant digits: `0.05`, `-3.25`, `1.5e12`, `NaN`, `infinity`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    let body = match size {
        f64::INFINITY => "infinity".to_owned(),
        0.0 => "0".to_owned(),
        _ if (1e-4..1e9).contains(&size) => plain(size),
        _ => scientific(size),
    };
    sign.to_owned() + &body
}

/// A size in [1e-4, 1e9), without trailing zeros.
fn plain(size: f64) -> String {
    let (mut unit, mut digits) = (1.0, 0);
    while digits < 9 && size * unit < 1e8 {
        unit *= 10.0;
        digits += 1;
    }
    let mut text = ((size * unit).round() as u64).to_string();
    while text.len() <= digits {
        text.insert(0, '0');
    }
    if digits > 0 {
        text.insert(text.len() - digits, '.');
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    text
}

fn scientific(size: f64) -> String {
    let (mut lead, mut exponent) = (size, 0_i32);
    while lead >= 10.0 {
        lead /= 10.0;
        exponent += 1;
    }
    while lead < 1.0 {
        lead *= 10.0;
        exponent -= 1;
    }
    plain(lead) + "e" + &exponent.to_string()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short_and_read_back() {
        for (value, text) in [
            (0.0, "0"),
            (0.05, "0.05"),
            (-3.25, "-3.25"),
            (4.0, "4"),
            (2000.0, "2000"),
            (4_294_967_295.0, "4.2949673e9"),
            (1.5e12, "1.5e12"),
            (1e-7, "1e-7"),
            (0.1 + 0.2, "0.3"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-infinity"),
        ] {
            assert_eq!(number(value), text);
        }
        for value in [1.0 / 3.0, 123.456, 98_765.432_1, 5e-4, 7.25e300, 1.1e-300] {
            let read: f64 = number(value).parse().expect("a number");
            assert!((read / value - 1.0).abs() < 1e-8, "{value} as {read}");
        }
    }
}
