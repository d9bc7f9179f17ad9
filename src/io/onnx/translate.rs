//! Operator after operator into nodes of our network.
//!
//! A value is a constant of the file or something that is computed for each sample. Of the latter the sizes in the
//! file's terms are kept beside the node: reshaping moves nothing in our layout, so it is only a note of new sizes
//! until an operation cares.

use super::constant::Constant;
use super::graph::{Graph, Operator, VALUES_MAX};
use super::operators::{carries_integers, ends, is_known};
use super::quantization::Grid;
use super::ranges::Bounds;
use super::{File, Unsupported, activations, arithmetic, layers, pooling, quantization, reshaping};
use crate::error::Error;
use crate::nn::builder::{Builder, NodeId};
use crate::nn::network::Network;
use crate::nn::tensor::Shape;
use crate::rng::{Rng, Stream};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Weights that a network may have.
pub const WEIGHTS_MAX: usize = 5_000_000;
/// Pairs of pixels that windows may join: the tables of all layers.
const PAIRS_MAX: usize = 1 << 22;
/// Characters of a layer's name that are kept.
const NAME_MAX: usize = 40;

/// Why an operator did not become a part of the network.
pub(super) enum Fault {
    /// It is sound, but not what our networks are made of: the reason.
    Unsupported(String),
    /// The file is damaged.
    Broken(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// An operator that is not taken, with the reason.
pub(super) fn refuse<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Unsupported(why.into()))
}

/// A value of every sample.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub node: NodeId,
    /// Sizes of one sample as the file sees them; row-major like ours.
    pub dims: Vec<usize>,
    /// What its integers stand for, where the file holds it as such between QuantizeLinear and DequantizeLinear.
    pub levels: Option<Rc<Grid>>,
    /// What is known of its real numbers.
    pub bounds: Bounds,
    /// The operator that only the end of a network may have, where there was one.
    pub end: Option<&'static str>,
}

impl Sample {
    /// The same values with other sizes.
    pub fn with_dims(self, dims: Vec<usize>) -> Self {
        Self { dims, ..self }
    }

    /// Another node of the same kind of value, of whose numbers nothing is known.
    pub fn at(&self, node: NodeId, dims: Vec<usize>) -> Self {
        Self {
            node,
            dims,
            levels: self.levels.clone(),
            bounds: Bounds::NONE,
            end: self.end,
        }
    }

    /// The same value, whose numbers are known to be within `bounds`.
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// Our shape of its sizes.
    pub fn shape(&self) -> Shape {
        shape_of(&self.dims)
    }
}

/// Our shape of a sample's sizes: features, channels and columns, or an image.
pub(super) fn shape_of(dims: &[usize]) -> Shape {
    match *dims {
        [c, w] => Shape::image(c, 1, w, 1),
        [c, h, w] => Shape::image(c, h, w, 1),
        _ => Shape::features(dims.iter().product(), 1),
    }
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Constant(Rc<Constant>),
    Sample(Sample),
    /// Made by an operator that is not supported.
    Unknown,
}

/// A network being made from a graph.
pub(super) struct Translation<'a> {
    pub file: &'a File,
    pub builder: Builder<'a>,
    pub opset: i64,
    pub batch: Option<usize>,
    pub notes: BTreeSet<String>,
    /// Pairs of QuantizeLinear and DequantizeLinear on activations that were left out.
    pub pairs: usize,
    /// Activations that were read from the ranges of such pairs, by what notes call them.
    pub cuts: BTreeMap<String, usize>,
    /// What is the logits but for its shape, its coding or a Softmax.
    pub ends: BTreeSet<String>,
    values: BTreeMap<String, Value>,
    readers: BTreeMap<String, usize>,
    /// Outputs of layers, which an addition may still give a bias.
    layers: BTreeSet<String>,
    names: BTreeSet<String>,
    weights: usize,
    /// Pairs of pixels that the windows of all layers join.
    joined: usize,
}

/// The network of a graph, and what is to be said about it.
pub(super) struct Translated {
    pub network: Network,
    pub notes: Vec<String>,
}

