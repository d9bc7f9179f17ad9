/** Models and data that a link or an attribute names by their address. */
import { Messenger } from "./messenger.js";

/** @typedef {import("./playground.js").Playground} Playground */
/** @typedef {import("./own-worker.js").Preview} Preview */

/** Largest file that is fetched, in bytes; the readers take no more either. */
const LARGEST = 50 * 2 ** 20;

/**
 * A file from an address, read no further than the limit.
 * @param {string} key what asked for it @param {string} address
 * @throws Error that names key, address, and what was expected and got
 */
async function fetched(key, address) {
  const url = new URL(address, document.baseURI);
  if (!["http:", "https:"].includes(url.protocol)) throw new Error(`${key}: expected an address of http or https, got ${address}`);
  const response = await fetch(url, { credentials: "omit" }).catch(() => {
    throw new Error(`${key}: ${url.href} could not be fetched; its server has to allow it (Access-Control-Allow-Origin), and this page's policy too: connect-src ${url.origin}`);
  });
  if (!response.ok) throw new Error(`${key}: ${url.href}: expected HTTP status 200, got ${response.status}`);
  const parts = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > LARGEST) {
      void reader?.cancel();
      throw new Error(`${key}: ${url.href}: expected at most 50 MB, got more`);
    }
    parts.push(/** @type {BlobPart} */ (part.value));
  }
  return new File(parts, url.pathname.split("/").pop() || key);
}

/** Data read beside the run. @param {File} file @returns {Promise<Preview>} */
export async function readData(file) {
  const reader = new Messenger("own-worker");
  try {
    return await reader.send("table", { file, options: {} });
  } finally {
    reader.end();
  }
}

/** A model read by the run's Worker. @param {Playground} playground @param {File} file @returns {Promise<import("../pkg/index.js").ImportedModel>} */
export async function readModel({ run }, file) {
  return (await run.send("tryModel", { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })).model;
}

/** What the addresses of a view stand for, as options. @param {Playground} playground @param {import("./state.js").View} view */
export async function sources(playground, view) {
  /** @type {Record<string, any>} */
  const options = {};
  if (view["data-src"]) options.data = (await readData(await fetched("data-src", view["data-src"]))).data;
  if (view.src) options.model = await readModel(playground, await fetched("src", view.src));
  return options;
}
