//! The options of a session: names, types, ranges, defaults and help. The JS API, links and the page's form are generated
//! from these rows and those of the methods, in the order of a catalogue.

use crate::text::number;

/// The type and range of an option.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// One of a list of names.
    Choice(&'static [&'static str]),
    /// A whole number in [min, max].
    Integer(i64, i64),
    /// A finite number in [min, max].
    Number(f64, f64),
    /// true or false.
    Boolean,
    /// Widths of hidden layers such as "64-32".
    Widths,
    /// Layers with their bits such as "0:8,3:2".
    #[cfg(feature = "methods")]
    Locks,
}

/// A value of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A name, or widths.
    Text(String),
    /// A whole or a real number.
    Number(f64),
    /// true or false.
    Flag(bool),
}

/// The value of an option that is not set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultValue {
    /// Follows from other options; the help says how.
    Auto,
    /// A name.
    Text(&'static str),
    /// A number.
    Number(f64),
    /// true or false.
    Flag(bool),
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionSpec {
    /// The name in JS and in the URL.
    pub name: &'static str,
    /// Type and range.
    pub kind: Kind,
    /// Its value if it is not set.
    pub default: DefaultValue,
    /// The unit of a number; empty if it has none.
    pub unit: &'static str,
    /// Help text; empty without the feature "methods".
    pub help: &'static str,
}

/// Names of the data sets.
pub const DATA: &[&str] = &[
    "digits",
    "moons",
    "circles",
    "xor",
    "gaussians",
    "spiral2",
    "spiral3",
    crate::data::OWN,
];
/// Names of the models.
#[cfg(feature = "files")]
pub const MODELS: &[&str] = &["mlp", "cnn", "mobile", crate::nn::models::OWN];
/// Names of the built-in models.
#[cfg(not(feature = "files"))]
pub const MODELS: &[&str] = &["mlp", "cnn", "mobile"];

/// A row.
pub const fn row(
    name: &'static str,
    kind: Kind,
    default: DefaultValue,
    unit: &'static str,
    help: &'static str,
) -> OptionSpec {
    OptionSpec {
        name,
        kind,
        default,
        unit,
        // The texts are left out of the small binary: whoever looks at them has loaded the whole one.
        help: if cfg!(feature = "methods") { help } else { "" },
    }
}

use DefaultValue::{Auto, Flag, Number, Text};

/// What is learned, and by which network.
#[rustfmt::skip]
pub const DATA_AND_MODEL: &[OptionSpec] = &[
    row("data", Kind::Choice(DATA), Text("digits"), "", "What the network learns: 8×8 handwritten digits, a generated 2-D set, or your own imported data."),
    row("samples", Kind::Integer(60, 20_000), Number(600.0), "points", "Number of points in a generated 2-D set, three quarters of them for training; digits always has 1,797."),
    row("noise", Kind::Number(0.0, 1.0), Auto, "", "Noise in a generated 2-D set, as a standard deviation (auto: 0.05 to 0.1, depending on the set)."),
    row("model", Kind::Choice(MODELS), Auto, "", "The network (auto: mobile for digits, otherwise mlp). cnn and mobile need images; own is an imported model."),
    row("hidden", Kind::Widths, Auto, "units", "Widths of the hidden layers of an mlp, such as 64-32 (auto: 16-16 for 2-D sets, otherwise 64-32)."),
];

/// The option that chooses one of the methods `names`.
pub const fn method(names: &'static [&'static str]) -> OptionSpec {
    row(
        "method",
        Kind::Choice(names),
        Text("ddq"),
        "",
        "How weights and activations are quantized.",
    )
}

