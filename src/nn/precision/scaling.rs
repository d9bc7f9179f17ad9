//! The scales of a network's gradients: one for all (none, fixed, dynamic), or one found per layer (adaptive).
//!
//! Every gradient of an activation is held in the format when a node has made it: after a product, batch norm or
//! pooling, and after a sum. Activations, reshapes and quantizers' straight-through masks only choose among numbers that
//! are already held. A quantizer of a layer's input gets dL/dx_q as it is held.

mod state;

use super::format::{Format, Loss, Rounder, largest};
use super::rule::{MOST, Rule, Statistics};
use crate::nn::network::Network;
use crate::nn::node::Op;
use crate::nn::ops::residual;
use crate::nn::store::{GradientStore, Passed};
use crate::nn::tensor::Tensor;

/// Where the scale comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Policy {
    /// One power of two for all steps; 1 is no scaling. Overflow saturates.
    Constant(f32),
    /// One scale that follows overflow: the step is lost and the scale halved when a gradient overflows, and doubled
    /// after so many steps without.
    Dynamic {
        /// The first scale, a power of two.
        start: f32,
        /// Steps without overflow before the scale is doubled.
        growth: usize,
    },
    /// A factor for each layer, and for dL/dlogits, from statistics: see [`super::rule`]. Overflow saturates.
    Adaptive {
        /// Tolerated underflow rate, in (0, 1).
        underflow: f64,
    },
}

/// What a backward pass ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Gradients to be used.
    Usable,
    /// A gradient overflowed under the dynamic policy: the step is to be skipped.
    Overflow,
}

/// The gradient that one layer passes on to what is below it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerGradient {
    /// The scale S at which it is held.
    pub scale: f32,
    /// The layer's own factor α: S is that of the gradient at its output, times α.
    pub factor: f32,
    /// Part of its numbers that became 0 when it was last measured, in [0, 1].
    pub underflow: f64,
    /// The same over all measured steps.
    pub mean_underflow: f64,
}

/// The scales and what was lost, as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The scale of dL/dlogits.
    pub loss_scale: f32,
    /// Underflow rate of dL/dlogits when it was last measured, in [0, 1].
    pub loss_underflow: f64,
    /// Steps that were skipped for overflow.
    pub skipped_steps: usize,
    /// Steps in which a gradient overflowed, whether skipped or saturated.
    pub overflow_steps: usize,
    /// Per layer with weights, in graph order; None for one that passes no gradient on.
    pub layers: Vec<Option<LayerGradient>>,
}

/// What is lost of one gradient.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Lost {
    last: Loss,
    total: Loss,
}

impl Lost {
    fn begin(&mut self) {
        self.last = Loss::default();
    }

    fn add(&mut self, loss: Loss) {
        for sum in [&mut self.last, &mut self.total] {
            sum.nonzero += loss.nonzero;
            sum.flushed += loss.flushed;
        }
    }
}

/// One node of the graph.
#[derive(Debug, Clone, Copy, PartialEq)]
struct NodeState {
    /// S of the gradient of its output.
    scale: f32,
    /// α of a linear node, once it passed a gradient on.
    factor: Option<f32>,
    lost: Lost,
}

const FRESH: NodeState = NodeState {
    scale: 1.0,
    factor: None,
    lost: Lost {
        last: Loss {
            nonzero: 0,
            flushed: 0,
        },
        total: Loss {
            nonzero: 0,
            flushed: 0,
        },
    },
};

/// The dynamic scale stays at or above this.
const LEAST: f32 = 1.0 / 65_536.0;

/// Holds a network's gradients in a format. The same network must be given each time.
#[derive(Debug, Clone, PartialEq)]
pub struct LossScaling {
    format: Format,
    rounder: Option<Rounder>,
    policy: Policy,
    /// What finds the factors, where they are adaptive.
    rule: Option<Rule>,
    /// Steps from one measurement to the next.
    interval: usize,
    steps: usize,
    loss_scale: f32,
    /// Steps since the last overflow or doubling.
    clean: usize,
    skipped: usize,
    overflows: usize,
    loss_lost: Lost,
    nodes: Vec<NodeState>,
    // Of the step under way:
    measures: bool,
    overflowed: bool,
    /// S of the gradient in hand.
    in_hand: f32,
    /// The layer to which what is lost is counted: the last that passed a gradient on; None for the loss.
    layer: Option<usize>,
}

impl LossScaling {
    /// Statistics, adaptive factors and underflow rates are taken every `interval` ≥ 1 steps, from the first on.
    pub fn new(format: Format, policy: Policy, interval: usize) -> Self {
        let (loss_scale, rule) = match policy {
            Policy::Constant(scale) => (scale, None),
            Policy::Dynamic { start, .. } => (start, None),
            Policy::Adaptive { underflow } => (1.0, Some(Rule::new(format, underflow))),
        };
        Self {
            format,
            rounder: Rounder::new(format),
            policy,
            rule,
            interval: interval.max(1),
            steps: 0,
            loss_scale,
            clean: 0,
            skipped: 0,
            overflows: 0,
            loss_lost: Lost::default(),
            nodes: Vec::new(),
            measures: false,
            overflowed: false,
            in_hand: 1.0,
            layer: None,
        }
    }

