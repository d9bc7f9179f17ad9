/** The run and its controls, in the page as served. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeAll, fullSpeed, openPage, pause, quiet, shownStep, waitForDeployed, waitForState, waitForStepAfter, weightBits } from "./open.mjs";

/** Mini-batches of an epoch of the usual run. */
const EPOCH = 45;

after(closeAll);

test("the page plays by itself and its numbers live", async () => {
  const { page, complaints, requests, close } = await openPage();
  await page.waitForFunction(() => performance.getEntriesByName("first-plot").length > 0);
  await waitForState(page, "running");
  const first = await page.textContent("#sentence");
  await waitForStepAfter(page, 60);
  const later = await page.textContent("#sentence");
  assert.notEqual(later, first);
  assert.match(later ?? "", /Epoch \d of 8 · weight bits [\d/]+, \d\.\d+ on average, \d\.\d+ stored bits per weight · [\d.]+× smaller \([\d.]+ KB\) · accuracy [\d.]+ %( after epoch \d| before epoch 1)? \(float 98\.\d %\)/);
  assert.ok((await weightBits(page)).some((bits) => bits < 6), "bits have begun to fall");
  const inked = await page.$eval("#bits-chart", (canvas) => {
    const { width, height } = /** @type {HTMLCanvasElement} */ (canvas);
    const data = /** @type {HTMLCanvasElement} */ (canvas).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
    return data.filter((value, index) => index % 4 === 3 && value > 0).length;
  });
  assert.ok(inked > 2000, `the bits chart has ${inked} pixels`);
  await page.waitForFunction(() => document.querySelectorAll("#task canvas").length >= 2);
  assert.deepEqual(complaints, []);
  const origin = new URL(page.url()).origin;
  assert.deepEqual(requests.filter((url) => !url.startsWith(origin) && !url.startsWith("data:") && !url.startsWith("blob:")), []);
  await close();
});

test("pause pauses, a step is one mini-batch, an epoch ends at its end", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 10);
  await pause(page);
  const held = await shownStep(page);
  await quiet(page);
  assert.equal(await shownStep(page), held);
  for (let more = 1; more <= 3; more++) {
    await page.click("#step-batch");
    await waitForStepAfter(page, held + more - 1);
    assert.equal(await shownStep(page), held + more);
  }
  await page.click("#step-epoch");
  const epoch = Math.floor((held + 3) / EPOCH) + 1;
  await waitForStepAfter(page, EPOCH * epoch - 1);
  assert.equal(await shownStep(page), EPOCH * epoch);
  assert.match((await page.textContent("#sentence")) ?? "", new RegExp(`^Epoch ${epoch} of`));
  await page.click("#run");
  await waitForStepAfter(page, EPOCH * epoch + 15);
  assert.deepEqual(complaints, []);
  await close();
});

test("keys do what the buttons do", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.keyboard.press("Space");
  await waitForState(page, "paused");
  await quiet(page);
  const held = await shownStep(page);
  await page.keyboard.press("Shift+ArrowRight");
  await waitForStepAfter(page, held);
  assert.equal(await shownStep(page), held + 1);
  await page.keyboard.press("r");
  await page.waitForFunction(() => document.getElementById("sentence")?.dataset.step === "0");
  await page.keyboard.press("Space");
  await waitForState(page, "running");
  await close();
});

test("a run ends in words, and restarting repeats every number", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForDeployed(page);
  const [sentence, table] = [await page.textContent("#sentence"), await page.textContent(".confusion")];
  assert.match(sentence ?? "", /^Finished after epoch 8 · .* 2\.\d+ stored bits per weight .* accuracy [\d.]+ % on packed integers/);
  assert.match((await page.textContent("#pace")) ?? "", /^finished/);
  assert.equal(await page.textContent("#run"), "Run again");
  const bits = await weightBits(page);
  assert.ok(new Set(bits).size >= 3, `layers settle at ${bits}`);
  await page.click("#run");
  await waitForState(page, "running");
  await waitForDeployed(page);
  assert.equal(await page.textContent("#sentence"), sentence);
  assert.equal(await page.textContent(".confusion"), table);
  await page.click("#new-seed");
  await waitForState(page, "running");
  await waitForState(page, "finished");
  assert.notEqual(await page.textContent("#sentence"), sentence);
  assert.deepEqual(complaints, []);
  await close();
});

test("whoever asks for less motion starts the run", async () => {
  const { page, close } = await openPage({ reducedMotion: "reduce" });
  await waitForState(page, "paused");
  await page.waitForFunction(() => performance.getEntriesByName("first-plot").length > 0);
  await quiet(page);
  assert.equal(await shownStep(page), 0);
  await page.click("#run");
  await waitForStepAfter(page, 3);
  await close();
});
