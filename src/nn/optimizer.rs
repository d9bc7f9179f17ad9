//! SGD with momentum, Adam and AdamW, with settings per group of parameters.
//!
//! All work on p = value / unit ([`Parameter::unit`]), so that a learning rate means the same for
//! every tensor; dL/dp = unit · dL/dvalue. With g = dL/dp and learning rate η:
//! - SGD: v ← momentum·v + g; p ← p − η·v
//! - Adam (Kingma & Ba 2015): m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²;
//!   p ← p − η · m̂/(√v̂ + ε), with m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)
//! - AdamW (Loshchilov & Hutter 2019): Adam, and followed by p ← p − η·λ·p.
//!
//! Weight decay λ of SGD and Adam is the L2 penalty: g ← g + λ·p. `f32::sqrt` is exact (IEEE 754)
//! everywhere and vectorises.

use super::network::Network;
use super::schedule::Schedule;
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};

/// How a gradient becomes a change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Stochastic gradient descent.
    Sgd {
        /// In [0, 1); 0 is plain SGD.
        momentum: f32,
    },
    /// Adam with the usual β₁ = 0.9, β₂ = 0.999, ε = 1e-8; weight decay as an L2 penalty.
    Adam,
    /// Adam with decoupled weight decay.
    AdamW,
}

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;

/// Momentum of bit planes, BSQ's own.
const PLANE_MOMENTUM: f32 = 0.9;

/// What applies to one group of parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupSettings {
    /// How a gradient becomes a change.
    pub rule: Rule,
    /// η, in units of p; ≥ 0.
    pub learning_rate: f32,
    /// λ; ≥ 0.
    pub weight_decay: f32,
    /// How η changes over the phase.
    pub schedule: Schedule,
}

/// What applies to every group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Weights.
    pub weight: GroupSettings,
    /// Biases and batch-norm factors.
    pub bias: GroupSettings,
    /// Quantizers' levels, step sizes and ranges.
    pub levels: GroupSettings,
    /// Gate logits.
    pub gates: GroupSettings,
    /// Bit planes.
    pub planes: GroupSettings,
}

impl Settings {
    /// `rule` and `schedule` for all but gates and planes, weight decay for weights and planes only; gates by
    /// plain SGD at a constant rate, planes by SGD with momentum: a rule that divides by the gradient's size would hide
    /// from them how strong the lasso is. The rates of the last three are given in `quantizers`.
    pub fn new(
        rule: Rule,
        learning_rate: f32,
        weight_decay: f32,
        schedule: Schedule,
        quantizers: Rates,
    ) -> Self {
        let bias = GroupSettings {
            rule,
            learning_rate,
            weight_decay: 0.0,
            schedule,
        };
        Self {
            weight: GroupSettings {
                weight_decay,
                ..bias
            },
            bias,
            levels: GroupSettings {
                learning_rate: quantizers.levels,
                ..bias
            },
            gates: GroupSettings {
                rule: Rule::Sgd { momentum: 0.0 },
                learning_rate: quantizers.gates,
                weight_decay: 0.0,
                schedule: Schedule::Constant,
            },
            planes: GroupSettings {
                rule: Rule::Sgd {
                    momentum: PLANE_MOMENTUM,
                },
                learning_rate: quantizers.planes,
                weight_decay,
                schedule,
            },
        }
    }

    fn of(&self, group: Group) -> &GroupSettings {
        match group {
            Group::Weight => &self.weight,
            Group::Bias => &self.bias,
            Group::Levels => &self.levels,
            Group::Gates => &self.gates,
            Group::Planes => &self.planes,
        }
    }
}

/// Learning rates of the quantizers' parameters; 0 keeps them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Levels, step sizes and ranges.
    pub levels: f32,
    /// Gate logits.
    pub gates: f32,
    /// Bit planes.
    pub planes: f32,
}

/// What the rules remember of one parameter.
#[derive(Debug, Clone, PartialEq)]
struct Slot {
    group: Group,
    /// Steps since the start or the last reset: t.
    steps: u32,
    /// SGD's v, or Adam's m.
    first: Vec<f32>,
    /// Adam's v.
    second: Vec<f32>,
}

impl Slot {
    fn new(group: Group, length: usize) -> Self {
        Self {
            group,
            steps: 0,
            first: vec![0.0; length],
            second: vec![0.0; length],
        }
    }

    fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            group: _,
            steps,
            first,
            second,
        } = self;
        archive.count(steps, 0, MOST_STEPS);
        archive.floats(first);
        archive.floats(second);
    }
}

/// Most steps of a slot that is read: more than a run has, and far from an overflow.
const MOST_STEPS: u32 = 1 << 31;

/// Updates parameters from their gradients. Its state is indexed by visiting order.
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer {
    settings: Settings,
    slots: Vec<Slot>,
}

