//! The network as an ONNX graph of opset 21, in two flavours: QDQ, which onnxruntime runs, and QONNX.
//!
//! Samples come first here: `[N, C, H, W]`, or `[N, features]`. Batch norms are those of evaluation. A layer's node is
//! named like the layer, `NAME.weight…` and `NAME.input…` make its weights and its quantized input. Each layer's true
//! bits are in the model's metadata (`NAME.weight.bits`, `NAME.input.bits`).

mod graph;
mod qdq;
mod quant;

use super::coding::{Coded, is_dense, weight_dims};
use super::safetensors::activation_name;
use super::{Content, Source};
use crate::error::Error;
use crate::nn::linear::Linear;
use crate::nn::node::{BatchNorm, Node, Op};
use crate::nn::ops::activation::{Activation, Curve};
use crate::nn::ops::batch_norm::EPSILON;
use crate::nn::ops::window::Window;
use crate::nn::tensor::Shape;
use crate::quant::Quantizer;
use graph::{Attribute, Graph};

/// How quantizers are written.
struct Flavour {
    /// Adds a layer's weights; returns the name of their values.
    weights: fn(&mut Graph, &str, &[usize], &Coded) -> String,
    /// Adds the quantizer of a layer's input `x`; returns the name of the quantized values.
    activation: fn(&mut Graph, &str, &str, &dyn Quantizer) -> String,
    domains: &'static [&'static str],
}

/// ONNX with QuantizeLinear and DequantizeLinear.
pub(crate) fn qdq(source: &Source) -> Result<Content, Error> {
    let flavour = Flavour {
        weights: qdq::weights,
        activation: qdq::activation,
        domains: &[],
    };
    model(source, &flavour)
}

/// ONNX with Quant.
pub(crate) fn qonnx(source: &Source) -> Result<Content, Error> {
    let flavour = Flavour {
        weights: quant::weights,
        activation: quant::activation,
        domains: &[quant::DOMAIN],
    };
    model(source, &flavour)
}

fn model(source: &Source, flavour: &Flavour) -> Result<Content, Error> {
    let nodes = source.network.nodes();
    let mut writer = Writer {
        graph: Graph::default(),
        flavour,
        values: Vec::new(),
    };
    for node in nodes {
        let value = writer.add(node, nodes);
        writer.values.push(value);
    }
    let Writer {
        mut graph,
        mut values,
        ..
    } = writer;
    let output = values.pop().unwrap_or_default();
    let output = graph.node("Identity", "logits", &[&output.name], &[]);
    graph.note("model", source.options.text("model"));
    graph.note("method", source.options.text("method"));
    let payload_bytes = graph.payload_bytes;
    let sample = dims(nodes[0].shape);
    let written = graph.finish(
        &source.stem(),
        ("input", &sample),
        (&output, &[source.network.classes()]),
        flavour.domains,
    );
    let bytes = written.ok_or_else(|| Error::Shape {
        what: "the ONNX file".to_owned(),
        expected: "less than 2 GB".to_owned(),
        got: "more".to_owned(),
    })?;
    Ok(Content {
        bytes,
        payload_bytes,
    })
}

/// A value of the graph.
#[derive(Clone, Default)]
struct Value {
    name: String,
    /// One sample, as the graph has it: an image, or features where height and width are 1.
    shape: Shape,
    /// Whether it has height and width as dimensions.
    image: bool,
}

fn dims(shape: Shape) -> Vec<usize> {
    if shape.h * shape.w > 1 {
        vec![shape.c, shape.h, shape.w]
    } else {
        vec![shape.c]
    }
}

struct Writer<'a> {
    graph: Graph,
    flavour: &'a Flavour,
    /// The output of each node.
    values: Vec<Value>,
}

