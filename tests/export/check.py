"""Loads what the tests took away (taken.mjs) in the tools that it is for, and compares with the session's own numbers.

    python check.py FOLDER

FOLDER has a manifest.json: for every run its files, and the logits and inputs as raw float32 beside it. Prints one line
per comparison and exits with 1 and the reason at the first that fails.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import safetensors.numpy
from jsonschema import Draft202012Validator
from onnx import helper, numpy_helper

QONNX = "qonnx.custom_op.general"
# Largest difference of a logit where weights alone are quantized; with imported networks in parts of the largest logit.
LOGITS = 1e-4
# Part of the samples that get the same class where activations are quantized too: a value within float rounding of a
# threshold may fall to either side.
SAME_CLASS = 0.999
# Logits of imported networks that differ by no more than this, in parts of the largest, count as equal: a classifier without
# a bias on few codes has logits that are the same number, and the order of a sum decides which comes out larger.
TIE = 1e-6
# Part of the samples on which no value falls to the other side: there the logits agree as with weights alone.
SAME_LOGITS = 0.95


def load(model):
    """A session of onnxruntime on one thread: the tests share their machine."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def quant(x, scale, zero, bits, signed, narrow):
    """The semantics of QONNX's Quant with rounding_mode ROUND."""
    half = 2.0 ** (bits - 1)
    low = -half + narrow if signed else 0.0
    high = half - 1 if signed else 2.0**bits - 1 - narrow
    return (np.round(np.clip(x / scale + zero, low, high)) - zero) * scale


def evaluate_qonnx(model, x):
    """Runs the nodes one by one: Quant here, every other operator in onnxruntime."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    # onnxruntime takes no 4-bit arrays from Python; a byte holds them too.
    small = {name: value for name, value in values.items() if value.dtype.name in ("int4", "uint4")}
    values.update({name: value.astype(np.int32) for name, value in small.items()})
    values[model.graph.input[0].name] = x
    for node in model.graph.node:
        inputs = [values[name] for name in node.input]
        if node.domain == QONNX:
            given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
            assert given["rounding_mode"] == b"ROUND", given
            out = quant(*inputs, given["signed"], given["narrow"]).astype(np.float32)
        else:
            infos = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(v.dtype), v.shape) for n, v in zip(node.input, inputs)]
            output = helper.make_empty_tensor_value_info(node.output[0])
            graph = helper.make_graph([node], "one", infos, [output])
            # A graph of one node wants the type of its output inferred.
            single = onnx.shape_inference.infer_shapes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10))
            out = load(single.SerializeToString()).run(None, dict(zip(node.input, inputs)))[0]
        values[node.output[0]] = out
    return values[model.graph.output[0].name]


def check_operators(model, run):
    """What stands for the quantizers is what the documentation promises."""
    weights = {node.op_type for node in model.graph.node if ".weight." in node.name}
    inputs = {node.op_type for node in model.graph.node if ".input." in node.name}
    if run["method"] == "float":
        assert not weights and not inputs, (weights, inputs)
    elif run["method"] in ("uniform", "lsq"):
        assert "DequantizeLinear" in weights and "Gather" not in weights, weights
    elif run["method"] == "ddq":
        assert "Gather" in weights, weights
    if not run["activations"]:
        assert not inputs, inputs
    elif run["method"] in ("uniform", "lsq"):
        assert {"QuantizeLinear", "DequantizeLinear"} <= inputs, inputs
    bits = {entry.key: entry.value for entry in model.metadata_props}
    for layer in run["layers"]:
        assert bits[f"{layer['name']}.weight.bits"] == str(layer["bits"]), (layer, bits)


def compare(name, run, found, expected):
    assert found.shape == expected.shape, f"{name}: shape {found.shape}, expected {expected.shape}"
    largest = np.abs(expected).max() if run["imported"] else 0.0
    picked = np.take_along_axis(expected, found.argmax(1)[:, None], 1)[:, 0]
    same = np.mean(expected.max(1) - picked <= TIE * largest)
    apart = np.abs(found - expected).max(1)
    limit = LOGITS * (largest if run["imported"] else 1.0)
    worst, near = apart.max(), np.mean(apart <= limit)
    print(f"{name}: {same:.2%} of {len(found)} the same class, {near:.2%} the same logits, which differ by {worst:.2e} at most")
    if run["activations"]:
        assert same >= SAME_CLASS, f"{name}: {same:.4%} of the classes are the same, expected {SAME_CLASS:.1%}"
        assert near >= SAME_LOGITS, f"{name}: {near:.2%} of the logits are the same, expected {SAME_LOGITS:.0%}"
    else:
        assert worst <= limit, f"{name}: logits differ by {worst}, expected at most {limit}"


def check_onnx(folder, run, x, expected):
    file = folder / run["files"]["onnx"]
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    check_operators(model, run)
    session = load(str(file))
    shape = [len(x), *session.get_inputs()[0].shape[1:]]
    compare(f"onnx {run['name']}", run, session.run(None, {"input": x.reshape(shape)})[0], expected)
    # The batch is free.
    one = session.run(None, {"input": x[:1].reshape([1, *shape[1:]])})[0]
    assert np.abs(one - expected[:1]).max() <= 0.05 * np.ptp(expected), "one sample alone"


def check_qonnx(folder, run, x, expected):
    model = onnx.load(folder / run["files"]["qonnx"])
    quants = [node for node in model.graph.node if node.domain == QONNX]
    stated = run["method"] != "float" and not run["moving"]
    wanted = sum(1 + bool(layer["input"]) for layer in run["layers"]) if stated else 0
    assert len(quants) >= wanted, f"{run['name']}: {len(quants)} Quant nodes, expected {wanted}"
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    if run["method"] in ("uniform", "lsq"):
        widths = {node.name.split(".weight")[0]: float(constants[node.input[3]]) for node in quants if ".weight" in node.name}
        assert widths == {layer["name"]: layer["bits"] for layer in run["layers"]}, widths
    dims = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    compare(f"qonnx {run['name']}", run, evaluate_qonnx(model, x.reshape([len(x), *dims])), expected)


def check_safetensors(folder, run):
    file = folder / run["files"]["safetensors"]
    with safetensors.safe_open(file, "numpy") as opened:
        layout = json.loads(opened.metadata()["layout"])
        names = set(opened.keys())
    assert layout["payload_bytes"] == run["size_bytes"], (layout["payload_bytes"], run["size_bytes"])
    assert [layer["name"] for layer in layout["layers"]] == [layer["name"] for layer in run["layers"]]
    assert "weights.codes" in names
    print(f"safetensors {run['name']}: {layout['payload_bytes']} bytes of weights")


def main():
    folder = Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text())
    schema = json.loads(Path(manifest["schema"]).read_text())
    Draft202012Validator.check_schema(schema)
    for run in manifest["runs"]:
        raw = lambda name, columns: np.fromfile(folder / name, np.float32).reshape(-1, columns)
        x, expected = raw(run["inputs"], run["input_size"]), raw(run["logits"], run["classes"])
        check_onnx(folder, run, x, expected)
        check_qonnx(folder, run, x, expected)
        check_safetensors(folder, run)
        Draft202012Validator(schema).validate(json.loads((folder / run["files"]["recipe"]).read_text()))


main()
