/**
 * Reads files beside the running session, in a Worker of its own: a run goes on meanwhile, and a file that breaks this
 * Worker breaks nothing else. Commands: Question; answers: Preview.
 */
import { load } from "../pkg/index.js";
import { isImage } from "./own-images.js";
import { pack } from "./own-pack.js";
import { read as readFile } from "./worker-files.js";
import { gaveUp, giveUp, report, serve, words } from "./worker-messenger.js";

/** @typedef {import("../pkg/index.js").ImportedData} Data */
/** @typedef {import("../pkg/index.js").ImportOptions} ImportOptions */
/**
 * @typedef {{ type: "table", file: File, options: ImportOptions }
 *   | { type: "images", images: { path: string, file: File }[], options: { size: number, color: "grey" | "rgb", name: string } }} Question
 */
/** What the page is shown: the data with their numbers as Blobs, images of every class, bytes of a usual run. @typedef {{ data: import("./own-pack.js").Packed, sample: { inputs: Float32Array, labels: Uint8Array } | null, bytes: number, milliseconds: number }} Preview */

/** Images of a preview. */
const SHOWN = 24;
/** The engine's, once it is loaded. @type {WebAssembly.Memory | undefined} */
let memory;
/** The whole engine replaces the small one, and is loaded before the first question. */
const loading = load({ checkpoints: [], methods: "core", read: readFile }).then(async (engine) => {
  await engine.loadFiles();
  memory = engine.memory;
  return engine;
});

/** Images in turn of every class. @param {Data} data */
function sampleOf({ inputs, labels, classes, shape }) {
  if (!isImage(shape)) return null;
  const size = shape.channels * shape.height * shape.width;
  const places = Array.from({ length: classes }, (_, label) => [...spread(labels, label)]);
  const chosen = Array.from({ length: SHOWN }, (_, round) => places.map((found) => found[round])).flat().filter((at) => at !== undefined).slice(0, SHOWN);
  return { inputs: Float32Array.from(chosen.flatMap((at) => [...inputs.subarray(at * size, (at + 1) * size)])), labels: Uint8Array.from(chosen, (at) => labels[at]) };
}

/** The first places of a label. @param {Uint8Array} labels @param {number} label */
function* spread(labels, label) {
  let at = -1;
  for (let count = 0; count < SHOWN; count++) {
    at = labels.indexOf(label, at + 1);
    if (at < 0) return;
    yield at;
  }
}

/** @param {Question} question @returns {Promise<Preview>} */
async function read(question) {
  const engine = await loading;
  const start = performance.now();
  const data = question.type === "table"
    ? await engine.importData(question.file, question.options)
    : await engine.importImages(question.images, { ...question.options, onProgress: (part) => report({ type: "part", part }) });
  const milliseconds = performance.now() - start;
  return { data: pack(data), sample: sampleOf(data), bytes: engine.estimateMemory({ data }), milliseconds };
}

serve(read, { memoryOf: () => memory });
loading.catch((error) => gaveUp(error) || giveUp(words(error), "LoadError"));
