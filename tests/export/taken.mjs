/** What export tests share: a session's files in a folder, beside what the session itself computes. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Kinds that are read elsewhere by Python's tools. */
const KINDS = /** @type {const} */ (["onnx", "qonnx", "safetensors", "recipe", "netron"]);
/** @typedef {import("../../pkg/index.js").Session} Session */
/** @typedef {{ name: string, moving?: boolean, imported?: boolean }} About */

/** Installs what reads the exports. */
export const setUp = () => void execFileSync("scripts/setup.sh", ["python"], { cwd: root, stdio: "inherit" });

/**
 * Writes a session's files, all samples and their logits; returns the entry of the manifest.
 * @param {Session} session @param {string} folder @param {number} number sets the files of one run apart @param {About} about
 */
export async function takeAway(session, folder, number, { name, moving = false, imported = false }) {
  const [train, test] = [session.samples("train"), session.samples("test")];
  const inputs = Float32Array.from([...test.inputs, ...train.inputs]);
  const { layers, sizeBytes } = session.snapshot();
  /** @type {Record<string, string>} */
  const files = {};
  /** @type {Record<string, number>} */
  const payloads = {};
  for (const kind of KINDS) {
    const file = await session.export(kind);
    files[kind] = `${number}-${file.name}`;
    payloads[kind] = file.payloadBytes;
    writeFileSync(join(folder, files[kind]), file.bytes);
    assert.ok(file.payloadBytes <= file.bytes.length, `${name} ${kind}`);
  }
  if (!moving) assert.equal(payloads.safetensors, sizeBytes, name);
  const [logits, samples] = [`${number}.logits`, `${number}.inputs`];
  writeFileSync(join(folder, logits), session.predict(inputs));
  writeFileSync(join(folder, samples), inputs);
  return {
    name, moving, imported, files, payloads, logits, inputs: samples, method: session.options.method,
    input_size: inputs.length / (test.labels.length + train.labels.length), classes: test.classes,
    activations: layers.some(({ activation }) => activation), size_bytes: moving ? payloads.safetensors : sizeBytes,
    layers: layers.map(({ name, weight, activation }) => ({ name, bits: weight.bits, input: activation?.bits ?? 0 })),
  };
}

/** Has Python load and compare everything; returns a line for each comparison. @param {string} folder @param {object[]} runs */
export function compareInPython(folder, runs) {
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({ schema: join(root, "docs/recipe.schema.json"), runs }));
  const python = join(root, ".tools/python/bin/python");
  const told = execFileSync(python, [join(root, "tests/export/check.py"), folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });
  return told.trim().split("\n");
}
