//! From names and texts to checked options. After [`Options::parse`] the type is the proof that
//! every value is in range and that the values fit together.

mod combinations;
mod state;

use super::method::{Bits, Catalogue, Method};
use super::option_table::{Value, parse_widths};
#[cfg(feature = "methods")]
use super::{equal_size, loss_scaling, option_table::parse_locks};
use crate::data::OWN;
use crate::error::Error;
use crate::nn::models;
#[cfg(feature = "methods")]
use crate::nn::network::Network;

/// Everything that decides a run. Meanings, ranges and defaults of the values: the rows of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    catalogue: &'static Catalogue,
    entries: Vec<(&'static str, Value)>,
    latencies: Vec<f64>,
    /// Epochs that are to follow from the size of the caller's data: see `for_data`.
    #[cfg(feature = "files")]
    open_epochs: Vec<&'static str>,
    /// Whether the budget is to follow from the network: see `for_network`.
    open_budget: bool,
    /// Whether weight bits that are neither learned nor searched are to follow from a budget: see `equal_size`.
    #[cfg(feature = "methods")]
    pub(super) open_bits: bool,
}

impl Options {
    /// Checks names, types, ranges and combinations; fills every default.
    ///
    /// # Errors
    /// `UnknownOption`, or `InvalidOption` naming the option, what was given and what is allowed.
    pub fn new(catalogue: &'static Catalogue, given: &[(String, Value)]) -> Result<Self, Error> {
        let options = Self::completed(catalogue, given)?;
        options.check_combinations(given)?;
        Ok(options)
    }

    /// What is given, each value checked alone, and a default for everything else.
    fn completed(catalogue: &'static Catalogue, given: &[(String, Value)]) -> Result<Self, Error> {
        for (name, value) in given {
            let row = catalogue.option(name);
            let row = row.ok_or_else(|| unknown(catalogue, name))?;
            if !row.kind.accepts(value) {
                return Err(invalid(name, &value.shown(), &row.kind.allowed()));
            }
        }
        let lookup = |name: &str| {
            let found = given.iter().rev().find(|(n, _)| n == name);
            found.map(|(_, value)| value.clone())
        };
        let mut options = Self {
            catalogue,
            entries: Vec::new(),
            latencies: Vec::new(),
            #[cfg(feature = "files")]
            open_epochs: Vec::new(),
            open_budget: false,
            #[cfg(feature = "methods")]
            open_bits: false,
        };
        for row in catalogue.options() {
            let value = lookup(row.name).or(row.default.into());
            let value = value.unwrap_or_else(|| options.automatic(row.name, &lookup));
            options.entries.push((row.name, value));
        }
        options.open_budget = options.method().settle.is_some() && lookup("budgetBits").is_none();
        #[cfg(feature = "methods")]
        {
            options.open_bits =
                options.bits_from() == Bits::Given && lookup("weightBits").is_none();
        }
        #[cfg(feature = "files")]
        if options.has_own_data() {
            options.open_epochs = ["epochs", "pretrainEpochs"]
                .into_iter()
                .filter(|name| lookup(name).is_none())
                // A network that comes trained needs no training before it is quantized.
                .filter(|name| *name == "epochs" || !options.has_own_model())
                .collect();
        }
        Ok(options)
    }

    /// The same from values as text, as a command line has them.
    ///
    /// # Errors
    /// Those of [`Options::new`].
    pub fn parse(catalogue: &'static Catalogue, given: &[(String, String)]) -> Result<Self, Error> {
        let value = |(name, text): &(String, String)| {
            let row = catalogue.option(name);
            let row = row.ok_or_else(|| unknown(catalogue, name))?;
            Ok((name.clone(), row.kind.parse(text)))
        };
        Self::new(
            catalogue,
            &given.iter().map(value).collect::<Result<Vec<_>, Error>>()?,
        )
    }

