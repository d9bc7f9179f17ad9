/** The methods as visitors choose them. */

/** @typedef {import("../../pkg/index.js").SessionOptions} Options */

/** What the method select offers; budget: whether the budget chosen before makes sense for it (multipoint adds to bits of its own). @type {{ id: string, title: string, options: Options, budget?: boolean }[]} */
export const METHODS = [
  { id: "ddq-mixed", title: "DDQ (learned bits)", options: { method: "ddq", learnBits: true }, budget: true },
  { id: "ddq-fixed", title: "DDQ (fixed bits)", options: { method: "ddq", learnBits: false } },
  { id: "bsq", title: "BSQ (drops bit planes)", options: { method: "bsq" }, budget: true },
  { id: "uniform-mse", title: "Uniform, best range (MSE)", options: { method: "uniform", range: "mse" } },
  { id: "uniform-minmax", title: "Uniform, min–max range", options: { method: "uniform", range: "minmax" } },
  { id: "dorefa", title: "DoReFa (tanh weights)", options: { method: "dorefa" } },
  { id: "lsq", title: "LSQ (learned step size)", options: { method: "lsq" } },
  { id: "pact", title: "PACT (learned clipping)", options: { method: "pact" } },
  { id: "pot", title: "Powers of two", options: { method: "pot" } },
  { id: "apot", title: "Sums of powers of two (APoT)", options: { method: "apot" } },
  { id: "multipoint", title: "Multipoint (no retraining)", options: { method: "multipoint" } },
  { id: "haq", title: "HAQ (reinforcement learning)", options: { method: "haq" }, budget: true },
  { id: "ompq", title: "OMPQ (orthogonality)", options: { method: "ompq" }, budget: true },
  { id: "hawq", title: "HAWQ (Hessian trace)", options: { method: "hawq" }, budget: true },
  { id: "sensitivity", title: "Sensitivity + exact knapsack", options: { method: "sensitivity" }, budget: true },
  { id: "greedy", title: "Greedy, bit by bit", options: { method: "greedy" }, budget: true },
  { id: "random", title: "Random bits, best of many", options: { method: "random" }, budget: true },
  { id: "oracle", title: "Oracle: every allocation (up to 4 layers)", options: { method: "oracle" }, budget: true },
  { id: "float", title: "Float (not quantized)", options: { method: "float" } },
];

/** The method that the options stand for. @param {Options} options */
export function methodOf(options) {
  const fits = METHODS.find((method) =>
    Object.entries(method.options).every(([name, value]) => Reflect.get(options, name) === value));
  return fits?.id ?? "ddq-mixed";
}
