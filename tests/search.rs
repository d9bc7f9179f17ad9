//! Searches for bits: what they guarantee, on random problems and on the built-in networks.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use ddq_playground::data::{Dataset, DatasetSpec};
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::search::evaluator::PostTraining;
use ddq_playground::search::greedy::Course;
use ddq_playground::search::haq::bits_of;
use ddq_playground::search::hardware::{Hardware, WIDTHS};
use ddq_playground::search::ompq::{
    centred_gram, importances, linear_program, orthogonality, redundancies,
};
use ddq_playground::search::oracle::all_within;
use ddq_playground::search::problem::{LayerFacts, Problem};
use ddq_playground::search::sensitivity::least_loss;
use ddq_playground::search::{SEARCHES, find};
use ddq_playground::session::{Assets, Session, Snapshot, build_network};
use ddq_playground::train::checkpoint;
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

fn run(text: &str) -> Snapshot {
    let mut session = session(text).unwrap();
    while session.step(1).unwrap().phase != Phase::Done {}
    session.snapshot()
}

/// The digits as a pretrained network's runs split them.
fn digits() -> Dataset {
    let spec = DatasetSpec {
        name: "digits".into(),
        samples: 0,
        noise: 0.0,
        seed: 0,
    };
    Dataset::build(&spec).unwrap()
}

fn bits(snapshot: &Snapshot) -> Vec<u32> {
    snapshot
        .layers
        .iter()
        .map(|layer| layer.weight.bits)
        .collect()
}

fn problem() -> impl Strategy<Value = Problem> {
    let layer = (1usize..3000, 1u32..=4, 0u32..=4).prop_map(|(weights, fewest, more)| LayerFacts {
        weights,
        macs: 9 * weights,
        input_elements: 10 + weights / 7,
        bits: (fewest, fewest + more),
    });
    (prop::collection::vec(layer, 1..7), 0.0f64..1.2).prop_map(|(layers, part)| {
        let mut problem = Problem {
            activation: vec![4; layers.len()],
            layers,
            capacity: 0,
        };
        let (least, most) = (
            problem.total(&problem.fewest()),
            problem.total(&problem.most()),
        );
        problem.capacity = least + ((most - least) as f64 * part) as u64;
        problem
    })
}

fn random_bits(problem: &Problem, rng: &mut Rng) -> Vec<u32> {
    let layer = |layer: &LayerFacts| {
        layer.bits.0 + rng.below((layer.bits.1 - layer.bits.0 + 1) as usize) as u32
    };
    problem.layers.iter().map(layer).collect()
}

