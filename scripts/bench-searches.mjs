/**
 * How long the methods that search take on the mobile network of the digits, in a Worker of headless Chromium, and how
 * long the exact solution of 54 layers takes natively. Medians and, in brackets, the span over the rounds.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { open } from "./browser.mjs";

const ROUNDS = 5;

/** What is asked, and the seconds that it may take. */
const CASES = {
  "OMPQ allocation": { options: { method: "ompq" }, limit: 0.5 },
  "multipoint, points of all rows": { options: { method: "multipoint" }, limit: 2 },
  "HAQ, 200 episodes": { options: { method: "haq", episodes: 200 }, limit: 60 },
  "HAWQ, Hessian traces": { options: { method: "hawq" }, limit: null },
  "sensitivity, all layers and widths": { options: { method: "sensitivity" }, limit: null },
};

const { browser, address, close } = await open();
try {
  const page = await (await browser.newContext()).newPage();
  await page.route("**/bench-worker.js", (route) => route.fulfill({ path: fileURLToPath(new URL("../benches/search-worker.js", import.meta.url)), contentType: "text/javascript" }));
  await page.goto(`${address}icon.svg`);
  await page.evaluate(() => void Reflect.set(globalThis, "worker", new Worker("/bench-worker.js", { type: "module" })));
  const ask = (/** @type {object} */ options) => page.evaluate((message) => new Promise((resolve) => {
    const worker = Reflect.get(globalThis, "worker");
    worker.onmessage = (/** @type {MessageEvent<number>} */ { data }) => resolve(data);
    worker.postMessage(message);
  }), options);
  console.log(`mobile network, digits; seconds, median [least – most] of ${ROUNDS}`);
  for (const [name, { options, limit }] of Object.entries(CASES)) {
    const rounds = name.startsWith("HAQ") ? 3 : ROUNDS;
    const seconds = [];
    for (let round = 0; round < rounds; round++) seconds.push(Number(await ask({ model: "mobile", seed: round + 1, ...options })) / 1000);
    seconds.sort((a, b) => a - b);
    const [least, median, most] = [seconds[0], seconds[rounds >> 1], seconds[rounds - 1]].map((value) => value.toPrecision(3));
    console.log(`${name.padEnd(56)} ${median} [${least} – ${most}]${limit ? `, at most ${limit} wanted` : ""}`);
  }
} finally {
  await close();
}
const solved = spawnSync("cargo", ["run", "--release", "--quiet", "--example", "solve"], { encoding: "utf8" });
if (solved.status !== 0) throw new Error(`cargo run --example solve: ${solved.stderr}`);
console.log(solved.stdout.trim());