    /// The value of an option that was not given, from the options before it in the table.
    fn automatic(&self, name: &str, lookup: &dyn Fn(&str) -> Option<Value>) -> Value {
        let digits = self.text("data") == "digits";
        let planar = !digits && !self.has_own_data();
        let text = |text: &str| Value::Text(text.to_owned());
        if self.entries.iter().any(|(n, _)| *n == "method")
            && let Some(value) = self.method().default(name)
        {
            return value;
        }
        match name {
            "noise" => Value::Number(match self.text("data") {
                "circles" | "spiral2" | "spiral3" => 0.05,
                _ => 0.1,
            }),
            #[cfg(feature = "methods")]
            "lossScaling" => text(if self.text("precision") == "f32" {
                "none"
            } else {
                "adaptive"
            }),
            #[cfg(feature = "methods")]
            "lossScale" => Value::Number(loss_scaling::automatic_scale(self)),
            "model" => text(if digits { "mobile" } else { "mlp" }),
            "hidden" => text(if planar { "16-16" } else { "64-32" }),
            // `learnBits` stands behind the bits in the table, so it is looked up in what was given.
            "weightBits" => {
                let learned = self.method().bits == Bits::Learned
                    && lookup("learnBits").is_none_or(|v| v == Value::Flag(true));
                Value::Number(if learned { 6.0 } else { 4.0 })
            }
            "activationBits" => self.value("weightBits").clone(),
            "budgetBits" => Value::Number(match self.method().bits {
                Bits::Learned if !self.flag("learnBits") => 0.0,
                Bits::Given => 0.0,
                _ => 4.0,
            }),
            "learnBits" => Value::Flag(self.method().bits == Bits::Learned),
            "minBits" => Value::Number(2.0),
            "minActivationBits" => Value::Number(self.real("minBits").max(2.0)),
            // `optimizer` stands behind it too.
            "learningRate" => {
                let sgd = lookup("optimizer").is_some_and(|v| v == text("sgd"));
                Value::Number(if sgd { 0.02 } else { 0.004 })
            }
            "epochs" => Value::Number(if digits { 8.0 } else { 30.0 }),
            "pretrained" => Value::Flag(self.has_checkpoint()),
            "pretrainEpochs" => Value::Number(match (self.comes_trained(), digits) {
                (true, _) => 0.0,
                (false, true) => 30.0,
                (false, false) => 60.0,
            }),
            _ => unreachable!("option {name} has no automatic value"),
        }
    }

    /// Fewest bits that the method's quantizer has for weights.
    #[cfg(feature = "methods")]
    pub fn fewest_weight_bits(&self) -> usize {
        let made = self.method().quantization;
        made.map_or(1, |made| made.fewest_weight_bits)
    }

    fn has_checkpoint(&self) -> bool {
        self.text("data") == "digits"
            && !self.has_own_model()
            && (self.text("model") != "mlp" || self.text("hidden") == "64-32")
    }

    /// Whether the network comes from the caller.
    pub fn has_own_model(&self) -> bool {
        cfg!(feature = "files") && self.text("model") == models::OWN
    }

    /// Whether the float network has its weights already.
    fn comes_trained(&self) -> bool {
        self.flag("pretrained") || self.has_own_model()
    }

    /// The same options with latencies measured on this machine: microseconds of each layer at 1 to 8 weight bits.
    pub fn with_latencies(self, latencies: Vec<f64>) -> Self {
        Self { latencies, ..self }
    }

    /// The measured latencies; empty for none.
    pub fn latencies(&self) -> &[f64] {
        &self.latencies
    }

    /// Every option with its value, in table order.
    pub fn entries(&self) -> &[(&'static str, Value)] {
        &self.entries
    }

    fn value(&self, name: &str) -> &Value {
        match self.entries.iter().find(|(n, _)| *n == name) {
            Some((_, value)) => value,
            None => {
                unreachable!("option {name} is not in the table, or asked for before it was set")
            }
        }
    }

    /// The value of an option of names or widths.
    pub fn text(&self, name: &str) -> &str {
        match self.value(name) {
            Value::Text(text) => text,
            _ => unreachable!("option {name} is no text"),
        }
    }

    /// The value of a number option.
    pub fn number(&self, name: &str) -> f32 {
        self.real(name) as f32
    }

    /// The value of an integer option.
    pub fn integer(&self, name: &str) -> usize {
        self.real(name) as usize
    }

    /// Whether the data come from the caller.
    pub fn has_own_data(&self) -> bool {
        self.text("data") == OWN
    }

    /// The same options with the epochs that follow from `samples` to train with, where none were given.
    #[cfg(feature = "files")]
    pub fn for_data(mut self, samples: usize) -> Self {
        for name in core::mem::take(&mut self.open_epochs) {
            let (seen, least, most) = match name {
                "epochs" => (20_000, 4, 30),
                _ => (45_000, 2, 60),
            };
            let epochs = (seen / samples.max(1)).clamp(least, most);
            self.set(name, epochs as f64);
        }
        self
    }

    /// The same options with other weight bits, for a budget to be met with given bits.
    #[cfg(feature = "methods")]
    pub fn set_weight_bits(&mut self, bits: usize) {
        self.set("weightBits", bits as f64);
    }

    #[cfg(feature = "methods")]
    pub(super) fn set(&mut self, option: &str, number: f64) {
        self.put(option, Value::Number(number));
    }

    #[cfg(feature = "methods")]
    pub(super) fn set_text(&mut self, option: &str, text: &str) {
        self.put(option, Value::Text(text.to_owned()));
    }

    #[cfg(feature = "methods")]
    fn put(&mut self, option: &str, new: Value) {
        if let Some((_, value)) = self.entries.iter_mut().find(|(name, _)| *name == option) {
            *value = new;
        }
    }

    /// The same options with what follows from `network`: the stored bits of a budget that counts codes, and what
    /// the method makes of it.
    #[cfg(feature = "methods")]
    pub fn for_network(mut self, network: &Network) -> Self {
        if self.text("budgetCounts") == "codes" {
            self = equal_size::settled(self, network);
        }
        match self.method().settle {
            Some(settle) => settle(self, network),
            None => self,
        }
    }

    /// Whether the budget was left to follow from the network.
    pub fn has_open_budget(&self) -> bool {
        self.open_budget
    }

    /// The budget that follows from the network, in bits per weight.
    #[cfg(feature = "methods")]
    pub fn close_budget(&mut self, bits: f64) {
        self.set("budgetBits", bits);
        self.open_budget = false;
    }

    fn real(&self, name: &str) -> f64 {
        match self.value(name) {
            Value::Number(value) => *value,
            _ => unreachable!("option {name} is no number"),
        }
    }

    /// The value of a boolean option.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.value(name), Value::Flag(true))
    }

