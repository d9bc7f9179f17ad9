/**
 * Losses and traces of seeded runs, which every wasm build must repeat to the last bit: prints them as JSON, or with
 * --write puts them into tests/loss-curves.json. Tests compare them in Node and in the browser.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { load } from "../pkg/index.js";

/** @typedef {import("../pkg/index.js").SessionOptions} Options */

export const FILE = fileURLToPath(new URL("../tests/loss-curves.json", import.meta.url));

/** Runs that pass through float training, learned bits and frozen bits. @type {Options[]} */
const RUNS = [
  { data: "digits", model: "mlp", method: "ddq", pretrained: false, pretrainEpochs: 1, epochs: 1, batchSize: 128, budgetBits: 3, seed: 11 },
  { data: "digits", model: "mobile", method: "ddq", pretrained: false, pretrainEpochs: 1, epochs: 1, batchSize: 256, budgetBits: 4, activationBudgetBits: 4, seed: 7 },
  { data: "spiral3", model: "mlp", method: "lsq", pretrainEpochs: 1, epochs: 1, samples: 240, optimizer: "sgd", seed: 3 },
];

/**
 * The loss of every mini-batch of a run, and its trace.
 * @param {import("../pkg/index.js").Engine} engine
 * @param {Options} options
 */
export function course(engine, options) {
  const session = engine.createSession(options);
  const found = [];
  let progress = session.progress();
  while (!progress.done) {
    const before = progress.step;
    progress = session.step(1);
    if (progress.step > before) found.push(progress.loss);
  }
  const { trace } = session.snapshot();
  session.free();
  return { losses: found, trace };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const engine = await load({ checkpoints: [], read: async (url) => readFileSync(url) });
  const curves = RUNS.map((options) => ({ options, ...course(engine, options) }));
  const text = `[\n${curves.map((curve) => JSON.stringify(curve)).join(",\n")}\n]\n`;
  if (process.argv.includes("--write")) writeFileSync(FILE, text);
  else process.stdout.write(text);
}
