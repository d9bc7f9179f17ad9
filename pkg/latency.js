/** Latencies of a network's layers on this machine, for searches that keep to a time. */

/** A burst takes at least this many ms: the clock is coarse. */
const BURST = 20;
const ROUNDS = 7;

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

/**
 * Microseconds of each layer's packed products at 1 to 8 weight bits, in the order that `latencies` of a session takes.
 * A layer is measured as the product of its weight matrix (a depthwise one's rows are its filters), once for every
 * output pixel. Bursts take turns; the median counts.
 * @param {import("./index.js").Engine} engine with its kernels loaded
 * @param {{ outputs: number, parameters: number, macs: number }[]} layers those of a snapshot
 * @param {(part: number) => Promise<void> | void} [breath] called between bursts with the part that is done
 * @returns {Promise<import("./index.js").Latencies>}
 */
export async function measureLatencies(engine, layers, breath = () => {}) {
  const widths = [1, 2, 3, 4, 5, 6, 7, 8];
  const shapeOf = (/** @type {{ outputs: number, parameters: number }} */ { outputs, parameters }) => `${outputs} ${parameters / outputs}`;
  const shapes = [...new Set(layers.map(shapeOf))];
  /** @type {Map<string, number[][]>} */
  const found = new Map();
  let done = 0;
  for (const shape of shapes) {
    const [rows, columns] = shape.split(" ").map(Number);
    const kernels = widths.map((bits) => engine.createKernel({ rows, columns, bits }));
    const time = (/** @type {number} */ at, /** @type {number} */ times) => {
      const start = performance.now();
      kernels[at].run(times);
      return performance.now() - start;
    };
    const times = kernels.map((_, at) => {
      let count = 1;
      while (time(at, count) < BURST) count *= 2;
      return count;
    });
    const rounds = widths.map(() => /** @type {number[]} */ ([]));
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < widths.length; i++) {
        const at = (i + 3 * round) % widths.length;
        rounds[at].push((1000 * time(at, times[at])) / times[at]);
        await breath((done += 1 / (shapes.length * ROUNDS * widths.length)));
      }
    }
    kernels.forEach((kernel) => kernel.free());
    found.set(shape, rounds);
  }
  const microseconds = layers.flatMap((layer) => {
    const positions = layer.macs / layer.parameters;
    return (found.get(shapeOf(layer)) ?? []).map((rounds) => median(rounds) * positions);
  });
  const spreads = [...found.values()].flat().map((rounds) => {
    const sorted = [...rounds].sort((a, b) => a - b);
    return (sorted[(3 * sorted.length) >> 2] - sorted[sorted.length >> 2]) / median(rounds);
  });
  return { microseconds, build: engine.kernelBuild ?? "", spread: median(spreads) };
}
