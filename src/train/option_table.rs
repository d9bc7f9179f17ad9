//! The single table of session options: names, types, ranges, defaults and help.
//! The JS API, links and the page's form are generated from it.

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

const fn row(
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

/// Every option of a session, in the order in which they are shown.
#[rustfmt::skip]
pub const TABLE: &[OptionSpec] = &[
    row("data", Kind::Choice(DATA), Text("digits"), "", "What the network learns: 8×8 handwritten digits, a generated 2-D set, or your own imported data."),
    row("samples", Kind::Integer(60, 20_000), Number(600.0), "points", "Number of points in a generated 2-D set, three quarters of them for training; digits always has 1,797."),
    row("noise", Kind::Number(0.0, 1.0), Auto, "", "Noise in a generated 2-D set, as a standard deviation (auto: 0.05 to 0.1, depending on the set)."),
    row("model", Kind::Choice(MODELS), Auto, "", "The network (auto: mobile for digits, otherwise mlp). cnn and mobile need images; own is an imported model."),
    row("hidden", Kind::Widths, Auto, "units", "Widths of the hidden layers of an mlp, such as 64-32 (auto: 16-16 for 2-D sets, otherwise 64-32)."),
    row("method", Kind::Choice(super::methods::NAMES), Text("ddq"), "", "How weights and activations are quantized."),
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
    #[cfg(feature = "methods")]
    row("episodes", Kind::Integer(1, 10_000), Number(200.0), "episodes", "Number of allocations that haq and random try; unused by other methods."),
    #[cfg(feature = "methods")]
    row("hardware", Kind::Choice(&["size", "bitops", "edge", "cloud", "measured"]), Text("size"), "", "Extra cost limit for haq besides stored bits: size (none), bit operations, an accelerator preset (edge, cloud), or latencies measured on this machine. The limit is what equal bits at the budget, rounded down, would cost; activation bits are then searched too."),
    #[cfg(feature = "methods")]
    row("tolerance", Kind::Number(0.0, 1e9), Number(0.0), "of the variance", "multipoint only: relative output error (to the layer's output variance) below which a row gets no more points; 0 spends the whole budget. This method quantizes without training: epochs is unused, weightBits applies to each point (auto: 3, or fewer to fit the budget), activationBits defaults to 8, and without a budget the points may cost 10 % more than one per row."),
    #[cfg(feature = "methods")]
    row("startPlanes", Kind::Integer(1, 8), Number(8.0), "planes", "bsq only: bit planes of every layer at the start. Each weight is stored with one more bit for its sign, and at most 8 bits at the end. If bsq does not learn bits, weightBits is used instead."),
    #[cfg(feature = "methods")]
    row("lassoStrength", Kind::Number(0.0, 100.0), Number(0.1), "", "bsq only: strength α of the group lasso that empties bit planes (the paper uses 0.001 to 0.02, over about a hundred times as many steps). With a budget this is the starting value: adjustments raise α while bits fall too slowly to reach the budget and lower it when they fall too fast, and the lasso stops once the budget is met. Without a budget (0), α stays as it is."),
    #[cfg(feature = "methods")]
    row("memoryAware", Kind::Boolean, Flag(true), "", "bsq only: weight the lasso of each layer by its share of all stored bits, instead of equally."),
    #[cfg(feature = "methods")]
    row("adjustEvery", Kind::Number(0.01, 1000.0), Number(0.25), "epochs", "bsq only: interval between adjustments, which round planes back to zeros and ones and drop empty ones."),
    #[cfg(feature = "methods")]
    row("planeLearningRate", Kind::Number(0.0, 10.0), Number(0.05), "", "bsq only: learning rate of the bit planes (SGD with momentum 0.9)."),
    #[cfg(feature = "methods")]
    row("planeClip", Kind::Number(0.0, 100.0), Number(0.12), "", "bsq only: adaptive clipping of the planes' gradient, relative to the norm of the layer's weights. The gradient of one step moves them by at most planeLearningRate times this. Our addition: the paper does not clip (0), and a network without batch norm may then diverge, sooner the larger its weights."),
    #[cfg(feature = "methods")]
    row("holdNorm", Kind::Boolean, Flag(true), "", "bsq only: let each layer's scale compensate for the shrinking of its weights by the lasso. Our addition: in the paper's form (off) weights shrink; batch norm absorbs that with some delay, but a network without it (mlp) forgets what it has learned."),
    row("range", Kind::Choice(&["mse", "minmax"]), Text("mse"), "", "Initial dynamic range: the one with the least squared error (mse), or from smallest to largest value (minmax). uniform keeps it; ddq refits it at the freeze if learned gates have merged levels."),
    row("gradientCorrection", Kind::Number(0.0, 10.0), Number(0.0), "", "Weight β of the term that pulls DDQ's levels towards the values they represent."),
    row("objective", Kind::Choice(&["hinge", "product"]), Text("hinge"), "", "How the budget enters the loss: as an added hinge (our own, stable formulation), or as the paper's product loss·(size/budget)^α."),
    row("budgetWeight", Kind::Number(0.0, 100.0), Number(1.0), "", "Weight μ of the budget hinge."),
    row("budgetExponent", Kind::Number(0.0, 10.0), Number(0.02), "", "Exponent α of the product objective."),
    row("gateInit", Kind::Choice(&["staggered", "threshold"]), Text("staggered"), "", "Initial gate logits: from 1 down to 0.1 (staggered), or all just above 0, our reading of the paper (threshold)."),
    row("learningRate", Kind::Number(0.0, 10.0), Auto, "", "Learning rate of weights during quantization (auto: 0.004; 0.02 for sgd and bsq). bsq uses it only for fine-tuning, because planes are trained instead of weights before that."),
    row("levelLearningRate", Kind::Number(0.0, 10.0), Number(0.0005), "", "Learning rate of levels, step sizes and clipping thresholds, in units of the initial range."),
    row("gateLearningRate", Kind::Number(0.0, 10.0), Number(0.1), "", "Learning rate of DDQ's gate logits (plain SGD)."),
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
    #[cfg(feature = "methods")]
    row("precision", Kind::Choice(crate::nn::precision::format::NAMES), Text("f32"), "", "Format in which training stores the gradients of activations, in float and in quantized training: 32-bit float, half precision, or 8 bits with 2 (e5m2) or 3 (e4m3) mantissa bits. Sums, weights and their gradients stay 32-bit. Unused by runs that train nothing."),
    #[cfg(feature = "methods")]
    row("lossScaling", Kind::Choice(super::loss_scaling::POLICIES), Auto, "", "Power of two by which gradients are multiplied before they are stored, so that small ones do not become 0: none, fixed, adjusted on overflow (dynamic), or found per layer (adaptive). Values that overflow become the format's largest number; only dynamic skips the step instead (auto: adaptive). With precision f32 there is never any scaling."),
    #[cfg(feature = "methods")]
    row("lossScale", Kind::Number(1.0, 16_777_216.0), Auto, "", "Scale of fixed and initial scale of dynamic loss scaling, a power of two (auto: fixed 1024; dynamic 32768, or 256 with e4m3); unused by none and adaptive."),
    #[cfg(feature = "methods")]
    row("scaleGrowth", Kind::Integer(1, 100_000), Number(200.0), "steps", "dynamic only: steps without overflow after which loss scaling doubles its scale. It halves the scale when a step overflows."),
    #[cfg(feature = "methods")]
    row("underflowRate", Kind::Number(0.000_001, 0.5), Number(0.001), "of the gradients", "adaptive only: share of a layer's gradients that loss scaling allows to become 0, assuming they are normally distributed."),
    #[cfg(feature = "methods")]
    row("scaleInterval", Kind::Integer(1, 10_000), Number(10.0), "steps", "Steps between measurements of gradients, for the underflow shown and for adaptive loss scaling; unused with precision f32."),
    #[cfg(feature = "methods")]
    row("roundedTensors", Kind::Choice(&["gradients", "all"]), Text("gradients"), "", "What training stores in the format of precision: only gradients of activations, or also the weights and inputs of every product, after their quantizers (the 32-bit weights are kept and used for evaluation); unused with precision f32."),
    row("seed", Kind::Integer(0, 4_294_967_295), Number(1.0), "", "Seed of every random choice. The same seed and options give the same numbers."),
];

/// The row of an option.
pub fn find(name: &str) -> Option<&'static OptionSpec> {
    TABLE.iter().find(|row| row.name == name)
}

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
