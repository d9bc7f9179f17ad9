/** Latencies of a network's layers on this machine, for searches that keep to a time. */
import { least, median, timesInPauses } from "./timing.js";

const ROUNDS = 7;
const WIDTHS = [1, 2, 3, 4, 5, 6, 7, 8];

/** The matrix of a layer; layers of the same shape take the same time. @param {{ outputs: number, parameters: number }} layer */
const shapeOf = ({ outputs, parameters }) => `${outputs} ${parameters / outputs}`;

/**
 * Microseconds of each layer's packed products at 1 to 8 weight bits, in the order that `latencies` of a session takes.
 * A layer is measured as the product of its weight matrix (a depthwise one's rows are its filters), once for every
 * output pixel. Bursts take turns; the shortest counts.
 * @param {import("./index.js").Engine} engine with its kernels loaded
 * @param {{ outputs: number, parameters: number, macs: number }[]} layers those of a snapshot
 * @param {(part: number) => Promise<void> | void} [breath] called between bursts with the part that is done
 * @returns {Promise<import("./index.js").Latencies>}
 */
export async function measureLatencies(engine, layers, breath = () => {}) {
  const shapes = [...new Set(layers.map(shapeOf))];
  /** By shape, for each width the times of its rounds. @type {Map<string, number[][]>} */
  const found = new Map();
  for (const shape of shapes) {
    const [rows, columns] = shape.split(" ").map(Number);
    const kernels = WIDTHS.map((bits) => engine.createKernel({ rows, columns, bits }));
    const calls = kernels.map((kernel) => (/** @type {number} */ times) => kernel.run(times));
    try {
      found.set(shape, await timesInPauses(calls, ROUNDS, (part) => breath((found.size + part) / shapes.length)));
    } finally {
      kernels.forEach((kernel) => kernel.free());
    }
  }
  const microseconds = layers.flatMap((layer) => {
    const positions = layer.macs / layer.parameters;
    return (found.get(shapeOf(layer)) ?? []).map((rounds) => least(rounds) * positions);
  });
  return { microseconds, build: engine.kernelBuild ?? "", spread: median([...found.values()].flat().map(spread)) };
}

/** Middle half of the times over their median. @param {number[]} times */
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return (sorted[(3 * sorted.length) >> 2] - sorted[sorted.length >> 2]) / median(times);
}
