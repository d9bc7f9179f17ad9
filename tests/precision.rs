//! Narrow formats and the rule that finds scales: against decoded codes, the crate `half`, and normal samples.
#![cfg(not(target_arch = "wasm32"))]

use ddq_playground::nn::ops::gemm::{self, Sizes};
use ddq_playground::nn::precision::Format;
use ddq_playground::nn::precision::format::Rounder;
use ddq_playground::nn::precision::rule::{Rule, Statistics};
use ddq_playground::nn::precision::scaling::merged_scale;
use ddq_playground::rng::{Rng, Stream};

const NARROW: [Format; 3] = [Format::F16, Format::E5m2, Format::E4m3];

/// The number of an 8-bit code from its fields, as the OCP specification writes it: None for NaN.
fn decode(format: Format, code: u8) -> Option<f64> {
    let (mantissa_bits, bias) = if format == Format::E4m3 {
        (3, 7)
    } else {
        (2, 15)
    };
    let sign = if code & 0x80 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((code & 0x7f) >> mantissa_bits);
    let mantissa = f64::from(code & ((1 << mantissa_bits) - 1));
    let part = mantissa / f64::from(1 << mantissa_bits);
    let special = exponent == 31 && format == Format::E5m2;
    match (special, code & 0x7f) {
        (true, 0x7c) => return Some(sign * f64::INFINITY),
        (true, _) => return None,
        (false, 0x7f) if format == Format::E4m3 => return None,
        _ => {}
    }
    Some(if exponent == 0 {
        sign * part * 2f64.powi(1 - bias)
    } else {
        sign * (1.0 + part) * 2f64.powi(exponent - bias)
    })
}

/// Every finite number ≥ 0 of a format with its code, ascending.
fn numbers(format: Format) -> Vec<(u16, f32)> {
    let all: Vec<(u16, f32)> = match format {
        Format::F16 => (0..0x7c00u16)
            .map(|code| (code, half::f16::from_bits(code).to_f32()))
            .collect(),
        _ => (0..0x80u8)
            .filter_map(|code| Some((u16::from(code), decode(format, code)? as f32)))
            .filter(|(_, value)| value.is_finite())
            .collect(),
    };
    assert!(all.windows(2).all(|pair| pair[0].1 < pair[1].1));
    all
}

#[test]
fn the_formats_end_where_their_definitions_say() {
    for (format, count, smallest, largest) in [
        (Format::F16, 0x7c00, 5.960_464_5e-8, 65504.0),
        (Format::E5m2, 124, 1.525_878_9e-5, 57344.0),
        (Format::E4m3, 127, 0.001_953_125, 448.0),
    ] {
        let numbers = numbers(format);
        assert_eq!(numbers.len(), count);
        assert_eq!(
            (numbers[1].1, numbers[count - 1].1),
            (smallest, largest),
            "{format:?}"
        );
        assert_eq!(format.smallest() as f32, smallest);
        assert_eq!(format.largest(), largest);
    }
}

#[test]
fn every_code_is_a_fixed_point_and_ties_go_to_even_codes() {
    for format in NARROW {
        let numbers = numbers(format);
        for &(code, value) in &numbers {
            for value in [value, -value] {
                let rounded = format.round(value);
                assert_eq!(
                    rounded.to_bits(),
                    value.to_bits(),
                    "{format:?} {code:#x} {value}"
                );
            }
        }
        for pair in numbers.windows(2) {
            let ((code, low), (_, high)) = (pair[0], pair[1]);
            // Exact: a bit more than the format's mantissa.
            let middle = low + (high - low) / 2.0;
            let even = if code % 2 == 0 { low } else { high };
            for (x, expected) in [
                (middle, even),
                (middle.next_down(), low),
                (middle.next_up(), high),
            ] {
                assert_eq!(format.round(x), expected, "{format:?} {x}");
                assert_eq!(format.round(-x), -expected, "{format:?} -{x}");
            }
        }
    }
}