/// What is wrong with a graph.
pub(super) enum Flaw {
    Unsupported(Vec<Unsupported>),
    Broken(Error),
}

/// Makes the network of `graph`.
pub(super) fn translate(file: &File, opset: i64, graph: Graph) -> Result<Translated, Flaw> {
    // Every layer gets its values from the file; nothing is drawn.
    let mut rng = Rng::new(0, Stream::Init);
    let builder = Builder::new(shape_of(&graph.sample), &mut rng);
    let input = Sample {
        node: builder.input(),
        dims: graph.sample,
        levels: None,
        bounds: Bounds::NONE,
        end: None,
    };
    let constants = graph.constants.into_iter();
    let mut values: BTreeMap<String, Value> = constants
        .map(|(name, constant)| (name, Value::Constant(Rc::new(constant))))
        .collect();
    values.insert(graph.input, Value::Sample(input));
    let mut translation = Translation {
        file,
        builder,
        opset,
        batch: graph.batch,
        notes: BTreeSet::new(),
        pairs: 0,
        cuts: BTreeMap::new(),
        ends: ends(&graph.operators, &graph.output),
        values,
        readers: graph.readers,
        layers: BTreeSet::new(),
        names: BTreeSet::new(),
        weights: 0,
        joined: 0,
    };
    let mut unsupported = Vec::new();
    for operator in &graph.operators {
        let value = match translation.operator(operator) {
            Ok(value) => value,
            Err(Fault::Broken(error)) => return Err(Flaw::Broken(error)),
            Err(Fault::Unsupported(why)) => {
                unsupported.push(Unsupported {
                    name: operator.name.clone(),
                    operator: operator.kind.clone(),
                    why,
                });
                Value::Unknown
            }
        };
        if matches!(operator.kind.as_str(), "MatMul" | "Conv" | "Gemm") {
            translation.layers.extend(operator.outputs.first().cloned());
        }
        for output in &operator.outputs {
            translation.values.insert(output.clone(), value.clone());
        }
    }
    if !unsupported.is_empty() {
        return Err(Flaw::Unsupported(unsupported));
    }
    translation.finish(&graph.output).map_err(Flaw::Broken)
}

