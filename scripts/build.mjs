/**
 * Builds everything that `make dist` needs, several steps at a time: the npm tools and the program that writes the code
 * around the binaries while crates are compiled, and the binaries of each set of compiler flags one after the other.
 * From the command line, `node scripts/build.mjs` makes dist/, too.
 */
import { spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The binaries of each set of flags (see scripts/build-wasm.sh), those first that a page needs first. */
const SETS = [["core", "simd128", "relaxed", "full"], ["charts", "details", "scalar"]];
/** @type {readonly string[]} */
export const BINARIES = SETS.flat();

/**
 * A program of the project; what it writes goes to stderr.
 * @param {string} program @param {string[]} given
 * @returns {Promise<void>}
 */
const run = (program, given) => new Promise((resolve, reject) => {
  const child = spawn(program, given, { cwd: ROOT, stdio: ["ignore", 2, 2] });
  child.once("error", reject);
  child.once("close", (code, signal) => (code === 0 ? resolve() : reject(new Error(`${program} ${given.join(" ")}: expected to end well, got ${signal ?? `exit code ${code}`}`))));
});

/** A promise that may be waited for late: until then, its failure is not a failure of the process. @template T @param {Promise<T>} promise */
function kept(promise) {
  promise.catch(() => {});
  return promise;
}

/**
 * Begins to build.
 * @returns {{ npm: Promise<void>, binaries: Record<string, Promise<void>>, all: Promise<unknown> }} npm: the packages that
 *   building needs; binaries: those in pkg/, each when it is there
 */
export function startBuild() {
  const npm = kept(run("scripts/setup.sh", ["npm"]));
  const tools = kept(run("scripts/build-wasm.sh", ["tools"]));
  /** @type {Record<string, Promise<void>>} */
  const binaries = {};
  for (const names of SETS) {
    let compiled = Promise.resolve();
    for (const name of names) {
      compiled = kept(compiled.then(() => run("scripts/build-wasm.sh", ["compile", name])));
      binaries[name] = kept(Promise.all([compiled, npm, tools]).then(() => run("scripts/build-wasm.sh", ["finish", name])));
    }
  }
  return { npm, binaries, all: kept(Promise.all([npm, ...Object.values(binaries)])) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await startBuild().all;
    const { buildPage } = await import("./build-page.mjs");
    await buildPage();
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