/// How many bits there are, and what they may come to.
#[rustfmt::skip]
pub const BITS: &[OptionSpec] = &[
    row("weightBits", Kind::Integer(1, 8), Auto, "bits", "Bits of every weight, or where DDQ starts if bits are learned. For lsq, pot, apot, bsq and multipoint they include the sign and are at least 2 (auto: 6 if bits are learned, otherwise 4)."),
    row("activationBits", Kind::Integer(0, 8), Auto, "bits", "Bits of every layer's input activations, or where they start if they are learned. 0 keeps activations in 32-bit float and quantizes only the weights; such a network cannot run on packed integers (auto: same as weightBits)."),
    row("learnBits", Kind::Boolean, Auto, "", "Whether DDQ or BSQ learns the bits of each layer (mixed precision) or keeps them fixed (auto: true for ddq and bsq; other methods do not learn bits)."),
    row("budgetBits", Kind::Number(0.0, 32.0), Auto, "bits per weight", "Most stored bits per weight at the end of the run, codebooks and scales included; 0 means no budget (auto: 4 if bits are learned or searched, 0 if they are fixed). If bits are fixed, a budget lowers weightBits to what fits."),
    #[cfg(feature = "methods")]
    row("budgetCounts", Kind::Choice(&["stored", "codes"]), Text("stored"), "", "What budgetBits limits. stored: everything stored, including scales and codebooks. codes: allows 64 bits per layer on top for scales, so that uniform levels of b bits meet a budget of b; this is the rule used for comparisons. With codes, fixed bits are the largest whole bit width that fits, unless weightBits is set."),
    row("activationBudgetBits", Kind::Number(0.0, 8.0), Number(0.0), "bits per element", "Most bits per activation value on average (ddq only); 0 keeps activation bits fixed."),
    row("minBits", Kind::Integer(1, 8), Auto, "bits", "Fewest bits for the weights of a layer when bits are learned or searched (auto: 2). With bsq, 1 lets a layer lose all its planes."),
    row("minActivationBits", Kind::Integer(1, 8), Auto, "bits", "Fewest bits for the input activations of a layer when ddq learns them (auto: minBits, but at least 2, because 1-bit activations cost far more accuracy than 1-bit weights)."),
    row("exemptFirst", Kind::Boolean, Flag(false), "", "Keep the first layer at 8 bits."),
    row("exemptLast", Kind::Boolean, Flag(false), "", "Keep the last layer at 8 bits."),
    #[cfg(feature = "methods")]
    row("locks", Kind::Locks, Text(""), "layer:bits", "Layers whose weight bits are locked, such as 0:8,3:2 (layer, counted from 0, and bits); empty for none."),
];

/// How the levels begin.
#[rustfmt::skip]
pub const RANGE: &[OptionSpec] = &[
    row("range", Kind::Choice(&["mse", "minmax"]), Text("mse"), "", "Initial dynamic range: the one with the least squared error (mse), or from smallest to largest value (minmax). uniform keeps it; ddq refits it at the freeze if learned gates have merged levels."),
];

/// How the training goes.
#[rustfmt::skip]
pub const TRAINING: &[OptionSpec] = &[
    row("learningRate", Kind::Number(0.0, 10.0), Auto, "", "Learning rate of weights during quantization (auto: 0.004; 0.02 for sgd and bsq). bsq uses it only for fine-tuning, because planes are trained instead of weights before that."),
    row("levelLearningRate", Kind::Number(0.0, 10.0), Number(0.0005), "", "Learning rate of levels, step sizes and clipping thresholds, in units of the initial range."),
    row("optimizer", Kind::Choice(&["adamw", "adam", "sgd"]), Text("adamw"), "", "Optimizer for weights, biases and levels."),
    row("momentum", Kind::Number(0.0, 0.999), Number(0.9), "", "Momentum of sgd."),
    row("weightDecay", Kind::Number(0.0, 1.0), Number(0.0001), "", "Weight decay during quantization."),
    row("schedule", Kind::Choice(&["cosine", "step", "constant"]), Text("cosine"), "", "Learning rate schedule within a phase: cosine to 0, steps (divided by 10 after each of the first two thirds), or constant."),
    row("batchSize", Kind::Integer(1, 512), Number(32.0), "samples", "Samples per mini-batch."),
    row("epochs", Kind::Integer(0, 1000), Auto, "epochs", "Epochs of the quantization phase (auto: 8 for digits, 30 for 2-D sets; for imported data about 20,000 samples, but 4 to 30 epochs)."),
    row("pretrained", Kind::Boolean, Auto, "", "Start from the float checkpoint included for each built-in model on digits (auto: true if there is one)."),
    row("pretrainEpochs", Kind::Integer(0, 1000), Auto, "epochs", "Epochs of float training before quantization (auto: 0 from a checkpoint, otherwise 30 for digits and 60 for 2-D sets; for imported data about 45,000 samples, but 2 to 60 epochs)."),
    row("pretrainLearningRate", Kind::Number(0.0, 10.0), Number(0.006), "", "Learning rate of the float phase."),
    row("freezeAt", Kind::Number(0.0, 1.0), Number(0.5), "of the phase", "Fraction of the quantization phase after which gates and planes freeze, the budget is enforced and levels move to the deployment grid."),
];

