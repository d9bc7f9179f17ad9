/**
 * Imported data on their way between page and Workers: the numbers as Blobs, which are handed on without a copy
 * and weigh nothing on the main thread.
 */

/** @typedef {import("../../pkg/index.js").ImportedData} Data */
/** @typedef {import("../../pkg/index.js").SessionOptions} Options */
/** @typedef {Omit<Data, "inputs" | "labels" | "test"> & { inputs: Blob, labels: Blob, test: { inputs: Blob, labels: Blob } | null }} Packed */

/** @param {{ inputs: Float32Array, labels: Uint8Array }} part */
const packPart = ({ inputs, labels }) => ({ inputs: blob(inputs), labels: blob(labels) });

/** @param {Float32Array | Uint8Array} numbers */
const blob = (numbers) => new Blob([/** @type {BlobPart} */ (numbers)]);

/** @param {Data} data @returns {Packed} */
export function pack(data) {
  return { ...data, ...packPart(data), test: data.test && packPart(data.test) };
}

/** @param {{ inputs: Blob, labels: Blob }} part */
async function unpackPart({ inputs, labels }) {
  return { inputs: new Float32Array(await inputs.arrayBuffer()), labels: new Uint8Array(await labels.arrayBuffer()) };
}

/**
 * Options of the page as `createSession` takes them; the engine is made ready for data of the visitor.
 * @param {Options} options @param {import("../../pkg/index.js").Engine} engine
 * @returns {Promise<Options>}
 */
export async function unpackOptions(options, engine) {
  const data = /** @type {unknown} */ (options.data);
  if (typeof data !== "object" || data === null) return options;
  await engine.loadFiles();
  const packed = /** @type {Packed} */ (data);
  return { ...options, data: { ...packed, ...(await unpackPart(packed)), test: packed.test && (await unpackPart(packed.test)) } };
}
