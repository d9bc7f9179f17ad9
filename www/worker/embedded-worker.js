/**
 * Every Worker of the page in one classic script, which an embedded playground starts from a Blob: a host's page may
 * start no Worker from another origin, and in a sandbox only classic ones. First message in: { name, port } (workers'
 * name, and where files come from); the Worker of that name takes over from there.
 */
import { readThrough } from "./worker-files.js";

onmessage = async ({ data: { name, port } }) => {
  readThrough(port);
  if (name === "compare-worker") await import("./compare-worker.js");
  else if (name === "own-worker") await import("./own-worker.js");
  else await import("./worker.js");
};
