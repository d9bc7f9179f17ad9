/** Files that cannot be had: the page says so as long as it holds, and trying again helps. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FAILURES } from "./break.mjs";
import { beginning, closeAll, openPage, shownStep, waitForState, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** What the page says is wrong. @param {Page} page */
const lines = (page) => page.locator(".deck p.message:not([hidden])");

/** @param {Page} page @param {RegExp} words */
async function said(page, words) {
  await lines(page).filter({ hasText: words }).waitFor();
  const found = await lines(page).allTextContents();
  assert.equal(found.length, 1, found.join("\n"));
}

/** Waits until nothing is said to be wrong. @param {Page} page */
const silent = (page) => page.waitForFunction(() => !document.querySelector(".deck p.message:not([hidden])"));

/** Tries again what failed, after mending the files. @param {Page} page @param {string} files */
async function tryAgain(page, files) {
  await page.unroute(files);
  await page.click(".deck .message button");
}

/** A page that begins with files that fail. @param {string} files @param {keyof typeof FAILURES} failure @param {string} [path] */
const openWithout = (files, failure, path = "") => openPage({ path, prepare: (page) => page.route(files, FAILURES[failure]) });

/** Whether the page is whole: its settings are filled, and files can be saved. @param {Page} page */
const whole = (page) => page.waitForFunction(() => document.querySelector("#method option") && document.getElementById("save-project"));

/** Waits for a chart to be drawn, which it is on screen only. @param {Page} page @param {string} id */
async function drawn(page, id) {
  await page.locator(`#${id}`).scrollIntoViewIfNeeded();
  await page.waitForFunction((name) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(name));
    const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return pixels.some((value, index) => index % 4 === 3 && value > 0);
  }, id);
}

for (const [failure, words] of /** @type {const} */ ([
  ["missing", /file charts\/ddq_playground_bg\.wasm: expected HTTP status 200, got 404/],
  ["half", /file charts\/ddq_playground_bg\.wasm: expected a WebAssembly binary .* got \d+ bytes/],
  ["html", /file charts\/ddq_playground_bg\.wasm: expected a WebAssembly binary .* got 37 bytes/],
])) {
  test(`charts that are ${failure} are said to be while the run goes on in a page that is whole, and drawn at another try`, async () => {
    const { page, close } = await openWithout("**/charts/*.wasm", failure);
    await said(page, words);
    await whole(page);
    await waitForStepAfter(page, 20);
    await beginning(page, () => page.click("#restart"));
    await waitForStepAfter(page, 20);
    await said(page, /^The charts could not be loaded: /);
    await tryAgain(page, "**/charts/*.wasm");
    await drawn(page, "bits-chart");
    await drawn(page, "staircase");
    await silent(page);
    await waitForState(page, "running");
    await close();
  });
}

for (const [file, failure, words] of /** @type {const} */ ([
  ["core/*.wasm", "missing", /^The engine could not be loaded: file \/core\/ddq_playground_bg\.wasm: expected HTTP status 200, got 404/],
  ["core/*.wasm", "half", /^The engine could not be loaded: file core\/ddq_playground_bg\.wasm: expected a WebAssembly binary/],
  ["core/*.wasm", "html", /^The engine could not be loaded: .* got 37 bytes/],
  ["core/*.wasm", "offline", /^The engine could not be loaded: file \/core\/ddq_playground_bg\.wasm: expected HTTP status 200, got no whole answer/],
  ["checkpoints/mobile.bin", "missing", /^The engine could not be loaded: file \/checkpoints\/mobile\.bin: expected HTTP status 200, got 404/],
  ["checkpoints/mobile.bin", "half", /^checkpoint of mobile: damaged: .* expected 25124 bytes of values/],
  ["checkpoints/mobile.bin", "html", /^checkpoint of mobile: damaged: .* expected the magic DDQC/],
  ["worker.js", "missing", /^The engine could not be loaded: worker\.js could not be started/],
  ["worker.js", "html", /^The engine could not be loaded: worker\.js could not be started/],
])) {
  test(`without ${file} (${failure}) no run begins, until another try or Restart has the file`, async () => {
    const { page, close } = await openWithout(`**/${file}`, failure);
    await said(page, words);
    assert.match((await page.textContent("#sentence")) ?? "", /^(The run cannot begin without the engine|No run has begun)\.$/);
    // It fails again as it did before, in another line.
    await page.$eval(".deck p.message", (line) => line.setAttribute("data-first", ""));
    await page.click("#restart");
    await page.waitForSelector(".deck p.message[data-first]", { state: "detached" });
    await said(page, words);
    await page.unroute(`**/${file}`);
    await page.click(failure === "html" ? "#restart" : ".deck .message button");
    await waitForStepAfter(page, 5);
    await silent(page);
    await whole(page);
    assert.equal(await page.getAttribute("html", "data-runs"), "1");
    await close();
  });
}

for (const [file, words] of /** @type {const} */ ([
  ["closer-*.js", /^A part of the page could not be loaded: /],
  ["closer.css", /^A part of the page could not be loaded: file closer\.css: expected HTTP status 200, got 404/],
  ["details/*.wasm", /^Some charts could not be loaded: file details\/ddq_playground_bg\.wasm: expected HTTP status 200, got 404/],
])) {
  test(`a page without ${file} says so while its run goes on, and is whole at another try`, async () => {
    const { page, close } = await openWithout(`**/${file}`, "missing");
    await said(page, words);
    await waitForStepAfter(page, await shownStep(page));
    await waitForState(page, "running");
    await tryAgain(page, `**/${file}`);
    await whole(page);
    await drawn(page, "staircase");
    await silent(page);
    await close();
  });
}

