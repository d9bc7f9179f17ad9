"""Makes the ONNX models tests/onnx/static-*: small float networks, quantized by onnxruntime's quantize_static.

    .tools/python/bin/python scripts/make_quantized_models.py

By default quantize_static takes out every Relu and Clip whose work the QuantizeLinear behind it does. The .json files
hold what onnxruntime computes with the quantized file ("output") and with the float network that it was made of
("float"). "tolerance" is the noise of the bits in parts of the largest output; "activations" is what the note of an import
says of the activations that were read from ranges. Four bits are too coarse to compare with: "output" is that of the float
network there too. Every network is seeded by its name.
"""
import json
import pathlib
import tempfile
import zlib

import numpy as np
import onnx
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from make_onnx_models import HERE, anonymous, model, node, run

SAMPLES = 8
CALIBRATION = 200
IMAGE = (2, 6, 6)


class Reader(CalibrationDataReader):
    def __init__(self, samples):
        self.rest = iter(samples)

    def get_next(self):
        sample = next(self.rest, None)
        return None if sample is None else {"x": sample[None]}


def layers(rng, sizes):
    """Gemm and Relu in turn, a Gemm at the end."""
    nodes, constants = [], {}
    for number, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), 1):
        source, last = "x" if number == 1 else f"r{number - 1}", number == len(sizes) - 1
        constants |= {f"fc{number}.weight": he(rng, outputs, inputs), f"fc{number}.bias": normal(rng, outputs, scale=0.3)}
        nodes.append(node("Gemm", [source, f"fc{number}.weight", f"fc{number}.bias"], ["y" if last else f"a{number}"], transB=1))
        if not last:
            nodes.append(node("Relu", [f"a{number}"], [f"r{number}"]))
    return nodes, constants


def matmuls(rng):
    nodes = [
        node("MatMul", ["x", "w1"], ["a"]), node("Add", ["a", "b1"], ["b"]), node("Relu", ["b"], ["c"]),
        node("MatMul", ["c", "w2"], ["d"]), node("Add", ["d", "b2"], ["e"]), node("Relu", ["e"], ["f"]),
        node("MatMul", ["f", "w3"], ["y"]),
    ]
    constants = {"w1": he(rng, 24, 12).T.copy(), "b1": normal(rng, 24, scale=0.3), "w2": he(rng, 16, 24).T.copy(), "b2": normal(rng, 16, scale=0.3), "w3": he(rng, 4, 16).T.copy()}
    return nodes, constants


def images(rng, activate):
    """Two convolutions, the second depthwise, a pool and a Gemm; `activate` gives the node of an activation."""
    nodes = [
        node("Conv", ["x", "c1.weight", "c1.bias"], ["a"], pads=[1, 1, 1, 1]), activate("a", "b"), node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["c", "c2.weight", "c2.bias"], ["d"], group=8, pads=[1, 1, 1, 1]), activate("d", "e"),
        node("Flatten", ["e"], ["f"]), node("Gemm", ["f", "head.weight", "head.bias"], ["y"], transB=1),
    ]
    constants = {
        "c1.weight": 2 * he(rng, 8, 2, 3, 3), "c1.bias": normal(rng, 8, scale=0.3), "c2.weight": 2 * he(rng, 8, 1, 3, 3), "c2.bias": normal(rng, 8, scale=0.3),
        "head.weight": he(rng, 4, 72), "head.bias": normal(rng, 4, scale=0.3),
    }
    return nodes, constants


def branches(rng):
    """A residual addition and a concatenation, each with a Relu behind it or before."""
    nodes = [
        node("Conv", ["x", "stem.weight", "stem.bias"], ["a"], pads=[1, 1, 1, 1]), node("Relu", ["a"], ["b"]),
        node("Conv", ["b", "left.weight", "left.bias"], ["c"], pads=[1, 1, 1, 1]), node("Add", ["c", "b"], ["d"]), node("Relu", ["d"], ["e"]),
        node("Conv", ["e", "right.weight", "right.bias"], ["f"]), node("Relu", ["f"], ["g"]), node("Concat", ["g", "e"], ["h"], axis=1),
        node("GlobalAveragePool", ["h"], ["i"]), node("Flatten", ["i"], ["j"]), node("Gemm", ["j", "head.weight", "head.bias"], ["y"], transB=1),
    ]
    constants = {
        "stem.weight": he(rng, 6, 2, 3, 3), "stem.bias": normal(rng, 6, scale=0.3), "left.weight": he(rng, 6, 6, 3, 3), "left.bias": normal(rng, 6, scale=0.3),
        "right.weight": he(rng, 5, 6, 1, 1), "right.bias": normal(rng, 5, scale=0.3), "head.weight": 3 * he(rng, 4, 11), "head.bias": normal(rng, 4, scale=0.1),
    }
    return nodes, constants


