//! The graph of a file, checked: every name is made once and known, nothing goes in circles, and what is left are the
//! nodes that the output needs, in the order in which they can be computed.

use super::File;
use super::attributes::Attributes;
use super::constant::Constant;
use crate::error::Error;
use rten_onnx::onnx::{DataType, GraphProto, NodeProto, TypeProtoTensor, ValueInfoProto};
use std::collections::{BTreeMap, BTreeSet};

/// Values of one sample that an input may have.
pub(super) const VALUES_MAX: usize = 1 << 20;

/// One operator of the file.
#[derive(Debug)]
pub(super) struct Operator {
    /// The name in the file, or the operator's type and number where it has none.
    pub name: String,
    /// "Conv", "Relu", … with its domain where that is not the standard one.
    pub kind: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: Attributes,
}

impl Operator {
    /// Where it stands, for messages.
    pub fn place(&self) -> String {
        format!("node \"{}\" ({})", self.name, self.kind)
    }
}

/// A checked graph.
#[derive(Debug)]
pub(super) struct Graph {
    /// The name of the network's input.
    pub input: String,
    /// The sizes of one sample.
    pub sample: Vec<usize>,
    /// The batch that the file was made for, where it states one.
    pub batch: Option<usize>,
    /// The name of the logits.
    pub output: String,
    /// Weights and other constants, by name.
    pub constants: BTreeMap<String, Constant>,
    /// What the output needs, in the order of computation.
    pub operators: Vec<Operator>,
    /// How many operators (of those above) read each value; the output counts as a reader.
    pub readers: BTreeMap<String, usize>,
}

impl Graph {
    /// Checks a graph.
    ///
    /// # Errors
    /// `Format` that names the place.
    pub fn new(file: &File, proto: GraphProto) -> Result<Self, Error> {
        let mut constants = BTreeMap::new();
        for (index, tensor) in proto.initializer.iter().enumerate() {
            let name = tensor.name.clone().unwrap_or_default();
            let place = match name.as_str() {
                "" => format!("initializer {index}"),
                name => format!("initializer \"{name}\""),
            };
            let constant = Constant::read(file, &place, tensor)?;
            if constants.insert(name, constant).is_some() {
                return Err(file.wrong(&place, "a name that is used once", "a second one"));
            }
        }
        let (input, shape) = only_input(file, &proto.input, &constants)?;
        let output = only_output(file, &proto.output)?;
        let (batch, sample) = sample_of(file, &input, shape)?;
        let operators = proto.node.into_iter().enumerate();
        let operators = operators
            .map(|(index, node)| operator(file, index, node))
            .collect::<Result<Vec<_>, _>>()?;
        let makers = makers(file, &operators, &constants, &input)?;
        let order = ordered(file, &operators, &makers, &constants, &input, &output)?;
        let mut slots: Vec<Option<Operator>> = operators.into_iter().map(Some).collect();
        let operators: Vec<Operator> = order
            .into_iter()
            .filter_map(|index| slots[index].take())
            .collect();
        let mut readers = BTreeMap::from([(output.clone(), 1)]);
        for name in operators.iter().flat_map(|operator| &operator.inputs) {
            *readers.entry(name.clone()).or_insert(0) += 1;
        }
        Ok(Self {
            input,
            sample,
            batch,
            output,
            constants,
            operators,
            readers,
        })
    }
}

fn operator(file: &File, index: usize, node: NodeProto) -> Result<Operator, Error> {
    let kind = node.op_type.unwrap_or_default();
    let domain = node.domain.unwrap_or_default();
    let name = node.name.filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| format!("{kind} {index}"));
    if kind.is_empty() {
        return Err(file.wrong(&format!("node \"{name}\""), "an operator's type", "none"));
    }
    let kind = match domain.as_str() {
        "" | "ai.onnx" => kind,
        domain => format!("{domain}.{kind}"),
    };
    let place = format!("node \"{name}\" ({kind})");
    Ok(Operator {
        attributes: Attributes::new(file, place, node.attribute)?,
        name,
        kind,
        inputs: node.input,
        outputs: node.output,
    })
}

fn name_of(info: &ValueInfoProto) -> &str {
    info.name.as_deref().unwrap_or_default()
}

/// The one input that no initializer stands for, and what is known of its shape.
fn only_input<'a>(
    file: &File,
    inputs: &'a [ValueInfoProto],
    constants: &BTreeMap<String, Constant>,
) -> Result<(String, Option<&'a TypeProtoTensor>), Error> {
    let given = inputs
        .iter()
        .filter(|info| !constants.contains_key(name_of(info)));
    let given: Vec<&ValueInfoProto> = given.collect();
    let [input] = given.as_slice() else {
        let names: Vec<&str> = given.iter().map(|info| name_of(info)).collect();
        let got = match names.as_slice() {
            [] => "none".to_owned(),
            names => format!("{} ({})", names.len(), names.join(", ")),
        };
        return Err(file.wrong("the graph's inputs", "one input", &got));
    };
    let kind = input.r#type.as_ref();
    Ok((
        name_of(input).to_owned(),
        kind.and_then(|kind| kind.tensor_type.as_ref()),
    ))
}

