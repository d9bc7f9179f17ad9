/** Files of others as data: bytes are unpacked here and read by the engine; images are decoded by the browser. */
import { plain, show } from "./checks.js";

/** @typedef {import("./index.js").FileLike} FileLike */
/** @typedef {{ name: string, bytes: Uint8Array }} Plain */

/** Most bytes of a file, packed or unpacked. */
const BYTES_MAX = 50_000_000;
/** Images are decoded in groups of this many, so that a folder of thousands does not fill the memory. */
const DECODED_AT_ONCE = 16;
/** Sides of an image that the engine can be asked for, in pixels. */
const SIDE = { min: 8, max: 128, default: 28 };
/** Numbers that all samples can hold together, as the engine says too. */
const NUMBERS_MAX = 64_000_000;
const IMAGE = /\.(png|jpe?g|gif|webp|bmp|avif)$/i;

/**
 * Reads data with the module of an engine; see `Engine.importData` in index.d.ts.
 * @param {any} module
 * @param {FileLike} data
 * @param {import("./index.js").ImportOptions} options
 * @returns {Promise<import("./index.js").ImportedData>}
 */
export async function importData(module, data, options) {
  const { name, labels, test, testLabels, format, label, exclude = [], header, delimiter, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown) throw new Error(`unknown option "${unknown}" of importData: expected one of name, format, label, exclude, labels, test, testLabels, header, delimiter`);
  if (testLabels && !test) throw new Error('option "testLabels" of importData: expected a file "test" beside it, got none');
  if (label !== undefined && !isColumn(label)) {
    throw new Error(`option "label" of importData: expected "last", the name of a column or its place from 0, got ${show(label)}`);
  }
  if (!Array.isArray(exclude)) throw new Error(`option "exclude" of importData: expected an array of names or places from 0 of columns, got ${show(exclude)}`);
  exclude.forEach((column, at) => {
    if (!isColumn(column)) throw new Error(`option "exclude[${at}]" of importData: expected the name of a column or its place from 0, got ${show(column)}`);
  });
  const file = await unpack(data, name ?? "the data file");
  const more = await Promise.all([[labels, "the label file"], [test, "the test file"], [testLabels, "the test labels"]].map(
    ([given, called]) => (given ? unpack(/** @type {FileLike} */ (given), String(called)) : undefined),
  ));
  const headers = header === undefined ? undefined : header ? "yes" : "no";
  const { error, table, ...read } = module.importData({ file, labels: more[0], test: more[1], testLabels: more[2], format, label, exclude, header: headers, delimiter });
  if (error) throw Object.assign(new Error(error), table && { table });
  return { ...read, name: file.name };
}

/** Whether a value can name a column, or be its place. @param {unknown} value */
const isColumn = (value) => typeof value === "string" || (Number.isInteger(value) && Number(value) >= 0);

/** What of the caller's can stand for an option, and what gave it. */
const OWN = { data: { made: "the name of a data set", by: "importData" }, model: { made: "the name of a model", by: "importModel" } };

/** Options whose data or model were imported, as the engine takes them, and those. @param {import("./index.js").SessionOptions} options */
function withOwn(options) {
  /** @type {{ data?: import("./index.js").ImportedData, model?: import("./index.js").ImportedModel }} */
  const own = {};
  const named = /** @type {Record<string, unknown>} */ ({ ...options });
  for (const name of /** @type {("data" | "model")[]} */ (["data", "model"])) {
    const value = options[name];
    if (typeof value !== "object" || value === null) continue;
    if (value.kind !== "own") throw new Error(`option "${name}": expected ${OWN[name].made}, or what ${OWN[name].by} gave, got ${show(value)}`);
    Object.assign(own, { [name]: value });
    named[name] = "own";
  }
  return { ...plain(named), own };
}

/**
 * The engine's session on imported data, or of an imported model.
 * @param {any} module @param {import("./index.js").SessionOptions} options @param {ArrayLike<number>} latencies
 */
export function sessionOf(module, options, latencies) {
  const { names, values, own } = withOwn(options);
  return module.WasmSession.withAssets(names, values, { latencies: Array.from(latencies), ...own });
}

/** See `Engine.estimateMemory` in index.d.ts. @param {any} module @param {import("./index.js").SessionOptions} options @returns {number} */
export function estimateMemory(module, options) {
  const { names, values, own } = withOwn(options);
  if (!own.data) throw new Error(`option "data" of estimateMemory: expected what importData gave, got ${show(options.data)}`);
  return module.runBytes(names, values, own.data);
}

/**
 * A file as bytes, unpacked where it is gzipped.
 * @param {FileLike} given
 * @param {string} called what errors call it where it has no name
 * @returns {Promise<Plain>}
 */
async function unpack(given, called) {
  // A Blob may have a method "bytes".
  const isPlain = given instanceof Blob || !(given && typeof given === "object" && "bytes" in given);
  const named = isPlain ? { name: "", bytes: given } : /** @type {{ name: string, bytes: Uint8Array | ArrayBuffer | Blob }} */ (given);
  const name = named.name || (named.bytes instanceof Blob && "name" in named.bytes ? String(named.bytes.name) : "") || called;
  if (named.bytes instanceof Blob) checkSize(named.bytes.size, name);
  const bytes = await toBytes(named.bytes, name);
  checkSize(bytes.length, name);
  return { name, bytes: bytes[0] === 0x1f && bytes[1] === 0x8b ? await gunzip(bytes, name) : bytes };
}

/** @param {unknown} given @param {string} name @returns {Promise<Uint8Array>} */
async function toBytes(given, name) {
  if (given instanceof Blob) return new Uint8Array(await given.arrayBuffer());
  if (given instanceof Uint8Array) return given;
  if (given instanceof ArrayBuffer) return new Uint8Array(given);
  throw new Error(`${name}: expected a Uint8Array, an ArrayBuffer, a Blob or { name, bytes }, got ${show(given)}`);
}

