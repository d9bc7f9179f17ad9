"""Training steps per second in PyTorch, one thread, batch 32: the baseline of scripts/bench.mjs.

Reads lines "<model> <steps>" (mlp or mobile) from standard input and answers each with steps per second.
The networks, the fake quantization (fixed 4-bit DDQ: trainable levels, nearest level, clipped straight-through
gradient) and the optimizer (AdamW) are those of the playground; data are random, which costs the same.
"""

import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
BATCH, BITS = 32, 4


class Nearest(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, levels):
        codes = torch.bucketize(x, (levels[1:] + levels[:-1]) / 2)
        ctx.save_for_backward(x, levels, codes)
        return levels[codes]

    @staticmethod
    def backward(ctx, upstream):
        x, levels, codes = ctx.saved_tensors
        inside = (x >= levels[0]) & (x <= levels[-1])
        sums = torch.zeros_like(levels).index_add_(0, codes.flatten(), upstream.flatten())
        return upstream * inside, sums


class Quantizer(nn.Module):
    def __init__(self, low, high):
        super().__init__()
        self.levels = nn.Parameter(torch.linspace(low, high, 2**BITS))

    def forward(self, x):
        return Nearest.apply(x, self.levels)


class Quantized(nn.Module):
    """A dense or convolution layer with a quantizer for its weight and, but for the first, its input."""

    def __init__(self, layer, first=False):
        super().__init__()
        self.layer = layer
        self.weight_quantizer = Quantizer(-0.5, 0.5)
        self.input_quantizer = None if first else Quantizer(0.0, 3.0)

    def forward(self, x):
        if self.input_quantizer is not None:
            x = self.input_quantizer(x)
        weight = self.weight_quantizer(self.layer.weight)
        if isinstance(self.layer, nn.Linear):
            return nn.functional.linear(x, weight, self.layer.bias)
        layer = self.layer
        return nn.functional.conv2d(x, weight, layer.bias, layer.stride, layer.padding, 1, layer.groups)


def mlp():
    return nn.Sequential(
        Quantized(nn.Linear(64, 64), first=True), nn.ReLU(),
        Quantized(nn.Linear(64, 32)), nn.ReLU(),
        Quantized(nn.Linear(32, 10)),
    )


def convolution(inputs, outputs, kernel, stride=1, groups=1, first=False):
    layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [Quantized(layer, first), nn.BatchNorm2d(outputs)]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        self.body = nn.Sequential(
            *convolution(inputs, wide, 1), nn.ReLU6(),
            *convolution(wide, wide, 3, stride, wide), nn.ReLU6(),
            *convolution(wide, outputs, 1),
        )
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.shortcut else self.body(x)


def mobile():
    return nn.Sequential(
        *convolution(1, 16, 3, first=True), nn.ReLU6(),
        Block(16, 16, 2, 2), Block(16, 20, 1, 3), Block(20, 20, 1, 3), Block(20, 32, 2, 3),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), Quantized(nn.Linear(32, 10)),
    )


class Run:
    def __init__(self, model, shape):
        self.model = model
        self.x, self.y = torch.randn(BATCH, *shape), torch.randint(0, 10, (BATCH,))
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def steps_per_second(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.optimizer.zero_grad()
            nn.functional.cross_entropy(self.model(self.x), self.y).backward()
            self.optimizer.step()
        return steps / (time.perf_counter() - start)


RUNS = {"mlp": Run(mlp(), (64,)), "mobile": Run(mobile(), (1, 8, 8))}
for run in RUNS.values():
    run.steps_per_second(20)
print("ready", flush=True)
for line in sys.stdin:
    name, steps = line.split()
    print(RUNS[name].steps_per_second(int(steps)), flush=True)
