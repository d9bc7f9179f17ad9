//! The packed network against the fake-quantized graph that it was made from.

mod common;

use common::given::options;
use ddq_playground::kernels::deployed::Deployed;
use ddq_playground::session::{Assets, Session, Which};
use ddq_playground::train::trainer::Phase;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

/// Mean difference of the logits, in parts of their span. Where a value stands within float rounding of a
/// threshold, the graph and the integers may round it to neighbouring levels: rare, and then a logit moves by a
/// step of that layer, which [`MOST`] bounds.
const MEAN: f32 = 5e-4;
/// Largest difference of a logit, in parts of the logits' span.
const MOST: f32 = 0.05;

fn checkpoint(model: &str) -> &'static [u8] {
    match model {
        "mlp" => include_bytes!("../pkg/checkpoints/mlp.bin"),
        "cnn" => include_bytes!("../pkg/checkpoints/cnn.bin"),
        _ => include_bytes!("../pkg/checkpoints/mobile.bin"),
    }
}

fn session(given: &str) -> Session {
    let options = options(given).unwrap();
    let bytes = checkpoint(options.text("model"));
    Session::new(options, Assets::of_checkpoint(Some(bytes))).unwrap()
}

fn finished(given: &str) -> Session {
    let mut session = session(given);
    while session.step(1).unwrap().phase != Phase::Done {}
    session
}

fn argmax(logits: &[f32]) -> usize {
    (0..logits.len())
        .max_by(|&a, &b| logits[a].total_cmp(&logits[b]))
        .unwrap()
}

