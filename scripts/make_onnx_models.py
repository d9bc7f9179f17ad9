"""Makes the ONNX models under tests/onnx with the outputs that onnxruntime computes for them.

    python3 -m venv .tools/onnx && .tools/onnx/bin/pip install torch onnx onnxruntime onnxscript scikit-learn
    .tools/onnx/bin/python scripts/make_onnx_models.py

Writes tests/onnx/<name>.onnx and tests/onnx/<name>.json ({"input": [N, ...], "output": [N, classes]}; "softmax" where
the file ends with one), small enough to be kept: CI runs no Python. Weights are seeded. What onnxruntime quantizes is made by make_quantized_models.py.
"""
import json
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "onnx"
SAMPLES = 3
RNG = np.random.default_rng(7)
warnings.filterwarnings("ignore")


def rand(*shape, scale=0.5):
    return (RNG.standard_normal(shape) * scale).astype(np.float32)


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, name=attributes.pop("name", f"{op.lower()}_{outputs[0]}"), **attributes)


def model(nodes, sample, constants, opset, classes=None, batch="N", output="y"):
    """A model with input x of [batch, *sample] and output y."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *sample])
    y = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "classes"])
    initializers = [value if isinstance(value, onnx.TensorProto) else numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", [x], [y], initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], producer_name="make_onnx_models")
    made.ir_version = min(12, made.ir_version)
    onnx.checker.check_model(made)
    return made


def run(made, x):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def anonymous(made):
    """Takes out what exporters note of the machine: stack traces with paths."""
    graph = made.graph
    for part in [made, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer]:
        del part.metadata_props[:]
        part.doc_string = ""


def keep(name, made, x, reference=None, softmax=False):
    """Writes a model with what onnxruntime says, one sample at a time where the batch is fixed."""
    sizes = made.graph.input[0].type.tensor_type.shape.dim
    source = reference or made
    fixed = sizes[0].dim_value == 1
    y = np.concatenate([run(source, part[None]) for part in x]) if fixed else run(source, x)
    anonymous(made)
    (HERE / f"{name}.onnx").write_bytes(made.SerializeToString())
    rounded = lambda values: [[float(np.float32(v)) for v in row.reshape(-1)] for row in values]
    content = {"sample": list(x.shape[1:]), "input": rounded(x), "output": rounded(y), "softmax": softmax}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{name}: {len(made.SerializeToString())} bytes, outputs {y.shape}")


def head(source, channels, classes=4):
    """The end of an image model: global average, flatten, Gemm."""
    nodes = [
        node("GlobalAveragePool", [source], ["pooled"]),
        node("Flatten", ["pooled"], ["flat"], axis=1),
        node("Gemm", ["flat", "head.weight", "head.bias"], ["y"], transB=1),
    ]
    return nodes, {"head.weight": rand(classes, channels), "head.bias": rand(classes)}


def image_model(name, nodes, constants, source, channels, opset, sample=(2, 7, 6), **kept):
    tail, weights = head(source, channels)
    x = rand(SAMPLES, *sample, scale=1.0)
    keep(name, model([*nodes, *tail], sample, {**constants, **weights}, opset), x, **kept)


def elementwise():
    """Every activation, in the forms of the operator sets."""
    for opset in (7, 9, 11, 13, 17, 21, 26):
        clip = {"low": np.float32(-0.4), "high": np.float32(0.7)} if opset >= 11 else {}
        chain = [
            node("Gemm", ["x", "fc1.weight", "fc1.bias"], ["a"], transB=1),
            node("LeakyRelu", ["a"], ["b"], alpha=0.2),
            node("Gemm", ["b", "w2", "b2"], ["c"], alpha=0.5, beta=2.0),
            node("Tanh", ["c"], ["d"]),
            node("MatMul", ["d", "w3"], ["e"]),
            node("Add", ["e", "b3"], ["f"]),
            node("Clip", ["f", "low", "high"], ["g"]) if clip else node("Clip", ["f"], ["g"], min=-0.4, max=0.7),
            node("MatMul", ["g", "w4"], ["h"]),
            node("Sigmoid", ["h"], ["i"]),
            node("Mul", ["i", "gain"], ["j"]),
            node("Relu", ["j"], ["k"]),
            node("Identity", ["k"], ["l"]),
            node("Gemm", ["l", "w5"], ["m"]) if opset >= 11 else node("Gemm", ["l", "w5", "zero"], ["m"]),
            node("Softmax", ["m"], ["y"], **({} if opset >= 13 else {"axis": 1})),
        ]
        constants = {
            "fc1.weight": rand(9, 5), "fc1.bias": rand(9), "w2": rand(9, 8), "b2": rand(8), "w3": rand(8, 7), "b3": rand(7),
            "w4": rand(7, 6), "gain": rand(6, scale=2.0), "w5": rand(6, 4), **clip,
        }
        if opset < 11:
            constants["zero"] = np.zeros(1, np.float32)
        keep(f"activations-{opset}", model(chain, (5,), constants, opset), rand(SAMPLES, 5, scale=1.0), softmax=True)
    image_model("hardswish", [
        node("Conv", ["x", "c.weight"], ["a"], pads=[1, 1, 1, 1]), node("HardSwish", ["a"], ["b"]),
    ], {"c.weight": rand(6, 2, 3, 3, scale=2.0)}, "b", 6, 14)


def convolutions():
    conv = lambda w, name="conv", **attributes: ([node("Conv", ["x", f"{name}.weight", f"{name}.bias"], ["a"], **attributes)], {f"{name}.weight": w, f"{name}.bias": rand(w.shape[0])})
    cases = {
        "conv-strides": (conv(rand(5, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1]), 5, 7),
        "conv-pads": (conv(rand(5, 2, 3, 2), pads=[0, 2, 1, 1], strides=[1, 2]), 5, 9),
        "conv-groups": (conv(rand(4, 1, 3, 3), group=2, pads=[1, 1, 1, 1]), 4, 11),
        "conv-depthwise": (conv(rand(2, 1, 3, 3), group=2, pads=[1, 0, 1, 0], strides=[2, 1]), 2, 13),
        "conv-multiplier": (conv(rand(6, 1, 3, 3), group=2), 6, 17),
        "conv-dilated": (conv(rand(5, 2, 3, 2), dilations=[2, 3], pads=[2, 2, 2, 2]), 5, 21),
        "conv-same-upper": (conv(rand(5, 2, 4, 3), auto_pad="SAME_UPPER", strides=[2, 2]), 5, 13),
        "conv-same-lower": (conv(rand(5, 2, 4, 3), auto_pad="SAME_LOWER", strides=[3, 2]), 5, 13),
        "conv-valid": (conv(rand(5, 2, 2, 5), auto_pad="VALID"), 5, 13),
    }
    for name, ((nodes, constants), channels, opset) in cases.items():
        image_model(name, nodes, constants, "a", channels, opset)
    nodes = [
        node("Conv", ["x", "c.weight"], ["a"], pads=[1, 1], strides=[2]),
        node("Add", ["a", "shift"], ["b"]), node("Relu", ["b"], ["c"]),
        node("MaxPool", ["c"], ["d"], kernel_shape=[2]), node("Flatten", ["d"], ["e"]), node("Gemm", ["e", "w"], ["y"]),
    ]
    keep("conv-1d", model(nodes, (2, 9), {"c.weight": rand(3, 2, 3), "shift": rand(1, 3, 1), "w": rand(12, 4)}, 13), rand(SAMPLES, 2, 9, scale=1.0))


def pools():
    one = {"c.weight": rand(4, 2, 1, 1)}
    start = [node("Conv", ["x", "c.weight"], ["a"])]
    cases = {
        "maxpool": dict(op="MaxPool", kernel_shape=[2, 2], strides=[2, 2]),
        "maxpool-ceil": dict(op="MaxPool", kernel_shape=[3, 2], strides=[2, 2], ceil_mode=1, pads=[1, 0, 1, 0]),
        "maxpool-dilated": dict(op="MaxPool", kernel_shape=[2, 2], dilations=[2, 1], strides=[1, 1]),
        "averagepool": dict(op="AveragePool", kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1]),
        "averagepool-padded": dict(op="AveragePool", kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1], count_include_pad=1),
        "averagepool-ceil": dict(op="AveragePool", kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1),
    }
    for name, attributes in cases.items():
        op = attributes.pop("op")
        image_model(name, [*start, node(op, ["a"], ["b"], **attributes)], one, "b", 4, 12 if op == "MaxPool" else 11)
    for opset in (7, 13, 18, 26):
        axes = {"axes": [2, 3]} if opset < 18 else {}
        extra = {"axes": np.array([-1, 2], np.int64)} if opset >= 18 else {}
        nodes = [
            *start, node("Relu", ["a"], ["b"]),
            node("ReduceMean", ["b", "axes"] if extra else ["b"], ["c"], keepdims=0, **axes), node("Gemm", ["c", "w"] if opset >= 11 else ["c", "w", "zero"], ["y"]),
        ]
        constants = {**one, "w": rand(4, 3), **extra, **({"zero": np.zeros(1, np.float32)} if opset < 11 else {})}
        keep(f"reducemean-{opset}", model(nodes, (2, 5, 5), constants, opset), rand(SAMPLES, 2, 5, 5, scale=1.0))


def normalization():
    for opset, epsilon in ((7, 1e-5), (9, 1e-3), (15, 1e-6)):
        nodes = [
            node("Conv", ["x", "c.weight"], ["a"], pads=[1, 1, 1, 1]),
            node("BatchNormalization", ["a", "g", "b", "m", "v"], ["n"], epsilon=epsilon), node("Relu", ["n"], ["r"]),
        ]
        constants = {"c.weight": rand(5, 2, 3, 3), "g": rand(5), "b": rand(5), "m": rand(5), "v": np.abs(rand(5)) + 0.01}
        image_model(f"batchnorm-{opset}", nodes, constants, "r", 5, opset)
    nodes = [
        node("Sub", ["x", "mean"], ["a"]), node("Div", ["a", "deviation"], ["b"]),
        node("BatchNormalization", ["b", "g", "beta", "m", "v"], ["n"]),
        node("Conv", ["n", "c.weight"], ["c"], pads=[1, 1, 1, 1]), node("Mul", ["c", "mask"], ["d"]),
    ]
    constants = {
        "mean": np.float32(0.3), "deviation": np.array([[[0.5]], [[2.0]]], np.float32), "g": rand(2), "beta": rand(2), "m": rand(2), "v": np.abs(rand(2)) + 0.1,
        "c.weight": rand(3, 2, 3, 3), "mask": rand(1, 1, 7, 6),
    }
    image_model("preprocessing", nodes, constants, "d", 3, 13)


def graphs():
    """Branches, residuals, reshapes, transposes, dropout, constants."""
    nodes = [
        node("Conv", ["x", "stem.weight"], ["s"], pads=[1, 1, 1, 1]), node("Relu", ["s"], ["a"]),
        node("Conv", ["a", "left.weight"], ["l"]), node("Conv", ["a", "right.weight"], ["r"], pads=[1, 1, 1, 1]),
        node("LeakyRelu", ["r"], ["q"]), node("Concat", ["l", "q", "a"], ["c"], axis=1),
        node("Conv", ["c", "mix.weight"], ["m"]), node("Add", ["m", "a"], ["sum"]), node("Relu", ["sum"], ["out"]),
    ]
    constants = {"stem.weight": rand(4, 2, 3, 3), "left.weight": rand(3, 4, 1, 1), "right.weight": rand(5, 4, 3, 3), "mix.weight": rand(4, 12, 1, 1)}
    image_model("concat-residual", nodes, constants, "out", 4, 13)
    nodes = [
        node("Constant", [], ["shape"], value=numpy_helper.from_array(np.array([0, -1], np.int64))),
        node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), node("Conv", ["t", "c.weight"], ["a"], strides=[2, 2]), node("Dropout", ["a"], ["b"]),
        node("Reshape", ["b", "shape"], ["c"]), node("Transpose", ["w"], ["wt"], perm=[1, 0]), node("Gemm", ["c", "wt"], ["d"]),
        node("Unsqueeze", ["d", "two"], ["e"]), node("Squeeze", ["e", "two"], ["f"]), node("LogSoftmax", ["f"], ["y"], axis=-1),
    ]
    constants = {"c.weight": rand(3, 1, 2, 2), "w": rand(4, 27), "two": np.array([2], np.int64)}
    keep("reshaping", model(nodes, (6, 6, 1), constants, 13), rand(SAMPLES, 6, 6, 1, scale=1.0), softmax=True)


def quantized():
    """Weights as levels; activations between QuantizeLinear and DequantizeLinear."""
    levels = lambda *shape: RNG.integers(-100, 100, shape).astype(np.int8)
    for opset in (10, 13, 21):
        channels = opset >= 13
        constants = {
            "w": levels(5, 2, 3, 3), "ws": np.abs(rand(5, scale=0.01)) + np.float32(0.002) if channels else np.float32(0.01), "wz": np.zeros(5, np.int8) if channels else np.int8(3),
            "f": levels(5, 4).astype(np.int16).astype(np.uint8) if not channels else levels(5, 4), "fs": np.float32(0.02), "fz": np.uint8(120) if not channels else np.int8(0),
            "xs": np.float32(0.05), "xz": np.uint8(128),
        }
        weights = node("DequantizeLinear", ["w", "ws", "wz"], ["wr"], **({"axis": 0} if channels else {}))
        rest = [node("Relu", ["a"], ["b"]), node("GlobalAveragePool", ["b"], ["c"]), node("Flatten", ["c"], ["d"]),
                node("DequantizeLinear", ["f", "fs", "fz"], ["fr"]), node("MatMul", ["d", "fr"], ["y"])]
        plain = [weights, node("Conv", ["x", "wr"], ["a"]), *rest]
        pair = [node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]), node("DequantizeLinear", ["xq", "xs", "xz"], ["xr"])]
        whole = [*pair, weights, node("Conv", ["xr", "wr"], ["a"]), *rest]
        without = {name: value for name, value in constants.items() if name not in ("xs", "xz")}
        x = rand(SAMPLES, 2, 6, 6, scale=1.0)
        # The pair on activations is left out on import: the reference is the model without it.
        keep(f"qdq-{opset}", model(whole, (2, 6, 6), constants, opset), x, reference=model(plain, (2, 6, 6), without, opset))


def digits():
    """PyTorch's own exports of a CNN trained on the digits; x is pixel/8 − 1."""
    import torch
    from sklearn.datasets import load_digits
    from torch_models import Digits, Viewed, torch_model

    data = load_digits()
    x = torch.tensor(data.images / 8 - 1, dtype=torch.float32)[:, None]
    labels = torch.tensor(data.target)
    torch.manual_seed(1)
    net = Digits()
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    for _ in range(25):
        for part in torch.randperm(1200).split(64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(net(x[part]), labels[part]).backward()
            optimizer.step()
    net.eval()
    print(f"digits: accuracy {(net(x).argmax(1) == labels)[1200:].float().mean():.4f} on digits it has not seen")
    for opset in (9, 13, 17):
        keep(f"digits-{opset}", torch_model(net, x[:2], opset, False), x[:SAMPLES].numpy())
    keep("digits-dynamo", torch_model(net, x[:2], 20, True), x[:SAMPLES].numpy())
    viewed = Viewed().eval()
    x6 = torch.tensor(rand(SAMPLES, 2, 7, 6, scale=1.0))
    keep("torch-view", torch_model(viewed, x6, 11, False), x6.numpy())
    mlp = torch.nn.Sequential(torch.nn.Linear(64, 24), torch.nn.Tanh(), torch.nn.Linear(24, 10))
    keep("mlp-batch-1", torch_model(mlp, x[:1].reshape(1, 64), 17, False, fixed=True), x[:SAMPLES].reshape(SAMPLES, 64).numpy())


if __name__ == "__main__":
    HERE.mkdir(parents=True, exist_ok=True)
    for part in (elementwise, convolutions, pools, normalization, graphs, quantized, digits):
        part()
    print(f"{sum(f.stat().st_size for f in HERE.iterdir())} bytes in all")
