/**
 * Training speed in a Worker of headless Chromium against PyTorch (one thread), interleaved in one run, and what a
 * visitor feels: time to the first plot, length of the default run, frames and long tasks at full speed.
 * Prints medians and, in brackets, the span over the rounds. PyTorch is left out where it is not installed.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { open } from "./browser.mjs";
import { mlpOnnx } from "./onnx-file.mjs";
import { barsIdx, wideCsv } from "./own-files.mjs";

const ROUNDS = 7;

/** Steps per round: long enough to measure, and less than an epoch's end away from an evaluation. */
const CASES = {
  "mlp, DDQ 4 bit": { model: "mlp", method: "ddq", learnBits: false, weightBits: 4, steps: 4000, baseline: { name: "mlp", steps: 300 } },
  "mlp, float": { model: "mlp", method: "float", steps: 4000 },
  "mobile, DDQ 4 bit": { model: "mobile", method: "ddq", learnBits: false, weightBits: 4, steps: 120, baseline: { name: "mobile", steps: 30 } },
  "mobile, DDQ learned bits": { model: "mobile", method: "ddq", learnBits: true, freezeAt: 1, steps: 120 },
  "mobile, float": { model: "mobile", method: "float", steps: 120 },
  "mobile, uniform 4 bit": { model: "mobile", method: "uniform", weightBits: 4, steps: 120 },
  // Without a lasso no plane goes: all eight in every step.
  "mobile, BSQ with 8 planes": { model: "mobile", method: "bsq", startPlanes: 8, lassoStrength: 0, budgetBits: 0, activationBits: 4, freezeAt: 1, steps: 120 },
  "mlp, E4M3 unscaled": { model: "mlp", method: "float", precision: "e4m3", lossScaling: "none", steps: 4000 },
  "mlp, E4M3 adaptive": { model: "mlp", method: "float", precision: "e4m3", lossScaling: "adaptive", steps: 4000 },
  "mobile, E4M3 unscaled": { model: "mobile", method: "float", precision: "e4m3", lossScaling: "none", steps: 120 },
  "mobile, E4M3 adaptive": { model: "mobile", method: "float", precision: "e4m3", lossScaling: "adaptive", steps: 120 },
};

/** @param {number[]} values */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const short = (/** @type {number} */ value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  return `${short(sorted[sorted.length >> 1])} [${short(sorted[0])} – ${short(sorted[sorted.length - 1])}]`;
}

/** A question to the Python process; null where PyTorch is missing. */
async function startPyTorch() {
  const child = spawn("python3", [fileURLToPath(new URL("../benches/pytorch_step.py", import.meta.url))], { stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  if ((await lines.next()).value !== "ready") return null;
  return {
    ask: async (/** @type {string} */ name, /** @type {number} */ steps) => {
      child.stdin.write(`${name} ${steps}\n`);
      return Number((await lines.next()).value);
    },
    stop: () => child.kill(),
  };
}

/** A page with the Worker of the measurements, and a way to ask it. @param {import("playwright-core").Browser} browser @param {string} address */
async function openWorker(browser, address) {
  const context = await browser.newContext();
  const worker = fileURLToPath(new URL("../benches/worker.js", import.meta.url));
  await context.route("**/bench-worker.js", (route) => route.fulfill({ path: worker, contentType: "text/javascript" }));
  const page = await context.newPage();
  await page.goto(`${address}icon.svg`);
  await page.evaluate(() => void Reflect.set(globalThis, "worker", new Worker("/bench-worker.js", { type: "module" })));
  const ask = (/** @type {object} */ question) => page.evaluate(
    (message) => new Promise((resolve) => {
      const worker = Reflect.get(globalThis, "worker");
      worker.onmessage = (/** @type {MessageEvent<number>} */ { data }) => resolve(data);
      worker.postMessage(message);
    }),
    question,
  );
  return { context, ask };
}

/** A visitor's files: imports, and training on 5,000 images of 28×28. @param {import("playwright-core").Browser} browser @param {string} address */
async function ownSpeed(browser, address) {
  const { context, ask } = await openWorker(browser, address);
  const [ten, five, one] = [10_000, 5000, 1000].map((samples) => barsIdx(samples, 28, 10));
  /** @type {Record<string, string | Uint8Array>} */
  const bodies = { "table.csv": wideCsv(3800), "images10.gz": ten.images, "labels10": ten.labels, "images5.gz": five.images, "labels5": five.labels, "test.gz": one.images, "test-labels": one.labels };
  for (const [name, body] of Object.entries(bodies)) await context.route(`**/${name}`, (route) => route.fulfill({ body: Buffer.from(/** @type {any} */ (body)) }));
  /** @type {Record<string, number[]>} */
  const found = { "import a CSV of 3,800 × 65, ms": [], "import 10,000 images of 28×28, IDX.gz, ms": [], "784-128-64-10, DDQ, 5,000 samples: epochs/s": [] };
  const [csv, images, epochs] = Object.values(found);
  for (let round = 0; round < ROUNDS; round++) {
    csv.push(Number(await ask({ files: { file: "/table.csv" }, options: {} })));
    images.push(Number(await ask({ files: { file: "/images10.gz", labels: "/labels10" }, options: {} })));
    await ask({ files: { file: "/images5.gz", labels: "/labels5", test: "/test.gz", testLabels: "/test-labels" }, options: {} });
    const steps = Number(await ask({ own: true, options: { model: "mlp", hidden: "128-64", method: "ddq", pretrainEpochs: 0, epochs: 3 }, steps: 300 }));
    epochs.push(steps / Math.ceil(5000 / 32));
  }
  await context.close();
  for (const [name, values] of Object.entries(found)) console.log(`${name.padEnd(56)} ${summary(values)}`);
}

/** @param {import("playwright-core").Browser} browser @param {string} address */
async function trainingSpeed(browser, address) {
  const { context, ask } = await openWorker(browser, address);
  const torch = await startPyTorch();
  if (!torch) console.log("PyTorch is not installed for python3: no ratio to it (pip install torch)");
  /** @type {Record<string, number[]>} */
  const found = {};
  const note = (/** @type {string} */ name, /** @type {number} */ value) => (found[name] ??= []).push(value);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, { steps, baseline, ...options }] of Object.entries(CASES).map(([n, c]) => /** @type {[string, any]} */ ([n, c]))) {
      const here = Number(await ask({ options, steps }));
      note(`${name}: steps/s`, here);
      if (!torch || !baseline) continue;
      const there = await torch.ask(baseline.name, baseline.steps);
      note(`${name}: PyTorch steps/s`, there);
      note(`${name}: × PyTorch`, here / there);
    }
    const last = (/** @type {string} */ name) => found[`${name}: steps/s`][round];
    note("mlp: cost of a DDQ 4 bit step, × float", last("mlp, float") / last("mlp, DDQ 4 bit"));
    note("mobile: cost of a DDQ 4 bit step, × float", last("mobile, float") / last("mobile, DDQ 4 bit"));
    note("mobile: cost of a step that learns bits, × float", last("mobile, float") / last("mobile, DDQ learned bits"));
    note("mobile: cost of a BSQ step with 8 planes, × uniform", last("mobile, uniform 4 bit") / last("mobile, BSQ with 8 planes"));
    for (const model of ["mlp", "mobile"]) {
      const adaptive = last(`${model}, E4M3 adaptive`);
      note(`${model}: cost of an adaptive E4M3 step, × unscaled`, last(`${model}, E4M3 unscaled`) / adaptive);
      note(`${model}: cost of an adaptive E4M3 step, × float`, last(`${model}, float`) / adaptive);
    }
  }
  torch?.stop();
  await context.close();
  for (const [name, values] of Object.entries(found)) console.log(`${name.padEnd(56)} ${summary(values)}`);
}