impl Writer<'_> {
    fn add(&mut self, node: &Node, nodes: &[Node]) -> Value {
        let shape = node.shape;
        let input = node.inputs.first().map_or(0, |&input| input);
        let x = self.values.get(input).cloned().unwrap_or_default();
        let base = self.base(input, nodes);
        let (name, image) = match &node.op {
            Op::Input => (self.graph.unique("input"), shape.h * shape.w > 1),
            Op::Linear(linear) => return self.linear(linear, &x, shape),
            Op::BatchNorm(norm) => (self.batch_norm(norm, node, &base, &x.name), x.image),
            Op::Activation(kind) => (self.activation(*kind, &base, &x.name), x.image),
            Op::MaxPool(tables, _) => (self.pool("MaxPool", tables.window, &x), true),
            Op::AveragePool(tables) => (self.pool("AveragePool", tables.window, &x), true),
            Op::GlobalAveragePool => {
                let x = self.as_image(&x);
                let pooled =
                    self.graph
                        .node("GlobalAveragePool", "global_average_pool", &[&x], &[]);
                (
                    self.graph.node("Flatten", "features", &[&pooled], &[]),
                    false,
                )
            }
            Op::Flatten => (self.as_features(&x), false),
            Op::Add => {
                let other = self.values[node.inputs[1]].clone();
                let (a, b) = if x.image == other.image {
                    (x.name, other.name)
                } else {
                    (self.as_features(&x), self.as_features(&other))
                };
                (
                    self.graph.node("Add", "add", &[&a, &b], &[]),
                    x.image && other.image,
                )
            }
            Op::Affine(constants) => self.affine(constants, &x, shape),
            Op::Concat => self.concat(&node.inputs, shape),
            // Whoever wants it as an image makes one of it.
            Op::Reshape => (self.as_features(&x), false),
        };
        Value { name, shape, image }
    }

    /// The name of the layer that a node follows, for the names of what belongs to it.
    fn base(&self, mut at: usize, nodes: &[Node]) -> String {
        loop {
            match (&nodes[at].op, nodes[at].inputs.first()) {
                (Op::Linear(linear), _) => return linear.name.clone(),
                (_, Some(&before)) => at = before,
                (_, None) => return "input".to_owned(),
            }
        }
    }

    fn as_features(&mut self, x: &Value) -> String {
        if x.image {
            self.graph.node("Flatten", "flatten", &[&x.name], &[])
        } else {
            x.name.clone()
        }
    }

    fn as_image(&mut self, x: &Value) -> String {
        if x.image {
            return x.name.clone();
        }
        let sizes = [0, x.shape.c as i64, x.shape.h as i64, x.shape.w as i64];
        let sizes = self.graph.integers("image_shape", &sizes);
        self.graph.node("Reshape", "image", &[&x.name, &sizes], &[])
    }

    fn linear(&mut self, linear: &Linear, x: &Value, shape: Shape) -> Value {
        let (name, dense) = (&linear.name, is_dense(linear));
        let x = if dense {
            self.as_features(x)
        } else {
            self.as_image(x)
        };
        let x = match linear.activation_quantizer.as_deref() {
            Some(quantizer) => {
                self.graph
                    .note(&format!("{name}.input.bits"), &quantizer.bits().to_string());
                (self.flavour.activation)(&mut self.graph, &format!("{name}.input"), &x, quantizer)
            }
            None => x,
        };
        let coded = Coded::new(linear);
        self.graph
            .note(&format!("{name}.weight.bits"), &coded.bits.to_string());
        self.graph
            .note(&format!("{name}.weight.scheme"), coded.scheme());
        let before = self.graph.constants();
        let w = (self.flavour.weights)(
            &mut self.graph,
            &format!("{name}.weight"),
            &weight_dims(linear),
            &coded,
        );
        self.graph.count_as_weights(self.graph.constants() - before);
        let mut inputs = vec![x, w];
        if let Some(bias) = &linear.bias {
            inputs.push(self.graph.floats(
                &format!("{name}.bias"),
                &[bias.value.len()],
                &bias.value,
            ));
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let name = if dense {
            self.graph
                .node("Gemm", name, &inputs, &[("transB", Attribute::Int(1))])
        } else {
            let geometry = linear.geometry();
            let attributes = window_attributes(geometry.window);
            let mut attributes = borrowed(&attributes);
            attributes.push(("group", Attribute::Int(geometry.groups as i64)));
            self.graph.node("Conv", name, &inputs, &attributes)
        };
        Value {
            name,
            shape,
            image: !dense,
        }
    }

    fn batch_norm(&mut self, norm: &BatchNorm, node: &Node, base: &str, x: &str) -> String {
        let parts = ["gamma", "beta", "mean", "variance"]
            .into_iter()
            .zip(node.state());
        let mut inputs = vec![x.to_owned()];
        for (part, values) in parts {
            inputs.push(
                self.graph
                    .floats(&format!("{base}.norm.{part}"), &[values.len()], values),
            );
        }
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let epsilon = [("epsilon", Attribute::Float(EPSILON))];
        let y = self.graph.node(
            "BatchNormalization",
            &format!("{base}.norm"),
            &inputs,
            &epsilon,
        );
        self.activation(norm.activation(), base, &y)
    }

    fn activation(&mut self, kind: Activation, base: &str, x: &str) -> String {
        match kind {
            Activation::Identity => x.to_owned(),
            Activation::Relu => self.graph.node("Relu", &format!("{base}.relu"), &[x], &[]),
            Activation::Relu6 => self.clip(&format!("{base}.relu6"), x, [0.0, 6.0]),
            Activation::Imported(curve) => self.curve(curve, base, x),
        }
    }

    fn curve(&mut self, curve: Curve, base: &str, x: &str) -> String {
        let (op, attributes) = match curve {
            Curve::Clip { low, high } => {
                return self.clip(&format!("{base}.clip"), x, [low, high]);
            }
            Curve::LeakyRelu { slope } => ("LeakyRelu", vec![("alpha", Attribute::Float(slope))]),
            Curve::Sigmoid => ("Sigmoid", Vec::new()),
            Curve::Tanh => ("Tanh", Vec::new()),
            Curve::HardSwish => ("HardSwish", Vec::new()),
        };
        let name = format!("{base}.{}", activation_name(Activation::Imported(curve)));
        self.graph.node(op, &name, &[x], &attributes)
    }

    fn clip(&mut self, name: &str, x: &str, bounds: [f32; 2]) -> String {
        let [low, high] = ["low", "high"].map(|end| format!("{name}.{end}"));
        let low = self.graph.floats(&low, &[], &bounds[..1]);
        let high = self.graph.floats(&high, &[], &bounds[1..]);
        self.graph.node("Clip", name, &[x, &low, &high], &[])
    }

    /// y = scale·x + shift, by channel or by value.
    fn affine(&mut self, constants: &[(f32, f32)], x: &Value, shape: Shape) -> (String, bool) {
        let by_channel = constants.len() == shape.c;
        let image = shape.h * shape.w > 1 && (by_channel || x.image);
        let (x, dims) = match (image, by_channel) {
            (true, true) => (self.as_image(x), vec![shape.c, 1, 1]),
            (true, false) => (self.as_image(x), vec![shape.c, shape.h, shape.w]),
            (false, _) => (self.as_features(x), vec![constants.len()]),
        };
        let (scales, shifts): (Vec<f32>, Vec<f32>) = constants.iter().copied().unzip();
        let scales = self.graph.floats("affine.scale", &dims, &scales);
        let shifts = self.graph.floats("affine.shift", &dims, &shifts);
        let scaled = self.graph.node("Mul", "affine.scaled", &[&x, &scales], &[]);
        let name = self.graph.node("Add", "affine", &[&scaled, &shifts], &[]);
        (name, image)
    }

    fn concat(&mut self, inputs: &[usize], shape: Shape) -> (String, bool) {
        let image = shape.h * shape.w > 1;
        let parts: Vec<Value> = inputs.iter().map(|&at| self.values[at].clone()).collect();
        let names: Vec<String> = parts
            .iter()
            .map(|part| match image {
                true => self.as_image(part),
                false => self.as_features(part),
            })
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let axis = [("axis", Attribute::Int(1))];
        (self.graph.node("Concat", "concat", &names, &axis), image)
    }

    fn pool(&mut self, op: &str, window: Window, x: &Value) -> String {
        let x = self.as_image(x);
        let attributes = window_attributes(window);
        let mut attributes = borrowed(&attributes);
        if op == "AveragePool" {
            attributes.push(("count_include_pad", Attribute::Int(1)));
        }
        self.graph.node(
            op,
            if op == "MaxPool" {
                "max_pool"
            } else {
                "average_pool"
            },
            &[&x],
            &attributes,
        )
    }
}

fn window_attributes(window: Window) -> Vec<(&'static str, Vec<usize>)> {
    let Window { rows, columns } = window;
    let mut attributes = vec![
        ("kernel_shape", vec![rows.kernel, columns.kernel]),
        ("strides", vec![rows.stride, columns.stride]),
        (
            "pads",
            vec![rows.before, columns.before, rows.after, columns.after],
        ),
    ];
    if (rows.dilation, columns.dilation) != (1, 1) {
        attributes.push(("dilations", vec![rows.dilation, columns.dilation]));
    }
    attributes
}

fn borrowed<'a>(
    attributes: &'a [(&'static str, Vec<usize>)],
) -> Vec<(&'static str, Attribute<'a>)> {
    attributes
        .iter()
        .map(|(name, sizes)| (*name, Attribute::Ints(sizes)))
        .collect()
}
