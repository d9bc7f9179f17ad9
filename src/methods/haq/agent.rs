//! The agent: deep deterministic policy gradient (Lillicrap et al. 2016) as HAQ uses it (Wang et al. 2019): one action in
//! [0, 1] a decision, the episode's reward for every decision of it, less its running mean.

use super::mlp::Mlp;
use crate::nn::optimizer::{Optimizer, Rates, Rule, Settings};
use crate::nn::schedule::Schedule;
use crate::rng::Rng;
use ndarray::{Array2, Axis, concatenate};

/// Numbers that describe a decision.
pub const FEATURES: usize = 10;
/// What the agent sees.
pub type State = [f32; FEATURES];

const HIDDEN: usize = 64;
const ACTOR_RATE: f32 = 1e-3;
const CRITIC_RATE: f32 = 1e-2;
const BATCH: usize = 64;
/// Part by which target networks follow.
const FOLLOW: f32 = 0.01;
/// Part of the old baseline that is kept at an update.
const BASELINE_KEPT: f32 = 0.5;
/// Episodes kept in the memory.
const MEMORY_EPISODES: usize = 128;
/// Spread of the exploration after the warm-up, and what is left of it after each episode.
const SPREAD: f32 = 0.5;
const DECAY: f32 = 0.99;
/// Draws of a truncated normal before it is clamped.
const DRAWS: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Transition {
    state: State,
    action: f32,
    reward: f32,
    next: State,
    last: bool,
}

/// Actor, critic, their targets and the memory.
pub struct Agent {
    actor: Mlp,
    critic: Mlp,
    target_actor: Mlp,
    target_critic: Mlp,
    actor_optimizer: Optimizer,
    critic_optimizer: Optimizer,
    memory: Vec<Transition>,
    /// Where the next transition goes once the memory is full.
    oldest: usize,
    baseline: Option<f32>,
    spread: f32,
    rng: Rng,
}

fn sigmoid(v: f32) -> f32 {
    1.0 / (1.0 + libm::expf(-v))
}

fn optimizer(rate: f32) -> Optimizer {
    Optimizer::new(Settings::new(
        Rule::Adam,
        rate,
        0.0,
        Schedule::Constant,
        Rates::default(),
    ))
}

fn states(rows: impl ExactSizeIterator<Item = State>) -> Array2<f32> {
    let count = rows.len();
    let flat: Vec<f32> = rows.flatten().collect();
    Array2::from_shape_vec((count, FEATURES), flat)
        .unwrap_or_else(|_| unreachable!("rows of one length"))
}

impl Agent {
    /// An agent that has seen nothing.
    pub fn new(mut rng: Rng) -> Self {
        let actor = Mlp::new(&[FEATURES, HIDDEN, HIDDEN, 1], &mut rng);
        let critic = Mlp::new(&[FEATURES + 1, HIDDEN, HIDDEN, 1], &mut rng);
        Self {
            target_actor: actor.clone(),
            target_critic: critic.clone(),
            actor,
            critic,
            actor_optimizer: optimizer(ACTOR_RATE),
            critic_optimizer: optimizer(CRITIC_RATE),
            memory: Vec::new(),
            oldest: 0,
            baseline: None,
            spread: SPREAD,
            rng,
        }
    }

    /// A random action.
    pub fn explore(&mut self) -> f32 {
        self.rng.uniform()
    }

    /// The policy's action in [0, 1].
    pub fn policy(&mut self, state: &State) -> f32 {
        sigmoid(self.actor.forward(states([*state].into_iter()))[(0, 0)])
    }

    /// The policy's action with the exploration's noise: a normal number truncated to [0, 1].
    pub fn act(&mut self, state: &State) -> f32 {
        let mean = self.policy(state);
        for _ in 0..DRAWS {
            let drawn = mean + self.spread * self.rng.normal();
            if (0.0..=1.0).contains(&drawn) {
                return drawn;
            }
        }
        mean
    }

