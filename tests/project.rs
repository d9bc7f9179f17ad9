//! Project files: a run saved anywhere and restored goes on to the same bits; a broken file is refused in words.
#![cfg(not(target_arch = "wasm32"))]

mod common;

use common::given::options;
use ddq_playground::error::Error;
use ddq_playground::methods::CATALOGUE;
use ddq_playground::methods::METHODS;
use ddq_playground::session::{Assets, Session, Snapshot, Which};
use ddq_playground::train::options::Options;
use ddq_playground::train::trainer::Phase;
use proptest::prelude::*;

fn session(given: &str) -> Session {
    let options = options(given).unwrap();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/checkpoints");
    let checkpoint = std::fs::read(format!("{folder}/{}.bin", options.text("model")));
    Session::new(options, Assets::of_checkpoint(checkpoint.ok().as_deref()))
        .unwrap_or_else(|e| panic!("{given}: {e}"))
}

/// Takes slices until `slices` are done or the run ends; the slices taken.
fn advance(session: &mut Session, slices: usize) -> usize {
    for taken in 0..slices {
        if session.progress().phase == Phase::Done {
            return taken;
        }
        let _ = session.step(1);
    }
    slices
}

fn finish(session: &mut Session) -> usize {
    advance(session, usize::MAX)
}

/// Every number of a session, NaN made comparable: its saved state, the snapshot, evaluations, logits.
fn numbers(session: &mut Session) -> (Vec<u8>, String) {
    let saved = session.save();
    let snapshot: Snapshot = session.snapshot();
    let current = session.evaluate("test", Which::Current).unwrap();
    let reference = session.evaluate("test", Which::Reference).unwrap();
    let x: Vec<f32> =
        session.samples("test").unwrap().inputs[..10 * session.data().shape.inputs()].to_vec();
    let logits = session.predict(&x, Which::Current).unwrap();
    let bits: Vec<u32> = logits.iter().map(|logit| logit.to_bits()).collect();
    (
        saved,
        format!("{snapshot:?} {current:?} {reference:?} {bits:?}"),
    )
}

/// Runs to the end at once, and with a save and a restore after each number of slices in `stops`.
fn resumes(given: &str, stops: impl Fn(usize) -> Vec<usize>) {
    let mut whole = session(given);
    let slices = finish(&mut whole);
    let expected = numbers(&mut whole);
    for stop in stops(slices) {
        let mut first = session(given);
        advance(&mut first, stop);
        let bytes = first.save();
        let mut second =
            Session::restore(&bytes).unwrap_or_else(|e| panic!("{given} after {stop}: {e}"));
        // A search that begins anew has nothing to show yet.
        if first.progress().phase != Phase::Search {
            assert!(second.save() == bytes, "{given} after {stop}: saved again");
            let (there, here) = (numbers(&mut first).1, numbers(&mut second).1);
            assert_eq!(here, there, "{given} after {stop}");
        }
        let rest = finish(&mut second);
        if first.progress().phase != Phase::Search {
            assert_eq!(stop + rest, slices, "{given} after {stop}: as many slices");
        }
        let found = numbers(&mut second);
        assert!(
            found == expected,
            "{given} after {stop}: another end\n{}\n{}",
            found.1,
            expected.1
        );
    }
}

/// An epoch of three mini-batches and an evaluation of three slices; the gates freeze after the first.
const DIGITS: &str = "data=digits batchSize=512 epochs=2 seed=3";
const MOONS: &str =
    "data=moons samples=600 batchSize=64 epochs=4 pretrainEpochs=2 hidden=12-8 seed=5";