proptest! {
    #[test]
    fn the_wall_keeps_the_budget_and_leaves_alone_what_is_within(problem in problem(), seed in 0u64..1000) {
        let mut rng = Rng::new(seed, Stream::Test);
        let before = random_bits(&problem, &mut rng);
        let mut after = before.clone();
        problem.wall(&mut after);
        prop_assert!(problem.allows(&after));
        if problem.allows(&before) {
            prop_assert_eq!(before, after);
        } else {
            prop_assert!(before.iter().zip(&after).all(|(before, after)| after <= before));
        }
    }

    #[test]
    fn the_linear_program_bounds_whole_bits_and_they_beat_its_floor(problem in problem(), seed in 0u64..1000) {
        let mut rng = Rng::new(seed, Stream::Test);
        let c: Vec<f64> = problem.layers.iter().map(|_| f64::from(rng.uniform_in(0.01, 1.0))).collect();
        let weights: Vec<usize> = problem.layers.iter().map(|layer| layer.weights).collect();
        let bounds: Vec<(u32, u32)> = problem.layers.iter().map(|layer| layer.bits).collect();
        let capacity = (problem.capacity - 64 * problem.layers.len() as u64) as f64;
        let lp = linear_program(&c, &weights, &bounds, capacity).unwrap();
        let value = |bits: &[f64]| c.iter().zip(bits).map(|(c, b)| c * b).sum::<f64>();
        let size: f64 = lp.iter().zip(&weights).map(|(b, &n)| b * n as f64).sum();
        prop_assert!(size <= capacity * (1.0 + 1e-12) + 1e-6);
        prop_assert!(lp.iter().filter(|b| (*b - b.round()).abs() > 1e-9).count() <= 1);
        let whole = least_loss(&problem, |layer, bits| -c[layer] * f64::from(bits));
        prop_assert!(problem.allows(&whole));
        let whole: Vec<f64> = whole.into_iter().map(f64::from).collect();
        let floor: Vec<f64> = lp.iter().map(|b| (b + 1e-9).floor()).collect();
        prop_assert!(value(&lp) >= value(&whole) - 1e-9);
        prop_assert!(value(&whole) >= value(&floor) - 1e-9);
    }

    #[test]
    fn whole_bits_are_the_best_of_all_allocations(problem in problem(), seed in 0u64..1000) {
        let mut rng = Rng::new(seed, Stream::Test);
        let scale: Vec<f64> = problem.layers.iter().map(|_| f64::from(rng.uniform_in(0.01, 1.0))).collect();
        let loss = |layer: usize, bits: u32| scale[layer] / f64::from(1u32 << bits);
        let total = |bits: &[u32]| bits.iter().enumerate().map(|(layer, &bits)| loss(layer, bits)).sum::<f64>();
        let found = least_loss(&problem, loss);
        let all = all_within(&problem);
        prop_assert!(all.iter().all(|bits| problem.allows(bits)));
        let best = all.iter().map(|bits| total(bits)).fold(f64::INFINITY, f64::min);
        prop_assert!((total(&found) - best).abs() < 1e-12);
    }

    #[test]
    fn tables_are_closed_monotonically(problem in problem(), seed in 0u64..1000) {
        let mut rng = Rng::new(seed, Stream::Test);
        let cells: Vec<f64> = (0..problem.layers.len() * WIDTHS * WIDTHS).map(|_| f64::from(rng.uniform())).collect();
        let cell = |layer: usize, w: f64, a: f64| cells[(layer * WIDTHS + w as usize - 1) * WIDTHS + a as usize - 1];
        let hardware = Hardware::from_cells("units", &problem, cell);
        let (weight, activation) = (random_bits(&problem, &mut rng), random_bits(&problem, &mut rng));
        let cost = hardware.cost(&weight, &activation);
        for layer in 0..weight.len() {
            let (mut fewer_w, mut fewer_a) = (weight.clone(), activation.clone());
            fewer_w[layer] = 1.max(fewer_w[layer] - 1);
            fewer_a[layer] = 1.max(fewer_a[layer] - 1);
            prop_assert!(hardware.cost(&fewer_w, &activation) <= cost);
            prop_assert!(hardware.cost(&weight, &fewer_a) <= cost);
        }
    }

    #[test]
    fn orthogonality_is_symmetric_and_keeps_under_rotation_scale_and_shift(seed in 0u64..1000, n in 8usize..20) {
        let mut rng = Rng::new(seed, Stream::Test);
        let mut features = |d: usize| (0..d * n).map(|_| rng.normal()).collect::<Vec<f32>>();
        let (a, b) = (features(2), features(5));
        let gram = |x: &[f32]| centred_gram(x, n);
        let orm = orthogonality(&gram(&a), &gram(&b));
        prop_assert!((0.0..=1.0).contains(&orm));
        prop_assert!((orm - orthogonality(&gram(&b), &gram(&a))).abs() < 1e-12);
        prop_assert!((orthogonality(&gram(&a), &gram(&a)) - 1.0).abs() < 1e-9);
        // Two features rotated by 0.7, scaled by 3 and shifted.
        let (first, second) = a.split_at(n);
        let (cos, sin) = (0.7f32.cos(), 0.7f32.sin());
        let turned: Vec<f32> = first.iter().zip(second).map(|(x, y)| 3.0 * (cos * x - sin * y) + 1.0)
            .chain(first.iter().zip(second).map(|(x, y)| 3.0 * (sin * x + cos * y) - 2.0)).collect();
        prop_assert!((orthogonality(&gram(&turned), &gram(&b)) - orm).abs() < 1e-4);
        prop_assert_eq!(orthogonality(&gram(&vec![1.0; 3 * n]), &gram(&b)), 0.0);
        // The feature form: ‖FᵢᵀFⱼ‖² / (‖FᵢᵀFᵢ‖·‖FⱼᵀFⱼ‖) of centred features.
        let centre = |x: &[f32]| -> Vec<Vec<f64>> {
            x.chunks_exact(n).map(|row| {
                let mean = row.iter().map(|&v| f64::from(v)).sum::<f64>() / n as f64;
                row.iter().map(|&v| f64::from(v) - mean).collect()
            }).collect()
        };
        let square = |a: &[Vec<f64>], b: &[Vec<f64>]| -> f64 {
            a.iter().flat_map(|x| b.iter().map(move |y| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>())).map(|v| v * v).sum()
        };
        let (a, b) = (centre(&a), centre(&b));
        let feature_form = square(&a, &b) / (square(&a, &a) * square(&b, &b)).sqrt();
        prop_assert!((orm - feature_form).abs() < 1e-9);
    }
}

