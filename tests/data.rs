//! The data sets: what they contain, that they repeat, and that their split is fair.
#![cfg(not(target_arch = "wasm32"))]

use ddq_playground::data::{Dataset, DatasetSpec, NAMES, SAMPLES_DEFAULT, Split};
use proptest::prelude::*;

/// As `scripts/make_digits.py` prints them.
const DIGITS_OF_CLASS: [usize; 10] = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180];
const SUM_OF_PIXELS: f32 = 561_718.0;

fn spec(name: &str, noise: f32, seed: u64) -> DatasetSpec {
    DatasetSpec {
        name: name.to_owned(),
        samples: SAMPLES_DEFAULT,
        noise,
        seed,
    }
}

fn build(name: &str, noise: f32, seed: u64) -> Dataset {
    Dataset::build(&spec(name, noise, seed)).unwrap()
}

/// Every sample of both parts as (bits of its inputs, label), sorted: the set without its order.
fn all_samples(data: &Dataset) -> Vec<(Vec<u32>, u8)> {
    let width = data.shape.inputs();
    let mut samples: Vec<(Vec<u32>, u8)> = [&data.train, &data.test]
        .into_iter()
        .flat_map(|part| part.inputs.chunks_exact(width).zip(&part.labels))
        .map(|(inputs, &label)| (inputs.iter().map(|v| v.to_bits()).collect(), label))
        .collect();
    samples.sort();
    samples
}

fn of_class(split: &Split, class: usize) -> usize {
    split
        .labels
        .iter()
        .filter(|&&label| usize::from(label) == class)
        .count()
}

/// The points of both parts with their class.
fn points(data: &Dataset) -> Vec<(f32, f32, u8)> {
    [&data.train, &data.test]
        .into_iter()
        .flat_map(|part| part.inputs.chunks_exact(2).zip(&part.labels))
        .map(|(point, &label)| (point[0], point[1], label))
        .collect()
}

fn assert_near(got: f32, expected: f32, what: &str) {
    assert!(
        (got - expected).abs() < 2e-6,
        "{what}: {got} is not {expected}"
    );
}

#[test]
fn digits_have_1437_train_and_360_test_samples_with_pixels_from_minus_one_to_one() {
    let data = build("digits", 0.0, 5);
    assert_eq!((data.train.len(), data.test.len()), (1437, 360));
    assert_eq!(
        (data.shape.channels, data.shape.height, data.shape.width),
        (1, 8, 8)
    );
    assert_eq!((data.classes, data.class_names.len()), (10, 10));
    let mut sum = 0.0;
    for part in [&data.train, &data.test] {
        assert_eq!(part.inputs.len(), part.len() * 64);
        for &input in &part.inputs {
            let pixel = (input + 1.0) * 8.0;
            assert!(
                pixel.fract() == 0.0 && (0.0..=16.0).contains(&pixel),
                "{input}"
            );
            sum += pixel;
        }
    }
    assert_eq!(sum, SUM_OF_PIXELS);
}

#[test]
fn each_digit_has_its_exact_share_of_the_test_set() {
    for seed in 0..3 {
        let data = build("digits", 0.0, seed);
        for (class, all) in DIGITS_OF_CLASS.into_iter().enumerate() {
            let test = of_class(&data.test, class);
            let share = all as f64 * 360.0 / 1797.0;
            assert!(
                (test as f64 - share).abs() < 1.0,
                "class {class}: {test} of {share}"
            );
            assert_eq!(of_class(&data.train, class), all - test);
        }
    }
}

#[test]
fn the_split_of_the_digits_is_a_partition_that_depends_on_the_seed() {
    let (a, b) = (build("digits", 0.0, 1), build("digits", 0.0, 2));
    assert_ne!(a.test, b.test);
    assert_eq!(all_samples(&a), all_samples(&b));
}

#[test]
fn the_same_spec_gives_the_same_bits_and_another_seed_others() {
    for name in NAMES {
        assert_eq!(build(name, 0.1, 7), build(name, 0.1, 7), "{name}");
        assert_ne!(
            build(name, 0.1, 7).train,
            build(name, 0.1, 8).train,
            "{name}"
        );
    }
}

#[test]
fn generated_classes_are_balanced_in_both_parts() {
    for name in &NAMES[1..] {
        let data = build(name, 0.1, 3);
        assert_eq!((data.train.len(), data.test.len()), (450, 150), "{name}");
        assert_eq!(data.class_names.len(), data.classes, "{name}");
        for class in 0..data.classes {
            assert_eq!(of_class(&data.train, class), 450 / data.classes, "{name}");
            assert_eq!(of_class(&data.test, class), 150 / data.classes, "{name}");
        }
    }
}

#[test]
fn points_without_noise_span_about_minus_one_to_one() {
    for name in &NAMES[1..] {
        let points = points(&build(name, 0.0, 3));
        let reach = points
            .iter()
            .map(|p| p.0.abs().max(p.1.abs()))
            .fold(0.0, f32::max);
        assert!((0.85..1.25).contains(&reach), "{name}: {reach}");
    }
}

#[test]
fn moons_without_noise_lie_on_their_half_circles() {
    for (x, y, class) in points(&build("moons", 0.0, 1)) {
        let (u, v) = (1.5 * x + 0.5, 1.5 * y + 0.25);
        let (centre, opens_down) = if class == 0 {
            ((0.0, 0.0), true)
        } else {
            ((1.0, 0.5), false)
        };
        assert_near(
            (u - centre.0).hypot(v - centre.1),
            1.0,
            "distance to the centre",
        );
        assert!(
            if opens_down {
                v > -1e-6
            } else {
                v < 0.5 + 1e-6
            },
            "({u}, {v})"
        );
    }
}