    /// Remembers an episode: states in order, the action taken in each, and the reward of all.
    pub fn remember(&mut self, episode: &[(State, f32)], reward: f32) {
        let capacity = MEMORY_EPISODES * episode.len();
        for (index, &(state, action)) in episode.iter().enumerate() {
            let last = index + 1 == episode.len();
            let next = episode.get(index + 1).map_or(state, |(next, _)| *next);
            let transition = Transition {
                state,
                action,
                reward,
                next,
                last,
            };
            if self.memory.len() < capacity {
                self.memory.push(transition);
            } else {
                self.memory[self.oldest] = transition;
                self.oldest = (self.oldest + 1) % capacity;
            }
        }
    }

    /// `updates` steps of learning from the memory, and a little less exploration.
    pub fn learn(&mut self, updates: usize) {
        for _ in 0..updates {
            self.update();
        }
        self.spread *= DECAY;
    }

    fn update(&mut self) {
        let batch: Vec<Transition> = (0..BATCH)
            .map(|_| self.memory[self.rng.below(self.memory.len())])
            .collect();
        let mean = batch.iter().map(|t| t.reward).sum::<f32>() / BATCH as f32;
        let baseline = self.baseline.map_or(mean, |old| {
            BASELINE_KEPT * old + (1.0 - BASELINE_KEPT) * mean
        });
        self.baseline = Some(baseline);
        let now = states(batch.iter().map(|t| t.state));
        let next = states(batch.iter().map(|t| t.next));
        // Q̂ = (R − B) + Q'(s', μ'(s')) where the episode goes on.
        let next_action = self.target_actor.forward(next.clone()).mapv(sigmoid);
        let next_value = self.target_critic.forward(beside(&next, &next_action));
        let actions = Array2::from_shape_fn((BATCH, 1), |(row, _)| batch[row].action);
        let target = Array2::from_shape_fn((BATCH, 1), |(row, _)| {
            let ahead = if batch[row].last {
                0.0
            } else {
                next_value[(row, 0)]
            };
            batch[row].reward - baseline + ahead
        });
        // The critic: mean squared error.
        self.critic.zero_gradients();
        let value = self.critic.forward(beside(&now, &actions));
        self.critic
            .backward((value - target) * (2.0 / BATCH as f32));
        self.critic_optimizer
            .step_all(0.0, |visit| self.critic.visit_parameters(visit));
        // The actor climbs Q(s, μ(s)).
        self.actor.zero_gradients();
        let action = self.actor.forward(now.clone()).mapv(sigmoid);
        self.critic.forward(beside(&now, &action));
        let d_input = self
            .critic
            .backward(Array2::from_elem((BATCH, 1), -1.0 / BATCH as f32));
        let d_action = d_input.column(FEATURES).to_owned().insert_axis(Axis(1));
        self.actor
            .backward(d_action * action.mapv(|a| a * (1.0 - a)));
        self.actor_optimizer
            .step_all(0.0, |visit| self.actor.visit_parameters(visit));
        self.target_actor.follow(&self.actor, FOLLOW);
        self.target_critic.follow(&self.critic, FOLLOW);
    }
}

/// Columns of both, side by side.
fn beside(states: &Array2<f32>, actions: &Array2<f32>) -> Array2<f32> {
    concatenate(Axis(1), &[states.view(), actions.view()])
        .unwrap_or_else(|_| unreachable!("as many rows in both"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn a_bandit_with_one_decision_is_learned() {
        let mut agent = Agent::new(Rng::new(1, Stream::Test));
        let state = [0.5; FEATURES];
        let best = 0.8;
        for episode in 0..260 {
            let action = if episode < 20 {
                agent.explore()
            } else {
                agent.act(&state)
            };
            agent.remember(&[(state, action)], -4.0 * (action - best) * (action - best));
            if episode >= 20 {
                agent.learn(4);
            }
        }
        let found = agent.policy(&state);
        assert!((found - best).abs() < 0.12, "{found}");
    }
}
