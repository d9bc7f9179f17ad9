/** Gradients in narrow formats: the panel with scales and underflow, and what a visitor can change. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, painted, pause, waitForState, waitForStepAfter } from "./open.mjs";

after(closeAll);

/** The finished run's accuracy in percent. @param {import("playwright-core").Page} page */
async function accuracy(page) {
  await waitForState(page, "finished");
  const sentence = (await page.textContent("#sentence")) ?? "";
  return Number(/accuracy ([\d.]+) %/.exec(sentence)?.[1]);
}

/** Pixels of a canvas with ink on them. @param {import("playwright-core").Page} page @param {string} selector */
const ink = (page, selector) => page.$eval(selector, (element) => {
  const canvas = /** @type {HTMLCanvasElement} */ (element);
  const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
  return data.filter((value, index) => index % 4 === 3 && value > 0).length;
});

test("the page shows scales and underflow of each layer, and what no scaling costs", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  assert.ok(await page.isHidden("#precision"), "nothing is held in a narrow format in the first run");
  await beginning(page, () => page.selectOption("#preset", "e4m3"));
  await page.waitForSelector("#precision:not([hidden])");
  assert.ok((await accuracy(page)) >= 90);
  const text = (await page.textContent("#precision-text")) ?? "";
  assert.match(text, /8 bits, E4M3 \(2⁻⁹ to 448\), loss scaling adaptive: scale of the loss \d+, of the layers \d+ to \d+\. Underflow \d+\.\d % on average/);
  assert.match((await page.getAttribute("#precision-scales", "aria-label")) ?? "", /^Scales over time, now \d+ at the loss, of the layers \d+ to \d+$/);
  const lost = (await page.getAttribute("#precision-underflow", "aria-label")) ?? "";
  assert.match(lost, /^Underflow now: loss \d+\.\d %, classifier \d+\.\d %, dense6 .*, dense2 \d+\.\d %$/);
  assert.ok(!lost.includes("dense1"), "the first layer passes nothing on");
  await page.locator("#precision").scrollIntoViewIfNeeded();
  await painted(page);
  for (const canvas of ["#precision-scales", "#precision-underflow"]) assert.ok((await ink(page, canvas)) > 500, canvas);

  // The same run with no scale: a control of More settings.
  await page.click("#more > summary");
  await page.waitForSelector("[name=lossScaling]");
  assert.match((await page.textContent("label:has([name=precision])")) ?? "", /Runs that train nothing do not use it/);
  await beginning(page, () => page.selectOption("[name=lossScaling]", "none"));
  assert.ok((await accuracy(page)) < 50, "nothing is learned");
  assert.match((await page.textContent("#precision-text")) ?? "", /loss scaling none: scale of the loss 1, of the layers 1\. Underflow [4-9]\d\.\d %/);
  await beginning(page, () => page.selectOption("[name=precision]", "f32"));
  assert.ok((await accuracy(page)) >= 90);
  assert.ok(await page.isHidden("#precision"));
  assert.deepEqual(complaints, []);
  await close();
});

test("quantized training shows it too, on a narrow screen", async () => {
  const { page, complaints, close } = await openPage({ viewport: { width: 390, height: 800 } });
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await page.click("#more > summary");
  await page.waitForSelector("[name=precision]");
  await beginning(page, () => page.selectOption("[name=precision]", "e5m2"));
  await waitForStepAfter(page, 30);
  await pause(page);
  assert.match((await page.textContent("#precision-text")) ?? "", /8 bits, E5M2 .*, loss scaling adaptive/);
  assert.match((await page.textContent("#sentence")) ?? "", /weight bits/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no horizontal scroll");
  assert.deepEqual(complaints, []);
  await close();
});
