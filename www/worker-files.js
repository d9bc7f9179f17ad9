/** Where a Worker's files come from: beside the package, or, in a Worker without an address of its own, from the page. */

/** Reads a file of the package; undefined where the package does that itself. @type {((url: URL, name: string) => Promise<any>) | undefined} */
export let read;

/** From now on files are asked for through a port: out { id, name }, in { id, file } or { id, error }. @param {MessagePort} port */
export function readThrough(port) {
  /** @type {Map<number, { resolve: (file: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  port.onmessage = ({ data: { id, file, error } }) => {
    const pending = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) pending?.resolve(file);
    else pending?.reject(new Error(error));
  };
  let last = 0;
  read = (_, name) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      port.postMessage({ id: last, name });
    });
}
