//! What is known of operators by their names alone.

use super::graph::Operator;
use std::collections::BTreeSet;

/// The output and the values before it that differ in shape, coding or a Softmax alone; `operators` in the order of
/// computation.
pub(super) fn ends(operators: &[Operator], output: &str) -> BTreeSet<String> {
    let mut ends = BTreeSet::from([output.to_owned()]);
    for operator in operators.iter().rev() {
        let keeps = matches!(
            operator.kind.as_str(),
            "QuantizeLinear"
                | "DequantizeLinear"
                | "Softmax"
                | "LogSoftmax"
                | "Identity"
                | "Flatten"
                | "Reshape"
                | "Squeeze"
                | "Unsqueeze"
        );
        if keeps && operator.outputs.iter().any(|name| ends.contains(name)) {
            ends.extend(operator.inputs.first().cloned());
        }
    }
    ends
}

/// Every operator that can be taken; each says more where it cannot.
const KNOWN: [&str; 33] = [
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Clip",
    "Concat",
    "Constant",
    "Conv",
    "DequantizeLinear",
    "Div",
    "Dropout",
    "Flatten",
    "Gather",
    "Gemm",
    "GlobalAveragePool",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "LogSoftmax",
    "MatMul",
    "MaxPool",
    "Mul",
    "QuantizeLinear",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Shape",
    "Sigmoid",
    "Softmax",
    "Squeeze",
    "Sub",
    "Tanh",
    "Transpose",
    "Unsqueeze",
];

/// Whether an operator can be taken in some use of it.
pub(super) fn is_known(kind: &str) -> bool {
    KNOWN.contains(&kind)
}

/// What only moves values, or picks the largest: the same on levels as on the real values.
pub(super) fn carries_integers(kind: &str) -> bool {
    matches!(
        kind,
        "DequantizeLinear"
            | "MaxPool"
            | "Flatten"
            | "Reshape"
            | "Transpose"
            | "Squeeze"
            | "Unsqueeze"
            | "Identity"
            | "Concat"
    )
}