/** @param {import("playwright-core").Browser} browser @param {string} address */
async function pageSpeed(browser, address) {
  /** @type {Record<string, number[]>} */
  const found = { "first live plot, ms from navigation": [], "default run at full speed, s": [], "frames per second meanwhile": [], "longest task of the main thread, ms": [] };
  const [plots, runs, frames, tasks] = Object.values(found);
  for (let round = 0; round < 5; round++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(address);
    const plot = await page.waitForFunction(() => performance.getEntriesByName("first-plot")[0]?.startTime);
    plots.push(Number(await plot.jsonValue()));
    await page.waitForSelector("canvas.samples");
    await page.click("#run");
    await page.selectOption("#speed", "Infinity");
    await page.click("#restart");
    await page.waitForFunction(() => document.getElementById("sentence")?.dataset.step === "0");
    const measured = await page.evaluate(() => new Promise((resolve) => {
      let count = 0;
      let longest = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (longest = Math.max(longest, entry.duration)))).observe({ type: "longtask" });
      const start = performance.now();
      document.getElementById("run")?.click();
      const frame = () => {
        count++;
        if (document.documentElement.dataset.state === "finished") {
          const seconds = (performance.now() - start) / 1000;
          resolve([seconds, count / seconds, longest]);
        } else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }));
    const [seconds, perSecond, longest] = /** @type {number[]} */ (measured);
    runs.push(seconds);
    frames.push(perSecond);
    tasks.push(longest);
    await context.close();
  }
  for (const [name, values] of Object.entries(found)) console.log(`${name.padEnd(56)} ${summary(values)}`);
}

/** Models of about 5 MB from ONNX files. @param {import("playwright-core").Browser} browser @param {string} address */
async function importSpeed(browser, address) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}icon.svg`);
  const file = Buffer.from(mlpOnnx([784, 1024, 420, 10])).toString("base64");
  const times = await page.evaluate(async ([base64, rounds]) => {
    const { load } = await import(/** @type {any} */ ("/pkg/index.js"));
    const engine = await load({ checkpoints: [] });
    await engine.loadFiles();
    const bytes = Uint8Array.from(atob(String(base64)), (letter) => letter.charCodeAt(0));
    const found = [];
    for (let round = 0; round < Number(rounds); round++) {
      const start = performance.now();
      await engine.importModel(bytes, { name: "bench.onnx" });
      found.push(performance.now() - start);
    }
    return found;
  }, /** @type {const} */ ([file, ROUNDS]));
  await context.close();
  console.log(`${"ONNX of 4.9 MB: import, ms".padEnd(56)} ${summary(times)}`);
}

const { browser, address, close } = await open();
try {
  console.log(`median [least – most] over ${ROUNDS} rounds; batch 32`);
  await trainingSpeed(browser, address);
  await ownSpeed(browser, address);
  await pageSpeed(browser, address);
  await importSpeed(browser, address);
} finally {
  await close();
}
