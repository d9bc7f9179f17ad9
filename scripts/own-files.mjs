/** Data files made for tests and measurements, by the definitions of their formats. */
import { gzipSync } from "node:zlib";

/** Numbers in [0, 1), always the same. @param {number} seed */
export function randomOf(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Three clouds of points with words as classes. @param {number} samples */
export function cloudsCsv(samples) {
  const random = randomOf(3);
  const lines = Array.from({ length: samples }, (_, i) => {
    const turn = (2 * Math.PI * (i % 3)) / 3;
    return [100 + 30 * Math.cos(turn) + 12 * random(), 30 * Math.sin(turn) + 12 * random(), ["ash", "birch", "cedar"][i % 3]].join(",");
  });
  return `height,width,tree\n${lines.join("\n")}\n`;
}

/** A table like the digits: 64 columns from 0 to 16 and a class of ten. @param {number} rows */
export function wideCsv(rows) {
  const random = randomOf(7);
  const lines = Array.from({ length: rows }, (_, i) => [...Array.from({ length: 64 }, (_, c) => Math.floor(8 * random() + (c % 10 === i % 10 ? 8 : 0))), i % 10].join(","));
  return lines.join("\n");
}

/** An IDX file of bytes. @param {number[]} axes @param {Uint8Array} elements */
export function idx(axes, elements) {
  const bytes = Buffer.alloc(4 + 4 * axes.length + elements.length);
  bytes.set([0, 0, 8, axes.length]);
  axes.forEach((axis, index) => bytes.writeUInt32BE(axis, 4 + 4 * index));
  bytes.set(elements, 4 + 4 * axes.length);
  return bytes;
}

/**
 * Grey images of bars, one place for each class, gzipped, and their labels.
 * @param {number} samples @param {number} side @param {number} [classes]
 */
export function barsIdx(samples, side, classes = 4) {
  const random = randomOf(5);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % classes);
  const pixels = new Uint8Array(samples * side * side);
  for (let i = 0; i < samples; i++) {
    const row = Math.floor(((labels[i] + 0.5) * side) / classes);
    for (let at = 0; at < side * side; at++) pixels[i * side * side + at] = 60 * random() + (Math.floor(at / side) === row ? 190 : 0);
  }
  return { images: gzipSync(idx([samples, side, side], pixels), { level: 1 }), labels: idx([samples], labels) };
}

/** An NPY file of 32-bit floats. @param {number[]} shape @param {number[]} values */
export function npy(shape, values) {
  let header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`;
  header = `${header.padEnd(117)}\n`;
  return Buffer.concat([Buffer.from([0x93, ..."NUMPY".split("").map((c) => c.charCodeAt(0)), 1, 0, header.length, 0]), Buffer.from(header), Buffer.from(new Float32Array(values).buffer)]);
}
