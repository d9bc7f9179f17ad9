/** The comparison: methods, budgets and seeds in Workers, a picture, a table, files, and runs to look at again. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import { beginning, closeAll, openPage, painted, pause, waitForStepAfter } from "./open.mjs";

after(closeAll);

/** @typedef {import("playwright-core").Page} Page */

/** A page with the comparison of a small network laid out and nothing computing. */
async function openComparison() {
  const opened = await openPage();
  const { page } = opened;
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#compare-form");
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  await pause(page);
  return opened;
}

/** @param {Page} page @param {{ methods: string[], budgets: string, seeds: string }} wanted */
async function compare(page, { methods, budgets, seeds }) {
  for (const box of await page.$$("#compare-form [name=method]")) {
    await box.setChecked(methods.includes((await box.getAttribute("value")) ?? ""));
  }
  await page.fill("#compare-form [name=budgets]", budgets);
  await page.fill("#compare-form [name=seeds]", seeds);
  await page.click("#compare-go");
}

/** @param {Page} page @param {RegExp} words */
const waitForWords = (page, words) => page.waitForFunction(
  (source) => new RegExp(source).test(document.getElementById("compare-text")?.textContent ?? ""), words.source);

/** What a press of the button downloads, as text. @param {Page} page @param {string} name of the button */
async function downloaded(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
  return readFile(await download.path(), "utf8");
}

/** The rows of the results, cell by cell. @param {Page} page */
const rows = (page) => page.$$eval("#compare-table tbody tr", (all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));

test("methods run side by side and come out as a picture, a table and files", async () => {
  const { page, complaints, close } = await openComparison();
  await compare(page, { methods: ["ddq-mixed", "uniform-mse", "sensitivity"], budgets: "4", seeds: "1, 2" });
  await waitForWords(page, /^6 of 6 runs done\.$/);
  const found = await rows(page);
  assert.equal(found.length, 3);
  for (const [method, budget, bits, average, size, bitOps, latency, accuracy, seconds] of found) {
    assert.equal(budget, "4", method);
    assert.match(bits, /^\d\/\d\/\d$/);
    // The budget counts codes; stored bits have the tables of levels and scales with them.
    assert.ok(Number(average) <= 4.2, `${method}: ${average} stored bits per weight`);
    assert.ok(Number(size) > 1 && Number(size) < 4 && Number(bitOps) > 0 && Number(seconds) > 0, `${method}: ${size} KB, ${bitOps} BitOps, ${seconds} s`);
    assert.ok(Number(latency) > 0, `${method}: ${latency} µs`);
    assert.match(accuracy, /^9\d\.\d ± \d\.\d$/);
  }
  const order = found.map((row) => parseFloat(row[7]));
  assert.deepEqual(order, [...order].sort((a, b) => b - a), "the most accurate first");
  await page.getByRole("button", { name: /^size/ }).click();
  await page.getByRole("button", { name: /^size/ }).click();
  const sizes = (await rows(page)).map((row) => Number(row[4]));
  assert.deepEqual(sizes, [...sizes].sort((a, b) => a - b), "the smallest first");
  assert.match((await page.getAttribute("#compare canvas.chart", "aria-label")) ?? "", /^Accuracy against size; Pareto-optimal: .+ KB 9\d\.\d %/);

  const csv = (await downloaded(page, "Download CSV")).trim().split("\n");
  assert.equal(csv.length, 7, "a head and six runs");
  assert.match(csv[0], /^method,data,model,seed,budget_bits_per_weight,.*,trace$/);
  assert.equal(new Set(csv.slice(1).map((line) => /,([0-9a-f]{16})$/.exec(line)?.[1])).size, 6, "every run has a trace of its own");
  const json = JSON.parse(await downloaded(page, "Download JSON"));
  assert.equal(json.length, 6);
  const seedsOf = (/** @type {string} */ title) => json.filter((/** @type {any} */ run) => run.title === title).map((/** @type {any} */ run) => run.options.seed).sort();
  assert.deepEqual(seedsOf("Uniform, best range (MSE)"), [1, 2]);

  await page.getByRole("button", { name: /^Pin as A: DDQ/ }).click();
  await page.getByRole("button", { name: /^Pin as B: Sensitivity/ }).click();
  assert.equal(await page.$$eval("#pinned tbody tr", (all) => all.length), 3, "a row a layer");
  assert.match((await page.textContent("#pinned")) ?? "", /A: DDQ \(learned bits\), .*B: Sensitivity/s);
  await beginning(page, () => page.getByRole("button", { name: /^Open Sensitivity/ }).click());
  assert.equal(await page.inputValue("#method"), "sensitivity");
  assert.equal(await page.inputValue("[name=model]"), "mlp");
  assert.deepEqual(complaints, []);
  await close();
});

