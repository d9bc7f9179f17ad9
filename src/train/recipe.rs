//! The options that the inner loop reads, parsed once.

use super::budget::{Budget, Scope};
use super::method::Bits;
use super::options::Options;
use crate::nn::optimizer::{Rates, Rule, Settings};
use crate::nn::schedule::Schedule;
use crate::quant::range::RangeRule;

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
        Self {
            batch_size: options.integer("batchSize"),
            pretrain_epochs: options.integer("pretrainEpochs"),
            epochs: match options.bits_from() {
                Bits::Points => 0,
                _ => options.integer("epochs"),
            },
            freeze_at: options.number("freezeAt"),
            budgets,
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
        ..Rates::default()
    };
    let quantizers = (options.method().rates)(options, quantizers);
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
