/** An engine that breaks down, falls silent or is gone costs at most an epoch, and the page goes on. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { breakWorker, makeBreakable } from "./break.mjs";
import { beginning, closeAll, fullSpeed, openPage, pause, quiet, shownStep, useFlags, waitForDeployed, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Mini-batches of an epoch of the usual run. */
const EPOCH = 45;
/** The sentence at the end of the usual run. */
let expected = "";

after(closeAll);

before(async () => {
  const { page, close } = await openPage();
  await fullSpeed(page);
  await waitForDeployed(page);
  expected = (await page.textContent("#sentence")) ?? "";
  await close();
});

/** A page whose Worker can be broken. @param {string} [path] */
const openBreakable = (path = "") => openPage({ path, prepare: (page) => makeBreakable(page) });

/** Waits for what the page says, and returns it. @param {Page} page @param {string} start */
async function said(page, start) {
  const line = page.locator(".deck [role=alert] > p", { hasText: start });
  await line.waitFor();
  return (await line.textContent()) ?? "";
}

/** Waits until a copy of this epoch, or a later one, is kept. @param {Page} page @param {number} epochs */
const kept = (page, epochs) => page.waitForFunction((least) => Number(document.getElementById("project")?.dataset.kept) >= least, epochs);

const STOPPED = "The engine stopped";

/** Waits until nothing is said to be wrong. @param {Page} page */
const healed = (page) => page.locator(".deck [role=alert] > p").waitFor({ state: "detached" });

/** @param {Page} page */
const epoch = async (page) => Number(/^Epoch (\d)/.exec((await page.textContent("#sentence")) ?? "")?.[1]);

