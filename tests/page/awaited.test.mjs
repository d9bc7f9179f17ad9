/** What is shown while a run begins: the picture of the run before, and then numbers that are this run's own. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, pause, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** Everything that the sentence says from now on, with its step. @param {Page} page */
const record = (page) => page.evaluate(() => {
  const sentence = /** @type {HTMLElement} */ (document.getElementById("sentence"));
  const said = /** @type {{ text: string, step: string }[]} */ ([]);
  Object.assign(window, { said });
  new MutationObserver(() => said.push({ text: sentence.textContent ?? "", step: sentence.dataset.step ?? "" })).observe(sentence, { childList: true, characterData: true, subtree: true });
});

/** @param {Page} page */
const recorded = (page) => page.evaluate(() => /** @type {{ text: string, step: string }[]} */ (Reflect.get(window, "said")));

/** The run is paused, and its picture is that of the quantized network before training. @param {Page} page @param {string} after */
async function standsAtItsBeginning(page, after) {
  await waitForState(page, "paused");
  const sentence = (await page.textContent("#sentence")) ?? "";
  assert.match(sentence, /^Epoch 0 of \d · weight bits [\d/]+.* · accuracy [\d.]+ % \(float 9\d\.\d %\)$/, after);
  assert.match((await page.textContent("#pace")) ?? "", / · epoch 0 of \d · step 0 · paused$/, after);
  assert.doesNotMatch((await page.getAttribute("#bits-chart", "aria-label")) ?? "", /32/, after);
  assert.match((await page.textContent("#inspector-text")) ?? "", / use \d bits: /, after);
  for (const label of ["One bit less, locked", "One bit more, locked"]) assert.ok(await page.isEnabled(`button[aria-label='${label}']`), `${after}: ${label}`);
  await page.waitForFunction(() => document.querySelectorAll("#task .confusion tr").length === 11);
}

test("a paused run that is changed is seen at its first quantized numbers, whatever changed it, and undo brings a picture back", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#lock");
  await pause(page);
  await record(page);
  const changes = /** @type {[string, () => Promise<unknown>][]} */ ([
    ["New seed", () => page.click("#new-seed")],
    ["Restart", () => page.click("#restart")],
    ["+", () => page.click("button[aria-label='One bit more, locked']")],
    ["+ once more", () => page.click("button[aria-label='One bit more, locked']")],
    ["Lock", () => page.click("#lock")],
    ["Model", () => page.selectOption("[name=model]", "mlp")],
    ["Method", () => page.selectOption("#method", "lsq")],
    ["Searched bits", () => page.selectOption("#method", "sensitivity")],
    ["Undo", () => page.click("#undo")],
    ["Undo, twice", () => page.click("#undo")],
  ]);
  for (const [name, change] of changes) {
    await beginning(page, change);
    await standsAtItsBeginning(page, name);
  }
  for (const { text } of await recorded(page)) assert.match(text, /· weight bits .* accuracy [\d.]+ %/, "no moment without a picture");
  assert.deepEqual(complaints, []);
  await close();
});

test("a run of the comparison that is opened while the page is paused is seen, too", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#compare-form");
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  await pause(page);
  for (const box of await page.$$("#compare-form [name=method]")) await box.setChecked((await box.getAttribute("value")) === "uniform-mse");
  await page.fill("#compare-form [name=budgets]", "4");
  await page.fill("#compare-form [name=seeds]", "1");
  await page.click("#compare-go");
  await page.waitForFunction(() => document.getElementById("compare-text")?.textContent === "1 of 1 runs done.");
  await beginning(page, () => page.getByRole("button", { name: /^Open Uniform/ }).click());
  await standsAtItsBeginning(page, "Open");
  await close();
});

test("while a run begins, the picture of the one before stays, dimmed, and many quick changes end in the last", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForState(page, "finished");
  await page.waitForSelector("#lock");
  const before = await page.textContent("#sentence");
  // What is seen at the moment the new run begins.
  await page.evaluate(() => {
    const seen = /** @type {any[]} */ ([]);
    Object.assign(window, { seen });
    new MutationObserver(() => seen.push({
      state: document.documentElement.dataset.state, sentence: document.getElementById("sentence")?.textContent, cards: document.querySelectorAll(".card").length,
      opacity: getComputedStyle(/** @type {Element} */ (document.querySelector(".sentence"))).opacity,
    })).observe(document.documentElement, { attributeFilter: ["data-runs"] });
  });
  await beginning(page, () => page.click("#new-seed"));
  await page.waitForFunction(() => Reflect.get(window, "seen").length > 0);
  const [seen] = await page.evaluate(() => Reflect.get(window, "seen"));
  assert.deepEqual({ ...seen, sentence: seen.sentence.replace(/ on packed integers/, "") }, { state: "starting", cards: 14, opacity: "0.5", sentence: before?.replace(/ on packed integers/, "") });
  await pause(page);
  const runs = Number(await page.getAttribute("html", "data-runs"));
  await page.evaluate(() => {
    for (let press = 0; press < 5; press++) document.getElementById("restart")?.click();
  });
  await page.waitForFunction((wanted) => document.documentElement.dataset.runs === wanted, String(runs + 5));
  await standsAtItsBeginning(page, "five restarts");
  assert.deepEqual(complaints, []);
  await close();
});

