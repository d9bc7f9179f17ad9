//! An ONNX graph under construction: nodes, constants, and unique names for both.

use super::super::coding::Affine;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TypeProto,
    TypeProtoTensor, ValueInfoProto,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Format version of a file that uses opset 21.
const IR_VERSION: i64 = 10;
/// The first opset with 4-bit integers.
const OPSET: i64 = 21;

/// An integer type that holds codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Int4,
    Uint4,
    Int8,
    Uint8,
    Uint16,
}

impl Container {
    /// The smallest container of codes 0 to `last`; signed where that makes the zero point 0.
    pub fn of_affine(affine: &Affine) -> Self {
        match (
            affine.last < 16,
            affine.fits_signed(if affine.last < 16 { 4 } else { 8 }),
        ) {
            (true, true) => Self::Int4,
            (true, false) => Self::Uint4,
            (false, true) => Self::Int8,
            (false, false) => Self::Uint8,
        }
    }

    /// The smallest unsigned container of codes of `count` levels.
    pub fn of_count(count: usize) -> Self {
        if count <= 16 {
            Self::Uint4
        } else {
            Self::Uint8
        }
    }

    /// Whether codes are stored less their zero point.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Int4 | Self::Int8)
    }

    /// The name that ONNX has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Int4 => "INT4",
            Self::Uint4 => "UINT4",
            Self::Int8 => "INT8",
            Self::Uint8 => "UINT8",
            Self::Uint16 => "UINT16",
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Int4 => DataType::INT4,
            Self::Uint4 => DataType::UINT4,
            Self::Int8 => DataType::INT8,
            Self::Uint8 => DataType::UINT8,
            Self::Uint16 => DataType::UINT16,
        }
    }

    /// Values as ONNX packs them: two 4-bit values a byte, the first in the low half; else little endian.
    fn pack(self, values: &[i32]) -> Vec<u8> {
        match self {
            Self::Int4 | Self::Uint4 => {
                let half = |value: Option<&i32>| value.map_or(0, |&value| value as u8 & 15);
                values
                    .chunks(2)
                    .map(|pair| half(pair.first()) | half(pair.get(1)) << 4)
                    .collect()
            }
            Self::Int8 | Self::Uint8 => values.iter().map(|&value| value as u8).collect(),
            Self::Uint16 => values
                .iter()
                .flat_map(|&value| (value as u16).to_le_bytes())
                .collect(),
        }
    }
}

