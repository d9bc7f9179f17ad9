//! Multipoint quantization: bounds on a row's error, the budget, the choice of rows, the packed network.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use ddq_playground::data::{Dataset, DatasetSpec};
use ddq_playground::nn::network::Network;
use ddq_playground::quant::Quantizer;
use ddq_playground::quant::multipoint::point::{Coder, best_step, largest_code, squared_error};
use ddq_playground::quant::multipoint::{MOST_POINTS, Multipoint};
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::search::multipoint::{Choice, PointSearch};
use ddq_playground::session::{Assets, Session, Snapshot, build_network};
use ddq_playground::train::allocation::BitSearch;
use ddq_playground::train::calibrate::attach;
use ddq_playground::train::checkpoint;
use ddq_playground::train::evaluate::evaluate;
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;

fn options(text: &str) -> Options {
    common::given::options(text).unwrap()
}

fn session(text: &str) -> Result<Session, String> {
    let options = options(text);
    let bytes = std::fs::read(format!("pkg/checkpoints/{}.bin", options.text("model"))).unwrap();
    Session::new(options, Assets::of_checkpoint(Some(&bytes))).map_err(|error| error.to_string())
}

fn finished(text: &str) -> Session {
    let mut session = session(text).unwrap();
    while session.step(1).unwrap().phase != Phase::Done {}
    session
}

fn run(text: &str) -> Snapshot {
    finished(text).snapshot()
}

fn points(snapshot: &Snapshot) -> Vec<Vec<u8>> {
    let layers = snapshot.layers.iter();
    layers.map(|l| l.weight.points.clone().unwrap()).collect()
}

fn square(r: &[f32]) -> f64 {
    r.iter().map(|&r| f64::from(r) * f64::from(r)).sum()
}

fn row() -> impl Strategy<Value = Vec<f32>> {
    (1usize..80, 0u64..10_000, -6.0f32..6.0).prop_map(|(length, seed, exponent)| {
        let mut rng = Rng::new(seed, Stream::Test);
        let scale = 10f32.powf(exponent);
        (0..length).map(|_| scale * rng.normal()).collect()
    })
}

proptest! {
    #[test]
    fn every_point_brings_a_row_nearer(w in row(), bits in 2u32..=8) {
        let mut made = Multipoint::new(bits, &w, 1);
        let mut before = square(&made.residual(0, &w));
        prop_assert!(before <= square(&w));
        while made.add_point(0, &w) {
            let after = square(&made.residual(0, &w));
            prop_assert!(after <= before * (1.0 + 1e-6), "{after} after {before}");
            before = after;
        }
        prop_assert!(made.points_of(0) <= MOST_POINTS);
        prop_assert!(before <= 1e-4 * square(&w) || made.points_of(0) == MOST_POINTS);
    }

    #[test]
    fn a_point_of_the_largest_weight_leaves_at_most_half_a_step(w in row(), bits in 2u32..=8) {
        let largest = |r: &[f32]| r.iter().fold(0.0f32, |most, r| most.max(r.abs()));
        let last = largest_code(bits);
        let mut left = w;
        for _ in 0..4 {
            let before = largest(&left);
            let coder = Coder::new(before / last, bits);
            left.iter_mut().for_each(|r| *r -= before / last * coder.code(*r));
            prop_assert!(largest(&left) <= before / (2.0 * last) * 1.0001 + 1e-30);
        }
    }

    #[test]
    fn the_first_point_is_the_best_clipped_quantizer(w in row(), bits in 2u32..=5) {
        let found = squared_error(&w, best_step(&w, bits).unwrap(), bits);
        let largest = w.iter().fold(0.0f32, |most, w| most.max(w.abs()));
        for part in 1..=37 {
            let step = largest * part as f32 / 37.0 / largest_code(bits);
            // Between the positions tried a step may be a little better.
            prop_assert!(found <= 1.03 * squared_error(&w, step, bits) + 1e-30);
        }
    }

    #[test]
    fn codes_are_what_is_computed_with(seed in 0u64..10_000, bits in 2u32..=8, rows in 1usize..6, length in 1usize..30) {
        let mut rng = Rng::new(seed, Stream::Test);
        let w: Vec<f32> = (0..rows * length).map(|_| rng.normal()).collect();
        let mut made = Multipoint::new(bits, &w, rows);
        for row in 0..rows {
            for _ in 0..row {
                made.add_point(row, &w[row * length..][..length]);
            }
        }
        let (first, further) = made.codes(&w);
        let value = |step: f32, code: u8| step * (f32::from(code) - largest_code(bits));
        let mut sum: Vec<f32> = first.iter().map(|&code| value(made.step(), code)).collect();
        for point in &further {
            let row = sum[point.row * length..][..length].iter_mut();
            row.zip(&point.codes).for_each(|(sum, &code)| *sum += value(point.step, code));
        }
        let mut quantized = vec![f32::NAN; w.len()];
        made.quantize(&w, &mut quantized);
        for (a, b) in sum.iter().zip(&quantized) {
            prop_assert!((a - b).abs() <= 1e-5 * b.abs().max(1e-3));
        }
        prop_assert!(first.iter().chain(further.iter().flat_map(|p| &p.codes)).all(|&code| u32::from(code) < (1 << bits) - 1));
    }

    #[test]
    fn nothing_breaks_it(w in prop::collection::vec(prop_oneof![
        8 => -4.0f32..4.0, 1 => Just(f32::NAN), 1 => Just(f32::INFINITY), 1 => Just(-3e38f32), 1 => Just(0.0f32), 1 => Just(1e-42f32),
    ], 1..60), bits in 0u32..10) {
        let mut made = Multipoint::new(bits, &w, 1);
        for _ in 0..3 {
            made.add_point(0, &w);
        }
        let mut quantized = vec![f32::NAN; w.len()];
        made.forward(&w, &mut quantized);
        prop_assert!(quantized.iter().all(|x| x.is_finite()), "{quantized:?}");
    }
}