/// In which precision.
#[cfg(feature = "methods")]
#[rustfmt::skip]
pub const PRECISION: &[OptionSpec] = &[
    row("precision", Kind::Choice(crate::nn::precision::format::NAMES), Text("f32"), "", "Format in which training stores the gradients of activations, in float and in quantized training: 32-bit float, half precision, or 8 bits with 2 (e5m2) or 3 (e4m3) mantissa bits. Sums, weights and their gradients stay 32-bit. Unused by runs that train nothing."),
    row("lossScaling", Kind::Choice(super::loss_scaling::POLICIES), Auto, "", "Power of two by which gradients are multiplied before they are stored, so that small ones do not become 0: none, fixed, adjusted on overflow (dynamic), or found per layer (adaptive). Values that overflow become the format's largest number; only dynamic skips the step instead (auto: adaptive). With precision f32 there is never any scaling."),
    row("lossScale", Kind::Number(1.0, 16_777_216.0), Auto, "", "Scale of fixed and initial scale of dynamic loss scaling, a power of two (auto: fixed 1024; dynamic 32768, or 256 with e4m3); unused by none and adaptive."),
    row("scaleGrowth", Kind::Integer(1, 100_000), Number(200.0), "steps", "dynamic only: steps without overflow after which loss scaling doubles its scale. It halves the scale when a step overflows."),
    row("underflowRate", Kind::Number(0.000_001, 0.5), Number(0.001), "of the gradients", "adaptive only: share of a layer's gradients that loss scaling allows to become 0, assuming they are normally distributed."),
    row("scaleInterval", Kind::Integer(1, 10_000), Number(10.0), "steps", "Steps between measurements of gradients, for the underflow shown and for adaptive loss scaling; unused with precision f32."),
    row("roundedTensors", Kind::Choice(&["gradients", "all"]), Text("gradients"), "", "What training stores in the format of precision: only gradients of activations, or also the weights and inputs of every product, after their quantizers (the 32-bit weights are kept and used for evaluation); unused with precision f32."),
];

/// What all random choices follow from.
#[rustfmt::skip]
pub const SEED: &[OptionSpec] = &[
    row("seed", Kind::Integer(0, 4_294_967_295), Number(1.0), "", "Seed of every random choice. The same seed and options give the same numbers."),
];

impl Kind {
    /// The allowed values in words.
    pub fn allowed(&self) -> String {
        match self {
            Kind::Choice(names) => format!("one of {}", names.join(", ")),
            Kind::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Kind::Number(low, high) => {
                format!("a number from {} to {}", number(*low), number(*high))
            }
            Kind::Boolean => "true or false".to_owned(),
            Kind::Widths => "1 to 6 widths from 1 to 1024 joined by -, such as 64-32".to_owned(),
            #[cfg(feature = "methods")]
            Kind::Locks => "layers from 0, each once, with 1 to 8 bits, such as 0:8,3:2".to_owned(),
        }
    }

    /// Whether `value` is of this type and in range.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Kind::Choice(names), Value::Text(text)) => names.contains(&text.as_str()),
            (Kind::Widths, Value::Text(text)) => parse_widths(text).is_some(),
            #[cfg(feature = "methods")]
            (Kind::Locks, Value::Text(text)) => parse_locks(text).is_some(),
            (Kind::Integer(low, high), Value::Number(v)) => {
                v.trunc() == *v && (*low as f64..=*high as f64).contains(v)
            }
            (Kind::Number(low, high), Value::Number(v)) => (*low..=*high).contains(v),
            (Kind::Boolean, Value::Flag(_)) => true,
            _ => false,
        }
    }

    /// The value that `text` stands for, as a command line or an address has it; text where it stands for
    /// no value of this type.
    pub fn parse(&self, text: &str) -> Value {
        let parsed = match self {
            Kind::Integer(..) | Kind::Number(..) => text.parse().ok().map(Value::Number),
            Kind::Boolean => text.parse().ok().map(Value::Flag),
            _ => None,
        };
        parsed.unwrap_or_else(|| Value::Text(text.to_owned()))
    }
}

impl Value {
    /// The value in words, for messages.
    pub fn shown(&self) -> String {
        match self {
            Value::Text(text) => format!("\"{text}\""),
            Value::Number(value) => number(*value),
            Value::Flag(flag) => flag.to_string(),
        }
    }
}

impl From<DefaultValue> for Option<Value> {
    fn from(default: DefaultValue) -> Self {
        Some(match default {
            Auto => return None,
            Text(text) => Value::Text(text.to_owned()),
            Number(value) => Value::Number(value),
            Flag(flag) => Value::Flag(flag),
        })
    }
}

/// "64-32" → [64, 32]; None for anything else.
pub fn parse_widths(text: &str) -> Option<Vec<usize>> {
    let widths: Option<Vec<usize>> = text
        .split('-')
        .map(|part| part.parse().ok().filter(|w| (1..=1024).contains(w)))
        .collect();
    widths.filter(|w| (1..=6).contains(&w.len()))
}

/// "0:8,3:2" → [(0, 8), (3, 2)]; nothing locked for "", None for anything else.
#[cfg(feature = "methods")]
pub fn parse_locks(text: &str) -> Option<Vec<(usize, u32)>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let lock = |part: &str| {
        let (layer, bits) = part.split_once(':')?;
        let bits = bits.parse().ok().filter(|bits| (1..=8).contains(bits))?;
        Some((layer.parse().ok()?, bits))
    };
    let locks: Vec<(usize, u32)> = text.split(',').map(lock).collect::<Option<_>>()?;
    let twice =
        (1..locks.len()).any(|at| locks[..at].iter().any(|(layer, _)| *layer == locks[at].0));
    (!twice).then_some(locks)
}
