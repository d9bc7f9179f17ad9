#!/usr/bin/env python3
"""Packs the handwritten digits of scikit-learn into src/data/digits.bin.

    python3 scripts/make_digits.py [OUTPUT]

Source: `digits.csv.gz` inside the PyPI package scikit-learn: 1,797 lines of 64 pixels (0..16) and
one label, the test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits",
UCI Machine Learning Repository, 1998, doi:10.24432/C50P49, CC BY 4.0.

The format is described in src/data/digits_codec.rs, whose decoder mirrors the encoder below step by
step. After packing, the script decodes its own output and prints the constants of that file's
tests, computed from scikit-learn's data.
"""

import csv
import gzip
import pathlib
import sys
import zlib
from importlib import resources

PIXELS, MAXIMUM, NODES = 64, 16, 17
LABEL_CONTEXT = 10 * PIXELS * 9


def original():
    """The samples in file order: (label, 64 pixels)."""
    path = resources.files("sklearn.datasets.data") / "digits.csv.gz"
    with gzip.open(path.open("rb"), "rt") as file:
        rows = [[int(float(cell)) for cell in row] for row in csv.reader(file)]
    return [(row[PIXELS], row[:PIXELS]) for row in rows]


class Encoder:
    """Binary arithmetic coder: narrows [low, high] to the part of each decision."""

    def __init__(self):
        self.low, self.high, self.bytes = 0, 0xFFFFFFFF, bytearray()

    def code(self, bit, numerator, denominator):
        middle = self.low + (self.high - self.low) * numerator // denominator
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) >> 24 == 0:
            self.bytes.append(self.low >> 24)
            self.low = (self.low << 8) & 0xFFFFFFFF
            self.high = (self.high << 8) & 0xFFFFFFFF | 0xFF
        return bit

    def finish(self):
        return bytes(self.bytes) + self.low.to_bytes(4, "big")


class Decoder:
    """The other side of `Encoder`."""

    def __init__(self, data):
        self.low, self.high, self.data, self.next = 0, 0xFFFFFFFF, data, 4
        self.value = int.from_bytes(data[:4], "big")

    def code(self, _, numerator, denominator):
        middle = self.low + (self.high - self.low) * numerator // denominator
        bit = self.value <= middle
        if bit:
            self.high = middle
        else:
            self.low = middle + 1
        while (self.low ^ self.high) >> 24 == 0:
            self.low = (self.low << 8) & 0xFFFFFFFF
            self.high = (self.high << 8) & 0xFFFFFFFF | 0xFF
            self.value = (self.value << 8) & 0xFFFFFFFF | self.data[self.next]
            self.next += 1
        return int(bit)


class Model:
    """Counts of ones and zeros per context and node; p(1) = (ones + 1) / (all + 2)."""

    def __init__(self, coder):
        self.coder, self.counts = coder, {}

    def bit(self, context, node, bit):
        counts = self.counts.setdefault(context * NODES + node, [0, 0])
        bit = self.coder.code(bit, counts[1] + 1, counts[0] + counts[1] + 2)
        counts[bit] += 1
        return bit

    def nibble(self, context, value):
        """Four decisions from the top; node 1 is the first, 2n and 2n + 1 follow node n."""
        node = 1
        for place in (3, 2, 1, 0):
            node = 2 * node + self.bit(context, node + 1, value >> place & 1)
        return node - 16

    def pixel(self, context, value):
        if self.bit(context, 0, int(value == 0)):
            return 0
        if self.bit(context, 1, int(value == MAXIMUM)):
            return MAXIMUM
        return self.nibble(context, value)


def level(pixel):
    return (pixel >= 1) + (pixel >= 12)


def run(coder, samples):
    """Codes every sample; a decoder ignores the values of `samples` and returns its own."""
    model, result, previous = Model(coder), [], 0
    for label, pixels in samples:
        label = model.nibble(LABEL_CONTEXT + previous, label)
        done = []
        for place in range(PIXELS):
            left = done[place - 1] if place % 8 else 0
            upper = done[place - 8] if place >= 8 else 0
            context = (label * PIXELS + place) * 9 + level(left) * 3 + level(upper)
            done.append(model.pixel(context, pixels[place]))
        result.append((label, done))
        previous = label
    return result


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    output = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "src/data/digits.bin"
    samples = original()
    encoder = Encoder()
    run(encoder, samples)
    packed = len(samples).to_bytes(2, "little") + encoder.finish()
    assert run(Decoder(packed[2:]), [(0, [0] * PIXELS)] * len(samples)) == samples
    output.write_bytes(packed)

    pixels = bytes(pixel for _, image in samples for pixel in image)
    labels = bytes(label for label, _ in samples)
    print("packed bytes    ", len(packed))
    print("samples         ", len(samples))
    print("samples of class", [labels.count(digit) for digit in range(10)])
    print("sum of pixels   ", sum(pixels))
    print("adler32 pixels  ", hex(zlib.adler32(pixels)))
    print("adler32 labels  ", hex(zlib.adler32(labels)))
    print("first sample    ", samples[0][0], samples[0][1])


if __name__ == "__main__":
    main()
