//! The options that the inner loop reads, converted once.

use super::budget::{Budget, Scope};
#[cfg(feature = "methods")]
use super::methods::Bits;
use super::options::Options;
use crate::nn::optimizer::{Rates, Rule, Settings};
use crate::nn::schedule::Schedule;
use crate::quant::Role;
use crate::quant::ddq::{DdqSettings, GateInit, GateOrder};
use crate::quant::range::RangeRule;

/// How a budget enters the objective.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Objective {
    /// An added hinge with this weight μ.
    Hinge(f32),
    /// A factor (size/budget)^α with this α.
    Product(f32),
}

/// Numbers of a run, in the types in which they are used.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Samples of a mini-batch.
    pub batch_size: usize,
    /// Epochs of float training.
    pub pretrain_epochs: usize,
    /// Epochs of the quantization phase.
    pub epochs: usize,
    /// Part of the quantization phase after which gates freeze, in [0, 1].
    pub freeze_at: f32,
    /// Budgets that gates must meet; empty where bits are fixed.
    pub budgets: Vec<Budget>,
    /// How they enter the objective.
    pub objective: Objective,
}

impl Recipe {
    /// Reads the options.
    pub fn new(options: &Options) -> Self {
        let mut budgets = Vec::new();
        if options.learns_bits() {
            budgets.extend(options.budget_bits().map(|bits| Budget {
                scope: Scope::Weights,
                bits,
            }));
        }
        if options.learns_activation_bits() {
            budgets.push(Budget {
                scope: Scope::Activations,
                bits: options.number("activationBudgetBits"),
            });
        }
        let objective = match options.text("objective") {
            "product" => Objective::Product(options.number("budgetExponent")),
            _ => Objective::Hinge(options.number("budgetWeight")),
        };
        Self {
            batch_size: options.integer("batchSize"),
            pretrain_epochs: options.integer("pretrainEpochs"),
            epochs: match options.bits_from() {
                #[cfg(feature = "methods")]
                Bits::Points => 0,
                _ => options.integer("epochs"),
            },
            freeze_at: options.number("freezeAt"),
            budgets,
            objective,
        }
    }
}

/// Weight decay of the float phase: what the checkpoints were trained with.
const PRETRAIN_DECAY: f32 = 1e-3;

/// Optimizer settings of the float phase.
pub fn pretrain_settings(options: &Options) -> Settings {
    let rate = options.number("pretrainLearningRate");
    Settings::new(
        rule(options),
        rate,
        PRETRAIN_DECAY,
        schedule(options),
        Rates::default(),
    )
}

/// Optimizer settings of the quantization phase.
pub fn quantize_settings(options: &Options) -> Settings {
    let quantizers = Rates {
        levels: options.number("levelLearningRate"),
        gates: options.number("gateLearningRate"),
        #[cfg(feature = "methods")]
        planes: options.number("planeLearningRate"),
        #[cfg(not(feature = "methods"))]
        planes: 0.0,
    };
    let (rate, decay) = (
        options.number("learningRate"),
        options.number("weightDecay"),
    );
    Settings::new(rule(options), rate, decay, schedule(options), quantizers)
}

fn rule(options: &Options) -> Rule {
    match options.text("optimizer") {
        "sgd" => Rule::Sgd {
            momentum: options.number("momentum"),
        },
        "adam" => Rule::Adam,
        _ => Rule::AdamW,
    }
}

fn schedule(options: &Options) -> Schedule {
    match options.text("schedule") {
        "constant" => Schedule::Constant,
        "step" => Schedule::Step {
            steps: 3,
            factor: 0.1,
        },
        _ => Schedule::Cosine,
    }
}

/// How the range of a quantizer's levels is chosen.
pub fn range_rule(options: &Options) -> RangeRule {
    match options.text("range") {
        "minmax" => RangeRule::MinMax,
        _ => RangeRule::Mse,
    }
}

/// What a quantizer of `role` is made with; `learn_gates` for the tensor at hand.
pub fn quantizer_settings(
    options: &Options,
    role: Role,
    learn_gates: bool,
) -> crate::quant::Settings {
    let min_bits = match role {
        Role::Weight => "minBits",
        Role::Activation => "minActivationBits",
    };
    let range = range_rule(options);
    let (gate_init, order) = match options.text("gateInit") {
        "threshold" => (GateInit::Threshold, GateOrder::Sorted),
        _ => (GateInit::Staggered, GateOrder::Prefix),
    };
    let ddq = DdqSettings {
        learn_gates,
        gate_init,
        order,
        min_bits: options.integer(min_bits) as u32,
        gradient_correction: options.number("gradientCorrection"),
    };
    crate::quant::Settings { range, ddq }
}

/// Part of the quantization phase in which the hinge's target falls to the budget.
pub const TARGET_FALLS_UNTIL: f32 = 0.4;

/// The hinge's target: falls linearly from `start` to `budget` average bits over the first
/// [`TARGET_FALLS_UNTIL`] of the phase. `progress` in [0, 1].
pub fn target_bits(start: f32, budget: f32, progress: f32) -> f32 {
    start + (budget - start).min(0.0) * (progress / TARGET_FALLS_UNTIL).min(1.0)
}
