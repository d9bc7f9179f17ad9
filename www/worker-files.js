/** Where a Worker's files come from: beside the package, or, in a Worker without an address of its own, from the page. */
import { loadError } from "../pkg/checks.js";
import { Pending } from "./pending.js";

/** Reads a file of the package; undefined where the package does that itself. @type {((url: URL, name: string) => Promise<any>) | undefined} */
export let read;

/** From now on files are asked for through a port: out { id, name }, in { id, file } or { id, error }. @param {MessagePort} port */
export function readThrough(port) {
  const pending = new Pending();
  port.onmessage = ({ data: { id, file, error } }) => pending.settle(id, file, error === undefined ? undefined : loadError(error));
  read = (_, name) => pending.ask((id) => port.postMessage({ id, name }));
}
