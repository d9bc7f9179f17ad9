/** The methods as visitors choose them. */

/** @typedef {import("../../pkg/index.js").SessionOptions} Options */

/** What the method select offers; budget: whether the budget chosen before makes sense for it (multipoint adds to bits of its own). @type {{ id: string, title: string, options: Options, budget?: boolean }[]} */
export const METHODS = [
  { id: "ddq-mixed", title: "DDQ, bits learned", options: { method: "ddq", learnBits: true }, budget: true },
  { id: "ddq-fixed", title: "DDQ, bits fixed", options: { method: "ddq", learnBits: false } },
  { id: "bsq", title: "BSQ, bit planes dropped", options: { method: "bsq" }, budget: true },
  { id: "uniform-mse", title: "uniform, best range (MSE)", options: { method: "uniform", range: "mse" } },
  { id: "uniform-minmax", title: "uniform, min–max range", options: { method: "uniform", range: "minmax" } },
  { id: "dorefa", title: "DoReFa, weights through tanh", options: { method: "dorefa" } },
  { id: "lsq", title: "LSQ, learned step size", options: { method: "lsq" } },
  { id: "pact", title: "PACT, learned clipping", options: { method: "pact" } },
  { id: "pot", title: "powers of two", options: { method: "pot" } },
  { id: "apot", title: "sums of powers of two (APoT)", options: { method: "apot" } },
  { id: "multipoint", title: "multipoint, no retraining", options: { method: "multipoint" } },
  { id: "haq", title: "HAQ, bits by reinforcement learning", options: { method: "haq" }, budget: true },
  { id: "ompq", title: "OMPQ, bits by orthogonality", options: { method: "ompq" }, budget: true },
  { id: "hawq", title: "HAWQ, bits by Hessian trace", options: { method: "hawq" }, budget: true },
  { id: "sensitivity", title: "sensitivity, bits by exact knapsack", options: { method: "sensitivity" }, budget: true },
  { id: "greedy", title: "greedy, bit by bit", options: { method: "greedy" }, budget: true },
  { id: "random", title: "random bits, best of many", options: { method: "random" }, budget: true },
  { id: "oracle", title: "oracle, every allocation (up to 4 layers)", options: { method: "oracle" }, budget: true },
  { id: "float", title: "float, not quantized", options: { method: "float" } },
];

/** The method that the options stand for. @param {Options} options */
export function methodOf(options) {
  const fits = METHODS.find((method) =>
    Object.entries(method.options).every(([name, value]) => Reflect.get(options, name) === value));
  return fits?.id ?? "ddq-mixed";
}