/// Quantized from the options or by gradient, with what each has of its own.
const TRAINED: [&str; 19] = [
    "method=float",
    "method=uniform weightBits=3",
    "method=uniform weightBits=6 range=minmax optimizer=sgd",
    "method=uniform weightBits=4 budgetBits=3.5",
    "method=dorefa weightBits=3",
    "method=lsq weightBits=3 optimizer=adam",
    "method=pact weightBits=3 schedule=step",
    "method=pot weightBits=4",
    "method=apot weightBits=5",
    "method=ddq learnBits=false weightBits=5 gradientCorrection=0.1",
    "method=ddq weightBits=6 budgetBits=6 minBits=1",
    "method=ddq weightBits=6 budgetBits=6 activationBudgetBits=4 freezeAt=0.4",
    "method=ddq weightBits=6 budgetBits=6 objective=product gateInit=threshold",
    "method=ddq weightBits=6 budgetBits=10 minBits=3 exemptFirst=true locks=1:5",
    "method=bsq budgetBits=6",
    "method=bsq budgetBits=6 holdNorm=false memoryAware=false adjustEvery=0.5 locks=1:5",
    "method=lsq weightBits=4 precision=e4m3 scaleInterval=2",
    "method=uniform weightBits=4 precision=f16 lossScaling=dynamic scaleGrowth=2 roundedTensors=all",
    "method=ddq weightBits=6 budgetBits=6 precision=e5m2 lossScaling=fixed",
];

/// Methods that search before the training.
const SEARCHED: [&str; 8] = [
    "haq",
    "ompq",
    "hawq",
    "sensitivity",
    "greedy",
    "random",
    "oracle",
    "multipoint",
];

#[test]
fn these_are_all_methods() {
    for method in METHODS {
        let trained = TRAINED.iter().any(|given| {
            given
                .split(' ')
                .any(|part| part == format!("method={}", method.name))
        });
        assert!(
            trained || SEARCHED.contains(&method.name),
            "{}",
            method.name
        );
    }
}

/// Stops all over a run of `slices`: its ends, and every `stride`-th slice, which falls on mini-batches, on each slice
/// of an evaluation and around the freeze.
fn all_over(slices: usize, stride: usize) -> Vec<usize> {
    (0..slices)
        .step_by(stride)
        .chain([1, slices - 1, slices])
        .collect()
}

#[test]
fn every_method_resumes_to_the_same_bits_on_points_from_every_slice_of_a_phase() {
    for method in TRAINED {
        resumes(&format!("{MOONS} {method}"), |slices| all_over(slices, 5));
    }
    // Every single slice of a whole run, with the float training before it.
    resumes(&format!("{MOONS} {}", TRAINED[11]), |slices| {
        (0..=slices).collect()
    });
}

/// In the first part, on both sides of the freeze, in the last evaluation: two of these a method.
fn resumes_on_digits(model: &str) {
    for (index, method) in TRAINED.iter().enumerate() {
        let given = format!("{DIGITS} model={model} {method}");
        resumes(&given, |slices| {
            let places = [1 + index % 3, slices / 2, slices / 2 + 1, slices - 2];
            vec![places[index % 2], places[2 + index / 2 % 2]]
        });
    }
}

#[test]
fn every_method_resumes_to_the_same_bits_in_a_perceptron_on_digits() {
    resumes_on_digits("mlp");
}

#[test]
fn every_method_resumes_to_the_same_bits_in_a_convolutional_network() {
    resumes_on_digits("cnn");
}

#[test]
fn every_method_resumes_to_the_same_bits_in_a_mobile_network() {
    resumes_on_digits("mobile");
}

/// Methods that search before the training, with few steps, and stops in the search, at its end, and after it.
#[test]
fn a_search_begins_anew_and_ends_in_the_same_bits() {
    let points = "tolerance=0.001 batchSize=512 model=mlp data=digits seed=2";
    for method in &SEARCHED[..7] {
        let given = format!("{MOONS} method={method} budgetBits=7 episodes=24");
        resumes(&given, |slices| vec![slices / 3, slices / 2, slices - 3]);
    }
    resumes(&format!("{points} method=multipoint"), |slices| {
        (0..=slices).step_by(2).collect()
    });
    resumes(
        "data=digits model=mlp method=haq hardware=bitops budgetBits=4 episodes=22 epochs=1 batchSize=512",
        |slices| vec![3, 8, slices - 2],
    );
}

