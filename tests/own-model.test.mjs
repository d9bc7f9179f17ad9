/** Models of the caller through the package's API, in Node. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { load } from "../pkg/index.js";
import { mlpOnnx } from "../scripts/onnx-file.mjs";

const read = async (/** @type {URL} */ url) => readFileSync(url);
const file = (/** @type {string} */ name) => new Uint8Array(readFileSync(new URL(`onnx/${name}`, import.meta.url)));
/** @type {import("../pkg/index.js").Engine} */
let engine;
before(async () => {
  engine = await load({ read, checkpoints: [], methods: "core" });
});

/** The error of an import. @param {Uint8Array} bytes @returns {Promise<any>} */
const refused = (bytes) => engine.importModel(bytes, { name: "odd.onnx" }).then(() => assert.fail("it was taken"), (error) => error);

test("an ONNX file is described, quantized with DDQ to the end, and put on packed integers", async () => {
  const model = structuredClone(await engine.importModel(file("digits-17.onnx"), { name: "digits.onnx" }));
  assert.deepEqual([model.kind, model.name, model.opset, model.classes], ["own", "digits.onnx", 17, 10]);
  assert.deepEqual(model.inputShape, { channels: 1, height: 8, width: 8 });
  assert.deepEqual(model.layers.map(({ name }) => name).slice(1), ["features.3", "classifier.2", "classifier.4"]);
  assert.equal(model.layers.reduce((sum, { weights }) => sum + weights, 0), 108 + 2592 + 3072 + 320);
  assert.match(model.producer, /^pytorch/);
  const session = engine.createSession({ model, budgetBits: 4, epochs: 3 });
  assert.deepEqual([session.options.model, session.options.pretrainEpochs, session.options.pretrained], ["own", 0, false]);
  assert.ok(session.evaluate("test").accuracy > 0.9);
  while (!session.step(100).done);
  assert.ok(session.evaluate("test").accuracy > 0.9);
  assert.ok(session.snapshot().averageBits <= 4);
  await engine.loadKernels();
  const deployed = session.deploy();
  assert.ok(Math.abs(deployed.evaluate("test").accuracy - session.evaluate("test").accuracy) < 0.01);
  assert.equal(deployed.layers[1].name, "features.3");
  deployed.free();
  session.free();
});

test("the logits are those that onnxruntime computed", async () => {
  const { input, output } = JSON.parse(readFileSync(new URL("onnx/digits-17.json", import.meta.url), "utf8"));
  const session = engine.createSession({ model: await engine.importModel(file("digits-17.onnx")), method: "float", epochs: 0 });
  const found = session.predict(input.flat());
  const expected = output.flat();
  const largest = Math.max(...expected.map(Math.abs));
  expected.forEach((/** @type {number} */ value, /** @type {number} */ index) => assert.ok(Math.abs(value - found[index]) <= 1e-4 * largest, `${found[index]} instead of ${value}`));
  session.free();
});

test("own data and an own model go together, gzipped too", async () => {
  const rows = Array.from({ length: 80 }, (_, i) => `${Math.cos(i)},${Math.sin(2 * i)},${i % 2},${i % 3 ? "a" : "b"}`);
  const data = await engine.importData(new TextEncoder().encode(`p,q,r,class\n${rows.join("\n")}\n`), { name: "t.csv" });
  const model = await engine.importModel(gzipSync(mlpOnnx([3, 8, 2])), { name: "small.onnx" });
  const session = engine.createSession({ data, model, method: "uniform", epochs: 1 });
  while (!session.step(50).done);
  assert.equal(session.snapshot().layers[0].name, "fc1");
  session.free();
});

test("files that are refused leave the sessions that live alone, and say why", async () => {
  const session = engine.createSession({ data: "moons", method: "float", pretrainEpochs: 1, epochs: 0 });
  const { loss } = session.step(5);
  const whole = file("digits-17.onnx");
  assert.match((await refused(whole.slice(0, 5000))).message, /^file "odd.onnx", at byte \d+, in a \w+: expected \d+ bytes of field \d+, got \d+$/);
  const odd = whole.slice();
  // The operator's type is field 4 of a node, a text of 7 bytes.
  const at = Buffer.from(odd).indexOf("\x22\x07MaxPool") + 2;
  odd.set(new TextEncoder().encode("MaxPuul"), at);
  const error = await refused(odd);
  assert.match(error.message, /got 1 others: node ".*MaxPool" \(MaxPuul\): this operator is not supported/);
  assert.deepEqual(error.unsupported.map((/** @type {any} */ node) => node.operator), ["MaxPuul"]);
  assert.match((await refused(mlpOnnx([2000, 2600, 2]))).message, /expected at most 5000000 weights in all layers, got 5200000 so far/);
  const model = await engine.importModel(whole);
  assert.throws(() => engine.createSession({ model, data: "moons" }), /the model's input: expected 2×1×1 values per sample, as the data have, got 1×8×8/);
  assert.throws(() => engine.createSession({ model: "own" }), /option "model": expected an imported model, passed with the options/);
  // @ts-expect-error
  assert.throws(() => engine.createSession({ model: { kind: "else" } }), /option "model": expected the name of a model, or what importModel gave, got an object/);
  assert.equal(session.progress().loss, loss);
  session.step(5);
  session.free();
});

test("a file of 5 MB comes in whole", async () => {
  const bytes = mlpOnnx([784, 1024, 420, 10]);
  assert.ok(bytes.length > 4.9e6, `${bytes.length} bytes`);
  const { parameters } = await engine.importModel(bytes);
  assert.equal(parameters, 784 * 1024 + 1024 + 1024 * 420 + 420 + 4200 + 10);
});