impl Translation<'_> {
    fn operator(&mut self, op: &Operator) -> Result<Value, Fault> {
        let known = |name: &&String| matches!(self.values.get(*name), Some(Value::Unknown));
        if !is_known(&op.kind) {
            return refuse("this operator is not supported");
        }
        if op.inputs.iter().any(|name| known(&name)) {
            // What it reads was reported already.
            return Ok(Value::Unknown);
        }
        let extra = op.outputs.iter().skip(1);
        if let Some(name) = extra
            .filter(|name| self.readers.contains_key(*name))
            .find(|n| !n.is_empty())
        {
            return refuse(format!("its further output \"{name}\" is read"));
        }
        for index in 0..op.inputs.len() {
            if let Ok(Value::Sample(sample)) = self.input(op, index) {
                if let Some(end) = sample.end.filter(|_| op.kind != "Identity") {
                    return refuse(format!(
                        "it reads the output of {end}, which may only be the last"
                    ));
                }
                if sample.levels.is_some() && !carries_integers(&op.kind) {
                    return refuse(
                        "it computes on integers; expected DequantizeLinear in front of it",
                    );
                }
            }
        }
        self.dispatch(op)
    }

    fn dispatch(&mut self, op: &Operator) -> Result<Value, Fault> {
        match op.kind.as_str() {
            "Gemm" => layers::gemm(self, op),
            "MatMul" => layers::matmul(self, op),
            "Conv" => layers::conv(self, op),
            "BatchNormalization" => layers::batch_norm(self, op),
            "Add" | "Sub" | "Mul" | "Div" => arithmetic::binary(self, op),
            "Concat" => reshaping::concat(self, op),
            "Flatten" => reshaping::flatten(self, op),
            "Reshape" => reshaping::reshape(self, op),
            "Transpose" => reshaping::transpose(self, op),
            "Shape" => reshaping::shape(self, op),
            "Gather" => reshaping::gather(self, op),
            "Squeeze" => reshaping::squeeze(self, op),
            "Unsqueeze" => reshaping::unsqueeze(self, op),
            "Identity" => self.input(op, 0).cloned(),
            "Dropout" => layers::dropout(self, op),
            "Constant" => match op.attributes.value()? {
                Some(constant) => Ok(Value::Constant(Rc::new(constant))),
                None => refuse("expected a tensor, a number or a list as its value"),
            },
            "MaxPool" => pooling::max_pool(self, op),
            "AveragePool" => pooling::average_pool(self, op),
            "GlobalAveragePool" => pooling::global_average_pool(self, op),
            "ReduceMean" => pooling::reduce_mean(self, op),
            "QuantizeLinear" => quantization::quantize(self, op),
            "DequantizeLinear" => quantization::dequantize(self, op),
            _ => activations::translate(self, op),
        }
    }

    fn finish(self, output: &str) -> Result<Translated, Error> {
        let place = format!("output \"{output}\"");
        let Some(Value::Sample(last)) = self.values.get(output).cloned() else {
            let got = "a constant";
            return Err(self
                .file
                .wrong(&place, "values that depend on the input", got));
        };
        let classes = last.dims.first().copied().unwrap_or(0);
        let flat = last.dims.iter().skip(1).all(|&size| size == 1);
        if !flat || !(2..=256).contains(&classes) || last.levels.is_some() {
            let expected = "real logits of 2 to 256 classes for each sample";
            let got = format!("{:?} values a sample", last.dims);
            return Err(self.file.wrong(&place, expected, &got));
        }
        let mut this = self;
        if last.node == this.builder.input() || this.weights == 0 {
            let expected = "layers with weights between input and output";
            return Err(this.file.wrong(&place, expected, "none"));
        }
        // The last node gives the logits, and one without weights behind others may have been made earlier.
        if !this.builder.is_last(last.node) || this.builder.shape(last.node).c != classes {
            this.builder.reshape(last.node, Shape::features(classes, 1));
        }
        if this.pairs > 0 {
            let pairs = this.pairs;
            this.notes.insert(format!("{pairs} QuantizeLinear on activations left out, with what dequantizes them: a run finds ranges of its own"));
        }
        if !this.cuts.is_empty() {
            let counted = this.cuts.iter();
            let counted: Vec<String> = counted
                .map(|(name, count)| format!("{name} ({count})"))
                .collect();
            let list = counted.join(", ");
            this.notes.insert(format!(
                "activations read from the ranges that QuantizeLinear cuts off at: {list}"
            ));
        }
        Ok(Translated {
            network: this.builder.finish(),
            notes: this.notes.into_iter().collect(),
        })
    }

    /// Something wrong with what `op` is given.
    pub fn wrong(&self, op: &Operator, expected: &str, got: &str) -> Fault {
        Fault::Broken(self.file.wrong(&op.place(), expected, got))
    }

    /// Input `index`, which must be there.
    pub fn input(&self, op: &Operator, index: usize) -> Result<&Value, Fault> {
        let name = op.inputs.get(index).filter(|name| !name.is_empty());
        let found = name.and_then(|name| self.values.get(name));
        found.ok_or_else(|| {
            let expected = format!("at least {} inputs", index + 1);
            self.wrong(op, &expected, &op.inputs.len().to_string())
        })
    }

    /// Whether input `index` is there.
    pub fn has_input(&self, op: &Operator, index: usize) -> bool {
        op.inputs.get(index).is_some_and(|name| !name.is_empty())
    }

    /// Input `index` as a value of each sample.
    pub fn sample(&self, op: &Operator, index: usize) -> Result<Sample, Fault> {
        match self.input(op, index)? {
            Value::Sample(sample) => Ok(sample.clone()),
            _ => refuse(format!(
                "its input {index} is a constant; expected values that depend on the network's input"
            )),
        }
    }

    /// Input `index` as a constant.
    pub fn constant(&self, op: &Operator, index: usize) -> Result<Rc<Constant>, Fault> {
        match self.input(op, index)? {
            Value::Constant(constant) => Ok(constant.clone()),
            _ => refuse(format!(
                "its input {index} is computed; expected a constant"
            )),
        }
    }

    /// Input `index` as a constant, if it is there.
    pub fn optional(&self, op: &Operator, index: usize) -> Result<Option<Rc<Constant>>, Fault> {
        match self.has_input(op, index) {
            true => self.constant(op, index).map(Some),
            false => Ok(None),
        }
    }

    /// Input `index` as real, finite numbers of the file.
    pub fn numbers(&self, op: &Operator, index: usize) -> Result<Rc<Constant>, Fault> {
        let constant = self.constant(op, index)?;
        let name = &op.inputs[index];
        let Some(values) = constant.as_floats() else {
            return Err(self.wrong(op, &format!("real numbers in \"{name}\""), "integers"));
        };
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            let place = format!("initializer \"{name}\", element {at}");
            let got = crate::text::number(f64::from(values[at]));
            return Err(self.file.wrong(&place, "a finite number", &got).into());
        }
        Ok(constant)
    }

    /// Whether input `index` is the output of a layer that nothing else reads.
    pub fn is_layer_alone(&self, op: &Operator, index: usize) -> bool {
        let name = op
            .inputs
            .get(index)
            .filter(|name| self.layers.contains(*name));
        name.is_some_and(|name| self.readers.get(name) == Some(&1))
    }

    /// The node of a sample in exactly the shape that its sizes have, for operations that look at it.
    pub fn shaped(&mut self, sample: &Sample) -> NodeId {
        let shape = sample.shape();
        // Data of another shape with the same values may stand behind the network's input: see `fit_input`.
        let settled = sample.node != self.builder.input();
        match settled && self.builder.shape(sample.node) == shape {
            true => sample.node,
            false => self.builder.reshape(sample.node, shape),
        }
    }

    /// A name for the layer of `op` that no other layer has: that of its weights without ".weight", else its own.
    pub fn layer_name(&mut self, op: &Operator) -> String {
        let weights = op.inputs.get(1).map_or("", String::as_str);
        let name = weights.strip_suffix(".weight").unwrap_or(&op.name);
        let name = name.trim_matches('/').replace('/', ".");
        let name: String = name.chars().take(NAME_MAX).collect();
        let numbered = (2..).map(|number| format!("{name} {number}"));
        let mut free = core::iter::once(name.clone())
            .chain(numbered)
            .filter(|name| !self.names.contains(name));
        let free = free.next().unwrap_or(name);
        self.names.insert(free.clone());
        free
    }

    /// Counts the pairs of pixels that the window of a layer joins, and the values that it gives: what its tables and
    /// buffers hold.
    pub fn count_window(
        &mut self,
        op: &Operator,
        channels: usize,
        pixels: usize,
        taps: usize,
    ) -> Result<(), Fault> {
        if channels.saturating_mul(pixels) > VALUES_MAX {
            let expected = format!("at most {VALUES_MAX} values a sample");
            return Err(self.wrong(op, &expected, &format!("{channels} × {pixels}")));
        }
        self.joined = self.joined.saturating_add(pixels.saturating_mul(taps));
        if self.joined > PAIRS_MAX {
            let expected = format!("at most {PAIRS_MAX} pairs of output pixels and taps in all");
            return Err(self.wrong(op, &expected, &format!("{} so far", self.joined)));
        }
        Ok(())
    }

    /// Counts the weights of a layer.
    pub fn count_weights(&mut self, op: &Operator, weights: usize) -> Result<(), Fault> {
        self.weights += weights;
        match self.weights > WEIGHTS_MAX {
            true => {
                let expected = format!("at most {WEIGHTS_MAX} weights in all layers");
                Err(self.wrong(op, &expected, &format!("{} so far", self.weights)))
            }
            false => Ok(()),
        }
    }
}
