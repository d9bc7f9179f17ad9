//! HAQ (Wang et al., CVPR 2019): an agent walks through the layers and chooses the bits of each, of the weights and,
//! where hardware is the budget, of the activations; what exceeds the budget is pushed back; the accuracy without
//! training, on training samples, is the reward of all its decisions.
//!
//! Where we differ from the released code, on purpose: bits are floor(a·(max − min + 1)) + min, so every width has
//! the same share of actions; the first layer's missing activation is no decision; the state is made anew for each
//! episode; pinned layers are pinned whether or not the wall is touched.

use super::agent::{Agent, FEATURES, State};
use super::hardware::Hardware;
use crate::data::Dataset;
use crate::error::Error;
use crate::nn::network::Network;
use crate::rng::{Rng, Stream};
use crate::search::evaluator::{PostTraining, SCORE_SAMPLES, Score};
use crate::search::problem::{MOST_BITS, Problem};
use crate::text::number;
use crate::train::allocation::{Allocation, BitSearch, SearchReport};
use crate::train::options::{Options, invalid};
use std::collections::BTreeMap;

/// Episodes of random actions before the agent learns.
const WARM_UP: usize = 20;
/// Fewest bits of an activation that the agent may choose.
const FEWEST_ACTIVATION_BITS: u32 = 2;
/// Reward of one percent point of accuracy.
const REWARD_PER_PERCENT: f64 = 0.1;

/// A decision: of which layer, and whether its weights' bits or its input's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decision {
    layer: usize,
    activation: bool,
    fewest: u32,
    most: u32,
}

struct Haq {
    problem: Problem,
    hardware: Option<(Hardware, f64)>,
    decisions: Vec<Decision>,
    /// What the agent sees of each decision, before the action of the one before it is filled in.
    states: Vec<State>,
    agent: Agent,
    network: PostTraining,
    scores: BTreeMap<Vec<u32>, Score>,
    float_accuracy: f64,
    best: Option<(Score, Allocation)>,
    report: SearchReport,
}

/// Begins a search.
///
/// # Errors
/// `InvalidOption` for a budget out of reach, or measured hardware without its table.
pub fn start(
    options: &Options,
    network: &Network,
    data: &Dataset,
) -> Result<Box<dyn BitSearch>, Error> {
    let problem = Problem::new(options, network)?;
    let hardware = Hardware::new(options, &problem)?;
    let decisions = decisions(&problem, hardware.is_some());
    let hardware = hardware
        .map(|hardware| target(hardware, options, &problem, &decisions))
        .transpose()?;
    let states = states(network, &decisions);
    let mut post_training = PostTraining::new(network, data, SCORE_SAMPLES);
    Ok(Box::new(Haq {
        float_accuracy: post_training.float_score().accuracy,
        network: post_training,
        agent: Agent::new(Rng::new(options.seed(), Stream::Search)),
        report: SearchReport {
            steps: options.integer("episodes"),
            ..SearchReport::default()
        },
        scores: BTreeMap::new(),
        best: None,
        problem,
        hardware,
        decisions,
        states,
    }))
}

/// The budget in terms of the hardware: what the network costs with the budget's whole bits in every layer.
///
/// # Errors
/// `InvalidOption` where pinned layers alone cost more.
fn target(
    hardware: Hardware,
    options: &Options,
    problem: &Problem,
    decisions: &[Decision],
) -> Result<(Hardware, f64), Error> {
    let whole = (options.budget_bits().unwrap_or(8.0) as u32).clamp(1, MOST_BITS);
    let target = hardware.cost(&vec![whole; problem.layers.len()], &problem.activation);
    let mut least = problem.allocation(problem.fewest());
    for decision in decisions {
        *decision.of(&mut least) = decision.fewest;
    }
    let cost = hardware.cost(&least.weight, &least.activation);
    if cost <= target {
        return Ok((hardware, target));
    }
    Err(invalid(
        "budgetBits",
        &number(f64::from(options.number("budgetBits"))),
        &format!(
            "more: equal bits at this budget cost {} {}, the fewest allowed bits {}",
            number(target),
            hardware.unit,
            number(cost)
        ),
    ))
}

/// The decisions of an episode, layer by layer: weights, then the input's activations.
fn decisions(problem: &Problem, activations: bool) -> Vec<Decision> {
    let mut found = Vec::new();
    for layer in 0..problem.layers.len() {
        let (fewest, most) = problem.layers[layer].bits;
        if fewest < most {
            found.push(Decision {
                layer,
                activation: false,
                fewest,
                most,
            });
        }
        if activations && layer > 0 {
            let (fewest, most) = (
                FEWEST_ACTIVATION_BITS.min(problem.activation[layer]),
                MOST_BITS,
            );
            found.push(Decision {
                layer,
                activation: true,
                fewest,
                most,
            });
        }
    }
    found
}

