/** A visitor's own model on the page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, waitForDeployed, waitForStepAfter } from "./open.mjs";

after(closeAll);

const model = (/** @type {string} */ name) => readFileSync(new URL(`../onnx/${name}.onnx`, import.meta.url));

/** Hands a file in. @param {import("playwright-core").Page} page @param {string} name @param {Buffer} buffer */
const choose = (page, name, buffer) => page.setInputFiles("#own-model-file", { name, mimeType: "application/octet-stream", buffer });

/** @param {import("playwright-core").Page} page @param {RegExp} words */
const statusSays = (page, words) => page.waitForFunction(([source]) => new RegExp(source).test(document.getElementById("own-model-status")?.textContent ?? ""), [words.source]);

test("a CNN from PyTorch is reported, used, quantized to the end on packed integers, and undone", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#own-model-file");
  const runs = await page.getAttribute("html", "data-runs");
  await choose(page, "digits.onnx", model("digits-17"));
  await statusSays(page, /digits\.onnx: 9\d\.\d % of the test samples correct/);
  const report = (await page.textContent("#own-model-report")) ?? "";
  for (const words of ["1×8×8 values per sample, 10 classes", "operator set 17, by pytorch", "in 4 layers with weights", "features.3: conv 3×3, 2,592 weights", "Fits the datayes"]) assert.ok(report.includes(words), `${report} without ${words}`);
  assert.equal(await page.getAttribute("html", "data-runs"), runs);
  await fullSpeed(page);
  await beginning(page, () => page.click("#own-model-use"));
  await waitForDeployed(page);
  const cards = (await page.textContent("#cards")) ?? "";
  assert.ok(cards.includes("features.3") && cards.includes("classifier.4"), cards);
  assert.equal(await page.inputValue("[name=model]"), "own");
  const accuracy = Number(/([\d.]+) %/.exec((await page.textContent("#deployed-text")) ?? "")?.[1]);
  assert.ok(accuracy > 88, `${accuracy} %`);
  await beginning(page, () => page.click("#undo"));
  await page.waitForFunction(() => document.querySelector("#cards")?.textContent?.includes("stem"));
  await page.selectOption("[name=model]", "own");
  await page.waitForFunction(() => document.querySelector("#cards")?.textContent?.includes("features.3"));
  assert.deepEqual(complaints, []);
  await close();
});

test("models that do not fit or cannot be trained are explained, and the run goes on", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#own-model-file");
  const runs = await page.getAttribute("html", "data-runs");
  await choose(page, "other.onnx", model("conv-strides"));
  await statusSays(page, /other\.onnx does not fit the run's data/);
  assert.match((await page.textContent("#own-model-report")) ?? "", /no: the model's input: expected 1×8×8 values per sample, as the data have, got 2×7×6/);
  assert.ok(await page.isDisabled("#own-model-use"));
  await page.click("#own-model-cancel");
  await statusSays(page, /Not loaded/);
  const odd = Buffer.from(model("digits-17"));
  // The operator's type is field 4 of a node, a text of 7 bytes.
  odd.set(Buffer.from("<b>Pool"), odd.indexOf("\x22\x07MaxPool") + 2);
  await choose(page, "odd.onnx", odd);
  await page.waitForSelector("#own-model-report li");
  assert.match((await page.textContent("#own-model-report")) ?? "", /not supported/);
  assert.equal(await page.locator("#own-model b").count(), 0);
  await choose(page, "cut.onnx", model("digits-17").subarray(0, 4000));
  await page.waitForFunction(() => document.getElementById("own-model-message")?.textContent?.includes('file "cut.onnx", at byte'));
  assert.equal(await page.getAttribute("html", "data-runs"), runs);
  await page.selectOption("[name=model]", "own");
  assert.equal(await page.inputValue("[name=model]"), "mobile");
  assert.deepEqual(complaints, []);
  await close();
});

test("the panel fits a phone and works by keyboard", async () => {
  const { page, close } = await openPage({ viewport: { width: 390, height: 844 } });
  await page.waitForSelector("#own-model-file");
  await choose(page, "a-file-with-a-rather-long-name-that-does-not-fit-into-one-line-of-a-phone.onnx", model("digits-dynamo"));
  await statusSays(page, /correct, in float/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  assert.equal(wide, false);
  await page.focus("#own-model-cancel");
  await page.keyboard.press("Enter");
  await statusSays(page, /Not loaded/);
  await close();
});