test("latencies are measured when no run is left, one at a time, and can be stopped and gone on with", async () => {
  const { page, complaints, close } = await openComparison();
  // What is asked of the comparison's Workers, and what of it is under way at that moment.
  await page.evaluate(() => {
    const { postMessage, terminate } = Worker.prototype;
    /** @type {Map<Worker, string>} */
    const under = new Map();
    const asked = /** @type {{ type: string, beside: string[] }[]} */ ([]);
    Object.assign(window, { asked });
    Worker.prototype.postMessage = function (/** @type {any} */ message) {
      if (message.type === "time" || message.task || message.title) {
        const type = message.type === "time" ? "time" : "run";
        asked.push({ type, beside: [...under.values()] });
        under.set(this, type);
        const over = (/** @type {MessageEvent} */ { data }) => {
          if (data.type === "progress") return;
          under.delete(this);
          this.removeEventListener("message", over);
        };
        // Before the page hears of it, which then asks for the next.
        const { onmessage } = this;
        this.onmessage = null;
        this.addEventListener("message", over);
        this.onmessage = onmessage;
      }
      postMessage.call(this, message);
    };
    Worker.prototype.terminate = function () {
      under.delete(this);
      terminate.call(this);
    };
  });
  await compare(page, { methods: ["uniform-mse", "sensitivity"], budgets: "4", seeds: "1, 2" });
  await page.waitForFunction(() => {
    const measuring = /^4 of 4 runs done, measuring latencies one at a time: \d of 4\.$/.test(document.getElementById("compare-text")?.textContent ?? "");
    if (measuring) document.getElementById("compare-stop")?.click();
    return measuring;
  });
  await waitForWords(page, /^4 of 4 runs done, stopped\.$/);
  await page.click("#compare-stop");
  await waitForWords(page, /^4 of 4 runs done\.$/);
  assert.ok(await page.isHidden("#compare-stop"));
  const asked = await page.evaluate(() => /** @type {{ type: string, beside: string[] }[]} */ (Reflect.get(window, "asked")));
  const timed = asked.filter(({ type }) => type === "time");
  assert.ok(timed.length >= 4, `${timed.length} networks were timed`);
  for (const { beside } of timed) assert.deepEqual(beside, [], "nothing runs beside a measurement");
  for (const row of await rows(page)) assert.ok(Number(row[6]) > 0, `${row[0]}: ${row[6]} µs`);
  const [latency] = (await downloaded(page, "Download CSV")).trim().split("\n").slice(1).map((line) => Number(line.split(",")[10]));
  assert.ok(latency > 0);
  assert.deepEqual(complaints, []);
  await close();
});

test("a click on a point loads its run", async () => {
  const { page, close } = await openComparison();
  await compare(page, { methods: ["lsq"], budgets: "4", seeds: "3" });
  await waitForWords(page, /^1 of 1 runs done\.$/);
  const chart = page.locator("#compare canvas.chart");
  await chart.scrollIntoViewIfNeeded();
  await painted(page);
  const box = await chart.boundingBox();
  assert.ok(box);
  // The one point is somewhere inside the frame: a grid finer than its reach finds it.
  const before = await page.getAttribute("html", "data-runs");
  for (let y = 8; y < box.height && (await page.getAttribute("html", "data-runs")) === before; y += 18) {
    for (let x = 8; x < box.width && (await page.inputValue("#method")) !== "lsq"; x += 18) await chart.click({ position: { x, y } });
  }
  await page.waitForFunction((runs) => document.documentElement.dataset.runs !== runs, before);
  assert.equal(await page.inputValue("#method"), "lsq");
  assert.equal(await page.inputValue("[name=seed]"), "3");
  await close();
});

test("a comparison stops and goes on, and what makes no sense is refused in words", async () => {
  const { page, complaints, close } = await openComparison();
  await compare(page, { methods: ["uniform-mse"], budgets: "many", seeds: "1" });
  assert.match((await page.textContent("#compare-text")) ?? "", /^budgets: expected numbers from 1 to 32, separated by commas, at most 32, got "many"/);
  await compare(page, { methods: [], budgets: "4", seeds: "1" });
  assert.match((await page.textContent("#compare-text")) ?? "", /^methods: expected at least one, got none/);
  await compare(page, { methods: ["ddq-mixed"], budgets: "4", seeds: "1 2 3 4 5 6" });
  await page.waitForSelector("#compare .jobs progress");
  await page.click("#compare-stop");
  await waitForWords(page, /of 6 runs done, stopped\.$/);
  assert.equal(await page.textContent("#compare-stop"), "Continue");
  assert.equal(await page.$$eval("#compare .jobs progress", (all) => all.length), 0);
  await page.click("#compare-stop");
  await waitForWords(page, /^6 of 6 runs done\.$/);
  // One of these cannot be: it fails alone, in words, and what is done stays.
  await compare(page, { methods: ["ddq-mixed"], budgets: "1", seeds: "1" });
  await waitForWords(page, /^6 of 7 runs done, 1 failed\.$/);
  assert.match((await page.textContent("#compare .jobs")) ?? "", /, [\d.]+ bits: Budget: expected at least/);
  assert.deepEqual(complaints, []);
  await close();
});
