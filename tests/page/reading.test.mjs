/** Without a mouse: plots read by keys, and a journey through the page. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, openPage, painted, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** @param {Page} page */
const spoken = async (page) => (await page.textContent("#spoken")) ?? "";

test("plots are read by arrow keys, and shown as tables of the same numbers", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&model=mlp&epochs=3&seed=2&speed=max" });
  await waitForState(page, "finished");
  await page.waitForFunction(() => /on packed integers/.test(document.getElementById("sentence")?.textContent ?? ""));
  await page.focus("#bits-chart");
  await page.keyboard.press("ArrowRight");
  // The first key tells the newest numbers: those of the sentence.
  const [bits] = /weight bits ([\d/]+)/.exec((await page.textContent("#sentence")) ?? "")?.slice(1) ?? [];
  const newest = await spoken(page);
  assert.deepEqual(["dense1 W", "dense2 W", "classifier W"].map((name) => new RegExp(`${name} (\\d)`).exec(newest)?.[1]), bits.split("/"), newest);
  assert.match(newest, /^epoch 3, .* bits$/);
  const seen = await page.locator("#bits-chart").screenshot();
  await page.keyboard.press("Home");
  const first = await spoken(page);
  assert.match(first, /^epoch 0, .*dense2 W [5678]/);
  await painted(page);
  assert.notDeepEqual(await page.locator("#bits-chart").screenshot(), seen, "a cursor moves");
  await page.keyboard.press("End");
  assert.equal(await spoken(page), newest);
  assert.equal(await page.getAttribute("html", "data-state"), "finished", "keys of a plot are not those of the page");
  await page.keyboard.press("t");
  const table = page.locator("[aria-label='Numbers of bits chart'] table");
  const titles = await table.locator("tr").first().locator("th").allTextContents();
  assert.deepEqual(titles.filter((title) => /\bW\b/.test(title)).sort(), ["classifier W", "dense1 W", "dense2 W", "stored bits per W"]);
  const row = await table.locator("tr").last().locator("th, td").allTextContents();
  assert.equal(titles.map((title, at) => `${title} ${row[at]}${at > 0 ? " bits" : ""}`).filter((_, at) => row[at] !== "–").join(", "), newest);
  await page.click("button[aria-label='Table of bits chart']");
  assert.equal(await table.count(), 0);
  for (const id of ["range-chart", "loss-chart", "accuracy-chart", "histogram", "staircase", "levels", "gates"]) {
    await page.focus(`#${id}`);
    await page.keyboard.press("End");
    assert.match(await spoken(page), /\d/, id);
  }
  await page.focus("#accuracy-chart");
  await page.keyboard.press("End");
  assert.match(await spoken(page), /^epoch 3, train [\d.]+ %, test [\d.]+ %$/);
  await page.click("button[aria-label='Table of histogram']");
  const bins = await page.locator("[aria-label='Numbers of histogram'] tr").evaluateAll((rows) => rows.slice(1).map((line) => [...line.children].map((cell) => Number(cell.textContent))));
  assert.equal(bins.length, 64);
  const weights = Number(/The ([\d,]+) weights/.exec((await page.textContent("#inspector-text")) ?? "")?.[1].replace(",", ""));
  for (const column of [2, 3]) assert.equal(bins.reduce((sum, bin) => sum + bin[column], 0), weights, "every weight is in a bin");
  assert.ok(bins.filter((bin) => bin[3] > 0).length < bins.filter((bin) => bin[2] > 0).length, "fewer places after quantization");
  await page.focus("#gates");
  await page.keyboard.press("Home");
  assert.match(await spoken(page), /^gate 0, logit ĝ -?[\d.]+, state (on|off)$/);
  assert.deepEqual(complaints, []);
  await close();
});

/** Walks with Tab to what fits. @param {Page} page @param {string} selector @param {string} [key] */
async function tabTo(page, selector, key = "Tab") {
  for (let count = 0; count < 400; count++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${selector} is not reached by ${key}`);
}

test("a journey without a mouse: another method, a locked layer, a comparison, a file", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&model=mlp&epochs=1&speed=max" });
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#compare-table, #compare button.primary", { state: "attached" });
  await tabTo(page, "#method");
  await beginning(page, async () => {
    await page.keyboard.press("l");
    await page.keyboard.press("Tab");
  });
  assert.equal(await page.inputValue("#method"), "lsq");
  await waitForState(page, "finished");
  await tabTo(page, ".card[aria-checked=true]");
  await page.keyboard.press("ArrowUp");
  await beginning(page, () => page.keyboard.press("ArrowLeft"));
  assert.equal(await page.locator(".card.locked").count(), 1);
  await waitForState(page, "finished");
  await tabTo(page, "#compare input[type=checkbox]");
  await tabTo(page, "#compare button.primary");
  await page.keyboard.press("Enter");
  // Rows that come meanwhile would take the focus with them.
  await page.waitForFunction(() => /^(\d+) of \1 runs done\.$/.test(document.getElementById("compare-text")?.textContent ?? ""));
  await page.keyboard.press("Tab");
  await tabTo(page, "#export-prepare");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#export-table button[data-kind=onnx]");
  await tabTo(page, "#export-table button[data-kind=onnx]");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  assert.match(download.suggestedFilename(), /\.onnx$/);
  assert.deepEqual(complaints, []);
  await close();
});
