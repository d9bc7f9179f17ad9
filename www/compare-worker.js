/** Runs one session after the other from beginning to end, for the comparison; and times a network when it is asked to. */
import { load } from "../pkg/index.js";
import { read } from "./worker-files.js";
import { unpackOptions } from "./own-pack.js";
import { epochText } from "./text.js";
import { atLength, gaveUp, giveUp, isFatal, report, serve, Strides, words } from "./worker-messenger.js";

/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {{ title: string, options: Options }} Task */
/** A finished network on packed integers, with one sample to time it with. @typedef {{ bytes: Uint8Array, sample: import("../pkg/index.js").Samples }} Network */
/**
 * What is kept of a run. latency: µs of one sample on packed integers; null until it is measured, and where it cannot be.
 * @typedef {{ title: string, options: Required<Options>, given: Options, trace: string, bits: number[], activationBits: number[], names: string[], averageBits: number,
 *   sizeBytes: number, bitOps: number, accuracy: number, floatAccuracy: number, latency: number | null, seconds: number }} Result
 */

/** Progress is told at most this often, in ms. */
const TELL_EVERY = 100;
const loading = load({ read });
/** The engine's, once it is loaded. @type {WebAssembly.Memory | undefined} */
let memory;

/** @param {Task} task @returns {Promise<{ result: Result, network: Network | null }>} */
async function work({ title, options }) {
  const engine = await loading;
  memory = engine.memory;
  if (typeof options.model === "object") await engine.loadFiles();
  const session = await atLength(async () => engine.createSession(await unpackOptions(options, engine)));
  try {
    const seconds = runToEnd(session);
    const { network, ...found } = await atLength(() => ({ ...resultOf(session), network: networkOf(session) }));
    session.free();
    return { result: { title, given: options, seconds, ...found }, network };
  } catch (error) {
    if (!isFatal(error)) session.free();
    throw error;
  }
}

/** Seconds of a run from beginning to end. @param {Session} session */
function runToEnd(session) {
  const start = performance.now();
  const strides = new Strides();
  let told = 0;
  for (let progress = session.progress(); !progress.done; progress = strides.take(() => session.step(1))) {
    if (performance.now() - told < TELL_EVERY) continue;
    told = performance.now();
    const { pretrainEpochs, epochs } = session.options;
    const all = (pretrainEpochs + epochs) * progress.stepsPerEpoch;
    report({ type: "progress", part: all > 0 ? progress.step / all : 0, words: progress.phase === "search" ? "searching the bits" : epochText(progress) });
  }
  return (performance.now() - start) / 1000;
}

/** @param {Session} session that is done @returns {Omit<Result, "title" | "given" | "seconds">} */
function resultOf(session) {
  const { layers, averageBits, sizeBytes, testAccuracy, floatAccuracy, trace } = session.snapshot();
  // The network's own input counts as 8 bits where anything is quantized; what activationBits 0 leaves in float, as 32.
  const floats = session.options.activationBits === 0;
  const activation = layers.map((layer, index) => Math.min(32, layer.activation?.bits ?? (layer.weight.bits < 32 && !(floats && index > 0) ? 8 : 32)));
  return {
    options: session.options, averageBits, sizeBytes, trace,
    names: layers.map(({ name }) => name),
    bits: layers.map(({ weight }) => weight.bits),
    activationBits: activation,
    bitOps: layers.reduce((sum, layer) => sum + (layer.bitOps ?? NaN), 0),
    accuracy: testAccuracy ?? NaN, floatAccuracy: floatAccuracy ?? NaN,
    latency: null,
  };
}

/** @param {Session} session @returns {Network | null} */
function networkOf(session) {
  try {
    return { bytes: session.deployment(), sample: session.samples("test", 1) };
  } catch (error) {
    if (isFatal(error)) throw error;
    // A float network, or levels that integer kernels do not hold: the table says so by a dash.
    return null;
  }
}

/** µs of one sample: the shortest burst. @param {Network} network */
async function time({ bytes, sample }) {
  const engine = await loading;
  await engine.loadKernels();
  const deployed = engine.openDeployed(bytes, { test: sample });
  const { single } = deployed.benchmark();
  deployed.free();
  return single.least;
}

// A run says by itself what may take long.
serve((command) => (command.type === "time" ? time(command) : work(command)), { quick: ["work"], memoryOf: () => memory });
loading.catch((error) => gaveUp(error) || giveUp(words(error), "LoadError"));
