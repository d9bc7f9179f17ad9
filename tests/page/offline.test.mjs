/** The page as one file, opened from a disk without a network: everything works, and nothing is asked for. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { beginning, closeAll, fullSpeed, openAt, waitForDeployed, waitForStepAfter, weightBits } from "./open.mjs";

// Alone in a folder, as somebody got it.
const folder = mkdtempSync(join(tmpdir(), "ddq offline "));
const file = join(folder, "ddq-playground-offline.html");
copyFileSync(fileURLToPath(new URL("../../dist/ddq-playground-offline.html", import.meta.url)), file);
const address = pathToFileURL(file).href;
after(closeAll);
after(() => rmSync(folder, { recursive: true }));

const opened = (hash = "") => openAt(async () => address + hash, { offline: true, acceptDownloads: true });
/** What was asked for besides the file itself and what lies in the page's memory. @param {string[]} requests */
const asked = (requests) => requests.filter((url) => !url.startsWith(address) && !/^(blob|data):/.test(url));

test("it trains, deploys, saves, exports, and asks for nothing", async () => {
  const { page, requests, complaints, close } = await opened("#model=mlp&epochs=2&budget=3");
  await fullSpeed(page);
  await waitForDeployed(page);
  assert.equal((await weightBits(page)).length, 3);
  assert.match((await page.textContent("#sentence")) ?? "", /on packed integers/);
  assert.match((await page.textContent("#about")) ?? "", /a gate ĝ per bit/);
  assert.deepEqual(await page.$$eval("a[href]", (links) => links.map((link) => `${link.getAttribute("href")}`).filter((href) => !/^(#|https:|blob:|data:)/.test(href))), []);
  const [project] = await Promise.all([page.waitForEvent("download"), page.click("#save-project")]);
  const saved = join(folder, "run.ddq");
  await project.saveAs(saved);
  await page.click("#export-prepare");
  await page.waitForSelector('#export-table button[data-kind="onnx"]');
  const [onnx] = await Promise.all([page.waitForEvent("download"), page.click('#export-table button[data-kind="onnx"]')]);
  assert.ok(readFileSync(await onnx.path()).includes("weight.bits"));
  const ended = await page.textContent("#sentence");
  await page.screenshot({ path: "test-results/offline.png", fullPage: true });
  await page.goto("about:blank");
  await page.goto(address);
  await waitForStepAfter(page, 0);
  await beginning(page, () => page.setInputFiles("#open-project", saved));
  await waitForDeployed(page);
  assert.equal(await page.textContent("#sentence"), ended);
  assert.deepEqual(asked(requests), []);
  assert.deepEqual(complaints, []);
  await close();
});

test("methods beyond the first view run, a comparison runs, and own data can be used", async () => {
  const { page, requests, complaints, close } = await opened("#model=mlp&method=hawq&epochs=1&budget=4");
  await fullSpeed(page);
  await waitForDeployed(page);
  const bits = await weightBits(page);
  assert.ok(new Set(bits).size > 1, `the search chose ${bits}`);
  await beginning(page, () => page.selectOption("#method", "bsq"));
  await waitForStepAfter(page, 5, { orFinished: true });
  for (const box of await page.$$("#compare-form [name=method]")) await box.setChecked((await box.getAttribute("value")) === "uniform-mse");
  await page.fill("#compare-form [name=budgets]", "4");
  await page.fill("#compare-form [name=seeds]", "1");
  await page.click("#compare-go");
  await page.waitForFunction(() => document.getElementById("compare-text")?.textContent === "1 of 1 runs done.");
  await page.setInputFiles("#own-files", { name: "clouds.csv", mimeType: "text/csv", buffer: Buffer.from(cloudsCsv(200)) });
  await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
  await beginning(page, () => page.click("#own-use"));
  await waitForStepAfter(page, 5, { orFinished: true });
  assert.equal(await page.inputValue("[name=data]"), "own");
  assert.deepEqual(asked(requests), []);
  assert.deepEqual(complaints, []);
  await close();
});

test("its links and frames are of the file itself", async () => {
  const { page, requests, complaints, close } = await opened("#model=mlp&epochs=1");
  await waitForStepAfter(page, 2, { orFinished: true });
  assert.ok((await page.inputValue("#share-link")).startsWith(`${address}#v=1&`));
  assert.deepEqual(await page.$$eval("#share-kind option", (options) => options.map((option) => /** @type {HTMLOptionElement} */ (option).value)), ["iframe"]);
  await page.click("#share-preview");
  const frame = page.frameLocator("#share iframe");
  await frame.locator("html[data-state]").waitFor();
  assert.equal(await frame.locator("#kernels").isVisible(), false);
  assert.deepEqual(asked(requests), []);
  assert.deepEqual(complaints, []);
  await close();
});