#[test]
fn overflow_saturates_and_is_told_exactly_where_the_nearest_would_be_beyond() {
    for (format, first) in [
        (Format::F16, 65520.0_f32),
        (Format::E5m2, 61440.0),
        (Format::E4m3, 464.0_f32.next_up()),
    ] {
        let rounder = Rounder::new(format).unwrap();
        let largest = format.largest();
        for x in [
            largest,
            first.next_down(),
            first,
            1e30,
            f32::MAX,
            f32::INFINITY,
        ] {
            for sign in [1.0, -1.0] {
                let mut one = [sign * x];
                let overflowed = rounder.hold(&mut one, 1.0);
                assert_eq!(one[0], sign * largest, "{format:?} {x}");
                assert_eq!(overflowed, x >= first, "{format:?} {x}");
            }
        }
        let mut nan = [f32::NAN, 1.0];
        assert!(rounder.hold(&mut nan, 4.0), "NaN is told as overflow");
        assert!(nan[0].is_nan() && nan[1] == 1.0);
    }
}

#[test]
fn half_precision_is_that_of_the_crate_half() {
    let mut rng = Rng::new(3, Stream::Test);
    for _ in 0..2_000_000 {
        let x = f32::from_bits(rng.next_u32());
        let expected = half::f16::from_f32(x).to_f32();
        let rounded = Format::F16.round(x);
        if expected.is_nan() {
            assert!(rounded.is_nan());
        } else if expected.is_infinite() {
            assert_eq!(rounded, Format::F16.largest().copysign(x));
        } else {
            assert_eq!(rounded.to_bits(), expected.to_bits(), "{x}");
        }
    }
}

#[test]
fn values_are_held_at_their_scale_at_every_length() {
    let mut rng = Rng::new(4, Stream::Test);
    for format in NARROW {
        let rounder = Rounder::new(format).unwrap();
        for length in 0..=67 {
            let scale = 2f32.powi(length % 24 - 4);
            let size = (f64::from(rng.uniform_in(-8.0, 2.0)) * 2.3).exp() as f32 / scale;
            let values: Vec<f32> = (0..length)
                .map(|at| {
                    if at % 7 == 3 {
                        0.0
                    } else {
                        size * rng.normal()
                    }
                })
                .collect();
            let mut held = values.clone();
            let (_, loss) = rounder.hold_measured(&mut held, scale);
            let mut plain = values.clone();
            rounder.hold(&mut plain, scale);
            assert_eq!(held, plain);
            let expected: Vec<f32> = values
                .iter()
                .map(|v| format.round(scale * v) / scale)
                .collect();
            assert_eq!(held, expected, "{format:?} {length} at {scale}");
            let nonzero = values.iter().filter(|v| **v != 0.0).count() as u64;
            let kept = expected.iter().filter(|v| **v != 0.0).count() as u64;
            assert_eq!((loss.nonzero, loss.flushed), (nonzero, nonzero - kept));
        }
    }
}

/// The largest bound on |Σ of K products|, as the rule has it.
fn bound(g: &[f32], w: &[f32], reduction: usize) -> f64 {
    Statistics::of(g).largest * Statistics::of(w).largest * reduction as f64
}

#[test]
fn underflow_of_normal_gradients_stays_within_what_is_tolerated() {
    let sizes = Sizes {
        m: 64,
        k: 96,
        n: 256,
    };
    let mut checked = 0;
    for format in NARROW {
        let rounder = Rounder::new(format).unwrap();
        for tolerated in [1e-3, 1e-2] {
            let rule = Rule::new(format, tolerated);
            for (seed, below) in [(1, 1e-1), (2, 1e-2), (3, 1e-3), (4, 1e-4), (5, 1e-5)] {
                let mut rng = Rng::new(seed, Stream::Test);
                let w: Vec<f32> = (0..sizes.m * sizes.k).map(|_| 0.1 * rng.normal()).collect();
                // So small that nearly everything is lost without a scale; half of it masked, as by a ReLU.
                let size = format.smallest() as f32 * below / 0.1;
                let mut masked = || {
                    if rng.uniform() < 0.5 {
                        0.0
                    } else {
                        size * rng.normal()
                    }
                };
                let g: Vec<f32> = (0..sizes.m * sizes.n).map(|_| masked()).collect();
                let mut o = vec![0.0; sizes.k * sizes.n];
                gemm::input_gradient(sizes, &w, &g, 0.0, &mut o);
                let factor = rule.product(Statistics::of(&g), Statistics::of(&w), sizes.m, 1.0);
                assert_eq!(
                    factor.to_bits() & 0x007f_ffff,
                    0,
                    "a power of two: {factor}"
                );
                // A scale that overflow would have bounded is none that the tolerance promises anything about.
                let guarded =
                    2.0 * f64::from(factor) * bound(&g, &w, sizes.m) > f64::from(format.largest());
                let without = rounder.hold_measured(&mut o.clone(), 1.0).1.rate();
                let (overflowed, loss) = rounder.hold_measured(&mut o, factor);
                assert!(!overflowed);
                assert!(loss.rate() <= without);
                if !guarded && factor > 1.0 {
                    checked += 1;
                    assert!(
                        loss.rate() <= tolerated,
                        "{format:?} {below}: {} of {tolerated}",
                        loss.rate()
                    );
                    assert!(
                        without > 2.0 * tolerated,
                        "{format:?} {below}: {without} without"
                    );
                }
            }
        }
    }
    assert!(
        checked >= 15,
        "{checked} cases in which the guard is not active"
    );
}