#[test]
fn actions_are_shared_equally_among_the_widths() {
    assert_eq!((bits_of(0.0, 2, 8), bits_of(1.0, 2, 8)), (2, 8));
    let mut counts = [0; 9];
    for step in 0..7000 {
        counts[bits_of((step as f32 + 0.5) / 7000.0, 2, 8) as usize] += 1;
    }
    assert!(
        counts[2..]
            .iter()
            .all(|&count| (999..=1001).contains(&count)),
        "{counts:?}"
    );
}

#[test]
fn redundant_layers_count_least() {
    let mut rng = Rng::new(1, Stream::Test);
    let mut features = |d: usize| (0..d * 64).map(|_| rng.normal()).collect::<Vec<f32>>();
    let (a, own) = (features(6), features(3));
    let grams = [&a, &a, &own].map(|x| centred_gram(x, 64));
    let gamma = redundancies(&grams);
    assert!(
        gamma[2] < gamma[0] && (gamma[0] - gamma[1]).abs() < 1e-9,
        "{gamma:?}"
    );
    let c = importances(&gamma, 100.0);
    assert!(
        c.iter().all(|c| c.is_finite() && *c > 0.0) && c[2] == 1.0,
        "{c:?}"
    );
}

/// Every allocation that a greedy course takes, with errors that are sums of one row of 1 to 3 bits a layer.
fn greedy_course(weights: [usize; 3], errors: [[f64; 3]; 3], code_bits: u64) -> Vec<Vec<u32>> {
    let layers = weights.map(|weights| LayerFacts {
        weights,
        macs: weights,
        input_elements: 1,
        bits: (1, 3),
    });
    let mut course = Course::new(Problem {
        layers: layers.to_vec(),
        activation: vec![8; 3],
        capacity: 3 * 64 + code_bits,
    });
    let mut taken = vec![course.bits().to_vec()];
    while let Some(asked) = course.ask() {
        if taken.last().unwrap() != course.bits() {
            taken.push(course.bits().to_vec());
        }
        let rows = errors.iter().zip(&asked);
        course.tell(rows.map(|(row, &bits)| row[bits as usize - 1]).sum());
    }
    if taken.last().unwrap() != course.bits() {
        taken.push(course.bits().to_vec());
    }
    taken
}

#[test]
fn greedy_takes_the_bit_that_adds_least_error_for_what_it_saves_and_gives_back_what_still_fits() {
    // Added error per stored bit: 1 then 4 in the first layer, 3 then 2 in the second, 1.5 then 6.5 in the third.
    let errors = [[20.0, 4.0, 0.0], [10.0, 6.0, 0.0], [8.0, 1.5, 0.0]];
    let course = greedy_course([4, 2, 1], errors, 11);
    let expected = [
        [3, 3, 3],
        [2, 3, 3],
        [2, 3, 2],
        [2, 2, 2],
        [2, 1, 2],
        // 8 bits of codes: within 11, of which the second layer takes 2 and the third the last.
        [1, 1, 2],
        [1, 2, 2],
        [1, 2, 3],
    ];
    assert_eq!(course, expected);
}

#[test]
fn greedy_leaves_room_that_no_bit_would_use_well() {
    // The third layer does worse with 3 bits than with 2.
    let errors = [[9.0, 8.0, 0.0], [9.0, 8.0, 0.0], [9.0, 0.0, 1.0]];
    let course = greedy_course([4, 4, 1], errors, 13);
    assert_eq!(course.last().unwrap(), &[1, 1, 2]);
}