#[test]
fn what_a_search_found_is_kept_and_what_it_was_given() {
    let mut run = session(&format!("{MOONS} method=greedy budgetBits=7"));
    finish(&mut run);
    let found = run.snapshot().search.unwrap();
    assert!(!found.best.is_empty());
    let mut again = Session::restore(&run.save()).unwrap();
    assert_eq!(again.snapshot().search.unwrap(), found);
    assert_eq!(again.options(), run.options());

    let options = Options::new(&CATALOGUE, &[])
        .unwrap()
        .with_latencies(vec![1.5, 2.5]);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/pkg/checkpoints/mobile.bin");
    let checkpoint = std::fs::read(folder).unwrap();
    let mut measured = Session::new(options, Assets::of_checkpoint(Some(&checkpoint))).unwrap();
    measured.note = "curves – 曲線".to_owned();
    let again = Session::restore(&measured.save()).unwrap();
    assert_eq!(again.options().latencies(), [1.5, 2.5]);
    assert_eq!(again.note, measured.note);
}

#[test]
fn a_run_that_failed_comes_back_failed_with_its_last_good_state() {
    let mut run = session(
        "data=digits model=mlp method=float epochs=3 optimizer=sgd learningRate=10 weightDecay=1",
    );
    let mut before = run.save();
    let failure = loop {
        match run.step(1) {
            Ok(progress) => assert_ne!(progress.phase, Phase::Done, "it should have failed"),
            Err(error) => break error,
        }
        before = run.save();
    };
    let Error::NonFiniteLoss { .. } = &failure else {
        panic!("{failure}");
    };
    let mut again = Session::restore(&run.save()).unwrap();
    assert_eq!(again.step(1), Err(failure.clone()));
    assert_eq!(numbers(&mut again), numbers(&mut run));
    // One slice earlier its weights may be infinite; that is a state like any other.
    assert_eq!(Session::restore(&before).unwrap().step(1), Err(failure));
}

/// The checksum of the layout, written down once more.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for byte in &file[16..] {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211);
    }
    file[8..16].copy_from_slice(&hash.to_le_bytes());
    file
}

/// Small files of several kinds: in an evaluation, in an epoch, with gates, points, a search's report.
fn files() -> Vec<Vec<u8>> {
    let small = "data=xor samples=60 hidden=4 batchSize=16 epochs=2 pretrainEpochs=1";
    let cases = [
        ("method=ddq weightBits=3 activationBits=3 budgetBits=20", 9),
        ("method=uniform range=minmax", 2),
        ("method=lsq optimizer=sgd", 7),
        ("method=apot weightBits=4", 12),
        ("method=greedy budgetBits=20", 60),
        ("method=multipoint tolerance=0.0001", 60),
    ];
    let file = |(method, slices): (&str, usize)| {
        let mut run = session(&format!("{small} {method}"));
        advance(&mut run, slices);
        run.note = "a note".to_owned();
        run.save()
    };
    cases.into_iter().map(file).collect()
}

fn refusal(file: &[u8]) -> String {
    match Session::restore(file) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("a broken file was accepted"),
    }
}