impl Optimizer {
    /// An optimizer without memory.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            slots: Vec::new(),
        }
    }

    /// Updates all parameters of a network; `progress` in [0, 1] drives the schedules.
    pub fn step(&mut self, network: &mut Network, progress: f32) {
        self.step_all(progress, |visit| network.visit_parameters(visit));
    }

    /// Updates every parameter that `show` visits.
    pub fn step_all(&mut self, progress: f32, show: impl FnOnce(&mut Visitor<'_>)) {
        let settings = self.settings;
        self.with_slots(show, |slot, parameter| {
            let group = settings.of(parameter.group);
            update(
                group,
                group.learning_rate * group.schedule.factor(progress),
                slot,
                parameter,
            );
        });
    }

    /// Forgets what is remembered of one group.
    pub fn reset(&mut self, group: Group) {
        for slot in self.slots.iter_mut().filter(|slot| slot.group == group) {
            *slot = Slot::new(group, slot.first.len());
        }
    }

    /// What is remembered of every parameter of `network`, whose quantizers are attached by now; the settings follow
    /// from the options and the phase.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, network: &mut Network) {
        let Self { settings: _, slots } = self;
        let mut any = !slots.is_empty();
        archive.part("the optimizer");
        archive.flag(&mut any);
        if any {
            let show = |visit: &mut Visitor<'_>| network.visit_parameters(visit);
            self.with_slots(show, |slot, _| slot.visit_state(archive));
        }
    }

    /// Walks parameters and their slots together, making slots that don't exist or don't fit.
    fn with_slots(
        &mut self,
        show: impl FnOnce(&mut Visitor<'_>),
        mut act: impl FnMut(&mut Slot, &mut Parameter),
    ) {
        let slots = &mut self.slots;
        let mut index = 0;
        show(&mut |parameter| {
            let (group, length) = (parameter.group, parameter.value.len());
            if index == slots.len() {
                slots.push(Slot::new(group, length));
            } else if slots[index].group != group || slots[index].first.len() != length {
                slots[index] = Slot::new(group, length);
            }
            act(&mut slots[index], parameter);
            index += 1;
        });
        slots.truncate(index);
    }
}

fn update(settings: &GroupSettings, rate: f32, slot: &mut Slot, parameter: &mut Parameter) {
    slot.steps += 1;
    match settings.rule {
        Rule::Sgd { momentum } => sgd(momentum, rate, settings.weight_decay, slot, parameter),
        Rule::Adam => adam(rate, settings.weight_decay, slot, parameter),
        Rule::AdamW => {
            let keep = 1.0 - rate * settings.weight_decay;
            parameter.value.iter_mut().for_each(|value| *value *= keep);
            adam(rate, 0.0, slot, parameter);
        }
    }
}

/// With value = unit·p: g = unit·gradient + λ·value/unit, and value changes by unit times what p does.
fn sgd(momentum: f32, rate: f32, decay: f32, slot: &mut Slot, parameter: &mut Parameter) {
    let unit = parameter.unit;
    let (change, penalty) = (rate * unit, decay / unit);
    let values = parameter.value.iter_mut().zip(&parameter.gradient);
    for ((value, &gradient), velocity) in values.zip(&mut slot.first) {
        *velocity = momentum * *velocity + (unit * gradient + penalty * *value);
        *value -= change * *velocity;
    }
}

/// As [`sgd`] for the units; η/(1 − β₁ᵗ) and 1/(1 − β₂ᵗ) are taken out of the loop.
fn adam(rate: f32, decay: f32, slot: &mut Slot, parameter: &mut Parameter) {
    let unit = parameter.unit;
    let change = rate * unit / (1.0 - power(BETA1, slot.steps));
    let correction = 1.0 / (1.0 - power(BETA2, slot.steps));
    let penalty = decay / unit;
    let values = parameter.value.iter_mut().zip(&parameter.gradient);
    for ((value, &gradient), (first, second)) in
        values.zip(slot.first.iter_mut().zip(&mut slot.second))
    {
        let g = flushed(unit * gradient + penalty * *value, NEGLIGIBLE);
        *first = flushed(BETA1 * *first + (1.0 - BETA1) * g, NEGLIGIBLE * NEGLIGIBLE);
        *second = flushed(
            BETA2 * *second + (1.0 - BETA2) * g * g,
            NEGLIGIBLE * NEGLIGIBLE,
        );
        *value -= change * *first / ((*second * correction).sqrt() + EPSILON);
    }
}

/// Far below ε of Adam. Moments of weights that get no gradient (clipped ones) would decay into the subnormal
/// numbers, with which processors compute several times slower.
const NEGLIGIBLE: f32 = 1e-15;

/// x, or 0 where |x| ≤ `limit`.
fn flushed(x: f32, limit: f32) -> f32 {
    if x.abs() > limit { x } else { 0.0 }
}

/// By squaring, in f64: exact enough for the bias corrections 1 − βᵗ.
fn power(base: f32, exponent: u32) -> f32 {
    let (mut result, mut square, mut rest) = (1.0, f64::from(base), exponent);
    while rest > 0 {
        if rest % 2 == 1 {
            result *= square;
        }
        square *= square;
        rest /= 2;
    }
    result as f32
}
