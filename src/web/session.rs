//! A session for JS: each method parses, calls, converts. `pkg/index.js` wraps it.

use super::object::Builder;
#[cfg(feature = "methods")]
use crate::quant::bsq::{End, PlaneState};
use crate::session::{Assets, Progress, Session, Snapshot, Which};
use crate::train::evaluate::Evaluation;
use crate::train::option_table::{Kind, OptionSpec, TABLE, Value};
use crate::train::options::Options;
use crate::train::snapshot::{LayerSnapshot, TensorSnapshot};
use crate::train::trainer::Phase;
use js_sys::{Array, Float32Array};
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

/// A run, owned by JS until `free`.
#[wasm_bindgen(js_name = WasmSession)]
pub struct WebSession {
    pub(super) session: Session,
}

#[wasm_bindgen(js_class = WasmSession)]
impl WebSession {
    /// A session from option names and their values (strings, numbers, booleans), and the
    /// checkpoint if one is used.
    #[wasm_bindgen(constructor)]
    pub fn new(
        names: Vec<String>,
        values: Vec<JsValue>,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<WebSession, JsError> {
        Self::of_options(options(names, values)?, checkpoint)
    }

    /// Up to `slices` slices of work.
    pub fn step(&mut self, slices: u32) -> Result<JsValue, JsError> {
        Ok(progress(&self.session.step(slices as usize)?).build())
    }

    /// Where the run stands.
    pub fn progress(&self) -> JsValue {
        progress(&self.session.progress()).build()
    }

    /// { loss, accuracy, confusion } on a split.
    pub fn evaluate(&mut self, split: &str, reference: bool) -> Result<JsValue, JsError> {
        Ok(evaluation(&self.session.evaluate(split, which(reference))?))
    }

    /// The evaluation on the test split that ended the last epoch; null before the first.
    pub fn tested(&self) -> JsValue {
        self.session.tested().map_or(JsValue::NULL, evaluation)
    }

    /// Every number of the run.
    pub fn snapshot(&mut self) -> JsValue {
        snapshot(&self.session.snapshot())
    }

    /// Logits of samples.
    pub fn predict(&mut self, x: &[f32], reference: bool) -> Result<Float32Array, JsError> {
        Ok(Float32Array::from(
            self.session.predict(x, which(reference))?.as_slice(),
        ))
    }

    /// The quantized network as bytes for `WasmDeployed`.
    pub fn deployment(&mut self) -> Result<Vec<u8>, JsError> {
        Ok(self.session.deployment()?)
    }

    /// The whole session as bytes for `restore`.
    pub fn save(&mut self, note: String) -> Vec<u8> {
        self.session.note = note;
        self.session.save()
    }

    /// The session that `save` took down.
    #[cfg(feature = "methods")]
    pub fn restore(bytes: &[u8]) -> Result<WebSession, JsError> {
        #[cfg(feature = "files")]
        let session = Session::restore_with(bytes, super::files::read_model)?;
        #[cfg(not(feature = "files"))]
        let session = Session::restore(bytes)?;
        Ok(Self { session })
    }

    /// What was handed to the last `save`, of this session or of the one that it was restored from.
    pub fn note(&self) -> String {
        self.session.note.clone()
    }

    /// The samples of a split, or the first `most` of them.
    pub fn samples(&self, split: &str, most: Option<u32>) -> Result<JsValue, JsError> {
        let (samples, data) = (self.session.samples(split)?, self.session.data());
        let shown = most.map_or(samples.len(), |most| samples.len().min(most as usize));
        let shape = Builder::new()
            .set("channels", data.shape.channels)
            .set("height", data.shape.height)
            .set("width", data.shape.width);
        let names: Array = data
            .class_names
            .iter()
            .map(|name| JsValue::from_str(name))
            .collect();
        let object = Builder::new()
            .floats("inputs", &samples.inputs[..shown * data.shape.inputs()])
            .bytes("labels", &samples.labels[..shown]);
        Ok(object
            .set("shape", shape.build())
            .set("classes", data.classes)
            .set("classNames", names)
            .build())
    }

    /// Every option with its value.
    pub fn options(&self) -> JsValue {
        let entries = self.session.options().entries().iter();
        entries
            .fold(Builder::new(), |object, (name, value)| {
                object.set(name, to_js(value))
            })
            .build()
    }
}

impl WebSession {
    pub(super) fn of_options(
        options: Options,
        checkpoint: Option<Vec<u8>>,
    ) -> Result<WebSession, JsError> {
        let assets = Assets::of_checkpoint(checkpoint.as_deref());
        let session = Session::new(options, assets)?;
        Ok(Self { session })
    }
}

/// Checked options from names and values.
pub(super) fn options(names: Vec<String>, values: Vec<JsValue>) -> Result<Options, JsError> {
    let values = values.into_iter().map(from_js);
    let given: Vec<(String, Value)> = names.into_iter().zip(values).collect();
    Ok(Options::new(&given)?)
}

/// The option table as an array of plain objects.
#[wasm_bindgen(js_name = optionTable)]
pub fn option_table() -> Array {
    TABLE.iter().map(option_row).collect()
}

fn option_row(row: &OptionSpec) -> JsValue {
    let object = Builder::new()
        .set("name", row.name)
        .set("help", row.help)
        .set("unit", row.unit)
        .set("allowed", row.kind.allowed());
    let object = match row.kind {
        Kind::Choice(names) => {
            let choices: Array = names.iter().map(|name| JsValue::from_str(name)).collect();
            object.set("type", "choice").set("choices", choices)
        }
        Kind::Integer(min, max) => object
            .set("type", "integer")
            .set("min", min as f64)
            .set("max", max as f64),
        Kind::Number(min, max) => object.set("type", "number").set("min", min).set("max", max),
        Kind::Boolean => object.set("type", "boolean"),
        Kind::Widths => object.set("type", "text"),
        #[cfg(feature = "methods")]
        Kind::Locks => object.set("type", "text"),
    };
    let default: Option<Value> = row.default.into();
    object.maybe("default", default.as_ref().map(to_js)).build()
}

fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Text(text) => JsValue::from_str(text),
        Value::Number(value) => JsValue::from_f64(*value),
        Value::Flag(flag) => JsValue::from_bool(*flag),
    }
}

