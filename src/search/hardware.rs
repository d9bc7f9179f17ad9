//! What a network costs on hardware, from a table of each layer's cost at every pair of weight and activation bits.
//!
//! Presets are rooflines: a layer takes as many cycles as the slower of computing (MACs·w·a bit operations) and moving
//! (weights·w + input elements·a bits). "edge" is a small bit-serial accelerator, one sample at a time; "cloud" has
//! sixty-four times the compute, four times the memory, and sixteen samples to share each weight. A measured table has
//! the microseconds of this project's packed kernels, whose activations are always 8 bits.
//!
//! Tables are closed monotonically: a narrower code may run in a wider kernel, so no cost exceeds that of more bits.
//! Without that, taking a bit away could raise the cost, and the budget wall would not end.

use super::problem::{MOST_BITS, Problem};
use crate::error::Error;
use crate::train::options::{Options, invalid};

/// Widths of a table: 1 to 8 bits.
pub const WIDTHS: usize = MOST_BITS as usize;

/// Costs of each layer by weight bits − 1 and activation bits − 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Hardware {
    table: Vec<[[f64; WIDTHS]; WIDTHS]>,
    /// What a cost counts.
    pub unit: &'static str,
}

/// Bit operations and bits a cycle, and samples at a time.
struct Roofline {
    operations: f64,
    bits: f64,
    samples: f64,
}

const EDGE: Roofline = Roofline {
    operations: 1024.0,
    bits: 64.0,
    samples: 1.0,
};
const CLOUD: Roofline = Roofline {
    operations: 65_536.0,
    bits: 256.0,
    samples: 16.0,
};

impl Hardware {
    /// The hardware that the options name; None for "size", where stored bits alone count.
    ///
    /// # Errors
    /// `InvalidOption` for "measured" without a table of the network's layers.
    pub fn new(options: &Options, problem: &Problem) -> Result<Option<Self>, Error> {
        let made = match options.text("hardware") {
            "bitops" => Self::from_cells("bit operations", problem, |layer, w, a| {
                problem.layers[layer].macs as f64 * w * a
            }),
            "edge" => Self::roofline(&EDGE, problem),
            "cloud" => Self::roofline(&CLOUD, problem),
            "measured" => {
                let table = options.latencies();
                let expected = problem.layers.len() * WIDTHS;
                if table.len() != expected || !table.iter().all(|us| us.is_finite() && *us >= 0.0) {
                    let wanted = format!(
                        "a latency table of {expected} microseconds beside it: layers times 1 to 8 bits"
                    );
                    let wrong = table.iter().find(|us| !(us.is_finite() && **us >= 0.0));
                    let got = match wrong {
                        Some(us) => format!("\"measured\" with {us} among them"),
                        None => format!("\"measured\" with {} numbers", table.len()),
                    };
                    return Err(invalid("hardware", &got, &wanted));
                }
                Self::from_cells("µs", problem, |layer, w, _| {
                    table[layer * WIDTHS + w as usize - 1]
                })
            }
            _ => return Ok(None),
        };
        Ok(Some(made))
    }

    fn roofline(roofline: &Roofline, problem: &Problem) -> Self {
        Self::from_cells("cycles", problem, |layer, w, a| {
            let facts = &problem.layers[layer];
            let computing = roofline.samples * facts.macs as f64 * w * a / roofline.operations;
            let moving =
                facts.weights as f64 * w + roofline.samples * facts.input_elements as f64 * a;
            computing.max(moving / roofline.bits)
        })
    }

    /// A table from the cost of each cell, closed monotonically.
    pub fn from_cells(
        unit: &'static str,
        problem: &Problem,
        cell: impl Fn(usize, f64, f64) -> f64,
    ) -> Self {
        let layer = |layer: usize| {
            let mut table = [[0.0; WIDTHS]; WIDTHS];
            for w in (0..WIDTHS).rev() {
                for a in (0..WIDTHS).rev() {
                    let mut cost = cell(layer, (w + 1) as f64, (a + 1) as f64);
                    if w + 1 < WIDTHS {
                        cost = cost.min(table[w + 1][a]);
                    }
                    if a + 1 < WIDTHS {
                        cost = cost.min(table[w][a + 1]);
                    }
                    table[w][a] = cost;
                }
            }
            table
        };
        Self {
            table: (0..problem.layers.len()).map(layer).collect(),
            unit,
        }
    }

    /// The cost of the network at these bits.
    pub fn cost(&self, weight: &[u32], activation: &[u32]) -> f64 {
        let bits = weight.iter().zip(activation);
        let cell = |(layer, (&w, &a)): (&[[f64; WIDTHS]; WIDTHS], (&u32, &u32))| {
            layer[w.max(1) as usize - 1][a.max(1) as usize - 1]
        };
        self.table.iter().zip(bits).map(cell).sum()
    }
}