#[test]
fn a_gradient_near_the_end_of_the_format_is_scaled_down_and_never_up() {
    for format in NARROW {
        let rule = Rule::new(format, 1e-3);
        let g = Statistics {
            mean_square: 1e6,
            largest: 60_000.0,
        };
        let w = Statistics {
            mean_square: 4.0,
            largest: 10.0,
        };
        let factor = rule.product(g, w, 64, 1.0);
        assert!(
            factor < 1.0
                && f64::from(factor) * g.largest * w.largest * 64.0 <= f64::from(format.largest())
        );
        // Far from the end, where too little would underflow to matter.
        let g = Statistics {
            mean_square: 100.0,
            largest: 40.0,
        };
        let w = Statistics {
            mean_square: 0.1,
            largest: 1.0,
        };
        assert_eq!(rule.product(g, w, 9, 1.0), 1.0);
    }
}

#[test]
fn zero_and_broken_gradients_have_the_factor_one() {
    let rule = Rule::new(Format::E4m3, 1e-3);
    let w = Statistics::of(&[0.1, -0.2]);
    for g in [&[0.0, 0.0][..], &[f32::NAN, 1.0], &[f32::INFINITY], &[]] {
        assert_eq!(rule.product(Statistics::of(g), w, 4, 1.0), 1.0, "{g:?}");
        assert_eq!(rule.cast(Statistics::of(g)), 1.0, "{g:?}");
    }
    // However small a gradient is, the scale that it has reached bounds what is added.
    let tiny = Statistics::of(&[1e-18, -1e-18]);
    assert_eq!(rule.product(tiny, w, 4, 4_194_304.0), 4.0);
}

#[test]
fn a_depthwise_layer_needs_its_own_reduction_length() {
    // Nine products a number, not nine times the channels: the factor of 64 channels would be √64 too small.
    let rule = Rule::new(Format::F16, 1e-3);
    let (g, w) = (
        Statistics {
            mean_square: 1e-14,
            largest: 4e-7,
        },
        Statistics {
            mean_square: 0.1,
            largest: 1.0,
        },
    );
    let (own, all) = (rule.product(g, w, 9, 1.0), rule.product(g, w, 9 * 64, 1.0));
    assert_eq!(own / all, 8.0);
}

#[test]
fn branches_meet_at_the_largest_scale_that_does_not_overflow() {
    let format = Format::F16;
    assert_eq!(merged_scale(1.0, 2.0, 1.0, format), 2.0);
    assert_eq!(merged_scale(2.0, 65536.0, 1.0, format), 2.0);
    assert_eq!(merged_scale(2.0, 65536.0, 0.5, format), 65536.0);
    assert_eq!(merged_scale(2.0, 65536.0, 20_000.0, format), 2.0);
    assert_eq!(merged_scale(2.0, 65536.0, 40_000.0, format), 1.0);
    assert_eq!(merged_scale(2.0, 65536.0, 200_000.0, format), 0.25);
    // Beyond an eighth it saturates.
    assert_eq!(merged_scale(2.0, 65536.0, 1e9, format), 0.25);
    assert_eq!(merged_scale(8.0, 512.0, 3.0, Format::E4m3), 8.0);
}
