/** Bits by hand: locks on cards and in the inspector, why a layer has its bits, another budget for a finished run. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, pause, waitForDeployed, waitForState, waitForStepAfter, weightBits } from "./open.mjs";

after(closeAll);

/** @typedef {import("playwright-core").Page} Page */

/** The mlp on digits. @param {string} [speed] in steps per second */
async function openMlp(speed = "Infinity") {
  const opened = await openPage();
  await waitForStepAfter(opened.page, 5);
  await opened.page.waitForSelector("#lock");
  await opened.page.selectOption("#speed", speed);
  await beginning(opened.page, () => opened.page.selectOption("#preset", "mlp"));
  return opened;
}

test("a layer locked on its card keeps its bits to the end, and undo takes the lock back", async () => {
  const { page, complaints, close } = await openMlp();
  await page.click(".card:nth-child(2)");
  await beginning(page, async () => {
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
  });
  assert.match((await page.textContent("#lock-bits")) ?? "", /^\d \(locked\)$/);
  const locked = Number.parseInt((await page.textContent("#lock-bits")) ?? "", 10);
  await waitForDeployed(page);
  assert.equal((await weightBits(page))[1], locked);
  assert.ok(await page.$(".card:nth-child(2).locked"));
  await beginning(page, () => page.click("#undo"));
  await page.waitForFunction(() => document.querySelector(".card.locked") === null);
  assert.deepEqual(complaints, []);
  await close();
});

test("a gauge can be dragged, and the search methods respect the lock", async () => {
  const { page, complaints, close } = await openMlp();
  await beginning(page, () => page.locator("[name=budgetBits]").fill("4"));
  await beginning(page, () => page.selectOption("#method", "ompq"));
  // While a search is under way the weights are floats, which have no bits to drag.
  await waitForState(page, "finished");
  const gauge = page.locator(".card:nth-child(1) .row.w .gauge");
  await gauge.scrollIntoViewIfNeeded();
  const box = await gauge.boundingBox();
  assert.ok(box);
  await beginning(page, async () => {
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + box.height / 2, { steps: 3 });
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
  });
  await waitForDeployed(page);
  assert.equal((await weightBits(page))[0], 3, "three of the gauge's eight bits");
  assert.deepEqual(complaints, []);
  await close();
});

test("a lock that the budget has no room for is refused in words, and not shown", async () => {
  const { page, complaints, close } = await openMlp();
  await waitForState(page, "finished");
  const bits = await weightBits(page);
  await page.click(".card:nth-child(1)");
  for (let more = 0; more < 3; more++) await page.click("button[aria-label='One bit more, locked']");
  await page.waitForSelector("#message:not([hidden])");
  assert.match((await page.textContent("#message")) ?? "", /^Budget: expected at least [\d.]+ for this network, .* got 2\.5/);
  await page.waitForFunction((shown) => document.getElementById("lock-bits")?.textContent === shown, String(bits[0]));
  assert.equal(await page.$(".card.locked"), null);
  assert.equal((await page.textContent(".card:nth-child(1) .row.w .bits")), `${bits[0]} b`);
  assert.deepEqual(complaints, []);
  await close();
});

test("why this bit is answered for one bit more and one less, and the run stays as it is", async () => {
  const { page, complaints, close } = await openMlp("150");
  await waitForStepAfter(page, 60);
  await pause(page);
  const sentence = await page.textContent("#sentence");
  await page.click(".card:nth-child(1)");
  await page.click("#why");
  await page.waitForFunction(() => /Judged on training samples/.test(document.getElementById("why-text")?.textContent ?? ""));
  const text = (await page.textContent("#why-text")) ?? "";
  assert.match(text, /^dense1 has \d bits, \d+ bytes: with \d bits the loss changes by [+−][\d.e-]+ nats \(accuracy [+−][\d.]+ points\) and the layer by −\d+ bytes; with \d bits .* by \+\d+ bytes/);
  assert.equal(await page.textContent("#sentence"), sentence);
  await fullSpeed(page);
  await page.click("#run");
  await waitForState(page, "finished");
  assert.deepEqual(complaints, []);
  await close();
});

test("another budget for a finished run is solved exactly and tried on packed integers", async () => {
  const { page, complaints, close } = await openMlp();
  await waitForDeployed(page);
  const slider = page.locator("#what-if");
  await slider.fill("3.5");
  await page.waitForFunction(() => /^Bits \d/.test(document.getElementById("solved-text")?.textContent ?? ""));
  const words = /^Bits ([\d/]+), ([\d.]+) per weight as stored, [\d.]+ KB: accuracy ([\d.]+) % on packed integers \((relaxed|simd128)\) without any training at these bits\. Solved exactly in [\d.e-]+ ms\.$/;
  const [, bits, average, accuracy] = words.exec((await page.textContent("#solved-text")) ?? "") ?? assert.fail((await page.textContent("#solved-text")) ?? "");
  assert.equal(bits.split("/").length, 3);
  assert.ok(Number(average) <= 3.5 && Number(accuracy) > 50, `${average} bits, ${accuracy} %`);
  await slider.fill("6");
  await page.waitForFunction((before) => !document.getElementById("solved-text")?.textContent?.includes(before), bits);
  const [, more, , better] = words.exec((await page.textContent("#solved-text")) ?? "") ?? assert.fail((await page.textContent("#solved-text")) ?? "");
  assert.notEqual(more, bits);
  // The weights were trained at the bits of the run, so more bits need not read more digits; they read about as many.
  assert.ok(Number(better) >= Number(accuracy) - 1, `${better} % at 6 bits, ${accuracy} % at 3.5`);
  assert.deepEqual(complaints, []);
  await close();
});