    /// Widths of the hidden layers.
    pub fn hidden(&self) -> Vec<usize> {
        parse_widths(self.text("hidden")).unwrap_or_default()
    }

    /// Layers whose weight bits are locked, with those bits.
    #[cfg(feature = "methods")]
    pub fn locks(&self) -> Vec<(usize, u32)> {
        parse_locks(self.text("locks")).unwrap_or_default()
    }

    /// The method.
    #[inline(never)]
    pub fn method(&self) -> &'static Method {
        self.catalogue.method(self.text("method"))
    }

    /// The name of the method's quantizers; "float" for none.
    pub fn quantizer(&self) -> &'static str {
        self.method().quantizer()
    }

    /// An option's value as errors show it.
    pub fn shown(&self, option: &str) -> String {
        self.value(option).shown()
    }

    /// Where the bits of the layers come from.
    pub fn bits_from(&self) -> Bits {
        match self.method().bits {
            Bits::Learned if !self.flag("learnBits") => Bits::Given,
            bits => bits,
        }
    }

    /// Whether bits are learned: a method that can, with `learnBits`.
    pub fn learns_bits(&self) -> bool {
        self.bits_from() == Bits::Learned
    }

    /// Whether the bits of activations are learned: DDQ with a budget for them.
    pub fn learns_activation_bits(&self) -> bool {
        let learns = self.learns_bits() && self.method().learns_activations;
        learns && self.number("activationBudgetBits") > 0.0
    }

    /// Bits with which the weights start: `weightBits`, unless bits are learned from something else.
    pub fn start_bits(&self) -> u32 {
        let (option, more) = match self.learns_bits() {
            true => self.method().start_bits,
            false => ("weightBits", 0),
        };
        self.integer(option) as u32 + more
    }

    /// Whether weights alone are quantized.
    pub fn leaves_activations(&self) -> bool {
        self.integer("activationBits") == 0
    }

    /// Stored bits per weight that must not be exceeded, where there is a budget.
    pub fn budget_bits(&self) -> Option<f32> {
        let bits = self.number("budgetBits");
        (bits > 0.0 && self.quantizer() != "float").then_some(bits)
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.integer("seed") as u64
    }

    /// The seed of the train/test split. Checkpoints were trained on the split of seed 0, and a
    /// network must not be tested on what it was trained on: pretrained runs keep that split,
    /// and so do imported networks.
    pub fn split_seed(&self) -> u64 {
        if self.comes_trained() { 0 } else { self.seed() }
    }
}

fn unknown(catalogue: &Catalogue, name: &str) -> Error {
    let allowed: Vec<&str> = catalogue.options().map(|row| row.name).collect();
    Error::UnknownOption {
        option: name.to_owned(),
        allowed: allowed.join(", "),
    }
}

pub(crate) fn invalid(option: &str, got: &str, allowed: &str) -> Error {
    Error::InvalidOption {
        option: option.to_owned(),
        got: got.to_owned(),
        allowed: allowed.to_owned(),
    }
}
