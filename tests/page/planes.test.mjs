/** The bit planes of BSQ: shown for it alone, emptying and dropping over a run. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, waitForStepAfter } from "./open.mjs";

after(closeAll);

test("the planes of the selected layer empty and drop", async () => {
  const { page, complaints, close } = await openPage({ viewport: { width: 390, height: 844 } });
  await waitForStepAfter(page, 5);
  await page.waitForSelector("canvas.samples");
  assert.ok(await page.isHidden("#planes"), "DDQ has no planes");
  await beginning(page, () => page.selectOption("#method", "bsq"));
  await page.waitForSelector("#planes:not([hidden])");
  assert.match((await page.textContent("#planes-text")) ?? "", / has 8 planes and a sign, 9 stored bits; none dropped/);
  assert.equal(await page.locator("table.planes tr").count(), 8);
  await fullSpeed(page);
  await page.waitForFunction(() => (document.getElementById("sentence")?.textContent ?? "").startsWith("Finished"));
  const sentence = (await page.textContent("#sentence")) ?? "";
  const average = Number(/, ([\d.]+) stored bits per weight/.exec(sentence)?.[1]);
  assert.ok(average <= Number(await page.inputValue("[name=budgetBits]")), sentence);
  // Each layer tells of its own planes, and the gauge agrees with them.
  const texts = new Set();
  for (const card of await page.locator("#cards [role=radio]").all()) {
    await card.click();
    const text = (await page.textContent("#planes-text")) ?? "";
    const [, planes, bits] = /has (\d+) planes? and a sign, (\d+) stored bits; \d+ planes? dropped/.exec(text) ?? [];
    assert.equal(Number(planes) + 1, Number(bits), text);
    assert.equal(await page.locator("table.planes tr:not(.gone)").count(), Number(planes));
    assert.equal(await card.locator(".row.w .bits").textContent(), `${bits} b`);
    texts.add(text);
  }
  assert.ok(texts.size > 3);
  // What is drawn: planes that were full at the start and are gone at the end.
  await page.locator("#planes-chart").scrollIntoViewIfNeeded();
  const drawn = await page.waitForFunction(() => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("planes-chart"));
    // A copy, read once: canvases of the page are drawn, not read.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy?.drawImage(canvas, 0, 0);
    const at = (/** @type {number} */ x, /** @type {number} */ y) =>
      copy?.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data.join() ?? "";
    // The third row from above: bits at the left, dropped at the right like the first.
    return at(0.01, 0.31) !== at(0.98, 0.31) && at(0.98, 0.31) === at(0.98, 0.05);
  });
  assert.ok(await drawn.jsonValue());
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no horizontal scroll");
  await beginning(page, () => page.selectOption("#method", "uniform-mse"));
  await waitForStepAfter(page, 5);
  assert.ok(await page.isHidden("#planes"));
  assert.deepEqual(complaints, []);
  await close();
});
