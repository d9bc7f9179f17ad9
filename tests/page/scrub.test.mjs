/** Back through the run, and the trace by which two people see that they ran the same thing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { load } from "../../pkg/index.js";
import { beginning, closeAll, fullSpeed, openAt, openPage, quiet, shownStep, waitForDeployed, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** What the page shows of the moment it stands at. @param {Page} page */
const shown = async (page) => ({
  sentence: await page.textContent("#sentence"),
  bits: await page.getAttribute("#bits-chart", "aria-label"),
  loss: await page.getAttribute("#loss-chart", "aria-label"),
  cards: await page.$$eval("#cards .card", (cards) => cards.map((card) => card.getAttribute("aria-label"))),
  inspector: await page.textContent("#inspector-text"),
  confusion: await page.$$eval(".confusion", (tables) => tables.map((table) => table.textContent)),
  reading: await page.$$eval("#task canvas", (canvases) => canvases.map((canvas) => canvas.getAttribute("aria-label"))),
  trace: await page.textContent("#share-trace"),
});

/** @param {Page} page */
const trace = async (page) => (await page.textContent("#share-trace")) ?? "";
/** What the slider says. @param {Page} page */
const spoken = (page) => page.getAttribute("#moment", "aria-valuetext");

/** Waits until nothing that is shown changes. @param {Page} page */
async function settled(page) {
  let last = "";
  for (;;) {
    const now = JSON.stringify(await shown(page));
    if (now === last) return;
    last = now;
    await quiet(page);
  }
}

/** Presses a key of the slider and waits for what it leads to. @param {Page} page @param {string} key @param {string} text */
async function slide(page, key, text) {
  await page.focus("#moment");
  await page.keyboard.press(key);
  await page.waitForFunction((wanted) => document.getElementById("moment")?.getAttribute("aria-valuetext") === wanted, text);
  await settled(page);
}

/** A page that stands at the start of a run. @param {string} options as in a link */
async function standing(options) {
  const opened = await openPage({ path: `#v=1&${options}`, reducedMotion: "reduce" });
  await waitForState(opened.page, "paused");
  await opened.page.waitForFunction(() => /^[0-9a-f]{16}$/.test(document.getElementById("share-trace")?.textContent ?? ""));
  return opened;
}

/** Goes on to the end at full speed. @param {Page} page @param {string} [by] */
async function finish(page, by = "#run") {
  await fullSpeed(page);
  await page.click(by);
  await waitForDeployed(page);
  await settled(page);
}

const MLP = "model=mlp&method=ddq&budget=3&epochs=4&seed=4";
/** The same run in Node. */
const ours = async () => {
  const engine = await load({ read: async (url) => readFileSync(url) });
  const session = engine.createSession({ model: "mlp", method: "ddq", budgetBits: 3, epochs: 4, seed: 4 });
  while (!session.step(1000).done);
  return session.snapshot().trace;
};

test("every moment looks as it did, the present comes back, and a run that goes on from a moment ends the same", async () => {
  const { page, complaints, close } = await standing(MLP);
  const names = ["epoch 1 of 4", "epoch 2 of 4", "epoch 3 of 4", "the end, epoch 4 of 4"];
  const course = [await shown(page)];
  assert.ok(await page.isDisabled("#moment"), "there is nothing to go back to yet");
  for (const name of names) {
    await page.click("#step-epoch");
    await page.waitForFunction((wanted) => document.getElementById("moment")?.getAttribute("aria-valuetext") === `the present, ${wanted}`, name);
    if (name === names.at(-1)) await waitForDeployed(page);
    await settled(page);
    course.push(await shown(page));
  }
  assert.equal(new Set(course.map((moment) => moment.trace)).size, names.length + 1);
  const end = course[names.length];
  assert.equal(end.trace, await ours(), "the page ran what Node ran");

  for (let back = names.length - 1; back >= 1; back--) {
    await slide(page, "ArrowLeft", names[back - 1]);
    assert.deepEqual(await shown(page), course[back], names[back - 1]);
    assert.equal(await page.textContent("#run"), "Run");
  }
  assert.match((await page.textContent("#moment-text")) ?? "", /^epoch 1 of 4; the present waits at the end, epoch 4 of 4/);
  await slide(page, "Home", "epoch 0 of 4");
  assert.equal(await shownStep(page), 0);
  await slide(page, "End", "the present, the end, epoch 4 of 4");
  await waitForDeployed(page);
  await settled(page);
  assert.deepEqual(await shown(page), end);

  await slide(page, "ArrowLeft", "epoch 3 of 4");
  await slide(page, "ArrowLeft", "epoch 2 of 4");
  await slide(page, "ArrowLeft", "epoch 1 of 4");
  await page.click("#present");
  await waitForDeployed(page);
  await settled(page);
  assert.deepEqual(await shown(page), end);

  for (const [key, name] of [["Home", "epoch 0 of 4"], ["ArrowRight", "epoch 1 of 4"]]) await slide(page, key, name);
  await finish(page, "#continue");
  assert.deepEqual(await shown(page), end);
  assert.ok(await page.isHidden("#continue"));
  await slide(page, "ArrowLeft", "epoch 3 of 4");
  assert.deepEqual(await shown(page), course[3]);
  // A step from a moment goes on from there, too.
  await page.click("#step-epoch");
  await waitForDeployed(page);
  await settled(page);
  assert.deepEqual(await shown(page), end);
  // Another run has moments of its own.
  await page.selectOption("#speed", "2");
  await beginning(page, () => page.click("#new-seed"));
  await page.waitForFunction(() => {
    const slider = /** @type {HTMLInputElement} */ (document.getElementById("moment"));
    return slider.getAttribute("aria-valuetext") === "the present, epoch 0 of 4" && Number(slider.max) < 4;
  });
  assert.deepEqual(complaints, []);
  await close();
});