/// Depthwise?, input channels, output channels, stride, kernel, weights, input pixels, place, (action before), what is
/// decided: each column from 0 to 1 over the decisions.
fn states(network: &Network, decisions: &[Decision]) -> Vec<State> {
    let describe = |decision: &Decision| -> State {
        let Some(linear) = network.linears().nth(decision.layer) else {
            return [0.0; FEATURES];
        };
        let geometry = linear.geometry();
        let depthwise = geometry.groups > 1 && geometry.groups == geometry.input.c;
        [
            f32::from(u8::from(depthwise)),
            geometry.input.c as f32,
            geometry.outputs as f32,
            geometry.window.rows.stride as f32,
            geometry.window.rows.kernel as f32,
            linear.weight.value.len() as f32,
            (geometry.input.h * geometry.input.w) as f32,
            decision.layer as f32,
            0.0,
            f32::from(u8::from(decision.activation)),
        ]
    };
    let mut states: Vec<State> = decisions.iter().map(describe).collect();
    for column in 0..FEATURES {
        let values = states.iter().map(|state| state[column]);
        let (low, high) = values.fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        let spread = if high > low { high - low } else { 1.0 };
        states
            .iter_mut()
            .for_each(|state| state[column] = (state[column] - low) / spread);
    }
    states
}

/// The column of a state that holds the action before.
const ACTION_BEFORE: usize = 8;

/// The bits that an action in [0, 1] stands for: every width has the same share of actions.
pub fn bits_of(action: f32, fewest: u32, most: u32) -> u32 {
    let bits = fewest + (action * (most - fewest + 1) as f32) as u32;
    bits.clamp(fewest, most)
}

impl Haq {
    /// The allocation of the options, with the pinned layers' bits and the most for the others.
    fn fresh(&self) -> Allocation {
        self.problem.allocation(self.problem.most())
    }

    fn within(&self, allocation: &Allocation) -> bool {
        let small = self.problem.total(&allocation.weight) <= self.problem.capacity;
        let fast = |(hardware, target): &(Hardware, f64)| {
            hardware.cost(&allocation.weight, &allocation.activation) <= *target
        };
        small && self.hardware.as_ref().is_none_or(fast)
    }

    /// The wall: from the last decision to the first a bit less each, round after round, until the budget holds or
    /// nothing can be taken any more.
    fn wall(&self, allocation: &mut Allocation) {
        while !self.within(allocation) {
            let mut changed = false;
            for decision in self.decisions.iter().rev() {
                let bits = decision.of(allocation);
                if *bits > decision.fewest {
                    *bits -= 1;
                    changed = true;
                }
                if self.within(allocation) {
                    return;
                }
            }
            if !changed {
                return;
            }
        }
    }

    fn score(&mut self, allocation: &Allocation) -> Score {
        let key: Vec<u32> = allocation
            .weight
            .iter()
            .chain(&allocation.activation)
            .copied()
            .collect();
        if let Some(score) = self.scores.get(&key) {
            return *score;
        }
        let score = self
            .network
            .score(&allocation.weight, &allocation.activation);
        self.scores.insert(key, score);
        score
    }
}

impl Decision {
    fn of<'a>(&self, allocation: &'a mut Allocation) -> &'a mut u32 {
        if self.activation {
            &mut allocation.activation[self.layer]
        } else {
            &mut allocation.weight[self.layer]
        }
    }
}

impl BitSearch for Haq {
    /// One episode.
    fn step(&mut self) -> Option<Allocation> {
        let mut allocation = self.fresh();
        let mut episode = Vec::with_capacity(self.decisions.len());
        let mut before = 1.0;
        for (decision, state) in self.decisions.iter().zip(&self.states) {
            let mut state = *state;
            state[ACTION_BEFORE] = before;
            let action = if self.report.step < WARM_UP {
                self.agent.explore()
            } else {
                self.agent.act(&state)
            };
            let bits = bits_of(action, decision.fewest, decision.most);
            *decision.of(&mut allocation) = bits;
            before = bits as f32 / MOST_BITS as f32;
            episode.push((state, action));
        }
        self.wall(&mut allocation);
        let score = self.score(&allocation);
        let reward = REWARD_PER_PERCENT * 100.0 * (score.accuracy - self.float_accuracy);
        if !episode.is_empty() {
            self.agent.remember(&episode, reward as f32);
            if self.report.step >= WARM_UP {
                self.agent.learn(episode.len());
            }
        }
        self.report.accuracies.push(score.accuracy as f32);
        let better = self.best.as_ref().is_none_or(|(best, _)| score.beats(best));
        if better && self.within(&allocation) {
            self.report.best.clone_from(&allocation.weight);
            self.best = Some((score, allocation));
        }
        self.report.step += 1;
        let done = self.report.step >= self.report.steps;
        // The fewest bits are within the budget, so an episode that the wall ended there was too.
        done.then(|| {
            self.best.take().map_or_else(
                || self.problem.allocation(self.problem.fewest()),
                |(_, best)| best,
            )
        })
    }

    fn best(&self) -> Option<Allocation> {
        self.best.as_ref().map(|(_, allocation)| allocation.clone())
    }

    fn report(&self) -> SearchReport {
        self.report.clone()
    }
}