#[test]
fn the_budget_is_kept_and_spent() {
    for model in ["mlp", "cnn", "mobile"] {
        for budget in [3.6, 4.3] {
            let end = run(&format!(
                "model={model} method=multipoint budgetBits={budget}"
            ));
            let average = end.sizes.average_bits();
            assert!(
                average <= budget && average > budget - 0.1,
                "{model}: {average} of {budget}"
            );
            let all = points(&end);
            assert!(all.iter().flatten().any(|&n| n > 1), "{model}: {all:?}");
            let report = end.search.unwrap();
            assert_eq!(
                report.errors.len(),
                1 + all
                    .iter()
                    .flatten()
                    .map(|&n| usize::from(n) - 1)
                    .sum::<usize>()
            );
            assert!(report.errors.last() < report.errors.first(), "{model}");
            assert_eq!(report.step, report.steps);
        }
    }
    // Three bits do not fit; two do, with points.
    let two = run("model=mlp method=multipoint budgetBits=2.9");
    assert!(two.layers.iter().all(|layer| layer.weight.bits == 2));
    assert!(points(&two).iter().flatten().any(|&n| n > 1));
    let error = session("model=mlp method=multipoint budgetBits=2")
        .err()
        .unwrap();
    assert!(
        error.contains("\"budgetBits\"") && error.contains("at least 2.02"),
        "{error}"
    );
    let locked = [("method", "multipoint"), ("locks", "0:1")];
    let locked = locked.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let error = Options::parse(&locked).unwrap_err().to_string();
    assert!(error.contains("2 to 8 bits for multipoint"), "{error}");
}

#[test]
fn without_a_budget_a_tenth_more_than_one_point_a_row_is_spent() {
    let end = run("model=mobile method=multipoint");
    let weights = end.sizes.weights as f64;
    let one_point = 3.0 + 32.0 * end.layers.len() as f64 / weights;
    let average = end.sizes.average_bits();
    assert!(
        (one_point..=one_point + 0.3 + 0.01).contains(&average),
        "{average} over {one_point}"
    );
    assert!(end.test_accuracy.unwrap() > 0.9, "{:?}", end.test_accuracy);
}

