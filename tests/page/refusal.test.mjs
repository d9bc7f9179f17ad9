/** What the engine refuses is said where it can be seen, in the page's words, with a way out. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { mlpOnnx } from "../../scripts/onnx-file.mjs";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { beginning, closeAll, fullSpeed, openPage, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** Whether all of an element is within the window. @param {Page} page @param {string} selector */
const inView = (page, selector) => page.locator(selector).evaluate((element) => {
  const { top, bottom, left, right, height } = element.getBoundingClientRect();
  return height > 0 && top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth;
});

for (const viewport of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
  test(`a bit that the budget has no room for is refused within view at ${viewport.width} × ${viewport.height}, and the budget can be raised there`, async () => {
    const { page, complaints, close } = await openPage({ viewport });
    await fullSpeed(page);
    await page.waitForSelector("#lock");
    await beginning(page, () => page.selectOption("#preset", "mlp"));
    await waitForState(page, "finished");
    await page.locator("#lock").scrollIntoViewIfNeeded();
    for (let more = 0; more < 3; more++) await page.click("button[aria-label='One bit more, locked']");
    await page.waitForSelector("#message:not([hidden])");
    assert.ok(await inView(page, "#message") && await inView(page, "#remedy"));
    const [, least] = /^Budget: expected at least ([\d.]+) for this network, .*, got 2\.5$/.exec((await page.textContent("#message")) ?? "") ?? [];
    const raised = String(Math.ceil(Number(least) * 10) / 10);
    assert.equal(await page.textContent("#remedy"), `Raise the budget to ${raised}`);
    await beginning(page, () => page.click("#remedy"));
    assert.ok(await page.isHidden("#message") && await page.isHidden("#remedy"));
    assert.equal(await page.inputValue("[name=budgetBits]"), raised);
    await page.waitForFunction(() => / \(locked\)$/.test(document.getElementById("lock-bits")?.textContent ?? ""));
    await beginning(page, () => page.click("#undo"));
    assert.equal(await page.inputValue("[name=budgetBits]"), "2.5");
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("an emptied field is refused by its name, moves nothing, and the message can be closed", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#lock");
  const top = () => page.locator(".stage").evaluate((stage) => stage.getBoundingClientRect().top + scrollY);
  const before = await top();
  await page.fill("[name=weightBits]", "");
  await page.dispatchEvent("[name=weightBits]", "change");
  await page.waitForSelector("#message:not([hidden])");
  assert.equal(await page.textContent("#message"), "Weight bits: expected a whole number from 1 to 8, got nothing");
  assert.ok(await inView(page, "#message"));
  assert.ok(await page.isHidden("#remedy"));
  assert.equal(await top(), before);
  await page.click("#close-message");
  assert.ok(await page.isHidden("#message"));
  await close();
});

test("own data and an own model that no budget here fits are refused beside their buttons, which offer one that does", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&model=mlp&method=ddq&budget=2.1&epochs=2&speed=max" });
  await waitForState(page, "finished");
  await page.waitForSelector("#own-model-file");
  await page.setInputFiles("#own-files", { name: "clouds.csv", mimeType: "text/csv", buffer: Buffer.from(cloudsCsv(200)) });
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  const use = async (/** @type {string} */ panel, /** @type {string} */ name) => {
    await page.click(`#${panel}-use`);
    await page.waitForSelector(`#${panel}-refused:not([hidden])`);
    assert.match((await page.textContent(`#${panel}-refused p`)) ?? "", /^Budget: expected at least [\d.]+ for this network/, name);
    assert.ok(await inView(page, `#${panel}-use`) && await inView(page, `#${panel}-refused`), name);
    assert.ok(await page.isHidden("#message"), "said once");
    const [, raised] = /^Raise the budget to ([\d.]+)$/.exec((await page.textContent(`#${panel}-refused button`)) ?? "") ?? [];
    await beginning(page, () => page.click(`#${panel}-refused button`));
    assert.equal(await page.inputValue("[name=budgetBits]"), raised);
    assert.ok(await page.isHidden(`#${panel}-refused`));
  };
  await use("own", "clouds.csv");
  assert.equal(await page.inputValue("[name=data]"), "own");
  await waitForState(page, "finished");
  await page.setInputFiles("#own-model-file", { name: "tiny.onnx", mimeType: "application/octet-stream", buffer: Buffer.from(mlpOnnx([2, 8, 3])) });
  await page.waitForSelector("#own-model-use:not([disabled])", { state: "visible" });
  await use("own-model", "tiny.onnx");
  assert.equal(await page.inputValue("[name=model]"), "own");
  await waitForState(page, "finished");
  // What was used once can be chosen again.
  await beginning(page, () => page.click("#undo"));
  await page.selectOption("[name=model]", "own");
  await page.waitForSelector("#remedy", { state: "visible" });
  await beginning(page, () => page.click("#remedy"));
  assert.deepEqual(complaints, []);
  await close();
});