    /// [`Network::backward`] with the gradients of activations held in the format.
    pub fn backward(&mut self, network: &mut Network, d_logits: &Tensor) -> Outcome {
        self.nodes.resize(network.nodes().len(), FRESH);
        self.measures = self.steps.is_multiple_of(self.interval);
        self.steps += 1;
        self.overflowed = false;
        if self.measures {
            self.loss_lost.begin();
            self.nodes.iter_mut().for_each(|node| node.lost.begin());
        }
        network.backward_through(d_logits, self);
        self.overflows += usize::from(self.overflowed);
        match self.policy {
            Policy::Dynamic { growth, .. } => self.follow(growth),
            _ => Outcome::Usable,
        }
    }

    /// Moves the dynamic scale.
    fn follow(&mut self, growth: usize) -> Outcome {
        if self.overflowed {
            self.clean = 0;
            self.skipped += 1;
            self.loss_scale = (self.loss_scale / 2.0).max(LEAST);
            return Outcome::Overflow;
        }
        self.clean += 1;
        if self.clean == growth {
            self.clean = 0;
            self.loss_scale = (self.loss_scale * 2.0).min(MOST);
        }
        Outcome::Usable
    }

    /// The scales and what was lost.
    pub fn report(&self, network: &Network) -> Report {
        let is_linear = |index: &usize| matches!(network.nodes()[*index].op, Op::Linear(_));
        let layer = |index: usize| {
            let NodeState {
                scale,
                factor,
                lost,
            } = *self.nodes.get(index)?;
            let factor = factor?;
            Some(LayerGradient {
                scale: scale * factor,
                factor,
                underflow: lost.last.rate(),
                mean_underflow: lost.total.rate(),
            })
        };
        let layers = (0..network.nodes().len()).filter(is_linear).map(layer);
        Report {
            loss_scale: self.loss_scale,
            loss_underflow: self.loss_lost.last.rate(),
            skipped_steps: self.skipped,
            overflow_steps: self.overflows,
            layers: layers.collect(),
        }
    }

    /// The rule, in the steps in which it is asked.
    fn asked_rule(&self) -> Option<Rule> {
        self.rule.filter(|_| self.measures)
    }

    /// Holds a gradient at `scale`.
    fn round(&mut self, d: &mut [f32], scale: f32) {
        let Some(rounder) = &self.rounder else { return };
        if !self.measures {
            self.overflowed |= rounder.hold(d, scale);
            return;
        }
        let (overflowed, loss) = rounder.hold_measured(d, scale);
        self.overflowed |= overflowed;
        match self.layer {
            Some(node) => self.nodes[node].lost.add(loss),
            None => self.loss_lost.add(loss),
        }
    }
}

impl GradientStore for LossScaling {
    fn begin(&mut self, d: &mut [f32]) {
        if let Some(rule) = self.asked_rule() {
            self.loss_scale = rule.cast(Statistics::of(d));
        }
        self.in_hand = self.loss_scale;
        self.layer = None;
        self.round(d, self.in_hand);
    }

    fn deliver(&mut self, node: usize) {
        self.nodes[node].scale = self.in_hand;
    }

    /// Brings both to one scale before they are added.
    fn merge(&mut self, node: usize, sum: &mut [f32], d: &[f32]) {
        let (a, b) = (self.nodes[node].scale, self.in_hand);
        let before = if a == b {
            0.0
        } else {
            largest(sum).max(largest(d))
        };
        residual::accumulate(sum, d);
        let scale = if a == b {
            a
        } else {
            merged_scale(a, b, before.max(largest(sum)), self.format)
        };
        self.nodes[node].scale = scale;
        self.round(sum, scale);
    }

    fn take(&mut self, node: usize) {
        self.in_hand = self.nodes[node].scale;
    }

    fn pass(&mut self, node: usize, passed: Passed<'_>) {
        let mut factor = self.nodes[node].factor.unwrap_or(1.0);
        if let Some(rule) = self.asked_rule() {
            let g = Statistics::of(passed.d_y).scaled(self.in_hand);
            let w = Statistics::of(passed.w);
            factor = rule.product(g, w, passed.reduction, self.in_hand);
        }
        self.nodes[node].factor = Some(factor);
        self.in_hand *= factor;
        self.layer = Some(node);
        self.round(passed.d_x, self.in_hand);
    }

    fn hold(&mut self, d: &mut [f32]) {
        self.round(d, self.in_hand);
    }
}

/// The scale at which two gradients with scales `a` and `b` are added, `largest` being the largest magnitude of both
/// and of their sum, unscaled: the larger scale where that does not overflow, else the smaller, else the smaller
/// halved up to three times. Beyond that the sum saturates.
pub fn merged_scale(a: f32, b: f32, largest: f32, format: Format) -> f32 {
    let small = a.min(b);
    let fits = |scale: &f32| largest * scale < format.largest();
    let tried = [a.max(b), small, small / 2.0, small / 4.0];
    tried.into_iter().find(fits).unwrap_or(small / 8.0)
}
