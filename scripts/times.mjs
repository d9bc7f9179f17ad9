/**
 * How long a developer waits for the commands of the Makefile, beside what was promised for two idle cores:
 * node scripts/times.mjs [play] [check] [test], each in a fresh clone in a temporary folder; all of them take about half an
 * hour. Committed files count, and so does what has to be downloaded; what scripts/setup.sh has once installed outside
 * of the project (Chromium, wasm-pack) does not.
 */
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** A file whose change has everything that trains compiled again. */
const CHANGED = "src/quant/lsq.rs";

/**
 * Runs a command and ends it, with all that it started, at the first line on stdout that `until` accepts.
 * @param {string} folder @param {string[]} command @param {(line: string) => boolean} [until]
 * @returns {Promise<void>}
 */
function run(folder, [program, ...given], until) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { cwd: folder, detached: true, stdio: ["ignore", "pipe", "inherit"] });
    let reached = false;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!until) console.error(line);
      if (reached || !until?.(line)) return;
      reached = true;
      if (child.pid) process.kill(-child.pid);
    });
    child.once("error", reject);
    child.once("close", (code) => (reached || code === 0 ? resolve() : reject(new Error(`${[program, ...given].join(" ")} ended with ${code}`))));
  });
}

/** @param {string} what @param {number} limit in seconds @param {() => Promise<unknown>} act */
async function time(what, limit, act) {
  const start = performance.now();
  await act();
  const seconds = (performance.now() - start) / 1000;
  console.log(`${seconds.toFixed(0).padStart(6)} s  ${what} (at most ${limit} s)${seconds > limit ? ", too long" : ""}`);
}

/** @param {string} folder */
const play = (folder) => run(folder, ["make", "play", "PORT=0"], (line) => line.startsWith("http://"));
/** @param {string} folder @param {string} word */
const make = (folder, word) => run(folder, ["make", word]);
/** @param {string} folder */
const change = (folder) => appendFileSync(join(folder, CHANGED), "// Changed.\n");

/** @type {Record<string, (folder: string) => Promise<void>>} */
const MEASURED = {
  async play(folder) {
    await time("make play, from a fresh clone to the address", 240, () => play(folder));
    await make(folder, "dist");
    change(folder);
    await time("make play, after a change in one Rust file", 45, () => play(folder));
  },
  async check(folder) {
    await make(folder, "check");
    change(folder);
    await time("make check, after a change in one Rust file", 90, () => make(folder, "check"));
  },
  async test(folder) {
    await time("make test, in a fresh clone", 1500, () => make(folder, "test"));
  },
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(MEASURED);
for (const name of chosen) {
  if (!(name in MEASURED)) {
    console.error(`times: expected ${Object.keys(MEASURED).join(", ")}, got ${name}`);
    process.exit(2);
  }
}
console.log(`${availableParallelism()} processors, ${loadavg()[0].toFixed(1)} processes waiting for one in the last minute`);
for (const name of chosen) {
  const folder = mkdtempSync(join(tmpdir(), "ddq-playground-times-"));
  try {
    await run(ROOT, ["git", "clone", "--quiet", ".", folder]);
    await MEASURED[name](folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
