//! The rule by which methods are compared at equal size. A budget of b bits per weight, read this way, allows
//!
//! ```text
//! b·n + 64·L stored bits for n weights in L layers:
//! ```
//!
//! b bits a weight for codes, and what b bits everywhere would cost in scales, a scale and an offset of 32 bits a layer.
//! Uniform levels of b bits then meet a budget of b exactly, and every other method has the same bytes, whatever it spends
//! them on: codes, codebooks, signs or points. Read as stored bits, a budget of 3 would leave uniform levels 2 bits.

use super::options::Options;
use crate::nn::network::Network;

/// Scale and offset of a layer, as two 32-bit floats.
const SCALE_BITS: f64 = 64.0;

/// Most bits of a code.
const MOST_BITS: f32 = 8.0;

/// Stored bits per weight that a budget of `bits` allows: the smallest f32 that holds b·n + 64·L.
fn allowance(bits: f32, network: &Network) -> f32 {
    let weights: usize = network.linears().map(|l| l.weight.value.len()).sum();
    let stored = f64::from(bits) * weights as f64 + SCALE_BITS * network.linears().count() as f64;
    let average = (stored / weights.max(1) as f64) as f32;
    if f64::from(average) * (weights as f64) < stored {
        average.next_up()
    } else {
        average
    }
}

/// Options whose budget is one of codes, as options of stored bits for `network`: the allowance in place of the budget, and
/// where bits are neither learned nor searched nor given, the most whole bits within it.
pub(super) fn settled(mut options: Options, network: &Network) -> Options {
    if let Some(bits) = options.budget_bits() {
        options.set("budgetBits", f64::from(allowance(bits, network)));
        if options.open_bits {
            let whole = bits.floor().clamp(1.0, MOST_BITS);
            options.set("weightBits", f64::from(whole));
        }
    }
    options.set_text("budgetCounts", "stored");
    options
}