#[test]
fn no_error_is_too_large_for_a_great_tolerance() {
    let end = run("model=cnn method=multipoint tolerance=1000000000");
    assert!(points(&end).iter().flatten().all(|&n| n == 1));
    // The plain quantizer: one symmetric step a layer.
    let mut network = float_network(&options("model=cnn"));
    for (linear, shown) in network.linears_mut().zip(&end.layers) {
        let plain = Multipoint::new(3, &linear.weight.value, 1);
        assert_eq!(plain.levels(), shown.weight.levels);
    }
}

#[test]
fn many_points_give_the_float_network_back() {
    let end = run("model=mlp method=multipoint budgetBits=0 tolerance=0.000000001 weightBits=4");
    // What weights of pixels that are always dark leave over does not matter, and stays.
    let left = *end.search.unwrap().errors.last().unwrap();
    assert!(left < 1e-8, "{left}");
    let (found, float) = (end.test_accuracy.unwrap(), end.float_accuracy.unwrap());
    assert!((found - float).abs() < 0.006, "{found} for {float}");
}

fn data() -> Dataset {
    let spec = DatasetSpec {
        name: "digits".into(),
        samples: 0,
        noise: 0.0,
        seed: 0,
    };
    Dataset::build(&spec).unwrap()
}

fn float_network(options: &Options) -> Network {
    let mut network = build_network(options, &data()).unwrap();
    let bytes = std::fs::read(format!("pkg/checkpoints/{}.bin", options.text("model"))).unwrap();
    checkpoint::read(&bytes, &mut network).unwrap();
    network
}

/// Test loss in nats after points were given to rows.
fn loss(text: &str, choice: Choice, seed: u32) -> f64 {
    let options = options(&format!("method=multipoint {text} seed={seed}"));
    let (data, mut network) = (data(), float_network(&options));
    let mut search = PointSearch::new(&options, &network, &data, choice).unwrap();
    while search.step().is_none() {}
    attach(&mut network, search.take_quantizers().unwrap());
    evaluate(&mut network, &data, &data.test).loss
}

#[test]
fn rows_are_chosen_better_than_by_chance() {
    for model in ["mlp", "cnn", "mobile"] {
        let text = format!("model={model} weightBits=3 budgetBits=3.4");
        let mean = |choice| (1..=5).map(|seed| loss(&text, choice, seed)).sum::<f64>() / 5.0;
        let (chosen, random) = (mean(Choice::Score), mean(Choice::Random));
        assert!(
            chosen < 0.9 * random,
            "{model}: {chosen} nats against {random}"
        );
    }
}

#[test]
fn a_search_ends_as_it_began_with_the_same_seed() {
    let text = "model=mobile method=multipoint budgetBits=3.8";
    let (a, b) = (run(text), run(text));
    assert_eq!((a.search, a.layers), (b.search, b.layers));
}

/// Every point is a product of its own; layers without points count theirs once.
#[test]
fn bit_operations_count_all_points() {
    let end = run("model=mlp method=multipoint budgetBits=6");
    let mut more = false;
    for (index, layer) in end.layers.iter().enumerate() {
        let points = layer.weight.points.as_ref().unwrap();
        let all: usize = points.iter().map(|&points| usize::from(points)).sum();
        let activation = match (index, &layer.activation) {
            (0, None) => 8,
            (_, input) => input.as_ref().unwrap().bits,
        };
        let inputs = layer.macs / layer.outputs;
        assert_eq!(
            layer.bit_ops,
            (inputs * all) as u64 * u64::from(layer.weight.bits * activation),
            "{}",
            layer.name
        );
        more |= all > layer.outputs;
    }
    assert!(more);
    let uniform = run("model=mlp method=uniform weightBits=3 activationBits=5 epochs=0");
    let macs = [64 * 64, 64 * 32, 32 * 10];
    for (layer, (macs, input)) in uniform.layers.iter().zip(macs.into_iter().zip([8, 5, 5])) {
        assert_eq!(layer.bit_ops, macs * 3 * input);
    }
}
