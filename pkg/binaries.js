/** The files of the package that are not JavaScript, each by an address written out: bundlers follow no others. */
import { loadError } from "./checks.js";

/** The code around each binary. @type {Record<string, () => Promise<any>>} */
const CODE = {
  core: () => import("./core/ddq_playground.js"),
  simd128: () => import("./simd128/ddq_playground.js"),
  scalar: () => import("./scalar/ddq_playground.js"),
  full: () => import("./full/ddq_playground.js"),
  relaxed: () => import("./relaxed/ddq_playground.js"),
  charts: () => import("./charts/ddq_playground.js"),
  details: () => import("./details/ddq_playground.js"),
};

/** Where files lie, by their names in the package. @type {Record<string, () => URL>} */
const PLACES = {
  "core/ddq_playground_bg.wasm": () => new URL("./core/ddq_playground_bg.wasm", import.meta.url),
  "simd128/ddq_playground_bg.wasm": () => new URL("./simd128/ddq_playground_bg.wasm", import.meta.url),
  "scalar/ddq_playground_bg.wasm": () => new URL("./scalar/ddq_playground_bg.wasm", import.meta.url),
  "full/ddq_playground_bg.wasm": () => new URL("./full/ddq_playground_bg.wasm", import.meta.url),
  "relaxed/ddq_playground_bg.wasm": () => new URL("./relaxed/ddq_playground_bg.wasm", import.meta.url),
  "charts/ddq_playground_bg.wasm": () => new URL("./charts/ddq_playground_bg.wasm", import.meta.url),
  "details/ddq_playground_bg.wasm": () => new URL("./details/ddq_playground_bg.wasm", import.meta.url),
  "checkpoints/mlp.bin": () => new URL("./checkpoints/mlp.bin", import.meta.url),
  "checkpoints/cnn.bin": () => new URL("./checkpoints/cnn.bin", import.meta.url),
  "checkpoints/mobile.bin": () => new URL("./checkpoints/mobile.bin", import.meta.url),
};

/** @param {string} name a file's name in the package */
export const placeOf = (name) => PLACES[name]();

/** The code around a binary. @param {string} name */
const codeOf = (name) => CODE[name]().catch((error) => Promise.reject(loadError(`code of ${name}: ${error.message}`, error)));

/**
 * One of the binaries, ready to be called.
 * @param {string} name
 * @param {(url: URL, name: string) => Promise<any>} read
 * @throws LoadError where a file is missing or damaged
 */
export async function instantiate(name, read) {
  const file = `${name}/ddq_playground_bg.wasm`;
  const [module, wasm] = await Promise.all([codeOf(name), read(placeOf(file), file)]);
  try {
    const { memory } = await module.default({ module_or_path: wasm });
    return { ...module, memory };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError || error instanceof WebAssembly.LinkError)) throw error;
    throw loadError(`file ${file}: expected a WebAssembly binary that this page may run, got ${wasm.byteLength ?? "unknown"} bytes that are refused (${error.message})`, error);
  }
}
