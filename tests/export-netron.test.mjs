/**
 * The attachment in Netron's own code, without its window: its reader opens the ONNX file, `View.attach` takes the
 * attachment, and every layer's node gets what the file says of it, in texts that its formatter writes.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { load } from "../pkg/index.js";
import { setUp } from "./export/taken.mjs";

const read = async (/** @type {URL} */ url) => readFileSync(url);

/** What Netron's code wants of a browser or a desktop. @param {URL} folder of its modules */
function hostOf(folder) {
  return {
    environment: (/** @type {string} */ name) => name === "serial",
    require: (/** @type {string} */ id) => import(new URL(`${id}.js`, folder).href),
    asset: async (/** @type {string} */ name) => readFileSync(new URL(name, folder), "utf8"),
    document: { getElementById: () => ({ addEventListener() {} }) },
    error: (/** @type {Error} */ error) => assert.fail(error),
  };
}

/** @returns {Promise<{ view: any, open: (file: import("../pkg/index.js").ExportedFile) => any, Formatter: any }>} */
async function netron() {
  setUp();
  const python = new URL("../.tools/python/lib/", import.meta.url);
  const folder = new URL(`${readdirSync(python).find((name) => name.startsWith("python3"))}/site-packages/netron/`, python);
  const host = hostOf(folder);
  const { View, ModelFactoryService, Formatter } = await host.require("./view");
  const { BinaryStream } = await host.require("./base");
  const context = (/** @type {import("../pkg/index.js").ExportedFile} */ { name, bytes }) => ({ ...host, identifier: name, stream: new BinaryStream(bytes), entries: new Map() });
  return { view: new View(host), Formatter, open: (file) => ({ context: context(file), model: () => new ModelFactoryService(host).open(context(file)) }) };
}

test("Netron reads the model, takes the attachment, and shows it on every layer", { timeout: 120_000 }, async () => {
  const { view, open, Formatter } = await netron();
  const engine = await load({ read });
  await engine.loadFiles();
  const file = readFileSync(new URL("onnx/concat-residual.onnx", import.meta.url));
  const own = await engine.importModel(new Uint8Array(file), { name: "residual.onnx" });
  const { channels, height, width } = own.inputShape;
  const rows = Array.from({ length: 80 }, (_, sample) => Array.from({ length: channels * height * width }, (_, i) => Math.sin(sample * i)).concat(sample % own.classes).join(","));
  const data = await engine.importData(new TextEncoder().encode(rows.join("\n")), { name: "rows.csv" });
  for (const options of [
    { model: "mobile", method: "ddq", budgetBits: 4, epochs: 1, batchSize: 64 },
    { model: own, data, method: "lsq", weightBits: 3, activationBits: 0, epochs: 1 },
  ]) {
    const session = engine.createSession(/** @type {import("../pkg/index.js").SessionOptions} */ (options));
    while (!session.step(100).done);
    const { layers, averageBits, sizeBytes } = session.snapshot();
    const attachment = await session.export("netron");
    for (const kind of /** @type {const} */ (["onnx", "qonnx"])) {
      const model = await open(await session.export(kind)).model();
      view._model = model;
      assert.equal(await view.attach(open(attachment).context), true, "Netron takes the file for an attachment");
      const shown = (/** @type {any[]} */ entries) => Object.fromEntries(entries.map(({ name, value, type }) => [name, new Formatter(value, type).toString()]));
      const nodes = model.modules.flatMap((/** @type {any} */ graph) => graph.nodes);
      for (const layer of layers) {
        const node = nodes.find((/** @type {any} */ { name }) => name === layer.name);
        const metadata = shown(model.attachment.metadata.node(node));
        assert.equal(metadata["weight bits"], String(layer.weight.bits), layer.name);
        assert.equal(metadata["input bits"], layer.activation ? String(layer.activation.bits) : undefined, layer.name);
        assert.match(metadata["weight range"], /^-?[\d.e-]+ to -?[\d.e-]+$/);
        const metrics = shown(model.attachment.metrics.node(node));
        assert.equal(metrics["weight bytes"], String(Math.ceil(layer.weight.sizeBits / 8)), layer.name);
        assert.equal(metrics["multiply-accumulates"], String(layer.macs), layer.name);
        assert.ok(Math.abs(Number(metrics["relative weight error"]) - layer.weight.relativeError) < 1e-6, layer.name);
      }
      const whole = shown(model.attachment.metrics.model(model));
      assert.deepEqual([whole["weight bytes"], Number(whole["average weight bits"]).toFixed(4)], [String(sizeBytes), averageBits.toFixed(4)]);
    }
    session.free();
  }
});

test("without its signature, or under another name than .json, it is no attachment for Netron", async () => {
  const { view, open } = await netron();
  view._model = {};
  const engine = await load({ read });
  const session = engine.createSession({ model: "mlp", method: "uniform", epochs: 0 });
  while (!session.step(100).done);
  const made = await session.export("netron");
  const attached = (/** @type {Partial<typeof made>} */ changes) => view.attach(open({ ...made, ...changes }).context);
  assert.equal(await attached({}), true);
  assert.equal(await attached({ name: "model.txt" }), false);
  assert.equal(await attached({ bytes: new TextEncoder().encode("{}") }), false);
  session.free();
});
