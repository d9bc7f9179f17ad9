/** Runs of a comparison put together: mean and deviation over seeds, the Pareto front, and files to take away. */
import { field } from "../../base/csv.js";

/** @typedef {import("../../worker/compare-worker.js").Result} Result */
/**
 * Runs that differ in their seed alone.
 * @typedef {{ title: string, budget: number, runs: Result[], accuracy: number, deviation: number, averageBits: number, sizeBytes: number, bitOps: number, latency: number | null, seconds: number }} Group
 */

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of a sample; 0 for one value. @param {number[]} values */
export function deviation(values) {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1));
}

/** @param {Result[]} results @returns {Group[]} */
export function group(results) {
  /** @type {Map<string, Result[]>} */
  const byKey = new Map();
  for (const result of results) {
    const { seed: _, ...others } = result.given;
    const key = JSON.stringify([result.title, others]);
    byKey.set(key, [...(byKey.get(key) ?? []), result]);
  }
  return [...byKey.values()].map((runs) => {
    const of = (/** @type {(run: Result) => number} */ read) => mean(runs.map(read));
    const latencies = runs.map(({ latency }) => latency).filter((latency) => latency !== null);
    return {
      title: runs[0].title, budget: runs[0].given.budgetBits ?? 0, runs,
      accuracy: of(({ accuracy }) => accuracy), deviation: deviation(runs.map(({ accuracy }) => accuracy)),
      averageBits: of(({ averageBits }) => averageBits), sizeBytes: of(({ sizeBytes }) => sizeBytes), bitOps: of(({ bitOps }) => bitOps),
      latency: latencies.length > 0 ? mean(latencies) : null, seconds: of(({ seconds }) => seconds),
    };
  });
}

/** Groups that no other beats: smaller and at least as accurate. By size. @param {Group[]} groups */
export function paretoFront(groups) {
  const bySize = [...groups].sort((a, b) => a.sizeBytes - b.sizeBytes || b.accuracy - a.accuracy);
  let best = -Infinity;
  return bySize.filter(({ accuracy }) => {
    const better = accuracy > best;
    best = Math.max(best, accuracy);
    return better;
  });
}

/** One line a run. @param {Result[]} results */
export function toCsv(results) {
  const columns = /** @type {[string, (run: Result) => unknown][]} */ ([
    ["method", ({ title }) => title], ["data", ({ options }) => options.data], ["model", ({ options }) => options.model], ["seed", ({ options }) => options.seed],
    ["budget_bits_per_weight", ({ given }) => given.budgetBits ?? ""], ["weight_bits_per_layer", ({ bits }) => bits.join(" ")],
    ["activation_bits_per_layer", ({ activationBits }) => activationBits.join(" ")], ["average_bits", ({ averageBits }) => averageBits],
    ["size_bytes", ({ sizeBytes }) => sizeBytes], ["bit_operations", ({ bitOps }) => bitOps], ["latency_us", ({ latency }) => latency ?? ""],
    ["accuracy", ({ accuracy }) => accuracy], ["float_accuracy", ({ floatAccuracy }) => floatAccuracy], ["train_seconds", ({ seconds }) => seconds],
    ["trace", ({ trace }) => trace],
  ]);
  const lines = [columns.map(([name]) => name), ...results.map((run) => columns.map(([, read]) => read(run)))];
  return lines.map((line) => line.map(field).join(",")).join("\n") + "\n";
}
