/** Numbers and sentences for people. */

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */

/** @param {number | null} part in [0, 1] */
export const percent = (part) => (part === null ? "–" : `${(100 * part).toFixed(1)} %`);

/** Three significant digits. @param {number} value */
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}

/** @param {number} bytes */
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(bytes < 10240 ? 2 : 1)} KB`;

/** @param {number} seconds */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return `${Math.round(seconds / 60)} min`;
}

const PHASES = {
  pretrain: "float training",
  calibrate: "calibrating",
  search: "searching the bits",
  quantize: "learning bits and levels",
  finetune: "fine-tuning on the deployed levels",
  done: "finished",
};

/** What the run does now. @param {Snapshot} snapshot @param {string} method */
export function phaseText(snapshot, method) {
  if (snapshot.phase === "quantize" && snapshot.budgetBits === null) return method === "float" ? "float training" : "quantized training";
  if (snapshot.phase === "finetune" && method === "float") return "float training";
  return PHASES[snapshot.phase];
}

/** Weight bits, layer by layer. @param {Snapshot} snapshot */
export const bitList = (snapshot) => snapshot.layers.map((layer) => layer.weight.bits).join("/");

/**
 * The one sentence about the run.
 * @param {Snapshot} snapshot
 * @param {number | null} [packed] accuracy of the finished network on packed integers
 */
export function sentence(snapshot, packed = null) {
  const finished = snapshot.epoch > 0 ? `Finished after epoch ${snapshot.epoch}` : "Finished without training";
  const where = snapshot.done ? finished : `Epoch ${snapshot.epoch} of ${snapshot.epochs}`;
  const accuracy = packed === null ? `accuracy ${percent(snapshot.testAccuracy)}` : `accuracy ${percent(packed)} on packed integers`;
  const quantized = snapshot.layers.some((layer) => layer.weight.bits < 32);
  if (!quantized) return `${where} · 32-bit float, ${kilobytes(snapshot.sizeBytes)} · ${accuracy}`;
  const size = `${snapshot.compression.toFixed(1)}× smaller (${kilobytes(snapshot.sizeBytes)})`;
  const bits = `weight bits ${bitList(snapshot)}, ${snapshot.averageBits.toFixed(2)} on average`;
  return `${where} · ${bits} · ${size} · ${accuracy} (float ${percent(snapshot.floatAccuracy)})`;
}