#[test]
fn greedy_comes_near_to_the_exact_choice_on_a_deep_network() {
    let data = digits();
    let mut network = build_network(&options("model=mobile"), &data).unwrap();
    let bytes = std::fs::read("pkg/checkpoints/mobile.bin").unwrap();
    checkpoint::read(&bytes, &mut network).unwrap();
    let mut float = PostTraining::new(&network, &data, 256);
    for budget in [3, 4] {
        let [greedy, exact] = ["greedy", "sensitivity"].map(|method| {
            let end = run(&format!(
                "model=mobile method={method} budgetBits={budget} activationBits=8 epochs=0"
            ));
            let found: Vec<Option<u32>> = bits(&end).into_iter().map(Some).collect();
            float.logit_error(&found)
        });
        assert!(
            greedy <= 1.5 * exact,
            "budget {budget}: {greedy} against {exact}"
        );
    }
}

#[test]
fn every_search_keeps_its_budget_and_locks_and_repeats_itself() {
    for (method, _) in SEARCHES {
        let text = format!(
            "model=mlp method={method} budgetBits=3.9 activationBits=4 episodes=24 epochs=1 locks=1:5 seed=3"
        );
        let end = run(&text);
        assert!(
            end.sizes.average_bits() <= 3.9,
            "{method}: {}",
            end.sizes.average_bits()
        );
        assert_eq!(bits(&end)[1], 5, "{method}");
        assert!(
            end.layers[1..]
                .iter()
                .all(|layer| layer.activation.as_ref().unwrap().bits == 4),
            "{method}"
        );
        let report = end.search.clone().unwrap();
        assert_eq!(report.best, bits(&end), "{method}");
        assert!(
            report.step > 0 && report.step <= report.steps,
            "{method}: {} of {}",
            report.step,
            report.steps
        );
        let again = run(&text);
        assert_eq!(again.search, end.search, "{method}");
        assert_eq!(
            again.progress.loss.to_bits(),
            end.progress.loss.to_bits(),
            "{method}"
        );
    }
}

#[test]
fn a_search_on_hardware_keeps_its_cost_too() {
    for hardware in ["bitops", "edge", "cloud"] {
        let text = format!(
            "model=mobile method=haq hardware={hardware} budgetBits=4.2 activationBits=4 episodes=6 epochs=0"
        );
        let options = options(&text);
        let end = run(&text);
        let network = build_network(&options, &digits()).unwrap();
        let problem = Problem::new(&options, &network).unwrap();
        let table = Hardware::new(&options, &problem).unwrap().unwrap();
        let activation: Vec<u32> = end
            .layers
            .iter()
            .map(|layer| layer.activation.as_ref().map_or(4, |a| a.bits))
            .collect();
        let whole = vec![4; problem.layers.len()];
        assert!(
            table.cost(&bits(&end), &activation) <= table.cost(&whole, &whole),
            "{hardware}"
        );
        assert!(end.sizes.average_bits() <= 4.2, "{hardware}");
    }
    let error = session("model=mlp method=haq hardware=measured")
        .err()
        .unwrap();
    assert!(
        error.contains("\"hardware\"") && error.contains("24 microseconds"),
        "{error}"
    );
    let unknown = common::given::options("model=mlp method=haq hardware=measured").unwrap();
    let unknown = unknown.with_latencies(vec![f64::NAN; 24]);
    let error = Session::new(
        unknown,
        Assets::of_checkpoint(Some(&std::fs::read("pkg/checkpoints/mlp.bin").unwrap())),
    );
    let error = error.err().unwrap().to_string();
    assert!(error.contains("with NaN among them"), "{error}");
}

