//! Networks and runs of others: what was read has to work too.

use super::explained;
use ddq_playground::data::{Dataset, SampleShape, Split};
use ddq_playground::error::Error;
use ddq_playground::io::onnx;
use ddq_playground::kernels::deployed::Deployed;
use ddq_playground::methods::CATALOGUE;
use ddq_playground::nn::models;
use ddq_playground::nn::network::Network;
use ddq_playground::nn::tensor::Shape;
use ddq_playground::rng::{Rng, Stream};
use ddq_playground::session::{Assets, ModelFile, OwnModel, Session, Which};
use ddq_playground::train::checkpoint as float;
use ddq_playground::train::options::Options;

/// Bytes of a run up to which a network is trained as well as read.
const TRAINED_BYTES: u64 = 4_000_000;
/// Multiply–accumulates up to which a network on packed codes is run.
const RUN_MACS: usize = 1 << 22;
/// Slices of work.
const SLICES: usize = 4;

/// The network in a model's file.
pub fn read_model(file: &ModelFile) -> Result<Network, Error> {
    Ok(onnx::import(&file.name, &file.bytes)?.network)
}

/// The options of a text such as "model=mlp epochs=1".
pub fn options(given: &str) -> Options {
    let pairs = given
        .split_whitespace()
        .filter_map(|pair| pair.split_once('='));
    let pairs: Vec<_> = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Options::parse(&CATALOGUE, &pairs).expect("options of the table")
}

/// A model; a small one is trained for a few slices on data of its shape.
pub fn onnx(bytes: &[u8]) -> bool {
    let file = ModelFile {
        name: "m.onnx".to_owned(),
        bytes: bytes.to_vec(),
    };
    match onnx::import(&file.name, bytes) {
        Ok(found) if found.memory_bytes() <= TRAINED_BYTES => train(found.network, file),
        Ok(_) => true,
        Err(refusal) => {
            let error = Error::from(refusal);
            assert!(error.to_string().contains("m.onnx"), "{error}");
            explained(&error)
        }
    }
}

/// Three samples of every class, of the network's shape.
pub fn data_for(network: &Network) -> Dataset {
    let Shape { c, h, w, .. } = network.input_shape();
    let shape = SampleShape {
        channels: c,
        height: h,
        width: w,
    };
    let classes = network.classes();
    let labels: Vec<u8> = (0..3 * classes).map(|i| (i % classes) as u8).collect();
    let inputs = (0..labels.len() * shape.inputs()).map(|i| (i % 17) as f32 / 8.0 - 1.0);
    let train = Split {
        inputs: inputs.collect(),
        labels,
    };
    let names = (0..classes).map(|class| class.to_string()).collect();
    Dataset::own(shape, names, train, Split::default()).expect("data of the network's shape")
}

fn train(network: Network, file: ModelFile) -> bool {
    let data = data_for(&network);
    let assets = Assets {
        data: Some(data),
        model: Some(OwnModel { network, file }),
        ..Assets::default()
    };
    let given = "model=own data=own method=uniform pretrainEpochs=0 epochs=1 batchSize=4";
    match Session::new(options(given), assets) {
        Ok(session) => go_on(session),
        Err(error) => explained(&error),
    }
}

/// A project file whose checksum is put right, since none would come through by chance. What is restored can be saved
/// and restored again, and goes on.
pub fn project(bytes: &[u8]) -> bool {
    if let Err(error) = Session::restore_with(bytes, read_model) {
        explained(&error);
    }
    let bytes = with_checksum(bytes);
    match Session::restore_with(&bytes, read_model) {
        Ok(mut session) => {
            let saved = session.save();
            let mut again =
                Session::restore_with(&saved, read_model).expect("a session that was saved");
            assert!(again.save() == saved, "saved anew it is another");
            go_on(session)
        }
        Err(error) => explained(&error),
    }
}

/// The file with the checksum of its bytes: see docs/PROJECT_FILE.md.
fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let mut file = bytes.to_vec();
    if let Some((head, rest)) = file.split_at_mut_checked(16) {
        let sum = rest.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        head[8..].copy_from_slice(&sum.to_le_bytes());
    }
    file
}

/// What a page does with a session. A loss that is no longer finite stops a run, and is no fault of its file.
fn go_on(mut session: Session) -> bool {
    let _ = session.step(SLICES);
    session.snapshot();
    let inputs = session.data().shape.inputs();
    let logits = session.predict(&vec![0.5; inputs], Which::Current);
    assert_eq!(
        logits.map(|logits| logits.len()),
        Ok(session.data().classes)
    );
    if let Ok(bytes) = session.deployment() {
        deployed(&bytes);
    }
    true
}

/// A network on packed codes, run on one sample.
pub fn deployed(bytes: &[u8]) -> bool {
    let mut network = match Deployed::new(bytes) {
        Ok(network) => network,
        Err(error) => return explained(&error),
    };
    let (inputs, classes) = (network.inputs(), network.classes());
    let macs: usize = network.layers().map(|layer| layer.macs()).sum();
    assert!(network.size_bytes() > 0 || network.layers().all(|layer| layer.stored_bits() == 0));
    assert_eq!(network.predict(&[]), Ok(Vec::new()));
    if macs.max(inputs) <= RUN_MACS {
        let x: Vec<f32> = (0..inputs).map(|i| (i % 17) as f32 / 8.0 - 1.0).collect();
        assert_eq!(network.predict(&x).map(|logits| logits.len()), Ok(classes));
    }
    true
}

/// A checkpoint of a small network, which keeps its weights where the bytes are refused.
pub fn checkpoint(bytes: &[u8]) -> bool {
    let mut network = small_network();
    let before = network.read_state();
    match float::read(bytes, &mut network) {
        Ok(()) => network.read_state().iter().all(|value| value.is_finite()),
        Err(error) => {
            assert_eq!(network.read_state(), before);
            explained(&error)
        }
    }
}

/// The network that checkpoints are of: 2 inputs, 3 units, 2 classes.
pub fn small_network() -> Network {
    let mut rng = Rng::new(1, Stream::Init);
    models::mlp(Shape::features(2, 1), &[3], 2, &mut rng)
}