fn only_output(file: &File, outputs: &[ValueInfoProto]) -> Result<String, Error> {
    let [output] = outputs else {
        let names: Vec<&str> = outputs.iter().map(name_of).collect();
        let got = format!("{} ({})", names.len(), names.join(", "));
        return Err(file.wrong("the graph's outputs", "one output, the logits", &got));
    };
    Ok(name_of(output).to_owned())
}

/// The batch, where it is stated, and the sizes of a sample behind it.
fn sample_of(
    file: &File,
    name: &str,
    tensor: Option<&TypeProtoTensor>,
) -> Result<(Option<usize>, Vec<usize>), Error> {
    let place = format!("input \"{name}\"");
    let wrong = |expected: &str, got: &str| Err(file.wrong(&place, expected, got));
    let Some(tensor) = tensor else {
        return wrong("a tensor", "another type, or none");
    };
    let kind = tensor.elem_type.unwrap_or(DataType::FLOAT);
    if kind != DataType::FLOAT {
        return wrong("float32 values", &kind.to_string());
    }
    let dims = tensor
        .shape
        .as_ref()
        .map_or(&[][..], |shape| shape.dim.as_slice());
    let [batch, sample @ ..] = dims else {
        return wrong("a batch and the sizes of a sample", "no sizes");
    };
    if !(1..=3).contains(&sample.len()) {
        let got = format!("{} sizes", dims.len());
        return wrong(
            "2 to 4 sizes: a batch, and features or channels, rows and columns",
            &got,
        );
    }
    let stated = |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok());
    // Some exporters write 0 or -1 for a batch of any size.
    let batch = stated(batch.dim_value).filter(|&batch| batch > 0);
    let mut sizes = Vec::new();
    for dim in sample {
        match (stated(dim.dim_value), &dim.dim_param) {
            (Some(size), _) if size > 0 => sizes.push(size),
            (None, Some(symbol)) if dim.dim_value.is_none() => {
                return wrong(
                    "numbers for all sizes but the batch",
                    &format!("\"{symbol}\""),
                );
            }
            _ => {
                let got = dim
                    .dim_value
                    .map_or("none".to_owned(), |value| value.to_string());
                return wrong("sizes of 1 or more", &got);
            }
        }
    }
    let values = sizes
        .iter()
        .try_fold(1usize, |all, &size| all.checked_mul(size));
    if values.is_none_or(|values| values > VALUES_MAX) {
        let expected = format!("at most {VALUES_MAX} values a sample");
        return wrong(&expected, &format!("{sizes:?}"));
    }
    Ok((batch, sizes))
}

/// Which operator makes each value.
fn makers<'a>(
    file: &File,
    operators: &'a [Operator],
    constants: &BTreeMap<String, Constant>,
    input: &str,
) -> Result<BTreeMap<&'a str, usize>, Error> {
    let mut makers = BTreeMap::new();
    for (index, operator) in operators.iter().enumerate() {
        for output in operator.outputs.iter().filter(|name| !name.is_empty()) {
            let taken = constants.contains_key(output) || output == input;
            if makers.insert(output.as_str(), index).is_some() || taken {
                return Err(file.wrong(
                    &operator.place(),
                    "an output with a name of its own",
                    &format!("\"{output}\", which something else makes"),
                ));
            }
        }
    }
    Ok(makers)
}

/// The operators that `output` needs, each after those that it reads.
fn ordered(
    file: &File,
    operators: &[Operator],
    makers: &BTreeMap<&str, usize>,
    constants: &BTreeMap<String, Constant>,
    input: &str,
    output: &str,
) -> Result<Vec<usize>, Error> {
    let Some(&last) = makers.get(output) else {
        let got = "a name that no node makes";
        return Err(file.wrong(&format!("output \"{output}\""), "the output of a node", got));
    };
    let mut order = Vec::new();
    let (mut open, mut done) = (BTreeSet::new(), BTreeSet::new());
    // Each entry is an operator and how many of its inputs were followed.
    let mut stack = vec![(last, 0)];
    open.insert(last);
    while let Some((index, next)) = stack.pop() {
        let operator = &operators[index];
        let Some(name) = operator.inputs.get(next) else {
            open.remove(&index);
            done.insert(index);
            order.push(index);
            continue;
        };
        stack.push((index, next + 1));
        if name.is_empty() || name == input || constants.contains_key(name) {
            continue;
        }
        let Some(&maker) = makers.get(name.as_str()) else {
            let got = "neither an initializer, an input nor the output of a node";
            let expected = format!("input \"{name}\" in the file");
            return Err(file.wrong(&operator.place(), &expected, got));
        };
        if open.contains(&maker) {
            let got = format!("a cycle through \"{name}\"");
            return Err(file.wrong(&operator.place(), "a graph without cycles", &got));
        }
        if !done.contains(&maker) {
            open.insert(maker);
            stack.push((maker, 0));
        }
    }
    Ok(order)
}