/// An attribute's value.
pub enum Attribute<'a> {
    Int(i64),
    Ints(&'a [usize]),
    Float(f32),
    Text(&'a str),
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    names: BTreeSet<String>,
    metadata: Vec<StringStringEntryProto>,
    /// Bytes of the weights' constants.
    pub payload_bytes: u64,
}

impl Graph {
    /// `wanted`, or with a number behind where that name is taken.
    pub fn unique(&mut self, wanted: &str) -> String {
        let wanted = if wanted.is_empty() { "layer" } else { wanted };
        let mut name = wanted.to_owned();
        let mut number = 1;
        while !self.names.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}_{number}");
        }
        name
    }

    /// Adds a node of one output; the output is named like the node.
    pub fn node(
        &mut self,
        op: &str,
        name: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        self.node_of("", op, name, inputs, attributes)
    }

    /// The same in another domain than ONNX's own.
    pub fn node_of(
        &mut self,
        domain: &str,
        op: &str,
        name: &str,
        inputs: &[&str],
        attributes: &[(&str, Attribute)],
    ) -> String {
        let name = self.unique(name);
        self.nodes.push(NodeProto {
            domain: (!domain.is_empty()).then(|| domain.to_owned()),
            name: Some(name.clone()),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.clone()],
            op_type: Some(op.to_owned()),
            attribute: attributes.iter().map(attribute).collect(),
        });
        name
    }

    fn constant(
        &mut self,
        name: &str,
        dims: &[usize],
        data_type: DataType,
        bytes: Vec<u8>,
    ) -> String {
        let name = self.unique(name);
        self.constants.push(TensorProto {
            dims: dims.iter().map(|&size| size as i64).collect(),
            data_type: Some(data_type),
            raw_data: Some(RefCell::new(bytes)),
            name: Some(name.clone()),
            ..TensorProto::default()
        });
        name
    }

    /// Adds a constant of floats; no dimension makes a scalar.
    pub fn floats(&mut self, name: &str, dims: &[usize], values: &[f32]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.constant(name, dims, DataType::FLOAT, bytes)
    }

    /// Adds a constant of 64-bit integers.
    pub fn integers(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.constant(name, &[values.len()], DataType::INT64, bytes)
    }

    /// Adds a constant of codes.
    pub fn codes(
        &mut self,
        name: &str,
        dims: &[usize],
        container: Container,
        values: &[i32],
    ) -> String {
        self.constant(name, dims, container.data_type(), container.pack(values))
    }

    /// Counts what the last `count` constants take as weights.
    pub fn count_as_weights(&mut self, count: usize) {
        let from = self.constants.len().saturating_sub(count);
        let bytes = |tensor: &TensorProto| {
            tensor
                .raw_data
                .as_ref()
                .map_or(0, |data| data.borrow().len())
        };
        self.payload_bytes += self.constants[from..].iter().map(bytes).sum::<usize>() as u64;
    }

    /// Number of constants so far.
    pub fn constants(&self) -> usize {
        self.constants.len()
    }

    /// Adds an entry to the model's metadata.
    pub fn note(&mut self, key: &str, value: &str) {
        self.metadata.push(StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value.to_owned()),
        });
    }

    /// The file. `input` and `output` are names and shapes of one sample; the batch is free. `domains` are used beside
    /// ONNX's own.
    pub fn finish(
        self,
        name: &str,
        input: (&str, &[usize]),
        output: (&str, &[usize]),
        domains: &[&str],
    ) -> Option<Vec<u8>> {
        let opset = |domain: &str, version| OperatorSetIdProto {
            domain: Some(domain.to_owned()),
            version: Some(version),
        };
        let own = core::iter::once(opset("", OPSET));
        let model = ModelProto {
            ir_version: Some(IR_VERSION),
            graph: Some(GraphProto {
                node: self.nodes,
                initializer: self.constants,
                input: vec![value_info(input)],
                output: vec![value_info(output)],
                value_info: Vec::new(),
            }),
            opset_import: own
                .chain(domains.iter().map(|domain| opset(domain, 1)))
                .collect(),
            metadata_props: self.metadata,
            producer_name: Some("ddq-playground".to_owned()),
            producer_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        };
        let mut bytes = graph_name(name);
        bytes.extend(model.write_buf().ok()?);
        Some(bytes)
    }
}

/// A graph that has a name and nothing else, as the field of a model that it is. ONNX wants every graph to have a name,
/// and rten-onnx writes none; a message field that stands twice in a protobuf file is one message, merged.
fn graph_name(name: &str) -> Vec<u8> {
    const GRAPH_FIELD: u8 = 7 << 3 | 2;
    const NAME_FIELD: u8 = 2 << 3 | 2;
    // One byte holds a length up to 127.
    let name: String = name.chars().filter(char::is_ascii).take(100).collect();
    let mut bytes = vec![
        GRAPH_FIELD,
        name.len() as u8 + 2,
        NAME_FIELD,
        name.len() as u8,
    ];
    bytes.extend(name.as_bytes());
    bytes
}

fn attribute((name, value): &(&str, Attribute)) -> AttributeProto {
    let mut made = AttributeProto {
        name: Some((*name).to_owned()),
        ..AttributeProto::default()
    };
    made.r#type = Some(match value {
        Attribute::Int(value) => {
            made.i = Some(*value);
            AttributeType::INT
        }
        Attribute::Ints(values) => {
            made.ints = values.iter().map(|&value| value as i64).collect();
            AttributeType::INTS
        }
        Attribute::Float(value) => {
            made.f = Some(*value);
            AttributeType::FLOAT
        }
        Attribute::Text(text) => {
            made.s = Some((*text).to_owned());
            AttributeType::STRING
        }
    });
    made
}

fn value_info((name, dims): (&str, &[usize])) -> ValueInfoProto {
    let batch = Dimension {
        dim_value: None,
        dim_param: Some("N".to_owned()),
    };
    let sizes = dims.iter().map(|&size| Dimension {
        dim_value: Some(size as i64),
        dim_param: None,
    });
    let shape = TensorShapeProto {
        dim: core::iter::once(batch).chain(sizes).collect(),
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(DataType::FLOAT),
                shape: Some(shape),
            }),
            sequence: None,
        }),
    }
}
