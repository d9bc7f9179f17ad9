/** Exports in the tools that they are for: every file is loaded in Python and compared over the whole digits set. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../pkg/index.js";
import { compareInPython, setUp, takeAway } from "./export/taken.mjs";

const read = async (/** @type {URL} */ url) => readFileSync(url);

/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @type {Options[]} */
const RUNS = [];
for (const model of /** @type {const} */ (["mlp", "cnn", "mobile"])) {
  const shared = { model, epochs: 1, batchSize: 64 };
  RUNS.push(
    { ...shared, method: "float", epochs: 0 },
    { ...shared, method: "uniform", weightBits: 3, activationBits: 5 },
    { ...shared, method: "lsq", weightBits: 4, activationBits: 4 },
    { ...shared, method: "ddq", budgetBits: 4 },
    // Weights alone.
    { ...shared, method: "uniform", weightBits: 4, activationBits: 0 },
    { ...shared, method: "lsq", weightBits: 3, activationBits: 0 },
    { ...shared, method: "ddq", budgetBits: 4, activationBits: 0 },
  );
}
RUNS.push(
  { model: "mlp", method: "pact", weightBits: 5, activationBits: 8, epochs: 1 },
  { model: "mlp", method: "dorefa", weightBits: 2, activationBits: 4, epochs: 1 },
  { model: "mlp", method: "apot", weightBits: 4, activationBits: 6, epochs: 1 },
  { model: "mobile", method: "multipoint", budgetBits: 4 },
  { model: "mobile", method: "multipoint", budgetBits: 4, activationBits: 0 },
  ...(/** @type {const} */ (["pact", "dorefa", "pot", "apot"])).map((method) => /** @type {Options} */ ({ model: "cnn", method, weightBits: 4, activationBits: 0, epochs: 1 })),
  { model: "mlp", method: "bsq", budgetBits: 5, activationBits: 0, epochs: 2 },
  // Levels that still move.
  { model: "mlp", method: "ddq", weightBits: 4, activationBits: 4, epochs: 1, freezeAt: 1, learnBits: false },
);

test("every file is read by the tools that it is for, and gives the numbers of the session", { timeout: 300_000 }, async () => {
  setUp();
  const engine = await load({ read });
  await engine.loadFiles();
  const folder = mkdtempSync(join(tmpdir(), "exports-"));
  const runs = [];
  for (const [number, options] of RUNS.entries()) {
    const session = engine.createSession(options);
    const moving = options.freezeAt === 1;
    // Where the learning of levels never ends, the run is left before its last step.
    while (moving ? session.step(1).step < 40 : !session.step(100).done);
    runs.push(await takeAway(session, folder, number, { name: `${options.model} ${options.method}`, moving }));
    session.free();
  }
  const told = compareInPython(folder, runs);
  assert.equal(told.length, 3 * RUNS.length, told.join("\n"));
  rmSync(folder, { recursive: true });
});

test("a kind that does not exist, and a layer that C cannot hold, are named", async () => {
  const engine = await load({ read });
  assert.throws(() => engine.exportKinds, /exportKinds: expected engine.loadFiles\(\)/);
  await engine.loadFiles();
  assert.deepEqual(engine.exportKinds.map(({ kind }) => kind), ["onnx", "qonnx", "safetensors", "recipe", "c-header", "c-source", "netron"]);
  const session = engine.createSession({ model: "mlp", method: "float", epochs: 0 });
  await assert.rejects(session.export(/** @type {any} */ ("pdf")), /"kind": expected one of onnx, .* got "pdf"/);
  await assert.rejects(session.export("c-source"), /the weights of dense1: expected a quantized network, got 32-bit floats/);
});

test("a run that began in a binary that writes no files is exported all the same, and goes on", async () => {
  const options = /** @type {const} */ ({ model: "mlp", method: "ddq", budgetBits: 4, seed: 2, epochs: 2 });
  const [small, whole] = [await load({ read, methods: "core" }), await load({ read })];
  await whole.loadFiles();
  const sessions = [small, whole].map((engine) => engine.createSession(options));
  for (const session of sessions) session.step(130);
  const [moved, stayed] = await Promise.all(sessions.map((session) => session.export("recipe")));
  assert.deepEqual(Buffer.from(moved.bytes), Buffer.from(stayed.bytes));
  for (const session of sessions) while (!session.step(100).done);
  assert.deepEqual(sessions[0].evaluate("test"), sessions[1].evaluate("test"));
});
