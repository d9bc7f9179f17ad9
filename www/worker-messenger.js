/** A Worker's end of messenger.js: answers commands, shows that the Worker lives, and says when it may be silent for long. */

/** Pieces of work that take longer than this, in ms, are announced. */
const LONG = 1000;
/** Part of the longest time that is remembered after another piece. */
const MEMORY = 0.9;
/** What wasm-bindgen says of objects that a failed call left borrowed. */
const LEFT_BORROWED = /recursive use of an object|attempted to take ownership|null pointer passed to rust/;

/** @param {unknown} error */
export const words = (error) => (error instanceof Error ? error.message : String(error));

/** Whether the engine's state cannot be trusted after this error: none of its objects may be used again. @param {unknown} error */
export function isFatal(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError
    || (error instanceof Error && (error.name === "InternalError" || LEFT_BORROWED.test(error.message)));
}

/** The engine's memory, where there is one. @type {() => WebAssembly.Memory | undefined} */
let memory = () => undefined;

/** Whether the engine could not have a quarter more memory. */
function isExhausted() {
  const found = memory();
  try {
    found?.grow(found.buffer.byteLength / 65536 / 4 + 1);
    return false;
  } catch {
    return true;
  }
}

/** A fatal error for people. @param {unknown} error */
function fatalWords(error) {
  const megabytes = Math.round((memory()?.buffer.byteLength ?? 0) / 2 ** 20);
  return isExhausted() ? `it ran out of memory: it has ${megabytes} MB and gets no more` : `it broke down (${words(error)})`;
}

/** @param {object} message @param {Transferable[]} [transfer] */
export const report = (message, transfer = []) => postMessage(message, { transfer });

/** Whether this Worker has given up. */
let over = false;

/** Has the page end this Worker, which does nothing any more. @param {string} message @param {string} [name] */
export function giveUp(message, name = "Error") {
  over = true;
  report({ type: "broken", error: { message, name } });
}

/** Gives up after a fatal error. @param {unknown} error @returns {boolean} whether it is one */
export function gaveUp(error) {
  if (isFatal(error)) giveUp(fatalWords(error));
  return isFatal(error);
}

/** Does what may take long without a word. @template T @param {() => T | Promise<T>} work @returns {Promise<T>} */
export async function atLength(work) {
  report({ type: "long", change: 1 });
  try {
    return await work();
  } finally {
    report({ type: "long", change: -1 });
  }
}

/** Work in many pieces: as long as some take long, each is announced. */
export class Strides {
  /** About how long the longest of the last pieces took, in ms; of none yet, too long. */
  #longest = 10 * LONG;

  /** @template T @param {() => T} work @returns {T} */
  take(work) {
    const start = performance.now();
    const long = this.#longest > LONG;
    if (long) report({ type: "long", change: 1 });
    try {
      return work();
    } finally {
      if (long) report({ type: "long", change: -1 });
      this.#longest = Math.max(performance.now() - start, MEMORY * this.#longest);
    }
  }
}

/** An error as it is sent, with whatever it carries. @param {unknown} error */
const fieldsOf = (error) => (error instanceof Error ? { ...error, name: error.name, message: error.message } : { message: words(error) });

/**
 * Answers every command from now on.
 * @param {(command: any) => unknown} perform makes the answer, or throws
 * @param {{ quick?: string[], memoryOf?: () => WebAssembly.Memory | undefined }} [options] quick: commands that never take long
 */
export function serve(perform, { quick = [], memoryOf = memory } = {}) {
  memory = memoryOf;
  onmessage = async ({ data }) => {
    if (over) return;
    if (data.type === "ping") return report({ type: "awake" });
    try {
      const value = (await (quick.includes(data.type) ? perform(data) : atLength(() => perform(data)))) ?? null;
      report({ type: "answer", id: data.id, value }, value instanceof Uint8Array ? [value.buffer] : []);
    } catch (error) {
      if (!gaveUp(error)) report({ type: "answer", id: data.id, error: fieldsOf(error) });
    }
  };
  addEventListener("unhandledrejection", ({ reason }) => gaveUp(reason));
  report({ type: "awake" });
}
