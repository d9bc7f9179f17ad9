//! Bits of every layer: what the options say, what is pinned, and what a search before the training may choose.

use super::options::Options;
#[cfg(feature = "methods")]
use super::options::invalid;
use crate::archive::Archive;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::quant::Quantizer;
use std::borrow::Cow;

/// Bits of a layer that is exempt from low precision.
const EXEMPT_BITS: u32 = 8;

/// Bits per layer, in graph order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Bits of the weights, 1 to 8 (9 where BSQ starts from eight planes).
    pub weight: Vec<u32>,
    /// Bits of the input activations, 1 to 8, or 0 for 32-bit floats; the first layer's, the network's own input, are not
    /// used.
    pub activation: Vec<u32>,
}

impl Allocation {
    /// What the options give every layer, pinned ones included.
    pub fn of_options(options: &Options, layers: usize) -> Self {
        let pins = pinned(options, layers);
        let bits = options.start_bits();
        let mut made = Self {
            weight: pins.iter().map(|pin| pin.unwrap_or(bits)).collect(),
            activation: vec![0; layers],
        };
        let exempt = exempt(options, layers);
        let activation_bits = options.integer("activationBits") as u32;
        for (bits, exempt) in made.activation.iter_mut().zip(exempt) {
            let exempt = exempt && !options.leaves_activations();
            *bits = if exempt { EXEMPT_BITS } else { activation_bits };
        }
        made
    }
}

impl Allocation {
    /// The bits of every layer.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self { weight, activation } = self;
        archive.part("the allocation");
        // Eight planes and a sign are nine bits.
        archive.counts(weight, 1, 9);
        archive.counts(activation, 0, 8);
    }
}

/// Layers that the options keep at 8 bits.
fn exempt(options: &Options, layers: usize) -> impl Iterator<Item = bool> {
    let (first, last) = (options.flag("exemptFirst"), options.flag("exemptLast"));
    (0..layers).map(move |layer| (layer == 0 && first) || (layer + 1 == layers && last))
}

/// Weight bits that nothing may change: those of exempt layers, and those that a visitor locked.
pub fn pinned(options: &Options, layers: usize) -> Vec<Option<u32>> {
    #[cfg_attr(not(feature = "methods"), allow(unused_mut))]
    let mut pins: Vec<Option<u32>> = exempt(options, layers)
        .map(|exempt| exempt.then_some(EXEMPT_BITS))
        .collect();
    #[cfg(feature = "methods")]
    for (layer, bits) in options.locks() {
        if let Some(pin) = pins.get_mut(layer) {
            *pin = Some(bits);
        }
    }
    pins
}

/// Checks that every locked layer exists.
///
/// # Errors
/// `InvalidOption` that says how many layers there are.
#[cfg(feature = "methods")]
pub fn check_locks(options: &Options, network: &Network) -> Result<(), Error> {
    let layers = network.linears().count();
    match options.locks().iter().find(|(layer, _)| *layer >= layers) {
        None => Ok(()),
        Some((layer, bits)) => Err(invalid(
            "locks",
            &format!("{layer}:{bits}"),
            &format!("layers from 0 to {}, as the network has", layers - 1),
        )),
    }
}

/// Where a search stands, for people to watch.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchReport {
    /// Steps done.
    pub step: usize,
    /// Steps in all, as far as is known.
    pub steps: usize,
    /// Accuracy on the calibration samples after each evaluation that had one, in [0, 1].
    pub accuracies: Vec<f32>,
    /// Weight bits of the best allocation so far, or of the one under evaluation.
    pub best: Vec<u32>,
    /// What each layer's bits follow from: one row per layer; [`Self::evidence_name`] says what it is.
    pub evidence: Vec<Vec<f32>>,
    /// What the evidence is, in words.
    pub evidence_name: Cow<'static, str>,
    /// Multipoint: the mean over all rows of the output error, in parts of the layer's output variance, with one point a
    /// row and after each point more.
    pub errors: Vec<f32>,
}

impl SearchReport {
    /// Everything: what ended the search is not done again.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            step,
            steps,
            accuracies,
            best,
            evidence,
            evidence_name,
            errors,
        } = self;
        archive.part("the search");
        archive.size(step, usize::MAX);
        archive.size(steps, usize::MAX);
        archive.list(accuracies);
        archive.resize(best, usize::MAX, 0);
        archive.counts(best, 0, 8);
        archive.resize(evidence, usize::MAX, Vec::new());
        evidence.iter_mut().for_each(|row| archive.list(row));
        let mut name = evidence_name.to_string();
        archive.text(&mut name);
        *evidence_name = name.into();
        archive.list(errors);
    }
}

/// The quantizers of one layer.
pub struct LayerQuantizers {
    /// The weight's.
    pub weight: Box<dyn Quantizer>,
    /// The input's; None for the network's own input.
    pub activation: Option<Box<dyn Quantizer>>,
}

/// Chooses the bits of a float network's layers, in bounded steps.
pub trait BitSearch {
    /// One bounded step; the allocation once it is found.
    fn step(&mut self) -> Option<Allocation>;

    /// The quantizers of every layer, where the search has made them ready itself: asked for once, after the last step.
    /// Without, they are made from the allocation.
    fn take_quantizers(&mut self) -> Option<Vec<LayerQuantizers>> {
        None
    }

    /// Where the search stands.
    fn report(&self) -> SearchReport;

    /// The best allocation within the budget so far, for people who have waited long enough; None for a search that
    /// has none before its end.
    fn best(&self) -> Option<Allocation> {
        None
    }
}

/// A search under way.
#[cfg(feature = "methods")]
pub type Search = Box<dyn BitSearch>;
/// Begins a search on a trained float network. Errors are `InvalidOption` for a budget out of reach or a network that
/// the method cannot search.
#[cfg(feature = "methods")]
pub type StartSearch = fn(&Options, &Network, &Dataset) -> Result<Search, Error>;

/// Begins `start`'s search.
///
/// # Errors
/// Those of the search.
#[cfg(feature = "methods")]
pub fn begin(
    start: StartSearch,
    options: &Options,
    network: &Network,
    data: &Dataset,
) -> Result<Search, Error> {
    start(options, network, data)
}

/// The core build has no searches: with a type that has no value, the code that serves one is left out.
#[cfg(not(feature = "methods"))]
pub use without_searches::*;

#[cfg(not(feature = "methods"))]
mod without_searches {
    use super::*;

    /// No search, and no start of one.
    #[derive(Debug, Clone, Copy)]
    pub enum Search {}
    /// Has no value.
    pub type StartSearch = Search;

    #[allow(missing_docs)]
    impl Search {
        pub fn step(&mut self) -> Option<Allocation> {
            match *self {}
        }

        pub fn report(&self) -> SearchReport {
            match *self {}
        }

        pub fn best(&self) -> Option<Allocation> {
            match *self {}
        }

        pub fn take_quantizers(&mut self) -> Option<Vec<LayerQuantizers>> {
            match *self {}
        }
    }

    /// Never called.
    pub fn begin(
        start: StartSearch,
        _: &Options,
        _: &Network,
        _: &Dataset,
    ) -> Result<Search, Error> {
        match start {}
    }
}