/// Other types than those three do not come here: pkg/index.js refuses them.
fn from_js(value: JsValue) -> Value {
    match (value.as_f64(), value.as_bool()) {
        (Some(number), _) => Value::Number(number),
        (_, Some(flag)) => Value::Flag(flag),
        _ => Value::Text(value.as_string().unwrap_or_default()),
    }
}

/// An evaluation as a plain object.
fn evaluation(found: &Evaluation) -> JsValue {
    Builder::new()
        .set("loss", found.loss)
        .set("accuracy", found.accuracy)
        .counts("confusion", &found.confusion)
        .build()
}

fn which(reference: bool) -> Which {
    if reference {
        Which::Reference
    } else {
        Which::Current
    }
}

fn progress(progress: &Progress) -> Builder {
    Builder::new()
        .set("step", progress.step)
        .set("epoch", progress.epoch)
        .set("epochs", progress.epochs)
        .set("stepsPerEpoch", progress.steps_per_epoch)
        .set("phase", progress.phase.name())
        .set("loss", progress.loss)
        .set("evaluations", progress.evaluations)
        .set("done", progress.phase == Phase::Done)
}

fn snapshot(snapshot: &Snapshot) -> JsValue {
    let sizes = &snapshot.sizes;
    let layers: Array = snapshot.layers.iter().map(layer).collect();
    #[cfg(feature = "methods")]
    let search = snapshot.search.as_ref().map(super::advice::search);
    #[cfg(not(feature = "methods"))]
    let search = None::<JsValue>;
    #[cfg(feature = "methods")]
    let precision = snapshot.precision.as_ref().map(super::precision::precision);
    #[cfg(not(feature = "methods"))]
    let precision = None::<JsValue>;
    progress(&snapshot.progress)
        .maybe("trainAccuracy", snapshot.train_accuracy)
        .maybe("testAccuracy", snapshot.test_accuracy)
        .maybe("testEpoch", snapshot.test_epoch)
        .maybe("floatAccuracy", snapshot.float_accuracy)
        .set("trace", snapshot.trace.digits())
        .set("averageBits", sizes.average_bits())
        .set("averageActivationBits", sizes.average_activation_bits)
        .set("sizeBytes", sizes.bytes() as f64)
        .set("floatSizeBytes", sizes.float_bytes() as f64)
        .set("compression", 32.0 / sizes.average_bits())
        .maybe("budgetBits", snapshot.budget_bits)
        .maybe("search", search)
        .maybe("precision", precision)
        .set("layers", layers)
        .build()
}

fn layer(layer: &LayerSnapshot) -> JsValue {
    let object = Builder::new()
        .set("name", layer.name.as_str())
        .set("kind", layer.kind.as_str())
        .set("parameters", layer.parameters)
        .set("macs", layer.macs)
        .set("outputs", layer.outputs);
    #[cfg(feature = "methods")]
    let object = object.set("bitOps", layer.bit_ops as f64);
    object
        .set("weight", tensor(&layer.weight))
        .maybe("activation", layer.activation.as_ref().map(tensor))
        .build()
}

fn tensor(tensor: &TensorSnapshot) -> JsValue {
    let gates = match (&tensor.gate_logits, &tensor.gates_on) {
        (Some(logits), Some(on)) => Builder::new()
            .floats("logits", logits)
            .bytes("on", on)
            .build(),
        _ => JsValue::NULL,
    };
    let raw = tensor
        .raw_levels
        .as_ref()
        .map(|levels| Float32Array::from(levels.as_slice()));
    let object = Builder::new();
    #[cfg(feature = "methods")]
    let object = match &tensor.points {
        Some(points) => object.bytes("points", points),
        None => object,
    };
    #[cfg(feature = "methods")]
    let object = match &tensor.planes {
        Some(states) => object.set("planes", planes(states)),
        None => object,
    };
    object
        .set("bits", tensor.bits)
        .set("min", tensor.min)
        .set("max", tensor.max)
        .floats("stepSizes", &tensor.step_sizes)
        .floats("levels", &tensor.levels)
        .maybe("rawLevels", raw)
        .set("gates", gates)
        .counts("latentHistogram", &tensor.latent_histogram)
        .counts("quantizedHistogram", &tensor.quantized_histogram)
        .set("histogramMin", tensor.histogram_range.0)
        .set("histogramMax", tensor.histogram_range.1)
        .set("relativeError", tensor.relative_error)
        .set("sizeBits", tensor.size_bits as f64)
        .build()
}

/// `first`: position of the first; `dropped`: 0 there, 1 gone from the low end, 2 from the high end.
#[cfg(feature = "methods")]
fn planes(states: &[PlaneState]) -> JsValue {
    let floats = |read: fn(&PlaneState) -> f32| states.iter().map(read).collect::<Vec<f32>>();
    let gone = states.iter().map(|state| match state.dropped {
        None => 0,
        Some(End::Low) => 1,
        Some(End::High) => 2,
    });
    let first = states.first().map_or(0, |state| state.position);
    Builder::new()
        .set("first", first)
        .floats("set", &floats(|state| state.set))
        .floats("norm", &floats(|state| state.norm))
        .bytes("dropped", &gone.collect::<Vec<u8>>())
        .build()
}
