//! The one table of a session's options: what exists, what is allowed, what it means.
//! JS and the page's controls are generated from it.

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

/// What an option is when nobody gives it.
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
    /// Its value when it is not given.
    pub default: DefaultValue,
    /// What a number counts; empty for pure numbers.
    pub unit: &'static str,
    /// One sentence for people; empty without the feature "methods".
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

/// Every option of a session, in the order in which people meet them.
#[rustfmt::skip]
pub const TABLE: &[OptionSpec] = &[
    row("data", Kind::Choice(DATA), Text("digits"), "", "What the network learns: 8×8 handwritten digits, points of a generated 2-D set, or own data that were imported."),
    row("samples", Kind::Integer(60, 20_000), Number(600.0), "points", "Points of a generated 2-D set, three quarters of them for training; digits always has 1,797."),
    row("noise", Kind::Number(0.0, 1.0), Auto, "", "Spread of the noise of a generated 2-D set (auto: 0.05 to 0.1, by set)."),
    row("model", Kind::Choice(MODELS), Auto, "", "The network (auto: mobile on digits, else mlp; cnn and mobile need images; own is an imported one)."),
    row("hidden", Kind::Widths, Auto, "units", "Widths of the hidden layers of an mlp, such as 64-32 (auto: 16-16 on 2-D sets, else 64-32)."),
    row("method", Kind::Choice(super::methods::NAMES), Text("ddq"), "", "How weights and activations are quantized."),
    row("weightBits", Kind::Integer(1, 8), Auto, "bits", "Bits of every weight; with learnBits the bits that DDQ starts from; those of lsq, pot, apot, bsq and multipoint count the sign and are at least 2 (auto: 6 when bits are learned, else 4)."),
    row("activationBits", Kind::Integer(0, 8), Auto, "bits", "Bits of every layer's input activations; the start where they are learned; 0 leaves them in 32-bit float, so that weights alone are quantized: such a network does not run on packed integers (auto: like weightBits)."),
    row("learnBits", Kind::Boolean, Auto, "", "Whether DDQ or BSQ learns the bits of each layer (mixed precision) or keeps them fixed (auto: true for ddq and bsq; other methods keep them fixed)."),
    row("budgetBits", Kind::Number(0.0, 32.0), Auto, "bits per weight", "Stored weight bits per weight, codebooks and scales included, that must not be exceeded at the end of the run; 0 is no budget (auto: 4 where bits are learned or searched, 0 where they are given). With given bits a budget lowers weightBits to what fits."),
    #[cfg(feature = "methods")]
    row("budgetCounts", Kind::Choice(&["stored", "codes"]), Text("stored"), "", "What budgetBits bounds: stored, everything that is stored, scales and codebooks included; or codes, which allows what that many bits everywhere would cost in scales on top (64 bits a layer), so that uniform levels of b bits meet a budget of b: the rule of comparisons. With codes, given bits are the most whole bits that fit, unless weightBits is given."),
    row("activationBudgetBits", Kind::Number(0.0, 8.0), Number(0.0), "bits per element", "The same for activations, as a mean over their elements, for ddq alone; 0 leaves activation bits fixed."),
    row("minBits", Kind::Integer(1, 8), Auto, "bits", "Fewest bits that the weights of a layer may fall to while bits are learned or searched (auto: 2); with bsq, 1 lets a layer lose all its planes."),
    row("minActivationBits", Kind::Integer(1, 8), Auto, "bits", "Fewest bits that the input activations of a layer may fall to while ddq learns them (auto: minBits, but at least 2: activations of 1 bit cost far more accuracy than weights of 1 bit)."),
    row("exemptFirst", Kind::Boolean, Flag(false), "", "Keep the first layer at 8 bits."),
    row("exemptLast", Kind::Boolean, Flag(false), "", "Keep the last layer at 8 bits."),
    #[cfg(feature = "methods")]
    row("locks", Kind::Locks, Text(""), "layer:bits", "Layers whose weight bits nothing may change, such as 0:8,3:2 with layers counted from 0; empty for none."),
    #[cfg(feature = "methods")]
    row("episodes", Kind::Integer(1, 10_000), Number(200.0), "episodes", "Allocations that haq and random try; other methods do not use it."),
    #[cfg(feature = "methods")]
    row("hardware", Kind::Choice(&["size", "bitops", "edge", "cloud", "measured"]), Text("size"), "", "What haq's budget counts beside the stored bits: nothing more, bit operations, a preset of an accelerator, or the latencies measured here. It may not cost more than the whole bits of the budget everywhere; activation bits are then searched too."),
    #[cfg(feature = "methods")]
    row("tolerance", Kind::Number(0.0, 1e9), Number(0.0), "of the variance", "multipoint alone: output error, in parts of the layer's output variance, below which a row gets no more points; 0 spends the whole budget. This method quantizes after the training: epochs are not used, weightBits (auto: 3; fewer where the budget asks for it) are those of each point, activationBits are 8 where they are not given, and without a budget points may cost 10 % more than one a row."),
    #[cfg(feature = "methods")]
    row("startPlanes", Kind::Integer(1, 8), Number(8.0), "planes", "bsq alone: bit planes of every layer at the start. A weight is stored in one bit more, its sign, and in at most 8 bits at the end; weightBits are used where bsq does not learn bits."),
    #[cfg(feature = "methods")]
    row("lassoStrength", Kind::Number(0.0, 100.0), Number(0.1), "", "bsq alone: strength α of the group lasso that empties bit planes (the paper's 0.001 to 0.02 act on some hundred times as many steps). With a budget it is where α starts: adjustments raise it while bits fall too slowly for a course to the budget, lower it where they are below, and the lasso rests once the budget is met. Without a budget (0) α alone decides."),
    #[cfg(feature = "methods")]
    row("memoryAware", Kind::Boolean, Flag(true), "", "bsq alone: pull the planes of each layer as hard as its part of all stored bits, instead of all layers alike."),
    #[cfg(feature = "methods")]
    row("adjustEvery", Kind::Number(0.01, 1000.0), Number(0.25), "epochs", "bsq alone: time from one adjustment, at which planes become zeros and ones again and empty ones are dropped, to the next."),
    #[cfg(feature = "methods")]
    row("planeLearningRate", Kind::Number(0.0, 10.0), Number(0.05), "", "bsq alone: learning rate of the bit planes (SGD with momentum 0.9)."),
    #[cfg(feature = "methods")]
    row("planeClip", Kind::Number(0.0, 100.0), Number(0.12), "", "bsq alone: adaptive clipping of the planes' gradient, as a part of the norm of the layer's weights. One step's gradient moves them by at most planeLearningRate times this. Our addition: 0, the paper's form, does not clip, and a network without batch norm may diverge, the sooner the larger its weights."),
    #[cfg(feature = "methods")]
    row("holdNorm", Kind::Boolean, Flag(true), "", "bsq alone: let each layer's scale make up for what the lasso takes from its weights. Our addition: off is the paper's form, where weights shrink: batch norm takes that up with some delay, a network without it (mlp) forgets what it has learned."),
    row("range", Kind::Choice(&["mse", "minmax"]), Text("mse"), "", "Dynamic range at the start (for uniform, for good; for ddq once more where learned gates have merged levels, when they freeze): the one with the least squared error, or from smallest to largest value."),
    row("gradientCorrection", Kind::Number(0.0, 10.0), Number(0.0), "", "Weight β of the term that pulls DDQ's levels towards the values they stand for."),
    row("objective", Kind::Choice(&["hinge", "product"]), Text("hinge"), "", "How the budget enters the loss: an added hinge (our stable recipe), or the paper's product loss·(size/budget)^α."),
    row("budgetWeight", Kind::Number(0.0, 100.0), Number(1.0), "", "Weight μ of the hinge on the budget."),
    row("budgetExponent", Kind::Number(0.0, 10.0), Number(0.02), "", "Exponent α of the product objective."),
    row("gateInit", Kind::Choice(&["staggered", "threshold"]), Text("staggered"), "", "Where gate logits start: 1 down to 0.1, or all just above 0 as the paper is read."),
    row("learningRate", Kind::Number(0.0, 10.0), Auto, "", "Learning rate of weights while quantizing (auto: 0.004; 0.02 for sgd and for bsq, whose fine-tuning it is: before, planes are trained in place of weights)."),
    row("levelLearningRate", Kind::Number(0.0, 10.0), Number(0.0005), "", "Learning rate of levels, step sizes and clips, which are counted in units of the starting range."),
    row("gateLearningRate", Kind::Number(0.0, 10.0), Number(0.1), "", "Learning rate of DDQ's gate logits (plain SGD)."),
    row("optimizer", Kind::Choice(&["adamw", "adam", "sgd"]), Text("adamw"), "", "Optimizer of weights, biases and levels."),
    row("momentum", Kind::Number(0.0, 0.999), Number(0.9), "", "Momentum of sgd."),
    row("weightDecay", Kind::Number(0.0, 1.0), Number(0.0001), "", "Weight decay of weights while quantizing."),
    row("schedule", Kind::Choice(&["cosine", "step", "constant"]), Text("cosine"), "", "Course of the learning rate over a phase: cosine to 0, divided by 10 after each of the first two thirds, or constant."),
    row("batchSize", Kind::Integer(1, 512), Number(32.0), "samples", "Samples of one mini-batch."),
    row("epochs", Kind::Integer(0, 1000), Auto, "epochs", "Epochs of the quantization phase (auto: 8 on digits, 30 on 2-D sets, on own data 20,000 samples but 4 to 30 epochs)."),
    row("pretrained", Kind::Boolean, Auto, "", "Start from the float checkpoint that comes with each model on digits (auto: true where there is one)."),
    row("pretrainEpochs", Kind::Integer(0, 1000), Auto, "epochs", "Epochs of float training before quantization (auto: 0 from a checkpoint, else 30 on digits, 60 on 2-D sets, on own data 45,000 samples but 2 to 60 epochs)."),
    row("pretrainLearningRate", Kind::Number(0.0, 10.0), Number(0.006), "", "Learning rate of the float phase."),
    row("freezeAt", Kind::Number(0.0, 1.0), Number(0.5), "of the phase", "Part of the quantization phase after which gates and planes freeze, the budget is met and levels move to the deployment grid."),
    #[cfg(feature = "methods")]
    row("precision", Kind::Choice(crate::nn::precision::format::NAMES), Text("f32"), "", "Format in which training holds the gradients of activations, in float and in quantized training: 32-bit float, half precision, or 8 bits with 2 (e5m2) or 3 (e4m3) bits of mantissa. Sums, weights and their gradients stay 32-bit. Runs that train nothing do not use it."),
    #[cfg(feature = "methods")]
    row("lossScaling", Kind::Choice(super::loss_scaling::POLICIES), Auto, "", "Power of two by which gradients are multiplied before they are held, so that small ones do not become 0: none, a fixed one, one that follows overflow, or one found per layer. What overflows becomes the format's largest number; only dynamic skips the step instead (auto: adaptive; none with precision f32, which uses no scaling whatever is chosen)."),
    #[cfg(feature = "methods")]
    row("lossScale", Kind::Number(1.0, 16_777_216.0), Auto, "", "The scale of fixed, and the first one of dynamic loss scaling, a power of two (auto: 1024 fixed; dynamic 32768, with e4m3 256); none and adaptive do not use it."),
    #[cfg(feature = "methods")]
    row("scaleGrowth", Kind::Integer(1, 100_000), Number(200.0), "steps", "Steps without overflow after which dynamic loss scaling doubles its scale; only dynamic uses it, and halves its scale when a step overflows."),
    #[cfg(feature = "methods")]
    row("underflowRate", Kind::Number(0.000_001, 0.5), Number(0.001), "of the gradients", "Part of a layer's gradients that adaptive loss scaling accepts to become 0, if they are normally distributed; only adaptive uses it."),
    #[cfg(feature = "methods")]
    row("scaleInterval", Kind::Integer(1, 10_000), Number(10.0), "steps", "Steps from one measurement of gradients to the next: of underflow, and of what adaptive loss scaling finds its scales from; not used with precision f32."),
    #[cfg(feature = "methods")]
    row("roundedTensors", Kind::Choice(&["gradients", "all"]), Text("gradients"), "", "What training holds in the format of precision: gradients of activations alone, or also the weights and inputs of every product (after their quantizers; the 32-bit weights stay, and evaluation uses them); not used with precision f32."),
    row("seed", Kind::Integer(0, 4_294_967_295), Number(1.0), "", "Seed of every random choice: same seed and options, same numbers."),
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
