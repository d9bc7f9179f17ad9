//! A dense or convolution layer: parameters, optional quantizers, forward and backward.
//!
//! With quantizers, the product is of x_q and w_q: the weight and the layer's input each pass through their own
//! quantizer first, and their gradients pass back through it. A convolution pads with zeros after its input is
//! quantized, so the border is exactly 0.

use super::network::Mode;
use super::ops::convolution::{Convolution, Geometry};
use super::ops::{dense, residual};
#[cfg(feature = "methods")]
use super::precision::format::Rounder;
use super::store::Passed;
use super::tensor::{Shape, Tensor};
use crate::archive::Archive;
use crate::parameter::{Group, Parameter, Visitor};
use crate::quant::{Quantizer, Role};
use crate::rng::Rng;

/// A dense or convolution layer.
#[derive(Clone)]
pub struct Linear {
    /// The layer's name in its network, for people: "stem", "block1.expand", "dense2".
    pub name: String,
    /// `[outputs, input channels / groups, k, k]`, or `[outputs, inputs]` for a dense layer.
    pub weight: Parameter,
    /// One number per output channel. It is never quantized.
    pub bias: Option<Parameter>,
    /// Quantizes the weight.
    pub weight_quantizer: Option<Box<dyn Quantizer>>,
    /// Quantizes the layer's input.
    pub activation_quantizer: Option<Box<dyn Quantizer>>,
    /// Rounds both operands of the product in training, straight-through, after their quantizers; evaluation does not.
    #[cfg(feature = "methods")]
    pub operand_rounder: Option<Rounder>,
    convolution: Convolution,
    weight_q: Vec<f32>,
    d_weight_q: Vec<f32>,
    d_weight: Vec<f32>,
    input_q: Vec<f32>,
    columns: Vec<f32>,
}

/// What stands before the bias: a batch norm takes its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bias {
    /// A bias per output channel, starting at 0.
    Zero,
    /// None.
    Absent,
}

impl Linear {
    /// A layer with normal weights of standard deviation √(gain / fan-in): gain 2 before a ReLU
    /// (He et al. 2015), 1 otherwise.
    pub fn new(name: &str, geometry: Geometry, bias: Bias, gain: f32, rng: &mut Rng) -> Self {
        let deviation = (gain / geometry.fan_in() as f32).sqrt();
        let weight = (0..geometry.weights())
            .map(|_| deviation * rng.normal())
            .collect();
        let bias = (bias == Bias::Zero).then(|| vec![0.0; geometry.outputs]);
        Self::of_values(name, geometry, weight, bias)
    }