#[test]
fn a_file_cut_off_anywhere_is_refused_with_and_without_a_right_checksum() {
    for file in files() {
        for length in 0..file.len() {
            refusal(&file[..length]);
            if length >= 16 {
                let message = refusal(&sealed(file[..length].to_vec()));
                assert!(
                    message.starts_with("project file, at byte "),
                    "{length}: {message}"
                );
            }
        }
        let longer: Vec<u8> = file.iter().copied().chain([0]).collect();
        assert!(refusal(&sealed(longer)).ends_with("expected the end of the file, got more"));
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let file = &files()[0];
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = file.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let word = |value: u32| value.to_le_bytes();
    assert_eq!(
        refusal(b""),
        "project file, at byte 0: expected 4 bytes more, got 0"
    );
    assert_eq!(
        refusal(&with(0, b"DDQC")),
        "project file, at byte 0: expected the magic DDQS, got DDQC"
    );
    assert_eq!(
        refusal(&with(4, &word(1))),
        "project file, at byte 4: expected version 2, got 1"
    );
    let damaged = refusal(&with(100, &[file[100] ^ 1]));
    assert!(
        damaged
            .starts_with("project file, at byte 8: expected the checksum of undamaged bytes, got "),
        "{damaged}"
    );
    let huge = refusal(&sealed(with(20, &word(1_000_000_000))));
    assert!(
        huge.starts_with("project file, at byte 24: expected 1000000000 bytes more, got "),
        "{huge}"
    );
    let many = refusal(&sealed(with(24, &word(1_000_000_000))));
    assert!(
        many == "project file, at byte 28 (an option): expected 0 to 1000, got 1e9",
        "{many}"
    );
    assert_eq!(
        refusal(&sealed(with(16, &word(2)))),
        "project file, at byte 16: expected section 1, the options, got 2"
    );

    let place = |text: &str| {
        file.windows(text.len())
            .position(|found| found == text.as_bytes())
            .unwrap()
    };
    let method = place("ddq");
    assert_eq!(
        refusal(&sealed(with(method, b"dda"))),
        format!(
            "option \"method\": expected one of {}, got \"dda\"",
            ddq_playground::methods::NAMES.join(", ")
        )
    );
    let seed = place("seed") + 4 + 8;
    assert!(
        refusal(&sealed(with(seed, &f64::NAN.to_le_bytes())))
            .starts_with("option \"seed\": expected a whole number")
    );
    // Behind the options come sections 2 and 3, empty, and then section, length, phase, step, epoch.
    let run = 24 + u32::from_le_bytes(file[20..24].try_into().unwrap()) as usize + 16;
    assert_eq!(
        refusal(&sealed(with(run + 8, &word(6)))),
        format!(
            "project file, at byte {} (the phase): expected 0 to 5, got 6",
            run + 12
        )
    );
    assert_eq!(
        refusal(&sealed(with(run + 16, &word(9)))),
        format!(
            "project file, at byte {} (the counters): expected 0 to 2, got 9",
            run + 20
        )
    );
}

#[test]
fn an_unknown_option_is_refused_unless_it_has_its_default() {
    let file = &files()[1];
    // "tolerance" as another binary might call it; the byte behind the name says that it has its default.
    let at = file
        .windows(9)
        .position(|found| found == b"tolerance")
        .unwrap();
    let mut unknown = file.clone();
    unknown[at..at + 9].copy_from_slice(b"telorance");
    assert!(Session::restore(&sealed(unknown.clone())).is_ok());
    assert_eq!(unknown[at + 9], 1);
    unknown[at + 9] = 0;
    assert!(
        refusal(&sealed(unknown))
            .starts_with("unknown option \"telorance\": expected one of data, ")
    );
    assert!(CATALOGUE.option("tolerance").is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn changed_bytes_never_panic_and_a_changed_byte_is_always_found(
        kind in 0..6usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        thread_local!(static FILES: Vec<Vec<u8>> = files());
        let file = FILES.with(|files| files[kind].clone());
        let mut changed = file.clone();
        for (at, byte) in &changes {
            changed[at.index(file.len())] = *byte;
        }
        prop_assert!(changed == file || Session::restore(&changed).is_err());
        // Below the checksum: refused, or a session that steps, ends or fails, and answers.
        if changed[..8] == file[..8] && let Ok(mut session) = Session::restore(&sealed(changed)) {
            advance(&mut session, 40);
            numbers(&mut session);
            let _ = session.deployment();
        }
    }

    #[test]
    fn bytes_of_any_kind_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Session::restore(&bytes).is_err());
        let mut file = [b"DDQS\x02\0\0\0".as_slice(), &[0; 8], &bytes].concat();
        file = sealed(file);
        prop_assert!(Session::restore(&file).is_err());
    }
}

/// Every function that visits a state names all fields, so that a field added later does not compile before somebody
/// has decided about it: `let Self { … } = self` without `..`.
#[test]
fn every_visit_of_a_state_names_every_field() {
    fn sources(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut files = Vec::new();
    sources(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    let mut seen = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        for body in text.split("fn visit_state(").skip(1) {
            let Some(start) = body.find('{').filter(|start| !body[..*start].contains(';')) else {
                continue; // The trait's own declaration.
            };
            let end = body.find("\n    }\n").unwrap_or(body.len());
            let body = &body[start..end];
            if body.contains("Self::ALL") {
                continue; // An enum.
            }
            let fields = body
                .split("let Self {")
                .nth(1)
                .and_then(|rest| rest.split("} = self;").next());
            let fields = fields.unwrap_or_else(|| {
                panic!("{}: a visit_state without `let Self {{`", path.display())
            });
            assert!(
                !fields.contains(".."),
                "{}: `..` hides fields",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 18, "only {seen} functions seen");
}
