/**
 * Builds everything that `make dist` needs: while crates are compiled, npm installs its packages, and finished binaries are
 * optimized. From the command line, `node scripts/build.mjs` makes dist/, too.
 */
import { spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The binaries of each target directory (see scripts/build-wasm.sh), those first that a page needs first. */
const DIRECTORIES = [["core", "simd128", "relaxed", "full"], ["charts", "details", "scalar"]];
export const BINARIES = DIRECTORIES.flat();

/**
 * A script of the project; what it writes goes to stderr.
 * @param {string} script @param {string[]} given
 * @returns {Promise<void>}
 */
function run(script, ...given) {
  /** @type {Promise<void>} */
  const ended = new Promise((resolve, reject) => {
    const child = spawn(script, given, { cwd: ROOT, stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("close", (code, signal) => (code === 0 ? resolve() : reject(new Error(`${[script, ...given].join(" ")} ended with ${signal ?? code}`))));
  });
  // Whoever waits for it hears of a failure, even when that comes first.
  ended.catch(() => {});
  return ended;
}

/** @returns {{ npm: Promise<void>, binaries: Record<string, Promise<void>> }} npm's packages, and each binary of pkg/, when it is there */
export function startBuild() {
  const npm = run("scripts/setup.sh", "npm");
  const bindgen = run("scripts/build-wasm.sh", "bindgen");
  /** @type {Record<string, Promise<void>>} */
  const binaries = {};
  for (const names of DIRECTORIES) {
    let compiled = Promise.resolve();
    for (const name of names) {
      compiled = compiled.then(() => run("scripts/build-wasm.sh", "compile", name));
      binaries[name] = Promise.all([compiled, npm, bindgen]).then(() => run("scripts/build-wasm.sh", "finish", name));
      binaries[name].catch(() => {});
    }
  }
  return { npm, binaries };
}

/** Builds it all. Nothing here is awaited at the top level: build-page.mjs imports this module, and would wait for it. */
async function buildAll() {
  const { npm, binaries } = startBuild();
  await Promise.all([npm, ...Object.values(binaries)]);
  const { buildPage, emptyDist } = await import("./build-page.mjs");
  emptyDist();
  await buildPage();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  buildAll().catch((error) => {
    console.error(`build: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
}
