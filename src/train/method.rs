//! What a method is: one row of a catalogue, which each method's folder fills in. The rest of a run knows a method by its
//! row alone.

use super::allocation::StartSearch;
use super::option_table::{OptionSpec, Value};
use super::options::Options;
use super::recipe::range_rule;
use super::schedule::StartSchedule;
use crate::error::Error;
use crate::nn::network::Network;
use crate::nn::optimizer::Rates;
use crate::quant::range::range;
use crate::quant::uniform::Uniform;
use crate::quant::{Quantizer, Role};

/// Where the bits of the layers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// From the options.
    Given,
    /// From gradients during the training.
    Learned,
    /// From a search before the training.
    Searched,
    /// From the options; a search after the training spends the rest of the budget on more points per row.
    Points,
}

/// The tensor that a quantizer is made for.
pub struct Request<'a> {
    /// Weights or activations.
    pub role: Role,
    /// Bits of a code to start with, 1 to 8 (9 for a sign and eight planes).
    pub bits: u32,
    /// Samples of the tensor; none where a state is going to be read.
    pub samples: &'a [f32],
    /// Whether the tensor's bits are learned.
    pub learns: bool,
    /// The run's options.
    pub options: &'a Options,
}

impl Request<'_> {
    /// The range that the options ask for.
    #[inline(never)]
    pub fn range(&self) -> (f32, f32) {
        range(range_rule(self.options), self.samples, self.bits)
    }

    /// Uniform levels over that range: what a method for weights alone gives activations.
    #[inline(never)]
    pub fn uniform(&self) -> Box<dyn Quantizer> {
        let rule = range_rule(self.options);
        Box::new(Uniform::new(self.role, self.bits, self.range(), rule))
    }

    /// Fewest bits that the tensor may come to.
    pub fn fewest_bits(&self) -> u32 {
        let option = match self.role {
            Role::Weight => "minBits",
            Role::Activation => "minActivationBits",
        };
        self.options.integer(option) as u32
    }
}

/// The quantizers of a method.
#[derive(Debug, Clone, Copy)]
pub struct Quantization {
    /// Their name: the method's, unless several methods share them.
    pub name: &'static str,
    /// Makes one.
    pub build: fn(&Request<'_>) -> Box<dyn Quantizer>,
    /// Fewest bits of weights: 2 where a code is a sign and a magnitude.
    pub fewest_weight_bits: usize,
}

impl Quantization {
    /// Uniform levels, with which bits are searched, too.
    pub const UNIFORM: Self = Self {
        name: "uniform",
        build: |request| request.uniform(),
        fewest_weight_bits: 1,
    };
}

/// Refuses options in words.
pub type Check = fn(&Options) -> Result<(), Error>;

/// A method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// The name in JS and in the URL.
    pub name: &'static str,
    /// Its quantizers; None leaves the network in float.
    pub quantization: Option<Quantization>,
    /// Where the bits come from.
    pub bits: Bits,
    /// Numbers that options which are not given have with this method alone.
    pub defaults: &'static [(&'static str, f64)],
    /// What it asks of its options.
    pub check: Check,
    /// What it asks of budget and bits, in place of the general rules.
    pub check_bits: Option<Check>,
    /// The option of the bits of weights to start with while bits are learned, and how many bits more they are.
    pub start_bits: (&'static str, u32),
    /// Whether the bits of activations may be learned, too.
    pub learns_activations: bool,
    /// Completes the options by what follows from the network.
    pub settle: Option<fn(Options, &Network) -> Options>,
    /// Completes the learning rates of what only this method trains.
    pub rates: fn(&Options, Rates) -> Rates,
    /// Begins its search.
    pub search: Option<StartSearch>,
    /// Begins what it does around the steps of the training.
    pub schedule: Option<StartSchedule>,
}

impl Method {
    /// A method that has nothing of its own but its quantizers.
    pub const fn new(name: &'static str, quantization: Option<Quantization>, bits: Bits) -> Self {
        Self {
            name,
            quantization,
            bits,
            defaults: &[],
            check: |_| Ok(()),
            check_bits: None,
            start_bits: ("weightBits", 0),
            learns_activations: false,
            settle: None,
            rates: |_, rates| rates,
            search: None,
            schedule: None,
        }
    }

    /// The method's own default of an option, where it has one.
    pub fn default(&self, option: &str) -> Option<Value> {
        let found = self.defaults.iter().find(|(name, _)| *name == option);
        found.map(|(_, number)| Value::Number(*number))
    }

    /// The name of its quantizers; "float" for none.
    pub fn quantizer(&self) -> &'static str {
        self.quantization.map_or("float", |made| made.name)
    }

    /// A quantizer for a tensor; None for a method that leaves it in float.
    pub fn build(&self, request: &Request<'_>) -> Option<Box<dyn Quantizer>> {
        self.quantization.map(|made| (made.build)(request))
    }
}

/// The methods that a binary has, and the options of its sessions.
#[derive(Debug)]
pub struct Catalogue {
    /// In the order in which people meet them; the first one is there for a name that is not.
    pub methods: &'static [&'static Method],
    /// In groups, in the order in which people meet them.
    pub options: &'static [&'static [OptionSpec]],
}

impl Catalogue {
    /// The method of a name; the first one for any other.
    #[inline(never)]
    pub fn method(&self, name: &str) -> &'static Method {
        let found = self.methods.iter().find(|method| method.name == name);
        found.unwrap_or(&self.methods[0])
    }

    /// Every option of a session.
    pub fn options(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.options.iter().flat_map(|group| group.iter())
    }

    /// The row of an option.
    #[inline(never)]
    pub fn option(&self, name: &str) -> Option<&'static OptionSpec> {
        self.options().find(|row| row.name == name)
    }
}

/// There is one of each kind.
impl PartialEq for Catalogue {
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self, other)
    }
}

/// The names of methods, for the option that chooses one.
pub const fn names<const N: usize>(methods: &[&Method; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut index = 0;
    while index < N {
        names[index] = methods[index].name;
        index += 1;
    }
    names
}
