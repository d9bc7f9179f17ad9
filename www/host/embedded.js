/** What an embedded playground does otherwise than a page of its own: Workers from a Blob, and files through the page. */
import { errorMessage } from "../../pkg/checks.js";
import { file } from "../base/files.js";
import { startWorkersBy } from "../client/workers.js";

/** Files by name; compiled modules and checkpoints are shared by every playground of a page. @type {Map<string, Promise<WebAssembly.Module | Uint8Array>>} */
const known = new Map();

/** @param {string} name */
function shared(name) {
  const found = known.get(name) ?? fetched(name);
  known.set(name, found);
  // A file that could not be had is asked for again.
  found.catch(() => known.delete(name));
  return found;
}

/** @param {string} name */
async function fetched(name) {
  const bytes = await (await file(name)).arrayBuffer();
  // A page from a disk may not hand compiled modules through a port: each of its Workers compiles for itself.
  return name.endsWith(".wasm") && location.protocol !== "file:" ? WebAssembly.compile(bytes) : new Uint8Array(bytes);
}

/** @param {MessagePort} port */
function serveFiles(port) {
  port.onmessage = async ({ data: { id, name } }) => {
    try {
      port.postMessage({ id, file: await shared(name) });
    } catch (error) {
      port.postMessage({ id, error: errorMessage(error) });
    }
  };
}

/** Has every Worker started from a Blob. Once a page is enough. */
export async function embedWorkers() {
  const source = URL.createObjectURL(new Blob([await (await file("embedded-worker.js")).text()], { type: "text/javascript" }));
  startWorkersBy((name) => {
    const worker = new Worker(source, { name });
    const { port1, port2 } = new MessageChannel();
    serveFiles(port1);
    worker.postMessage({ name, port: port2 }, [port2]);
    return worker;
  });
}
