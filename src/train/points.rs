//! What multipoint's points cost, and how much there is for them. Costs are stored bits: codes, one f32 a coefficient, a
//! row number for each point beyond its row's first.

use super::allocation::Allocation;
use super::options::{Options, invalid};
use crate::error::Error;
use crate::nn::network::Network;
use crate::quant::multipoint::COEFFICIENT_BITS;
use crate::quant::multipoint::point::FEWEST_BITS;
use crate::text::number;

/// What further points may cost where no budget is given, in parts of the codes with one point a row.
const AUTOMATIC_OVERHEAD: f64 = 0.1;

/// A network with one point a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseCost {
    /// Bits of all codes.
    pub codes: u64,
    /// Bits of the layers' coefficients.
    pub coefficients: u64,
    /// Number of weights.
    pub weights: usize,
}

impl BaseCost {
    /// The cost of `network` at the bits that the options give its layers.
    pub fn new(options: &Options, network: &Network) -> Self {
        let layers = network.linears().count();
        let bits = Allocation::of_options(options, layers).weight;
        let counts: Vec<usize> = network
            .linears()
            .map(|linear| linear.weight.value.len())
            .collect();
        let codes = counts.iter().zip(bits);
        Self {
            codes: codes
                .map(|(&count, bits)| u64::from(bits) * count as u64)
                .sum(),
            coefficients: COEFFICIENT_BITS * layers as u64,
            weights: counts.iter().sum(),
        }
    }

    /// Stored bits of all weights.
    pub fn total(&self) -> u64 {
        self.codes + self.coefficients
    }
}

/// The budget of a run without one, in bits per weight: one point a row, and a tenth of its codes for further points.
pub fn automatic_budget(options: &Options, network: &Network) -> f64 {
    let base = BaseCost::new(options, network);
    let bits = (1.0 + AUTOMATIC_OVERHEAD) * base.codes as f64 + base.coefficients as f64;
    rounded_up(bits, base.weights)
}

/// The options with fewer bits a code, down to 2, where one point a row with `weightBits` exceeds the budget.
pub(super) fn settled(mut options: Options, network: &Network) -> Options {
    let Some(budget) = options.budget_bits() else {
        return options;
    };
    let fits = |options: &Options| {
        let base = BaseCost::new(options, network);
        base.total() <= (f64::from(budget) * base.weights as f64) as u64
    };
    while options.integer("weightBits") > FEWEST_BITS as usize && !fits(&options) {
        options.set_weight_bits(options.integer("weightBits") - 1);
    }
    options
}

/// Stored bits left for further points; None without a budget.
///
/// # Errors
/// `InvalidOption` for a budget that does not hold one point a row.
pub fn bits_for_points(options: &Options, network: &Network) -> Result<Option<u64>, Error> {
    let base = BaseCost::new(options, network);
    let Some(budget) = options.budget_bits() else {
        return Ok(None);
    };
    let capacity = (f64::from(budget) * base.weights as f64) as u64;
    if let Some(left) = capacity.checked_sub(base.total()) {
        return Ok(Some(left));
    }
    let reachable = rounded_up(base.total() as f64, base.weights);
    Err(invalid(
        "budgetBits",
        &number(f64::from(budget)),
        &format!(
            "at least {} for one point a row, with the scales",
            number(reachable)
        ),
    ))
}

/// Bits per weight with two decimals that hold `bits`, as an f32 too.
pub fn rounded_up(bits: f64, weights: usize) -> f64 {
    let weights = weights.max(1) as f64;
    let rounded = (bits / weights * 100.0).ceil() / 100.0;
    if f64::from(rounded as f32) * weights < bits {
        rounded + 0.01
    } else {
        rounded
    }
}
