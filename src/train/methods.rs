//! The table of what a session's `method` may be: which quantizer it trains with, and where its bits come from. Rows
//! behind the feature "methods" are not in the small binary with which a first view starts.

/// Where the bits of the layers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// From the options.
    Given,
    /// From gradients during the training.
    Learned,
    /// From a search before the training: see the table of `search`.
    #[cfg(feature = "methods")]
    Searched,
    /// From the options; a search after the training spends the rest of the budget on more points per row.
    #[cfg(feature = "methods")]
    Points,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Method {
    /// The name in JS and in the URL.
    pub name: &'static str,
    /// The quantizer's name in the table of `quant`; "float" for none.
    pub quantizer: &'static str,
    /// Where the bits come from.
    pub bits: Bits,
    /// Numbers that options which are not given have with this method alone.
    #[cfg(feature = "methods")]
    pub defaults: &'static [(&'static str, f64)],
}

const fn row(name: &'static str, quantizer: &'static str, bits: Bits) -> Method {
    Method {
        name,
        quantizer,
        bits,
        #[cfg(feature = "methods")]
        defaults: &[],
    }
}

#[cfg(feature = "methods")]
impl Method {
    const fn with(self, defaults: &'static [(&'static str, f64)]) -> Self {
        Self { defaults, ..self }
    }

    /// The method's own default of an option, where it has one.
    pub fn default(&self, option: &str) -> Option<f64> {
        let found = self.defaults.iter().find(|(name, _)| *name == option);
        found.map(|(_, number)| *number)
    }
}

/// Every method, in the order in which people meet them.
#[rustfmt::skip]
pub const METHODS: &[Method] = &[
    row("float", "float", Bits::Given),
    row("uniform", "uniform", Bits::Given),
    #[cfg(feature = "methods")]
    row("dorefa", "dorefa", Bits::Given),
    #[cfg(feature = "methods")]
    row("lsq", "lsq", Bits::Given),
    #[cfg(feature = "methods")]
    row("pact", "pact", Bits::Given),
    #[cfg(feature = "methods")]
    row("pot", "pot", Bits::Given),
    #[cfg(feature = "methods")]
    row("apot", "apot", Bits::Given),
    row("ddq", "ddq", Bits::Learned),
    #[cfg(feature = "methods")]
    row("bsq", "bsq", Bits::Learned).with(&[("learningRate", 0.02)]),
    #[cfg(feature = "methods")]
    row("haq", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("ompq", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("hawq", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("sensitivity", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("greedy", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("random", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("oracle", "uniform", Bits::Searched),
    #[cfg(feature = "methods")]
    row("multipoint", "multipoint", Bits::Points).with(&[("weightBits", 3.0), ("activationBits", 8.0), ("budgetBits", 0.0), ("epochs", 0.0)]),
];

/// The names alone.
pub const NAMES: &[&str] = &names();

const fn names() -> [&'static str; METHODS.len()] {
    let mut names = [""; METHODS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = METHODS[index].name;
        index += 1;
    }
    names
}

/// The row of a name in the table; the first one, float, for any other.
pub fn find(name: &str) -> &'static Method {
    METHODS
        .iter()
        .find(|row| row.name == name)
        .unwrap_or(&METHODS[0])
}

/// Fewest bits of weights with a quantizer of the table of `quant`: 2 where a code is a sign and a magnitude.
#[cfg(feature = "methods")]
pub fn fewest_weight_bits(quantizer: &str) -> usize {
    match quantizer {
        "lsq" | "pot" | "apot" | "bsq" | "multipoint" => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::QUANTIZERS;

    #[test]
    fn every_method_has_its_quantizer_and_every_quantizer_a_method() {
        for method in METHODS.iter().filter(|row| row.quantizer != "float") {
            assert!(
                QUANTIZERS.iter().any(|(name, _)| *name == method.quantizer),
                "{method:?}"
            );
        }
        for (name, _) in QUANTIZERS {
            assert!(METHODS.iter().any(|row| row.quantizer == *name), "{name}");
        }
    }
}