/// Same class on every test sample, logits within the tolerance, same size and layers.
fn agrees(given: &str) {
    let mut session = finished(given);
    let mut deployed = Deployed::new(&session.deployment().unwrap()).unwrap();
    let inputs = session.samples("test").unwrap().inputs.clone();
    let expected = session.predict(&inputs, Which::Current).unwrap();
    let found = deployed.predict(&inputs).unwrap();
    let span = |z: &[f32]| {
        z.iter().fold(f32::MIN, |m, &z| m.max(z)) - z.iter().fold(f32::MAX, |m, &z| m.min(z))
    };
    let classes = deployed.classes();
    let (mut worst, mut sum) = (0.0f32, 0.0f32);
    for (sample, (a, b)) in expected
        .chunks_exact(classes)
        .zip(found.chunks_exact(classes))
        .enumerate()
    {
        assert_eq!(
            argmax(a),
            argmax(b),
            "{given}: sample {sample}: {a:?} {b:?}"
        );
        for (a, b) in a.iter().zip(b) {
            worst = worst.max((a - b).abs());
            sum += (a - b).abs();
        }
    }
    let (mean, span) = (sum / expected.len() as f32, span(&expected));
    assert!(
        worst <= MOST * span,
        "{given}: logits differ by {worst} of {span}"
    );
    assert!(
        mean <= MEAN * span,
        "{given}: logits differ by {mean} of {span} on average"
    );
    let snapshot = session.snapshot();
    assert_eq!(deployed.size_bytes(), snapshot.sizes.bytes(), "{given}");
    for (layer, shown) in deployed.layers().zip(&snapshot.layers) {
        assert_eq!(
            (layer.name(), layer.bits()),
            (shown.name.as_str(), shown.weight.bits.max(1))
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn learned_bits_on_the_digits() {
    for model in ["mlp", "cnn", "mobile"] {
        agrees(&format!(
            "model={model} method=ddq learnBits=true budgetBits=3.5 activationBudgetBits=4 epochs=2 batchSize=64"
        ));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn every_width_of_fixed_bits() {
    for bits in 1..=8 {
        agrees(&format!(
            "model=mlp method=ddq learnBits=false weightBits={bits} activationBits={bits} epochs=2"
        ));
        agrees(&format!(
            "model=mlp method=uniform weightBits={bits} activationBits={bits} epochs=1"
        ));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn points_in_the_plane_whose_inputs_have_no_grid() {
    for data in ["moons", "circles", "xor", "gaussians", "spiral2", "spiral3"] {
        agrees(&format!(
            "data={data} model=mlp samples=400 pretrainEpochs=20 epochs=6 budgetBits=5"
        ));
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn other_quantizers_with_levels_on_a_grid() {
    for method in ["lsq", "pact", "dorefa", "pot", "apot", "sensitivity"] {
        agrees(&format!(
            "model=mlp method={method} weightBits=4 activationBits=4 epochs=1"
        ));
    }
    agrees("model=mlp method=apot weightBits=6 activationBits=5 epochs=1");
    agrees(
        "model=mobile method=uniform range=minmax weightBits=5 activationBits=6 exemptFirst=true epochs=1 batchSize=64",
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn planes_and_a_sign_run_as_equal_steps() {
    for model in ["mlp", "cnn", "mobile"] {
        agrees(&format!(
            "model={model} method=bsq epochs=2 adjustEvery=0.1 lassoStrength=1 batchSize=64"
        ));
    }
    // Eight bits, the fewest there are, and layers that keep theirs.
    agrees("model=mlp method=bsq budgetBits=8.2 epochs=1");
    agrees(
        "model=cnn method=bsq budgetBits=2.5 epochs=1 locks=0:5 exemptLast=true activationBits=4",
    );
    agrees("model=mlp method=bsq learnBits=false weightBits=2 activationBits=4 epochs=1");
    agrees(
        "data=moons model=mlp samples=400 pretrainEpochs=20 method=bsq minBits=1 budgetBits=4 lassoStrength=10 epochs=6",
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn points_run_as_rows_more() {
    for model in ["mlp", "cnn", "mobile"] {
        agrees(&format!("model={model} method=multipoint budgetBits=4"));
    }
    agrees("model=mobile method=multipoint weightBits=4 activationBits=4 budgetBits=6.5");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn what_cannot_be_deployed_says_why() {
    let refused = |mut session: Session| session.deployment().unwrap_err().to_string();
    let float = refused(finished("model=mlp method=float epochs=1"));
    assert!(
        float.contains("the weights of dense1") && float.contains("32-bit floats"),
        "{float}"
    );
    let mut early = session("model=mlp method=ddq epochs=4");
    early.step(40).unwrap();
    let early = refused(early);
    assert!(
        early.contains("dense1") && early.contains("still in training"),
        "{early}"
    );
    let mut off = session("model=mlp method=pot weightBits=6 activationBits=6 epochs=4");
    off.step(40).unwrap();
    let off = refused(off);
    assert!(
        off.contains("dense1") && off.contains("integer grid"),
        "{off}"
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn damaged_bytes_are_refused_and_nothing_panics() {
    let run = "data=moons samples=100 hidden=12-12 pretrainEpochs=1 epochs=2 budgetBits=6";
    damaged(&finished(run).deployment().unwrap());
    let run = "data=moons samples=100 hidden=12-12 pretrainEpochs=1 method=multipoint budgetBits=8";
    damaged(&finished(run).deployment().unwrap());
    let error = Deployed::new(b"PNG").err().unwrap().to_string();
    assert!(error.contains("a deployed network, at byte"), "{error}");
}

/// Bytes that are sound but for sizes that would fill the memory: an input of `shape`, pooled by a window with this
/// kernel and these pads in both directions.
fn pooled(shape: [u32; 3], kernel: u32, pads: u32) -> Result<usize, String> {
    const MAX_POOL: u8 = 2;
    let mut bytes = b"DDQD".to_vec();
    bytes.extend(2_u32.to_le_bytes());
    bytes.push(1);
    bytes.extend(1.0_f32.to_le_bytes());
    bytes.extend(shape.map(u32::to_le_bytes).concat());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend([MAX_POOL, 1]);
    bytes.extend(0_u32.to_le_bytes());
    for _ in 0..2 {
        bytes.extend([kernel, 1, 1, pads, pads].map(u32::to_le_bytes).concat());
    }
    let found = Deployed::new(&bytes).map(|deployed| deployed.classes());
    found.map_err(|error| error.to_string())
}

#[test]
fn sizes_beyond_memory_are_refused_before_room_is_made() {
    assert_eq!(pooled([3, 4, 4], 3, 1), Ok(48));
    for (found, words) in [
        (
            pooled([0, 4, 4], 3, 1),
            "at byte 25: expected 1 to 2^24 numbers",
        ),
        (
            pooled([1 << 20, 1 << 20, 1 << 20], 3, 1),
            "1 to 2^24 numbers",
        ),
        (
            pooled([3, 4, 4], 4097, 4096),
            "windows, steps and pads up to 4096",
        ),
        (pooled([3, 4, 4], 3, 4096), "1 to 2^24 numbers"),
        (
            pooled([1, 2000, 2000], 9, 4),
            "at most 2^24 pairs of pixels",
        ),
        (
            pooled([1, 3000, 3000], 1, 0),
            "at most 2^24 numbers in all steps",
        ),
        (pooled([3, 4, 4], 6, 0), "a window inside the image"),
    ] {
        let error = found.expect_err(words);
        assert!(error.starts_with("a deployed network, at byte "), "{error}");
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
}

fn damaged(bytes: &[u8]) {
    assert!(Deployed::new(bytes).is_ok());
    for length in 0..bytes.len() {
        assert!(
            Deployed::new(&bytes[..length]).is_err(),
            "{length} bytes of {}",
            bytes.len()
        );
    }
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= flip;
            if let Ok(mut deployed) = Deployed::new(&damaged) {
                let _ = deployed.predict(&vec![0.5; deployed.inputs()]);
            }
        }
    }
}

/// Points lie on no exact grid, so inputs are two 8-bit halves; the largest of the training part is the end of both.
#[test]
fn the_largest_input_is_as_exact_as_the_others() {
    let mut session =
        finished("data=moons method=uniform weightBits=8 activationBits=8 epochs=1 seed=3");
    let train = &session.samples("train").unwrap().inputs;
    let largest = train.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let beside = (0..200).map(|i| (i as f32 / 100.0 - 1.0) * largest);
    let x: Vec<f32> = beside
        .flat_map(|y| [largest, y, -largest, y, y, largest])
        .collect();
    let mut deployed = Deployed::new(&session.deployment().unwrap()).unwrap();
    let expected = session.predict(&x, Which::Current).unwrap();
    let found = deployed.predict(&x).unwrap();
    let (low, high) = expected
        .iter()
        .fold((f32::MAX, f32::MIN), |(l, h), &z| (l.min(z), h.max(z)));
    let differences = expected.iter().zip(&found).map(|(a, b)| (a - b).abs());
    let mean = differences.sum::<f32>() / expected.len() as f32;
    assert!(
        mean <= MEAN * (high - low),
        "{mean} on average, of {}",
        high - low
    );
}
