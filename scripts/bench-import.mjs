/**
 * What importing files costs a visitor: time from a chosen file to its preview, and how long the main thread was not
 * free meanwhile, in headless Chromium, the default run going on. At once: the first file of a visit, chosen without
 * coming near the panel, which a person cannot; first: after pointing at it for half a second; again: the same files
 * once more. Prints medians and, in brackets, the span over the rounds.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "./browser.mjs";
import { mlpOnnx } from "./onnx-file.mjs";
import { barsIdx, wideCsv } from "./own-files.mjs";

const ROUNDS = 7;
/** From the pointer's arrival at the panel to a file that is chosen, ms: no dialog is faster. */
const NEAR_MS = 500;
/** After a preview, ms, in which what was put on the page is laid out and painted. */
const DRAWN_MS = 300;

/** Milliseconds: to the preview, what of that the preview calls reading, the longest task and the most processor time of one. @typedef {{ ready: number, told: number, longest: number, processor: number }} Measured */
/** Name → input that takes it, its files, and the line that tells of them, for the regular expression at the end. @typedef {{ input: string, files: string[], status: string, done: string }} Case */

/** @param {number[]} values */
function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return `${sorted[sorted.length >> 1].toFixed(0)} [${sorted[0].toFixed(0)} – ${sorted[sorted.length - 1].toFixed(0)}]`;
}

/** The files, on a disk as a visitor's are: what a test hands over goes through the main thread. @param {string} folder @returns {Record<string, Case>} */
function cases(folder) {
  const file = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const { images, labels } = barsIdx(10_000, 28, 10);
  const data = { input: "#own-files", status: "#own-status", done: "; read in (\\d+) ms" };
  return {
    "CSV of 3,800 × 65": { ...data, files: [file("wide.csv", wideCsv(3800))] },
    "IDX.gz of 10,000 images of 28×28": { ...data, files: [file("images-idx3.gz", images), file("labels-idx1", labels)] },
    "ONNX of 4.9 MB": { input: "#own-model-file", status: "#own-model-report", done: "read in (\\d+) ms", files: [file("mlp.onnx", mlpOnnx([784, 1024, 420, 10]))] },
  };
}

/**
 * What `act` gives, and the tasks of the page's main thread meanwhile and in the frames after it. A machine with
 * other work takes the processor away in the midst of a task: its own time is told beside the clock's.
 * @template T @param {import("playwright-core").Page} page @param {() => Promise<T>} act
 */
async function tasksOf(page, act) {
  const cdp = await page.context().newCDPSession(page);
  /** @type {{ name: string, ph: string, pid: number, tid: number, dur?: number, tdur?: number, args: any }[]} */
  const events = [];
  cdp.on("Tracing.dataCollected", ({ value }) => void events.push(.../** @type {any[]} */ (value)));
  await cdp.send("Tracing.start", { transferMode: "ReportEvents", traceConfig: { includedCategories: ["toplevel"] } });
  const given = await act();
  await page.waitForTimeout(DRAWN_MS);
  const complete = new Promise((resolve) => cdp.once("Tracing.tracingComplete", resolve));
  await cdp.send("Tracing.end");
  await complete;
  await cdp.detach();
  const threads = new Set(events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(({ pid, tid }) => `${pid}:${tid}`));
  const tasks = events.filter(({ name, ph, pid, tid }) => ph === "X" && name.endsWith("RunTask") && threads.has(`${pid}:${tid}`));
  if (tasks.length === 0) throw new Error(`trace: expected tasks of the main thread, got none among ${events.length} events`);
  const most = (/** @type {"dur" | "tdur"} */ time) => Math.max(...tasks.map((task) => task[time] ?? 0)) / 1000;
  return { given, longest: most("dur"), processor: most("tdur") };
}

/** Chooses files and waits until they are shown. @param {import("playwright-core").Page} page @param {Case} one @returns {Promise<Measured>} */
async function measure(page, { input, files, status, done }) {
  await page.evaluate(([input, status, done]) => {
    const place = /** @type {HTMLElement} */ (document.querySelector(status));
    const chosen = /** @type {HTMLElement} */ (document.querySelector(input));
    Reflect.set(globalThis, "importing", new Promise((resolve) => chosen.addEventListener("change", () => {
      const start = performance.now();
      const seen = new MutationObserver(() => {
        const told = new RegExp(done).exec(place.textContent ?? "");
        if (!told) return;
        seen.disconnect();
        resolve({ ready: performance.now() - start, told: Number(told[1]) });
      });
      seen.observe(place, { childList: true, subtree: true, characterData: true });
    }, { once: true, capture: true })));
  }, [input, status, done]);
  const { given, ...tasks } = await tasksOf(page, async () => {
    await page.setInputFiles(input, files);
    return page.evaluate(() => Reflect.get(globalThis, "importing"));
  });
  return { ...given, ...tasks };
}

const folder = mkdtempSync(join(tmpdir(), "ddq-"));
const { browser, address, close } = await open();
try {
  console.log(`median [least – most] over ${ROUNDS} rounds, ms; the default run goes on`);
  for (const [name, one] of Object.entries(cases(folder))) {
    /** @type {Record<string, number[]>} */
    const found = {};
    const note = (/** @type {string} */ what, /** @type {number} */ value) => (found[what] ??= []).push(value);
    for (let round = 0; round < ROUNDS; round++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      await page.goto(address);
      await page.waitForSelector("canvas.samples");
      await page.waitForSelector(one.input);
      for (const when of ["at once", "first", "again"]) {
        // Each of the first two in a visit of its own.
        if (when === "first") {
          await page.reload();
          await page.waitForSelector("canvas.samples");
          await page.hover(one.input);
          await page.waitForTimeout(NEAR_MS);
        }
        const { ready, told, longest, processor } = await measure(page, one);
        note(`${when}: to the preview`, ready);
        note(`${when}: of that reading`, told);
        note(`${when}: longest task`, longest);
        note(`${when}: most processor time of a task`, processor);
      }
      await context.close();
    }
    for (const [what, values] of Object.entries(found)) console.log(`${`${name}, ${what}`.padEnd(64)} ${summary(values)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
  await close();
}