def normal(rng, *shape, scale):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def he(rng, *shape):
    return normal(rng, *shape, scale=(2 / np.prod(shape[1:])) ** 0.5)


def relu(source, output):
    return node("Relu", [source], [output])


def clip(source, output):
    return node("Clip", [source, "low", "high"], [output])


def clipped(rng, low, high):
    nodes, constants = images(rng, clip)
    return nodes, constants | {"low": np.float32(low), "high": np.float32(high)}


def signed(**more):
    return dict(activation_type=QuantType.QInt8, weight_type=QuantType.QInt8, **more)


def unsigned(**more):
    return dict(activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, **more)


def dense(rng):
    return layers(rng, (12, 24, 16, 16, 4))


def keep(name, network, sample, activations, settings, opset=13, tolerance=0.06, coarse=False):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    nodes, constants = network(rng)
    real = model(nodes, sample, constants, opset)
    seen = normal(rng, CALIBRATION, *sample, scale=1.0)
    with tempfile.TemporaryDirectory() as folder:
        source, target = (str(pathlib.Path(folder) / file) for file in ("float.onnx", "quantized.onnx"))
        onnx.save(real, source)
        quantize_static(source, target, Reader(seen), quant_format=QuantFormat.QDQ, **settings)
        quantized = onnx.load(target)
    anonymous(quantized)
    x = clear(real, seen)
    content = {
        "sample": list(sample), "input": rounded(x), "output": rounded(run(real if coarse else quantized, x)), "float": rounded(run(real, x)),
        "softmax": False, "tolerance": tolerance, "activations": activations,
    }
    (HERE / f"{name}.onnx").write_bytes(quantized.SerializeToString())
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{name}: {quantized.ByteSize()} bytes, {[n.op_type for n in quantized.graph.node if n.op_type in ('Relu', 'Clip')]} kept")


def answer(name, sample, activations):
    """What onnxruntime says of a file that is there already; its float network is not."""
    quantized = onnx.load(HERE / f"{name}.onnx")
    x = np.random.default_rng(zlib.crc32(name.encode())).uniform(-1, 1, (SAMPLES, *sample)).astype(np.float32)
    content = {"sample": list(sample), "input": rounded(x), "output": rounded(run(quantized, x)), "softmax": False, "tolerance": 0.06, "activations": activations}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


def clear(network, x):
    """The first samples whose class is not a matter of the noise; others than those of the calibration may be cut off."""
    y = np.sort(run(network, x), axis=1)
    return x[y[:, -1] - y[:, -2] > 0.2 * np.abs(y).max(axis=1)][:SAMPLES]


def rounded(values):
    return [[float(np.float32(v)) for v in row.reshape(-1)] for row in values]


if __name__ == "__main__":
    keep("static-mlp", dense, (12,), "Relu (3)", unsigned())
    keep("static-mlp-signed", dense, (12,), "Relu (3)", signed(per_channel=True))
    # The pairs in front of the Relus that are kept have the ranges of those behind.
    keep("static-mlp-kept", dense, (12,), "Relu (3)", unsigned(extra_options={"QDQKeepRemovableActivations": True}))
    keep("static-mlp-symmetric", dense, (12,), None, signed(extra_options={"ActivationSymmetric": True}))
    keep("static-mlp-16-bits", dense, (12,), "Relu (3)", dict(activation_type=QuantType.QUInt16, weight_type=QuantType.QInt8), opset=21)
    keep("static-mlp-4-bits", dense, (12,), "Relu (3)", dict(activation_type=QuantType.QUInt4, weight_type=QuantType.QInt8), opset=21, coarse=True)
    keep("static-mlp-percentile", dense, (12,), "Relu (3)", unsigned(calibrate_method=CalibrationMethod.Percentile), tolerance=0.05)
    keep("static-matmul", matmuls, (12,), "Relu (2)", signed(), tolerance=0.08)
    keep("static-cnn", lambda rng: images(rng, relu), IMAGE, "Relu (2)", signed())
    keep("static-cnn-relu6", lambda rng: clipped(rng, 0, 6), IMAGE, "Clip from 0 to 6 (2)", unsigned())
    keep("static-cnn-clip", lambda rng: clipped(rng, -1, 1), IMAGE, "Clip from -1 to 1 (2)", signed(per_channel=True))
    keep("static-branches", branches, IMAGE, "Relu (3)", unsigned(per_channel=True))
    # A convolution that makes two channels of each, with a Relu behind the first layer alone.
    answer("static-multiplier", (1, 8, 8), "Relu (1)")