test("an accuracy is told of the network it was measured on, and with its epoch where that is past", async () => {
  const { page, complaints, close } = await openPage({
    path: "#v=1&method=uniform&weight-bits=2",
    prepare: (page) => page.addInitScript(() => addEventListener("DOMContentLoaded", () => {
      const sentence = /** @type {HTMLElement} */ (document.getElementById("sentence"));
      const said = /** @type {{ text: string, step: string }[]} */ ([]);
      Object.assign(window, { said });
      new MutationObserver(() => said.push({ text: sentence.textContent ?? "", step: sentence.dataset.step ?? "" })).observe(sentence, { childList: true });
    })),
  });
  await waitForStepAfter(page, 100);
  await pause(page);
  const said = (await recorded(page)).filter(({ text }) => text.includes("weight bits"));
  const untrained = said.filter(({ step }) => step === "0");
  assert.ok(untrained.length > 0);
  const [found] = untrained.map(({ text }) => /accuracy ([\d.]+) % \(float ([\d.]+) %\)$/.exec(text));
  assert.ok(found && found[1] !== found[2], `${untrained[0].text}: the float network's accuracy is not the quantized one's`);
  assert.equal(new Set(untrained.map(({ text }) => text)).size, 1, "there is no other before the first mini-batch");
  for (const { text, step } of said) {
    const [, epoch, past] = /^Epoch (\d) of 8 .* accuracy [\d.]+ %( after epoch \d| before epoch 1)? \(float/.exec(text) ?? [];
    const whole = Number(step) / 45;
    if (Number.isInteger(whole) && !past) continue;
    // While an epoch's end is being evaluated, the accuracy is that of the epoch before.
    const measured = Number.isInteger(whole) ? Number(epoch) - 1 : Number(epoch);
    assert.equal(past, measured === 0 ? " before epoch 1" : ` after epoch ${measured}`, `${text} at step ${step}`);
  }
  assert.ok(said.some(({ text }) => text.includes(" before epoch 1")) && said.some(({ text }) => text.includes(" after epoch 1")));
  assert.deepEqual(complaints, []);
  await close();
});

test("epochs are counted one way: from where quantization begins, in the sentence, the pace line, the slider and the charts", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&data=spiral3&model=mlp&method=lsq&pretrain-epochs=6&epochs=4&seed=2", reducedMotion: "reduce" });
  await waitForState(page, "paused");
  await page.waitForSelector("#moment");
  assert.match((await page.textContent("#sentence")) ?? "", /^Float epoch 0 of 6 · 32-bit float, .* · accuracy –$/);
  const step = async (/** @type {string} */ start) => {
    await page.click("#step-epoch");
    await page.waitForFunction((text) => document.getElementById("sentence")?.textContent?.startsWith(text), start);
  };
  await step("Float epoch 1 of 6 · ");
  assert.match((await page.textContent("#pace")) ?? "", /^float training · float epoch 1 of 6 · step \d+ · paused$/);
  assert.equal(await page.getAttribute("#moment", "aria-valuetext"), "now, float epoch 1 of 6");
  await fullSpeed(page);
  await page.click("#run");
  await waitForState(page, "finished");
  assert.equal(await page.inputValue("[name=epochs]"), "4");
  assert.match((await page.textContent("#sentence")) ?? "", /^Finished after epoch 4 · /);
  const epochs = async (/** @type {string} */ chart) => {
    await page.focus(chart);
    await page.keyboard.press("Home");
    const first = await page.textContent("#spoken");
    await page.keyboard.press("End");
    return [first, await page.textContent("#spoken")].map((text) => /^epoch \(below 0: float\) ([-\d.]+)/.exec(text ?? "")?.[1]);
  };
  assert.deepEqual(await epochs("#accuracy-chart"), ["-6", "4"]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#export-curves")]);
  const { readFileSync } = await import("node:fs");
  const column = readFileSync(await download.path(), "utf8").trim().split("\n").slice(1).map((line) => Number(line.split(",")[1]));
  assert.deepEqual([column[0], column.at(-1)], [-6, 4]);
  assert.deepEqual(complaints, []);
  await close();
});

test("bits per weight are told as they are and as they are stored, and floats fill no gauge", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&model=mlp&method=ddq&budget=4&epochs=2", reducedMotion: "reduce" });
  await waitForState(page, "paused");
  await page.waitForSelector("#lock");
  const [, list, stored] = /weight bits (\d\/\d\/\d), ([\d.]+) stored bits per weight/.exec((await page.textContent("#sentence")) ?? "") ?? [];
  const bits = (list ?? "").split("/").map(Number);
  assert.equal(new Set(bits).size, 1, "no average is told of bits that are all the same");
  assert.ok(Number(stored) > bits[0], `${stored} bits with codebooks and scales`);
  await page.waitForFunction((text) => document.getElementById("bits-chart")?.getAttribute("aria-label")?.endsWith(`; ${text} stored bits per weight`), stored);
  await fullSpeed(page);
  await page.click("#run");
  await waitForState(page, "finished");
  const [, mixed, mean, end] = /weight bits (\d\/\d\/\d), ([\d.]+) on average, ([\d.]+) stored bits per weight/.exec((await page.textContent("#sentence")) ?? "") ?? [];
  const [least, most] = [Math.min, Math.max].map((of) => of(...mixed.split("/").map(Number)));
  assert.ok(least < Number(mean) && Number(mean) < most && Number(mean) < Number(end) && Number(end) <= 4, `${mixed}: ${mean}, stored ${end}`);
  await beginning(page, () => page.selectOption("#method", "float"));
  await page.waitForFunction(() => /32-bit float/.test(document.getElementById("sentence")?.textContent ?? ""));
  assert.equal(await page.locator(".gauge i.on").count(), 0);
  const words = await page.$$eval(".card .row .bits", (all) => all.map((place) => place.textContent));
  assert.deepEqual([...new Set(words)], ["float"]);
  assert.deepEqual(complaints, []);
  await close();
});
