/** The files of the package that are not JavaScript, each by an address written out: bundlers follow no others. */

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

/**
 * One of the binaries, ready to be called.
 * @param {string} name
 * @param {(url: URL, name: string) => Promise<any>} read
 */
export async function instantiate(name, read) {
  const file = `${name}/ddq_playground_bg.wasm`;
  const [module, wasm] = await Promise.all([CODE[name](), read(placeOf(file), file)]);
  const { memory } = await module.default({ module_or_path: wasm });
  return { ...module, memory };
}