for (const [fault, why] of /** @type {const} */ ([
  ["trap", "it crashed (unreachable)"],
  ["hang", "its Worker has not answered for 5 seconds"],
  ["close", "its Worker has not answered for 5 seconds"],
])) {
  test(`a run whose Worker meets "${fault}" goes on from its last epoch and ends the same`, async () => {
    const { page, complaints, close } = await openBreakable();
    await waitForStepAfter(page, 2 * EPOCH);
    await kept(page, 2);
    await breakWorker(page, fault);
    const words = await said(page, STOPPED);
    const reached = await epoch(page);
    const from = Number(/^The engine stopped: (.*)\. A new one has been started\. Continue from epoch (\d) of 8$/.exec(words)?.[2]);
    assert.ok(words.includes(why), words);
    assert.ok(from === reached || from === reached - 1, `kept ${from} of ${reached}`);
    assert.equal(await page.getAttribute("html", "data-state"), "paused");
    await fullSpeed(page);
    await beginning(page, () => page.click("text=Continue from epoch"));
    await page.waitForFunction(() => Number(document.getElementById("sentence")?.dataset.step) > 0);
    assert.ok((await shownStep(page)) >= EPOCH * from, `went on from step ${await shownStep(page)}`);
    await healed(page);
    await waitForDeployed(page);
    assert.equal(await page.textContent("#sentence"), expected);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("after a breakdown Restart, New seed, settings and links work, each in a Worker of its own", async () => {
  const { page, complaints, close } = await openBreakable();
  await page.waitForSelector("#new-seed");
  await page.waitForFunction(() => document.querySelector("#method option"));
  for (const act of [
    () => page.click("#restart"),
    () => page.click("#new-seed"),
    () => page.selectOption("#method", "lsq"),
    () => page.evaluate(() => void (location.hash = "#seed=5")),
  ]) {
    await waitForStepAfter(page, 5);
    await breakWorker(page, "trap");
    await said(page, STOPPED);
    await beginning(page, act);
    await healed(page);
    await waitForState(page, "running");
  }
  await waitForStepAfter(page, 5);
  assert.match(page.url(), /seed=5/);
  assert.equal(await page.inputValue("[name=seed]"), "5");
  assert.deepEqual(complaints, []);
  await close();
});

test("Run and Step epoch go on from the last epoch too, and once more after another breakdown", async () => {
  const { page, complaints, close } = await openBreakable();
  await waitForStepAfter(page, EPOCH);
  await kept(page, 1);
  await breakWorker(page, "trap");
  await said(page, STOPPED);
  await beginning(page, () => page.click("#step-epoch"));
  await page.waitForFunction(() => Number(document.getElementById("sentence")?.dataset.step) > 0);
  // Before it steps it shows the copy, which a busy machine takes some steps after the end of the epoch.
  await quiet(page);
  assert.equal((await shownStep(page)) % EPOCH, 0);
  assert.equal(await page.getAttribute("html", "data-state"), "paused");
  // No epoch has ended since: what the run began with here is what it goes on from.
  const from = (await shownStep(page)) / EPOCH;
  await kept(page, from);
  for (let times = 0; times < 2; times++) {
    await breakWorker(page, "trap");
    await page.click("#step-batch");
    await said(page, STOPPED);
    await beginning(page, () => page.click("#run"));
    await healed(page);
    await waitForState(page, "running");
    await pause(page);
    assert.ok((await shownStep(page)) >= from * EPOCH);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("where no epoch has ended yet, the run begins again", async () => {
  const { page, complaints, close } = await openBreakable("#v=1&speed=2");
  await waitForStepAfter(page, 3);
  await pause(page);
  await breakWorker(page, "trap");
  await page.click("#step-batch");
  assert.match(await said(page, STOPPED), /A new one has been started\. Restart$/);
  await beginning(page, () => page.locator(".deck .message button", { hasText: "Restart" }).click());
  await waitForStepAfter(page, 3);
  await healed(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("what waits for an answer is refused in words when the Worker falls silent", async () => {
  const { page, complaints, close } = await openBreakable();
  await waitForStepAfter(page, EPOCH);
  await kept(page, 1);
  await pause(page);
  // Run and the pad ask for answers that do not come.
  await breakWorker(page, "hang");
  await page.click("#run");
  await page.locator(".board").click();
  await said(page, STOPPED);
  await page.waitForFunction(() => /^Not recognized: its Worker has not answered/.test(document.querySelector(".verdict")?.textContent ?? ""));
  // The new Worker reads again once it has a run.
  await beginning(page, () => page.click("text=Continue from epoch"));
  await page.locator(".board").click({ position: { x: 40, y: 80 } });
  await page.waitForFunction(() => document.querySelector(".verdict")?.textContent?.startsWith("Float network"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a run of own data that came with a project file can be restarted after a breakdown", async () => {
  const { page, complaints, close } = await openBreakable();
  await waitForStepAfter(page, 5);
  const rows = Array.from({ length: 120 }, (_, at) => `${at % 2},${(at % 7) / 7},${at % 2 ? "up" : "down"}`);
  await page.setInputFiles("#own-files", { name: "two.csv", mimeType: "text/csv", buffer: Buffer.from(rows.join("\n")) });
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await beginning(page, () => page.click("#own-use"));
  await waitForStepAfter(page, 20);
  await pause(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save-project")]);
  const path = await download.path();
  await page.reload();
  await page.waitForSelector("#open-project");
  await beginning(page, () => page.setInputFiles("#open-project", { name: "own.ddq", mimeType: "", buffer: readFileSync(path) }));
  await waitForState(page, "paused");
  await breakWorker(page, "trap");
  await page.click("#step-batch");
  await said(page, STOPPED);
  await beginning(page, () => page.click("#restart"));
  await healed(page);
  await fullSpeed(page);
  await page.click("#run");
  await waitForDeployed(page);
  assert.equal(await page.inputValue("[name=data]"), "own");
  assert.ok(await page.isHidden("#message"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a file whose reading breaks the reader is refused in words, and the next one is read", async () => {
  const { page, complaints, close } = await openPage({ prepare: (page) => makeBreakable(page, "own-worker.js") });
  await waitForStepAfter(page, 5);
  await page.hover("#own");
  await page.waitForSelector("#own-files");
  const read = () => page.setInputFiles("#own-files", { name: "two.csv", mimeType: "text/csv", buffer: Buffer.from("0,1,up\n1,0,down\n".repeat(40)) });
  await read();
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await breakWorker(page, "trap at the next command", "own-worker.js");
  await read();
  await page.waitForFunction(() => document.getElementById("own")?.textContent?.includes("the files could not be read: it crashed (unreachable)"));
  await read();
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await waitForStepAfter(page, await shownStep(page));
  assert.deepEqual(complaints, []);
  await close();
});

test("out of memory is said in words, and the page goes on", async () => {
  await useFlags("--js-flags=--wasm-max-mem-pages=900");
  const { page, close } = await openPage();
  const words = await said(page, STOPPED);
  assert.match(words, /^The engine stopped: it ran out of memory at \d+ MB\. A new one has been started\. (Continue from epoch \d of 8|Restart)$/);
  // A network that needs less runs in the new Worker.
  await page.waitForSelector("[name=model]");
  await beginning(page, () => page.evaluate(() => void (location.hash = "#data=moons&model=mlp")));
  await waitForStepAfter(page, 20);
  await healed(page);
  await close();
  await useFlags();
});
