/**
 * Exports of imported networks in onnxruntime: every model of tests/onnx, trained a little, written and compared with
 * the session's own logits. They have what no built-in network has: affine steps, concatenation, curves, uneven windows.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../pkg/index.js";
import { compareInPython, setUp, takeAway } from "./export/taken.mjs";

const SAMPLES = 1200;
const read = async (/** @type {URL} */ url) => readFileSync(url);
const models = readdirSync(new URL("onnx/", import.meta.url)).filter((name) => name.endsWith(".onnx"));
/** @typedef {import("../pkg/index.js").Engine} Engine */
/** @typedef {import("../pkg/index.js").ImportedModel} Model */
/** @type {import("../pkg/index.js").SessionOptions[]} */
const RUNS = [
  { method: "float", epochs: 0 },
  { method: "uniform", weightBits: 5, activationBits: 6 },
  { method: "lsq", weightBits: 4, activationBits: 4 },
  { method: "ddq", budgetBits: 24 },
  { method: "uniform", weightBits: 4, activationBits: 0 },
  { method: "lsq", weightBits: 3, activationBits: 0 },
  { method: "ddq", budgetBits: 24, activationBits: 0 },
];

/** An array as a file of NumPy. @param {string} type @param {number[]} shape @param {Float32Array | Uint8Array} values */
function npy(type, shape, values) {
  const head = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.map((size) => `${size},`).join(" ")}), }`;
  const text = Buffer.from(`${head.padEnd(117)}\n`);
  return new Uint8Array(Buffer.concat([Buffer.from("\x93NUMPY\x01\x00", "latin1"), Buffer.from([text.length, 0]), text, Buffer.from(values.buffer)]));
}

/** Seeded numbers about 0, of spread 1. */
function normals(/** @type {number} */ seed) {
  let state = seed;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Samples that fit a model; the class is the largest of sums over some of the inputs. @param {Engine} engine @param {Model} model */
async function dataOf(engine, { inputShape: { channels, height, width }, classes }) {
  const normal = normals(11);
  const size = channels * height * width;
  const inputs = Float32Array.from({ length: SAMPLES * size }, normal);
  const labels = Uint8Array.from({ length: SAMPLES }, (_, sample) => {
    if (sample < 4 * classes) return sample % classes;
    const sums = new Array(classes).fill(0);
    for (let i = 0; i < size; i++) sums[i % classes] += inputs[sample * size + i];
    return sums.indexOf(Math.max(...sums));
  });
  const shape = height * width > 1 ? [SAMPLES, channels, height, width] : [SAMPLES, channels];
  return engine.importData(npy("<f4", shape, inputs), { name: "inputs.npy", labels: npy("|u1", [SAMPLES], labels) });
}

test("imported networks give the numbers of the session in onnxruntime, whatever their steps", { timeout: 900_000 }, async () => {
  setUp();
  const engine = await load({ read, checkpoints: [] });
  await engine.loadFiles();
  const folder = mkdtempSync(join(tmpdir(), "imported-"));
  const runs = [];
  for (const name of models) {
    const model = await engine.importModel(new Uint8Array(readFileSync(new URL(`onnx/${name}`, import.meta.url))), { name });
    const digits = model.classes === 10 && model.inputShape.channels * model.inputShape.height * model.inputShape.width === 64;
    const data = digits ? "digits" : await dataOf(engine, model);
    for (const options of RUNS) {
      const session = engine.createSession({ epochs: 1, batchSize: 64, ...options, model, data });
      while (!session.step(100).done);
      runs.push(await takeAway(session, folder, runs.length, { name: `${name} ${options.method}`, imported: true }));
      session.free();
    }
  }
  assert.ok(runs.length >= 40 * RUNS.length, `only ${runs.length} runs`);
  const told = compareInPython(folder, runs);
  assert.equal(told.length, 3 * runs.length, told.join("\n"));
  rmSync(folder, { recursive: true });
});
