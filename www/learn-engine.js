/** The engine on the lesson's own thread, for figures that ask a trained network one question and do not train it. */
import { load } from "../pkg/index.js";
import { prepare, prepareDetails } from "./canvas.js";
import { read } from "./files.js";

/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */

/** What the figures look at: a trained network, whose weights stay as they are. @type {Options} */
const STILL = { data: "digits", model: "cnn", activationBits: 8, learningRate: 0, weightDecay: 0, seed: 1 };

/** @type {Promise<import("../pkg/index.js").Engine> | null} */
let loading = null;
/** @type {Promise<void> | null} */
let drawing = null;

/** A session of the trained network, its quantizers in place. Free it. @param {Options} options @returns {Promise<Session>} */
export async function quantized(options) {
  loading ??= load({ methods: "core", checkpoints: ["cnn"], read }).catch((error) => ((loading = null), Promise.reject(error)));
  const session = (await loading).createSession({ ...STILL, ...options });
  while (session.snapshot().layers[0].weight.bits === 32) session.step(1);
  return session;
}

/** Loads the charts, the closer ones with them. */
export function drawingReady() {
  drawing ??= prepare().then(prepareDetails).catch((error) => ((drawing = null), Promise.reject(error)));
  return drawing;
}
