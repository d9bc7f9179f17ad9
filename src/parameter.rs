//! A trainable array and its gradient: owned by layers and quantizers, updated by optimizers.

use crate::archive::Archive;

/// Which optimizer settings apply to a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Weights of dense and convolution layers: the network's learning rate, with weight decay.
    Weight,
    /// Biases and batch-norm factors: the network's learning rate, no weight decay.
    Bias,
    /// Levels, step sizes and clipping ranges of quantizers: their own learning rate, no decay.
    Levels,
    /// Gate logits of DDQ: their own learning rate, plain SGD without momentum, no decay.
    Gates,
    /// Bit planes of BSQ: their own learning rate, SGD with momentum, with weight decay.
    Planes,
}

/// A trainable array: `value` and `gradient` have the same length.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Which optimizer settings apply.
    pub group: Group,
    /// The current values.
    pub value: Vec<f32>,
    /// dL/dvalue of the current step; accumulated by backward passes, cleared by the owner.
    pub gradient: Vec<f32>,
    /// Optimizers work on `value / unit`, so that a learning rate means the same for every
    /// tensor whatever its range; > 0, and 1 for weights.
    pub unit: f32,
}

impl Parameter {
    /// A parameter with zero gradient and unit 1.
    pub fn new(group: Group, value: Vec<f32>) -> Self {
        let gradient = vec![0.0; value.len()];
        Self {
            group,
            value,
            gradient,
            unit: 1.0,
        }
    }

    /// The values, as many as there are; gradients are made anew in every step.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>) {
        let Self {
            group: _,
            value,
            gradient,
            unit,
        } = self;
        archive.floats(value);
        archive.positive(unit);
        if archive.loaded() {
            gradient.clear();
            gradient.resize(value.len(), 0.0);
        }
    }

    /// Clears the gradient.
    pub fn zero_gradient(&mut self) {
        self.gradient.fill(0.0);
    }
}

/// Called once for each parameter, in an order that never changes during a run.
pub type Visitor<'a> = dyn FnMut(&mut Parameter) + 'a;