for (const failure of /** @type {const} */ (["missing", "html"])) {
  test(`a page without its script (${failure}) says so, and begins at another try`, async () => {
    const { page, close } = await openWithout("**/main.js", failure);
    await said(page, /^The file main\.js, or one that it needs, could not be loaded\./);
    assert.equal(await page.textContent("#sentence"), "The page cannot begin.");
    await tryAgain(page, "**/main.js");
    await waitForStepAfter(page, 5);
    await silent(page);
    await close();
  });
}

test("a page without its style says so, breaks nothing, and is drawn at another try", async () => {
  const { page, complaints, close } = await openWithout("**/style.css", "missing");
  await said(page, /^The file style\.css, or one that it needs, could not be loaded\./);
  await whole(page);
  await waitForStepAfter(page, 20);
  assert.deepEqual(complaints.filter((words) => words.startsWith("uncaught")), []);
  await tryAgain(page, "**/style.css");
  await drawn(page, "bits-chart");
  await silent(page);
  assert.equal(await page.getAttribute("html", "data-runs"), "1");
  await close();
});

/** Files of the whole engine. */
const WHOLE = "**/{simd128,full,scalar}/*.wasm";

test("a method that cannot be loaded is said to be, the run goes on, and another try begins it", async () => {
  const { page, complaints, close } = await openPage();
  await whole(page);
  await page.route(WHOLE, FAILURES.offline);
  const before = await page.inputValue("#method");
  await page.selectOption("#method", "lsq");
  await said(page, /^file \/simd128\/ddq_playground_bg\.wasm: expected HTTP status 200, got no whole answer/);
  const step = await shownStep(page);
  await waitForStepAfter(page, step);
  assert.equal(await page.inputValue("#method"), before);
  await beginning(page, () => tryAgain(page, WHOLE));
  await waitForStepAfter(page, 2);
  assert.equal(await page.inputValue("#method"), "lsq");
  await silent(page);
  assert.deepEqual(complaints.filter((words) => words.startsWith("uncaught")), []);
  await close();
});

test("a link that cannot be followed is said to be, and followed at another try: at the beginning and later", async () => {
  const { page, complaints, close } = await openWithout(WHOLE, "offline", "#method=lsq&seed=3");
  await said(page, /^The link could not be followed: file /);
  await waitForStepAfter(page, 20);
  await said(page, /^The link could not be followed: file /);
  await beginning(page, () => tryAgain(page, WHOLE));
  await page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.getElementById("method")).value === "lsq");
  await silent(page);
  await close();

  const later = await openPage();
  await whole(later.page);
  await later.page.route(WHOLE, FAILURES.offline);
  await later.page.evaluate(() => void (location.hash = "#method=lsq&seed=4"));
  await said(later.page, /^The link could not be followed: file /);
  await waitForStepAfter(later.page, await shownStep(later.page));
  await beginning(later.page, () => tryAgain(later.page, WHOLE));
  await later.page.waitForFunction(() => /** @type {HTMLSelectElement} */ (document.getElementById("method")).value === "lsq");
  assert.equal(await later.page.inputValue("[name=seed]"), "4");
  await silent(later.page);
  assert.deepEqual([...complaints, ...later.complaints].filter((words) => words.startsWith("uncaught")), []);
  await later.close();
});

test("more settings that cannot be loaded are said to be, and shown at another try", async () => {
  const { page, complaints, close } = await openPage();
  await whole(page);
  const before = await page.locator("#more-fields label").count();
  await page.route(WHOLE, FAILURES.offline);
  await page.click("#more summary");
  await said(page, /^The other settings could not be loaded: file /);
  await tryAgain(page, WHOLE);
  await page.waitForFunction((count) => document.querySelectorAll("#more-fields label").length > count, before);
  await silent(page);
  assert.deepEqual(complaints.filter((words) => words.startsWith("uncaught")), []);
  await close();
});

for (const file of ["compare-worker.js", "simd128/*.wasm"]) {
  test(`runs of the comparison that fail for want of ${file} are begun again by Go on`, async () => {
    const { page, close } = await openPage();
    await whole(page);
    await beginning(page, () => page.evaluate(() => void (location.hash = "#model=mlp&epochs=1")));
    await page.route(`**/${file}`, FAILURES.offline);
    await page.fill("#compare-form [name=budgets]", "3");
    await page.fill("#compare-form [name=seeds]", "1, 2, 3, 4, 5, 6");
    for (const box of await page.locator("#compare-form [name=method]").all()) await box.setChecked((await box.getAttribute("value")) === "uniform-mse");
    await page.click("#compare-go");
    await page.waitForFunction(() => /^0 of 6 runs done, \d failed, stopped\.$/.test(document.getElementById("compare-text")?.textContent ?? ""));
    assert.equal(await page.textContent("#compare-stop"), "Go on");
    await page.unroute(`**/${file}`);
    await page.click("#compare-stop");
    await page.waitForFunction(() => document.getElementById("compare-text")?.textContent === "6 of 6 runs done.");
    assert.ok(await page.isHidden("#compare-stop"));
    await close();
  });
}