#[test]
fn circles_without_noise_have_two_radii() {
    for (x, y, class) in points(&build("circles", 0.0, 1)) {
        assert_near(x.hypot(y), if class == 0 { 0.9 } else { 0.45 }, "radius");
    }
}

#[test]
fn xor_without_noise_has_the_sign_of_its_class_and_keeps_off_the_axes() {
    let points = points(&build("xor", 0.0, 1));
    for &(x, y, class) in &points {
        assert_eq!(x * y > 0.0, class == 0, "({x}, {y})");
        assert!(x.abs() >= 0.1 && y.abs() >= 0.1, "({x}, {y})");
    }
    for (right, above) in [(true, true), (true, false), (false, true), (false, false)] {
        let count = points
            .iter()
            .filter(|p| (p.0 > 0.0, p.1 > 0.0) == (right, above))
            .count();
        assert!(
            (100..200).contains(&count),
            "{count} of 600 points in one square"
        );
    }
}

#[test]
fn gaussians_have_three_centres_and_one_spread() {
    let data = build("gaussians", 0.2, 1);
    let points = points(&data);
    for class in 0..3u8 {
        let members: Vec<_> = points.iter().filter(|p| p.2 == class).collect();
        let count = members.len() as f32;
        let x = members.iter().map(|p| p.0).sum::<f32>() / count;
        let y = members.iter().map(|p| p.1).sum::<f32>() / count;
        let angle = core::f32::consts::PI * (0.5 + 2.0 * f32::from(class) / 3.0);
        assert!(
            (x - 0.6 * angle.cos()).abs() < 0.06 && (y - 0.6 * angle.sin()).abs() < 0.06,
            "({x}, {y})"
        );
        let spread = members
            .iter()
            .map(|p| (p.0 - x).powi(2) + (p.1 - y).powi(2))
            .sum::<f32>();
        // Spread 0.15 of the blob and noise 0.2 add to a deviation of 0.25 per coordinate.
        let deviation = (spread / (2.0 * count)).sqrt();
        assert!((deviation - 0.25).abs() < 0.03, "{deviation}");
    }
}

#[test]
fn spirals_without_noise_turn_with_the_radius() {
    for (name, turns, arms) in [("spiral2", 1.25, 2.0), ("spiral3", 0.75, 3.0)] {
        for (x, y, class) in points(&build(name, 0.0, 1)) {
            let radius = x.hypot(y);
            assert!(
                (0.1 - 1e-6..1.0 + 1e-6).contains(&radius),
                "{name}: {radius}"
            );
            let angle = core::f32::consts::TAU * (turns * radius + f32::from(class) / arms);
            assert!(
                (x - radius * angle.cos()).hypot(y - radius * angle.sin()) < 1e-5,
                "{name}: ({x}, {y})"
            );
        }
    }
}

#[test]
fn noise_has_the_standard_deviation_asked_for() {
    let data = build("circles", 0.05, 1);
    let points = points(&data);
    let square: f32 = points
        .iter()
        .map(|&(x, y, class)| (x.hypot(y) - if class == 0 { 0.9 } else { 0.45 }).powi(2))
        .sum();
    let deviation = (square / points.len() as f32).sqrt();
    assert!((deviation - 0.05).abs() < 0.006, "{deviation}");
}

#[test]
fn a_spec_outside_its_range_is_an_error_that_names_the_option() {
    let message = |spec: DatasetSpec| Dataset::build(&spec).unwrap_err().to_string();
    assert_eq!(
        message(spec("mnist", 0.0, 1)),
        "option \"data\": expected one of digits, moons, circles, xor, gaussians, spiral2, spiral3, got \"mnist\""
    );
    assert_eq!(
        message(DatasetSpec {
            samples: 59,
            ..spec("xor", 0.0, 1)
        }),
        "option \"samples\": expected a whole number from 60 to 20000, got 59"
    );
    for (noise, text) in [(f32::NAN, "NaN"), (-0.5, "-0.5"), (1.5, "1.5")] {
        assert_eq!(
            message(spec("xor", noise, 1)),
            format!("option \"noise\": expected a number from 0 to 1, got {text}")
        );
    }
}

proptest! {
    #[test]
    fn every_generated_set_is_finite_stratified_and_three_to_one(
        name in prop::sample::select(&NAMES[1..]),
        samples in 60usize..400,
        noise in 0.0f32..=1.0,
        seed in any::<u64>(),
    ) {
        let spec = DatasetSpec { name: name.to_owned(), samples, noise, seed };
        let data = Dataset::build(&spec).unwrap();
        prop_assert_eq!(data.train.len() + data.test.len(), samples);
        prop_assert!((data.test.len() as f32 - samples as f32 / 4.0).abs() <= 0.5);
        for part in [&data.train, &data.test] {
            prop_assert_eq!(part.inputs.len(), 2 * part.len());
            prop_assert!(part.inputs.iter().all(|v| v.is_finite()));
            let counts: Vec<usize> = (0..data.classes).map(|class| of_class(part, class)).collect();
            let (least, most) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
            prop_assert!(most - least <= 2, "{:?}", counts);
        }
    }
}
