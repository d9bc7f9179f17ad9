/** Project files: a run saved, opened and resumed ends as if nothing had happened. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { beginning, closeAll, fullSpeed, openPage, pause, shownStep, waitForDeployed, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

const folder = mkdtempSync(join(tmpdir(), "ddq-project-"));
const file = join(folder, "run.ddq");
/** The sentence, the confusion matrix and the points of the curves at the end of a run that nothing interrupts. @type {string[]} */
let expected;

after(closeAll);
after(() => rmSync(folder, { recursive: true }));

/** @param {Page} page */
const end = async (page) => [(await page.textContent("#sentence")) ?? "", (await page.textContent(".confusion")) ?? ""];

before(async () => {
  const { page, close } = await openPage();
  await fullSpeed(page);
  await waitForDeployed(page);
  expected = await end(page);
  await close();
});

/** Saves the run, which stands still. @param {Page} page @param {string} [path] */
async function save(page, path = file) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save-project")]);
  await download.saveAs(path);
  return download.suggestedFilename();
}

test("a run saved to a file, opened in a new page and finished ends in the same sentence, with its curves", async () => {
  const first = await openPage();
  await waitForStepAfter(first.page, 70);
  await pause(first.page);
  const [held, sentence] = [await shownStep(first.page), await first.page.textContent("#sentence")];
  const label = await first.page.getAttribute("#bits-chart", "aria-label");
  assert.equal(await save(first.page), `digits-mobile-ddq-seed1-epoch${/Epoch (\d)/.exec(sentence ?? "")?.[1]}.ddq`);
  assert.deepEqual(first.complaints, []);
  await first.close();

  const { page, complaints, close } = await openPage();
  await page.waitForSelector("#open-project");
  await beginning(page, () => page.setInputFiles("#open-project", file));
  await waitForState(page, "paused");
  assert.equal(await shownStep(page), held);
  assert.equal(await page.textContent("#sentence"), sentence);
  assert.equal(await page.getAttribute("#bits-chart", "aria-label"), label);
  assert.equal(await page.inputValue("#preset"), "digits");
  await fullSpeed(page);
  await page.click("#run");
  await waitForDeployed(page);
  assert.deepEqual(await end(page), expected);
  // Run again begins the same run from its start.
  await beginning(page, () => page.click("#run"));
  await waitForDeployed(page);
  assert.deepEqual(await end(page), expected);
  assert.deepEqual(complaints, []);
  await close();
});

test("a run on own data is opened with its data, ends the same, and can be run again", async () => {
  const first = await openPage();
  await waitForStepAfter(first.page, 5);
  await first.page.setInputFiles("#own-files", { name: "clouds.csv", mimeType: "text/csv", buffer: Buffer.from(cloudsCsv(200)) });
  await first.page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await beginning(first.page, () => first.page.click("#own-use"));
  await waitForStepAfter(first.page, 8);
  await pause(first.page);
  const own = join(folder, "own.ddq");
  assert.match(await save(first.page, own), /^own-.*ddq-seed1-epoch\d+\.ddq$/);
  await fullSpeed(first.page);
  await first.page.click("#run");
  await waitForDeployed(first.page);
  const whole = await end(first.page);
  await first.close();

  const { page, complaints, close } = await openPage();
  await page.waitForSelector("#open-project");
  await beginning(page, () => page.setInputFiles("#open-project", own));
  await waitForState(page, "paused");
  assert.equal(await page.inputValue("[name=data]"), "own");
  await fullSpeed(page);
  await page.click("#run");
  await waitForDeployed(page);
  assert.deepEqual(await end(page), whole);
  await beginning(page, () => page.click("#restart"));
  await waitForDeployed(page);
  assert.match((await page.textContent("#sentence")) ?? "", /^Finished/);
  assert.deepEqual(complaints, []);
  await close();
});

test("a file dropped on the page is opened", async () => {
  const { page, complaints, close } = await openPage();
  await page.waitForSelector("#open-project");
  const bytes = [...readFileSync(file)];
  await beginning(page, () => page.evaluate((content) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([new Uint8Array(content)], "dropped.ddq"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, bytes));
  await waitForState(page, "paused");
  assert.ok((await shownStep(page)) > 70);
  assert.deepEqual(complaints, []);
  await close();
});

test("a broken file is refused in words, and the run goes on", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#open-project");
  const whole = readFileSync(file);
  const cases = /** @type {[Buffer, RegExp][]} */ ([
    [whole.subarray(0, 1000), /project file, at byte 8: expected the checksum of undamaged bytes, got \d+/],
    [Buffer.from("a holiday picture"), /project file, at byte 0: expected the magic DDQS, got a ho/],
    [Buffer.alloc(0), /project file, at byte 0: expected 4 bytes more, got 0/],
  ]);
  for (const [bytes, message] of cases) {
    const broken = join(folder, "broken.ddq");
    writeFileSync(broken, bytes);
    await page.setInputFiles("#open-project", broken);
    await page.waitForFunction((source) => new RegExp(source).test(document.getElementById("message")?.textContent ?? ""), message.source);
    const step = await shownStep(page);
    await waitForStepAfter(page, step);
  }
  assert.equal(await page.getAttribute("html", "data-runs"), "1");
  assert.deepEqual(complaints, []);
  await close();
});

test("a later visit is offered the run that was interrupted, and it ends in the same sentence", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 100);
  await pause(page);
  const epoch = Number(/^Epoch (\d)/.exec((await page.textContent("#sentence")) ?? "")?.[1]);
  assert.ok(epoch >= 2);
  await page.waitForSelector(`#project[data-kept="${epoch}"]`, { state: "attached" });
  await page.reload();
  await page.waitForSelector("#resume");
  const offer = new RegExp(`^Resume the run of .*\\d.*, epoch ${epoch} of 8$`);
  assert.match((await page.textContent("#resume")) ?? "", offer);
  // The page plays its own run, and its copies do not take the place of the one on offer.
  await waitForStepAfter(page, 50);
  await page.reload();
  await page.waitForSelector("#resume");
  assert.match((await page.textContent("#resume")) ?? "", offer);
  await fullSpeed(page);
  await beginning(page, () => page.click("#resume"));
  // Nothing is trained twice: the first step shown is that of the copy, or one behind it.
  await page.waitForFunction(() => Number(document.getElementById("sentence")?.dataset.step) > 0);
  assert.ok((await shownStep(page)) >= 90, `resumed at step ${await shownStep(page)}`);
  await waitForDeployed(page);
  assert.deepEqual(await end(page), expected);
  assert.equal(await page.locator("#resume").count(), 0);
  await page.waitForSelector("#project[data-kept=done]", { state: "attached" });
  await page.reload();
  await page.waitForSelector("#resume");
  assert.match((await page.textContent("#resume")) ?? "", /^Show the finished run of /);
  await page.click("text=Discard");
  await page.waitForSelector("#resume", { state: "detached" });
  assert.deepEqual(complaints, []);
  await close();
});

test("where storage is refused the page says so once, and everything else works", async () => {
  const { page, complaints, close } = await openPage();
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new Error("storage is switched off");
    };
  });
  await page.reload();
  await page.waitForFunction(() => (document.getElementById("project")?.textContent ?? "").includes("This browser cannot keep a copy of the run (storage is switched off)"));
  await waitForStepAfter(page, 100);
  await pause(page);
  await save(page);
  assert.ok(readFileSync(file).length > 1000);
  assert.ok(await page.isHidden("#message"));
  assert.deepEqual(complaints, []);
  await close();
});