/** @param {number} bytes @param {string} name */
function checkSize(bytes, name) {
  if (bytes > BYTES_MAX) throw new Error(`${name}, at its end: expected at most ${BYTES_MAX} bytes, got ${bytes}`);
}

/** Unpacks gzip and stops where it becomes too much. @param {Uint8Array} packed @param {string} name */
async function gunzip(packed, name) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)]).stream().pipeThrough(new DecompressionStream("gzip"));
  const reader = stream.getReader();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let total = 0;
  try {
    for (let next = await reader.read(); !next.done && total <= BYTES_MAX; next = await reader.read()) {
      chunks.push(next.value);
      total += next.value.length;
    }
  } catch (error) {
    throw new Error(`${name}, at its gzip data: expected a whole gzip stream, got one that breaks off or is damaged after ${total} unpacked bytes`, { cause: error });
  }
  if (total > BYTES_MAX) {
    await reader.cancel();
    throw new Error(`${name}, at its gzip data: expected at most ${BYTES_MAX} bytes unpacked, got more`);
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Images as data, each of the class that its folder is called; see `Engine.importImages` in index.d.ts.
 * @param {any} module
 * @param {{ path: string, file: Blob }[]} files
 * @param {import("./index.js").ImageOptions} options
 * @returns {Promise<import("./index.js").ImportedData>}
 */
export async function importImages(module, files, { size = SIDE.default, color = "grey", name = "", onProgress } = {}) {
  if (!(Number.isInteger(size) && size >= SIDE.min && size <= SIDE.max)) {
    throw new Error(`option "size" of importImages: expected a whole number from ${SIDE.min} to ${SIDE.max}, got ${show(size)}`);
  }
  if (color !== "grey" && color !== "rgb") throw new Error(`option "color" of importImages: expected "grey" or "rgb", got ${show(color)}`);
  const images = files.filter(({ path }) => IMAGE.test(path)).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  if (images.length === 0) throw new Error(`images: expected files that end in .png, .jpg, .gif, .webp, .bmp or .avif, got none among ${files.length} files`);
  const folders = images.map(({ path }) => folderOf(path));
  const classNames = [...new Set(folders)].sort();
  if (classNames.length < 2 || classNames.length > 256) {
    throw new Error(`images: expected folders of 2 to 256 classes, each with its images, got ${classNames.length}${classNames.length === 1 ? ` (${show(classNames[0])})` : ""}`);
  }
  const channels = color === "rgb" ? 3 : 1;
  const numbers = images.length * channels * size * size;
  if (numbers > NUMBERS_MAX) throw new Error(`images: expected at most ${NUMBERS_MAX} numbers in all samples, got ${numbers}: choose a smaller size`);
  const pixels = new Uint8Array(numbers);
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("images: expected a browser that draws on an OffscreenCanvas, got none");
  for (let from = 0; from < images.length; from += DECODED_AT_ONCE) {
    const group = images.slice(from, from + DECODED_AT_ONCE);
    const bitmaps = await Promise.all(group.map((image) => decode(image, size)));
    bitmaps.forEach((bitmap, index) => {
      // Transparent places are taken as white paper.
      context.fillStyle = "#fff";
      context.fillRect(0, 0, size, size);
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      write(context.getImageData(0, 0, size, size).data, pixels, (from + index) * channels * size * size, channels);
    });
    onProgress?.(Math.min(1, (from + group.length) / images.length));
  }
  const labels = Uint8Array.from(folders, (folder) => classNames.indexOf(folder));
  const read = module.importPixels({ pixels, channels, height: size, width: size, labels, classNames });
  return { ...read, name: name || `${images.length} images` };
}

/** The name of the folder that a file is in. @param {string} path */
function folderOf(path) {
  const folder = path.split("/").at(-2);
  if (!folder) throw new Error(`${path}: expected a folder around it that is called as its class, got none`);
  return folder;
}

/** @param {{ path: string, file: Blob }} image @param {number} size */
async function decode({ path, file }, size) {
  checkSize(file.size, path);
  try {
    return await createImageBitmap(file, { resizeWidth: size, resizeHeight: size, resizeQuality: "high" });
  } catch (error) {
    throw new Error(`${path}: expected an image that the browser can decode, got ${file.size} bytes that are none`, { cause: error });
  }
}

/**
 * Puts the pixels of an image, RGBA, behind each other channel by channel; grey is ITU-R BT.601 luma.
 * @param {Uint8ClampedArray} rgba @param {Uint8Array} pixels @param {number} start @param {number} channels
 */
function write(rgba, pixels, start, channels) {
  const count = rgba.length / 4;
  for (let i = 0; i < count; i++) {
    const [r, g, b] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    if (channels === 1) pixels[start + i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    else [r, g, b].forEach((value, channel) => (pixels[start + channel * count + i] = value));
  }
}

/**
 * Reads an ONNX file with the module of an engine; see `Engine.importModel` in index.d.ts.
 * @param {any} module
 * @param {FileLike} model
 * @param {{ name?: string }} options
 * @returns {Promise<import("./index.js").ImportedModel>}
 */
export async function importModel(module, model, options) {
  const [unknown] = Object.keys(options).filter((key) => key !== "name");
  if (unknown) throw new Error(`unknown option "${unknown}" of importModel: expected name`);
  const { name: called, bytes } = await unpack(model, options.name ?? "the model");
  const name = options.name ?? called;
  const { error, unsupported, ...read } = module.importModel(name, bytes);
  if (unsupported) throw Object.assign(new Error(error), { unsupported });
  return { ...read, name, bytes };
}