    /// A layer of given values: `geometry.weights()` weights, and a bias per output channel.
    pub fn of_values(
        name: &str,
        geometry: Geometry,
        weight: Vec<f32>,
        bias: Option<Vec<f32>>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            weight: Parameter::new(Group::Weight, weight),
            bias: bias.map(|bias| Parameter::new(Group::Bias, bias)),
            weight_quantizer: None,
            activation_quantizer: None,
            #[cfg(feature = "methods")]
            operand_rounder: None,
            convolution: Convolution::new(geometry),
            weight_q: Vec::new(),
            d_weight_q: Vec::new(),
            d_weight: Vec::new(),
            input_q: Vec::new(),
            columns: Vec::new(),
        }
    }

    /// The layer's sizes.
    pub fn geometry(&self) -> &Geometry {
        self.convolution.geometry()
    }

    /// "dense", "conv 3×3", "depthwise 3×3", "conv 1×1".
    pub fn kind(&self) -> String {
        let Geometry {
            input,
            outputs,
            window,
            groups,
        } = *self.geometry();
        let (rows, columns) = (window.rows.kernel, window.columns.kernel);
        if *self.geometry() == Geometry::dense(input.c, outputs) {
            "dense".to_owned()
        } else if groups > 1 && groups == input.c {
            format!("depthwise {rows}×{columns}")
        } else if groups > 1 {
            format!("conv {rows}×{columns} in {groups} groups")
        } else {
            format!("conv {rows}×{columns}")
        }
    }

    /// Multiply–accumulates for one sample.
    pub fn macs(&self) -> usize {
        self.geometry().macs()
    }

    /// Output channels.
    pub fn outputs(&self) -> usize {
        self.geometry().outputs
    }

    /// Numbers that one sample brings into this layer.
    pub fn input_elements(&self) -> usize {
        self.geometry().input.per_sample()
    }

    /// The output's shape for a batch of `n`.
    pub fn output_shape(&self, n: usize) -> Shape {
        self.geometry().output(n)
    }

    /// Writes y from x; in training the quantizers remember what `backward` needs.
    pub fn forward(&mut self, x: &Tensor, mode: Mode, y: &mut Tensor) {
        let n = x.shape().n;
        y.reshape(self.output_shape(n));
        if let Some(quantizer) = &mut self.weight_quantizer {
            self.weight_q.resize(self.weight.value.len(), 0.0);
            quantize(
                quantizer.as_mut(),
                mode,
                &self.weight.value,
                &mut self.weight_q,
            );
        }
        if let Some(quantizer) = &mut self.activation_quantizer {
            self.input_q.resize(x.shape().len(), 0.0);
            quantize(quantizer.as_mut(), mode, x.data(), &mut self.input_q);
        }
        #[cfg(feature = "methods")]
        if mode == Mode::Train {
            self.round_operands(x);
        }
        let rounded = self.rounds(mode);
        let w = if rounded || self.weight_quantizer.is_some() {
            &self.weight_q
        } else {
            &self.weight.value
        };
        let x = if rounded || self.activation_quantizer.is_some() {
            &self.input_q
        } else {
            x.data()
        };
        let bias = self.bias.as_ref().map(|bias| bias.value.as_slice());
        self.convolution
            .forward(n, w, bias, x, &mut self.columns, y.data_mut());
    }

    /// Whether `mode` takes both operands from `weight_q` and `input_q`, whatever the quantizers.
    #[cfg(feature = "methods")]
    fn rounds(&self, mode: Mode) -> bool {
        mode == Mode::Train && self.operand_rounder.is_some()
    }

    #[cfg(not(feature = "methods"))]
    fn rounds(&self, _: Mode) -> bool {
        false
    }

    /// Brings both operands to the narrow format, where there is one.
    #[cfg(feature = "methods")]
    fn round_operands(&mut self, x: &Tensor) {
        let Some(rounder) = self.operand_rounder else {
            return;
        };
        if self.weight_quantizer.is_none() {
            self.weight_q.clone_from(&self.weight.value);
        }
        if self.activation_quantizer.is_none() {
            self.input_q.clear();
            self.input_q.extend_from_slice(x.data());
        }
        rounder.round_all(&mut self.weight_q);
        rounder.round_all(&mut self.input_q);
    }

    /// From dL/dy of the last training forward: adds to the gradients of the parameters and writes
    /// dL/dx. `d_x` may be left out if nothing needs it, but not with an activation quantizer, whose
    /// levels need it. `scratch` is any buffer.
    pub fn backward(
        &mut self,
        x: &Tensor,
        d_y: &Tensor,
        d_x: Option<&mut Tensor>,
        scratch: &mut Vec<f32>,
    ) {
        self.backward_through(x, d_y, d_x, scratch, |_| {});
    }

    /// [`Self::backward`]; `pass` sees, and may change, what the product passes on before the input's quantizer does.
    pub fn backward_through(
        &mut self,
        x: &Tensor,
        d_y: &Tensor,
        d_x: Option<&mut Tensor>,
        scratch: &mut Vec<f32>,
        pass: impl FnOnce(Passed<'_>),
    ) {
        let (n, d_y) = (x.shape().n, d_y.data());
        if let Some(bias) = &mut self.bias {
            dense::backward_bias(d_y, &mut bias.gradient);
        }
        self.backward_weight(x, d_y);
        let Some(d_x) = d_x else {
            assert!(
                self.activation_quantizer.is_none(),
                "an activation quantizer needs the input's gradient"
            );
            return;
        };
        d_x.reshape(x.shape());
        let reduction = self.geometry().fan_out();
        let w = if self.rounds(Mode::Train) || self.weight_quantizer.is_some() {
            &self.weight_q
        } else {
            &self.weight.value
        };
        let Some(quantizer) = &mut self.activation_quantizer else {
            self.convolution
                .backward_input(n, w, d_y, &mut self.columns, d_x.data_mut());
            pass(Passed {
                d_y,
                w,
                reduction,
                d_x: d_x.data_mut(),
            });
            return;
        };
        // Layers of many sizes share the buffer: it only grows, since growing fills with zeros.
        let values = x.shape().len();
        if scratch.len() < values {
            scratch.resize(values, 0.0);
        }
        let scratch = &mut scratch[..values];
        self.convolution
            .backward_input(n, w, d_y, &mut self.columns, scratch);
        pass(Passed {
            d_y,
            w,
            reduction,
            d_x: scratch,
        });
        quantizer.backward(x.data(), scratch, d_x.data_mut());
    }

    fn backward_weight(&mut self, x: &Tensor, d_y: &[f32]) {
        let n = x.shape().n;
        let x = if self.rounds(Mode::Train) || self.activation_quantizer.is_some() {
            &self.input_q
        } else {
            x.data()
        };
        let Some(quantizer) = &mut self.weight_quantizer else {
            self.convolution
                .backward_weight(n, d_y, x, &self.columns, &mut self.weight.gradient);
            return;
        };
        self.d_weight_q.clear();
        self.d_weight_q.resize(self.weight.value.len(), 0.0);
        self.d_weight.resize(self.weight.value.len(), 0.0);
        self.convolution
            .backward_weight(n, d_y, x, &self.columns, &mut self.d_weight_q);
        quantizer.backward(&self.weight.value, &self.d_weight_q, &mut self.d_weight);
        residual::accumulate(&mut self.weight.gradient, &self.d_weight);
    }

    /// Shows weight (unless a quantizer trains it: [`Quantizer::held`]), bias, then the parameters of the weight's and of
    /// the input's quantizer.
    pub fn visit_parameters(&mut self, visit: &mut Visitor<'_>) {
        if self.held_weight().is_none() {
            visit(&mut self.weight);
        }
        if let Some(bias) = &mut self.bias {
            visit(bias);
        }
        for quantizer in self.quantizers_mut() {
            quantizer.visit_parameters(visit);
        }
    }

    /// Weight, bias, and the quantizers that are there; `build` makes those that are to be read.
    pub fn visit_state(&mut self, archive: &mut Archive<'_>, build: &dyn Fn(Role) -> Made) {
        let Self {
            name,
            weight,
            bias,
            weight_quantizer,
            activation_quantizer,
            #[cfg(feature = "methods")]
                operand_rounder: _,
            convolution: _,
            weight_q: _,
            d_weight_q: _,
            d_weight: _,
            input_q: _,
            columns: _,
        } = self;
        archive.part(name);
        weight.visit_state(archive);
        if let Some(bias) = bias {
            bias.visit_state(archive);
        }
        visit_quantizer(weight_quantizer, archive, || build(Role::Weight));
        visit_quantizer(activation_quantizer, archive, || build(Role::Activation));
    }

    fn held_weight(&self) -> Option<&[f32]> {
        self.weight_quantizer.as_deref()?.held()
    }

    /// Copies the weight from the quantizer that trains it, if one does.
    pub fn follow_quantizer(&mut self) {
        let held = self
            .weight_quantizer
            .as_deref()
            .and_then(|quantizer| quantizer.held());
        if let Some(held) = held {
            self.weight.value.copy_from_slice(held);
        }
    }

    /// The quantizers that are there: the weight's, then the input's.
    pub fn quantizers_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Quantizer>> {
        [&mut self.weight_quantizer, &mut self.activation_quantizer]
            .into_iter()
            .flatten()
    }
}

/// A quantizer to read a state into; None where the method has none.
pub type Made = Option<Box<dyn Quantizer>>;

fn visit_quantizer(quantizer: &mut Made, archive: &mut Archive<'_>, build: impl Fn() -> Made) {
    let mut there = quantizer.is_some();
    archive.flag(&mut there);
    if archive.loaded() {
        *quantizer = build().filter(|_| there);
        archive.check(
            quantizer.is_some() == there,
            "no quantizer, as the method has none",
            1.0,
        );
    }
    if let Some(quantizer) = quantizer {
        quantizer.visit_state(archive);
    }
}

fn quantize(quantizer: &mut dyn Quantizer, mode: Mode, x: &[f32], x_q: &mut [f32]) {
    match mode {
        Mode::Train => quantizer.forward(x, x_q),
        Mode::Eval => quantizer.quantize(x, x_q),
    }
}