test("looking back pauses a run under way, mid-epoch it comes back to its very step, and its trace shows nothing of it", async () => {
  const { page, complaints, close } = await standing(MLP);
  await page.click("#run");
  await waitForStepAfter(page, 70);
  await slide(page, "Home", "epoch 0 of 4");
  assert.equal(await page.textContent("#run"), "Run");
  await quiet(page);
  assert.equal(await shownStep(page), 0);
  await page.focus("#moment");
  await page.keyboard.press("End");
  await page.waitForFunction(() => Number(document.getElementById("sentence")?.dataset.step) > 45);
  await settled(page);
  const step = await shownStep(page);
  await page.click("#step-batch");
  await waitForStepAfter(page, step);
  assert.equal(await shownStep(page), step + 1);
  await finish(page);
  assert.equal(await trace(page), await ours());
  await beginning(page, () => page.click("#restart"));
  await waitForDeployed(page);
  await settled(page);
  assert.equal(await trace(page), await ours(), "a restart repeats the run");
  await page.reload();
  await page.waitForFunction(() => /^[0-9a-f]{16}$/.test(document.getElementById("share-trace")?.textContent ?? ""));
  await finish(page);
  assert.equal(await trace(page), await ours(), "a reload repeats the run");
  assert.deepEqual(complaints, []);
  await close();
});

test("what leaves the page at a moment is of that moment, and an opened project can be looked back on", async () => {
  const { page, complaints, close } = await standing(MLP);
  for (const name of ["epoch 1 of 4", "epoch 2 of 4"]) {
    await page.click("#step-epoch");
    await page.waitForFunction((wanted) => document.getElementById("moment")?.getAttribute("aria-valuetext") === `the present, ${wanted}`, name);
  }
  await slide(page, "ArrowLeft", "epoch 1 of 4");
  const then = await shown(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save-project")]);
  assert.equal(download.suggestedFilename(), "digits-mlp-ddq-seed4-epoch1.ddq");
  const file = await download.path();
  await page.click("#export button");
  await page.waitForSelector("#export-table tbody tr");
  assert.match((await page.textContent("#export")) ?? "", new RegExp(`Weights: [\\d,. ]+ bytes here`));
  assert.equal(await spoken(page), "epoch 1 of 4");
  await beginning(page, () => page.setInputFiles("#open-project", file));
  await waitForState(page, "paused");
  await settled(page);
  assert.equal(await spoken(page), "the present, epoch 1 of 4");
  assert.deepEqual(await shown(page), then);
  await finish(page);
  const end = await shown(page);
  assert.equal(end.trace, await ours());
  await slide(page, "Home", "epoch 1 of 4");
  assert.deepEqual(await shown(page), then);
  await finish(page);
  assert.deepEqual(await shown(page), end);
  assert.deepEqual(complaints, []);
  await close();
});

test("moments are pinned, compared and removed, four at most", async () => {
  const { page, complaints, close } = await standing(MLP);
  await finish(page);
  const rows = () => page.$$eval("#moment-pins tbody tr", (lines) => lines.map((line) => [...line.children].slice(0, 6).map((cell) => cell.textContent)));
  await page.click("#pin");
  await slide(page, "Home", "epoch 0 of 4");
  await page.click("#pin");
  // Which epoch comes next depends on how long keeping them took.
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.getElementById("moment")?.getAttribute("aria-valuetext") !== "epoch 0 of 4");
  await settled(page);
  const next = (await spoken(page))?.replace("the present, ", "");
  await page.click("#pin");
  const [end, start, first, now] = await rows();
  assert.deepEqual([end[0], start[0], first[0], now[0]], ["the end, epoch 4 of 4", "epoch 0 of 4", next, "shown now"]);
  assert.deepEqual(now.slice(1), first.slice(1));
  assert.match(end[5] ?? "", /^[1-8](\/[1-8]){2}$/);
  assert.equal(start[5], "6/6/6");
  assert.ok(Number(end[3]) <= 3 && Number(start[3]) > 6, `${end[3]} and ${start[3]} stored bits`);
  await page.click("#pin");
  assert.ok(await page.isDisabled("#pin"));
  await page.click("#moment-pins >> text=Remove >> nth=0");
  assert.equal((await rows()).length, 4);
  assert.ok(await page.isEnabled("#pin"));
  // They outlive going on from a moment, not the run.
  await finish(page);
  assert.deepEqual((await rows())[3].slice(1), end.slice(1));
  await beginning(page, () => page.click("#new-seed"));
  await page.waitForSelector("#moment-pins", { state: "hidden" });
  assert.deepEqual(complaints, []);
  await close();
});

