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
 * Epochs behind a step. Everywhere 0 is where quantization begins: the float training before it counts up to 0.
 * @param {number} step @param {number} perEpoch steps of an epoch @param {number} floatEpochs epochs of float training
 */
export const epochAt = (step, perEpoch, floatEpochs) => step / perEpoch - floatEpochs;

/** What charts write at an axis of epochs. @param {number} floatEpochs */
export const epochLabel = (floatEpochs) => (floatEpochs > 0 ? "epoch (below 0: float)" : "epoch");

/** Where a run is, in epochs. @param {Pick<Snapshot, "phase" | "epoch" | "epochs">} progress */
export function epochText({ phase, epoch, epochs }) {
  if (phase === "pretrain" && epochs > 0) return `float epoch ${epoch} of ${epochs}`;
  return ["pretrain", "calibrate", "search"].includes(phase) ? "the float network" : `epoch ${epoch} of ${epochs}`;
}

/** The epoch of the accuracy, where it is not that of the network as it stands. @param {Snapshot} snapshot */
function testedText({ phase, epoch, step, stepsPerEpoch, testAccuracy, testEpoch }) {
  if (testAccuracy === null || (step % stepsPerEpoch === 0 && testEpoch === epoch)) return "";
  const name = phase === "pretrain" ? "float epoch" : "epoch";
  return testEpoch ? ` after ${name} ${testEpoch}` : ` before ${name} 1`;
}

/** Weight bits of all layers, their mean over the weights, and what a weight takes with codebooks and scales. @param {Snapshot} snapshot */
function bitsText(snapshot) {
  const { layers, averageBits } = snapshot;
  const weights = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const mean = layers.reduce((sum, { parameters, weight }) => sum + parameters * weight.bits, 0) / weights;
  const differ = layers.some(({ weight }) => weight.bits !== layers[0].weight.bits);
  return `weight bits ${bitList(snapshot)}${differ ? `, ${mean.toFixed(2)} on average` : ""}, ${averageBits.toFixed(2)} as stored`;
}

/**
 * The one sentence about the run.
 * @param {Snapshot} snapshot
 * @param {number | null} [packed] accuracy of the finished network on packed integers
 */
export function sentence(snapshot, packed = null) {
  const finished = snapshot.epoch > 0 ? `Finished after epoch ${snapshot.epoch}` : "Finished without training";
  const under = epochText(snapshot);
  const where = snapshot.done ? finished : `${under[0].toUpperCase()}${under.slice(1)}`;
  const accuracy = packed === null ? `accuracy ${percent(snapshot.testAccuracy)}${testedText(snapshot)}` : `accuracy ${percent(packed)} on packed integers`;
  const quantized = snapshot.layers.some((layer) => layer.weight.bits < 32);
  if (!quantized) return `${where} · 32-bit float, ${kilobytes(snapshot.sizeBytes)} · ${accuracy}`;
  const size = `${snapshot.compression.toFixed(1)}× smaller (${kilobytes(snapshot.sizeBytes)})`;
  return `${where} · ${bitsText(snapshot)} · ${size} · ${accuracy} (float ${percent(snapshot.floatAccuracy)})`;
}