#[test]
fn measured_latencies_bind() {
    // Time that grows with the bits of the first layer alone.
    let mut table = vec![1.0; 24];
    (0..8).for_each(|width| table[width] = 10.0 * (width + 1) as f64);
    let bytes = std::fs::read("pkg/checkpoints/mlp.bin").unwrap();
    let options = options(
        "model=mlp method=haq hardware=measured budgetBits=4.5 activationBits=8 episodes=8 epochs=0",
    );
    let mut session = Session::new(
        options.with_latencies(table),
        Assets::of_checkpoint(Some(&bytes)),
    )
    .unwrap();
    while session.step(1).unwrap().phase != Phase::Done {}
    assert!(bits(&session.snapshot())[0] <= 4);
}

#[test]
fn nothing_finds_a_better_allocation_than_the_oracle() {
    let best = |method: &str, seed: u32| {
        let end = run(&format!(
            "model=mlp method={method} budgetBits=3 activationBits=8 epochs=0 seed={seed}"
        ));
        end.search
            .unwrap()
            .accuracies
            .into_iter()
            .fold(0.0, f32::max)
    };
    let oracle = best("oracle", 1);
    let mut met = false;
    for seed in 1..=3 {
        for method in ["haq", "random"] {
            let found = best(method, seed);
            assert!(found <= oracle, "{method}: {found} above {oracle}");
            met |= found == oracle;
        }
    }
    assert!(
        met,
        "with three layers a search finds the best allocation for some seed"
    );
    let error = session("model=mobile method=oracle").err().unwrap();
    assert!(error.contains("14 free layers"), "{error}");
}

#[test]
fn budgets_out_of_reach_and_locks_on_missing_layers_are_errors_at_the_start() {
    for method in ["haq", "ompq", "sensitivity"] {
        let error = session(&format!("model=mlp method={method} budgetBits=1.5"))
            .err()
            .unwrap();
        assert!(
            error.contains("\"budgetBits\"") && error.contains("at least 2.03"),
            "{error}"
        );
    }
    let error = session("model=mlp method=ddq locks=3:4").err().unwrap();
    assert!(
        error.contains("\"locks\"") && error.contains("0 to 2"),
        "{error}"
    );
    let twice = common::given::options("model=mlp method=ddq locks=1:4,1:3").unwrap_err();
    assert!(twice.to_string().contains("each once"), "{twice}");
    assert!(find("uniform").is_none());
}

#[test]
fn given_bits_fall_to_a_given_budget() {
    let end = run("model=mlp method=lsq weightBits=6 activationBits=6 budgetBits=4 epochs=0");
    assert_eq!(bits(&end), [3, 3, 3]);
    assert!(end.sizes.average_bits() <= 4.0);
    let ddq = run("model=mlp method=ddq learnBits=true budgetBits=3.5 locks=0:2,2:6 epochs=2");
    assert_eq!((bits(&ddq)[0], bits(&ddq)[2]), (2, 6));
    assert!(ddq.sizes.average_bits() <= 3.5);
}

#[test]
fn the_float_network_survives_a_search() {
    let mut session = session("model=mlp method=hawq epochs=0").unwrap();
    let before = session.checkpoint();
    while session.step(1).unwrap().phase != Phase::Done {}
    assert_eq!(session.checkpoint(), before);
}

#[test]
fn advice_refuses_layers_and_budgets_that_are_not_there_and_answers_on() {
    let mut session = session("model=mlp method=uniform weightBits=4 epochs=0").unwrap();
    while session.step(1).unwrap().phase != Phase::Done {}
    let bits = session.bits();
    let mut advice = session.advice().unwrap();
    let refused = |error: ddq_playground::error::Error| error.to_string();
    assert_eq!(
        refused(advice.why(99, &bits).unwrap_err()),
        "layer of why: expected 0 to 2, got 99"
    );
    assert_eq!(
        refused(advice.solve(4.0).unwrap_err()),
        "solve: expected all 3 layers to be measured by prepare, got 0"
    );
    while advice.prepare() < 1.0 {}
    let words = refused(advice.solve(1.0).unwrap_err());
    let least = words
        .strip_prefix("option \"budgetBits\": expected at least ")
        .and_then(|rest| rest.split(' ').next())
        .and_then(|least| least.parse::<f32>().ok())
        .unwrap_or_else(|| panic!("{words}"));
    let found = advice.solve(least).unwrap();
    assert!(advice.average_bits(&found) <= f64::from(least));
    assert_eq!(advice.why(0, &bits).unwrap().len(), 3);
}