test("own data, points of the plane and other methods are looked back on as well", async () => {
  const { page, complaints, close } = await standing("data=spiral3&model=mlp&method=lsq&pretrain-epochs=4&epochs=4&seed=2");
  await finish(page);
  const end = [await page.textContent("#sentence"), await trace(page)];
  await slide(page, "ArrowLeft", "epoch 3 of 4");
  assert.match((await page.textContent("#sentence")) ?? "", /^Epoch 3 of 4/);
  await slide(page, "Home", "the start");
  await finish(page);
  assert.deepEqual([await page.textContent("#sentence"), await trace(page)], end);

  await page.setInputFiles("#own-files", { name: "clouds.csv", mimeType: "text/csv", buffer: Buffer.from(cloudsCsv(200)) });
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await beginning(page, () => page.click("#own-use"));
  await waitForDeployed(page);
  await settled(page);
  const own = [await page.textContent("#sentence"), await page.textContent(".confusion"), await trace(page)];
  assert.notEqual(own[2], end[1]);
  await slide(page, "ArrowLeft", "epoch 29 of 30");
  await finish(page);
  assert.deepEqual([await page.textContent("#sentence"), await page.textContent(".confusion"), await trace(page)], own);
  assert.deepEqual(complaints, []);
  await close();
});

test("what other views have noted over the run stands still while one looks back, and is cut where the run goes on", async () => {
  const { page, complaints, close } = await standing("model=mlp&method=bsq&budget=6&precision=e4m3&epochs=4&batch-size=64&seed=2");
  const planes = async () => Number(/^Planes over (\d+) moments/.exec((await page.getAttribute("#planes-chart", "aria-label")) ?? "")?.[1]);
  const words = () => page.textContent("#precision-text");
  for (const name of ["epoch 1 of 4", "epoch 2 of 4", "epoch 3 of 4"]) {
    await page.click("#step-epoch");
    await page.waitForFunction((wanted) => document.getElementById("moment")?.getAttribute("aria-valuetext") === `the present, ${wanted}`, name);
    await settled(page);
  }
  // One moment for the beginning and for each of these epochs.
  const [count, late] = [await planes(), await words()];
  assert.equal(count, 4);
  await slide(page, "ArrowLeft", "epoch 2 of 4");
  await slide(page, "ArrowLeft", "epoch 1 of 4");
  assert.equal(await planes(), count);
  assert.notEqual(await words(), late);
  await page.click("#step-batch");
  await page.waitForFunction(() => /^the present, epoch 1/.test(document.getElementById("moment")?.getAttribute("aria-valuetext") ?? ""));
  await settled(page);
  assert.equal(await planes(), 3, "the beginning, epoch 1, and the mini-batch after it");
  await page.click("#step-epoch");
  await page.waitForFunction(() => document.getElementById("moment")?.getAttribute("aria-valuetext") === "the present, epoch 2 of 4");
  await page.click("#step-epoch");
  await page.waitForFunction(() => document.getElementById("moment")?.getAttribute("aria-valuetext") === "the present, epoch 3 of 4");
  await settled(page);
  assert.equal(await words(), late);
  assert.deepEqual(complaints, []);
  await close();
});

test("inside an element of another page it is the same", async () => {
  const { page, complaints, close } = await openAt(async (guest) => `${guest}embed.html#v=1&${MLP}&speed=max&ui=controls,bits,share`);
  const reached = (/** @type {string} */ state) => page.waitForFunction((wanted) => document.querySelector("quant-playground")?.getAttribute("data-state") === wanted, state);
  await reached("finished");
  const digits = page.locator("#share-trace");
  const slider = page.locator("#moment");
  await slider.focus();
  const end = await digits.textContent();
  assert.equal(end, await ours());
  await page.keyboard.press("ArrowLeft");
  await reached("paused");
  assert.equal(await slider.getAttribute("aria-valuetext"), "epoch 3 of 4");
  assert.notEqual(await digits.textContent(), end);
  await page.locator("#continue").click();
  await reached("finished");
  assert.equal(await digits.textContent(), end);
  assert.deepEqual(complaints, []);
  await close();
});
