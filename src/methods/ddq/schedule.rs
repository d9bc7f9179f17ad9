//! Bits by gradient: while gates learn, the objective pushes them towards the budgets; at the end the bits meet the budgets
//! and levels are fitted to them.

use super::gates::{add_hinge, add_product, project};
use super::refit::refit;
use crate::archive::Archive;
use crate::data::Dataset;
use crate::nn::network::Network;
use crate::quant::range::RangeRule;
use crate::train::budget::Budget;
use crate::train::options::Options;
use crate::train::recipe::range_rule;
use crate::train::schedule::{Course, Schedule};

/// How a budget enters the objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// An added hinge with this weight μ.
    Hinge(f32),
    /// A factor (size/budget)^α with this α.
    Product(f32),
}

/// What a run with learned gates does around its steps.
#[derive(Debug, Clone)]
pub struct GateSchedule {
    objective: Objective,
    range: RangeRule,
}

/// The schedule of a run that learns bits.
pub fn start(options: &Options, _: Option<&mut Network>, _: usize) -> Option<Box<dyn Schedule>> {
    if !options.learns_bits() {
        return None;
    }
    let objective = match options.text("objective") {
        "product" => Objective::Product(options.number("budgetExponent")),
        _ => Objective::Hinge(options.number("budgetWeight")),
    };
    let range = range_rule(options);
    Some(Box::new(GateSchedule { objective, range }))
}

impl Schedule for GateSchedule {
    fn before_backward(&mut self, network: &mut Network, course: &Course<'_>) -> f32 {
        match self.objective {
            Objective::Hinge(weight) => {
                for (budget, &start) in course.budgets.iter().zip(course.start_bits) {
                    let target = target_bits(start, budget.bits, course.progress);
                    add_hinge(budget, network, target, weight);
                }
                1.0
            }
            Objective::Product(exponent) => {
                add_product(course.budgets, network, course.loss, exponent)
            }
        }
    }

    fn visit_state(&mut self, _: &mut Archive<'_>) {
        let Self {
            objective: _,
            range: _,
        } = self;
    }

    fn finish(self: Box<Self>, network: &mut Network, data: &Dataset, budgets: &[Budget]) {
        for budget in budgets {
            project(budget, network);
        }
        refit(network, data, self.range);
    }
}

/// Part of the quantization phase in which the hinge's target falls to the budget.
pub const TARGET_FALLS_UNTIL: f32 = 0.4;

/// The hinge's target: falls linearly from `start` to `budget` average bits over the first
/// [`TARGET_FALLS_UNTIL`] of the phase. `progress` in [0, 1].
pub fn target_bits(start: f32, budget: f32, progress: f32) -> f32 {
    start + (budget - start).min(0.0) * (progress / TARGET_FALLS_UNTIL).min(1.0)
}
