/** Runs worth looking at. Chosen by experiment so that layers settle at different bits; tests/page checks that they do. */

/** @typedef {import("../../pkg/index.js").SessionOptions} Options */

/** @type {{ id: string, title: string, options: Options }[]} */
export const PRESETS = [
  {
    id: "digits",
    title: "Digits · mobile net · 3 bits",
    options: { data: "digits", model: "mobile", method: "ddq", learnBits: true, weightBits: 6, activationBits: 6, budgetBits: 3, activationBudgetBits: 4, epochs: 8, seed: 1 },
  },
  {
    id: "mlp",
    title: "Digits · MLP · 2.5 bits",
    options: { data: "digits", model: "mlp", method: "ddq", learnBits: true, weightBits: 6, activationBits: 6, budgetBits: 2.5, epochs: 12, seed: 1 },
  },
  {
    id: "spiral",
    title: "Three spirals · MLP · 4 bits",
    options: { data: "spiral3", model: "mlp", method: "ddq", learnBits: true, weightBits: 6, activationBits: 6, budgetBits: 4, epochs: 30, seed: 1 },
  },
  {
    id: "naive",
    title: "Digits · mobile net · plain 3-bit rounding",
    options: { data: "digits", model: "mobile", method: "uniform", range: "minmax", weightBits: 3, activationBits: 4, epochs: 8, seed: 1 },
  },
  {
    id: "e4m3",
    title: "Digits · deep MLP · 8-bit gradients, adaptive scales",
    options: {
      data: "digits", model: "mlp", hidden: "48-48-48-48-48-48", method: "float", pretrained: false, pretrainEpochs: 0, epochs: 20, batchSize: 256,
      optimizer: "sgd", momentum: 0, learningRate: 0.1, schedule: "constant", precision: "e4m3", lossScaling: "adaptive", seed: 1,
    },
  },
];
