/** A visitor's own data: dropped, previewed, used, undone; and what happens to broken files. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { deflateSync, gunzipSync } from "node:zlib";
import { barsIdx, cloudsCsv, idx, wideCsv } from "../../scripts/own-files.mjs";
import { beginning, closeAll, fullSpeed, openPage, pause, shownStep, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, mimeType: string, buffer: Buffer }} Payload */

after(closeAll);

/** @param {string} name @param {string | Uint8Array} content @returns {Payload} */
const payload = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(/** @type {any} */ (content)) });

/** Hands files to the panel, by its input. @param {Page} page @param {Payload[]} files */
async function choose(page, files) {
  await page.waitForSelector("#own-files");
  await page.setInputFiles("#own-files", files);
}

/** Drops files on the panel. @param {Page} page @param {Payload[]} files */
async function drop(page, files) {
  await page.waitForSelector("#own-files");
  const plain = files.map(({ name, buffer }) => ({ name, content: buffer.toString("base64") }));
  await page.evaluate((list) => {
    const transfer = new DataTransfer();
    for (const { name, content } of list) transfer.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name));
    document.getElementById("own")?.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, plain);
}

/** @param {Page} page */
const previewed = (page) => page.waitForSelector("#own-use:not([disabled])", { state: "visible" });

/** A PNG of one colour. @param {number} side @param {[number, number, number]} color */
function png(side, color) {
  const crcTable = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    let crc = 0xffffffff;
    for (const byte of body) crc = crcTable[(crc ^ byte) & 255] ^ (crc >>> 8);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE((crc ^ 0xffffffff) >>> 0, 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.from([0, ...Array.from({ length: side }, () => color).flat()]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

test("a preview says range and different values of every column, and warns of values that fall together", async () => {
  const { page, complaints, close } = await openPage();
  const rows = Array.from({ length: 120 }, (_, i) => `${1764374400 + i},n${i},${i === 9 ? "1e20" : i},${i % 4},${i % 2}`);
  await choose(page, [payload("t.csv", `time,id,wide,level,parity\n${rows.join("\n")}\n`)]);
  // The first look at it is refused for the words in id.
  await page.waitForSelector("#own-form .own-columns input");
  await page.getByRole("checkbox", { name: "id", exact: true }).uncheck();
  await previewed(page);
  const below = () => page.locator("#own-preview tfoot td").allTextContents();
  assert.deepEqual(await below(), ["1764374400 to 1764374519, 120 values", "", "0 to 100000000000000000000, 2 of 120 values", "0 to 3, 4 values", ""]);
  assert.match((await page.textContent("#own-preview caption")) ?? "", /below them the range of each column in the file and how many different values it has/);
  const warnings = () => page.locator("#own-preview li", { hasText: "Warning" }).allTextContents();
  assert.match((await warnings()).join("|"), /^Warning: different values become equal as 32-bit inputs, .*: "wide" \(2 of 120\) are left\.[^|]*$/);
  const { images, labels } = barsIdx(40, 8);
  const dark = Uint8Array.from(gunzipSync(images).subarray(16), (value) => Math.round((16 * value) / 255));
  await choose(page, [payload("train-images.idx3-ubyte", idx([40, 8, 8], dark)), payload("train-labels.idx1-ubyte", labels)]);
  await page.waitForFunction(() => document.querySelector("#own-preview .thumbnails"));
  assert.match((await page.textContent("#own-preview")) ?? "", /Normalization: 0 becomes −1 and 16 becomes 1, the least and the largest number of this file\./);
  assert.deepEqual(await warnings(), []);
  assert.deepEqual(complaints, []);
  await close();
});

test("a dropped CSV is previewed, used, trained on with live values, compared, and undone", async () => {
  const { page, complaints, requests, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await drop(page, [payload("trees.csv", cloudsCsv(300))]);
  await previewed(page);
  assert.match((await page.textContent("#own-status")) ?? "", /^trees\.csv: 300 samples, 2 features, 3 classes; read in \d+ ms\.$/);
  const preview = (await page.textContent("#own-preview")) ?? "";
  assert.match(preview, /a quarter of each class, drawn from the seed/);
  assert.match(preview, /each column's least value in this file becomes −1, its largest 1/);
  assert.match(preview, /at most about [\d.]+ MB/);
  assert.match(preview, /birch 100 \(33\.3 %\)/);
  assert.equal(await page.locator("#own-preview tbody tr").count(), 8);
  assert.equal(await page.inputValue("[name=data]"), "digits", "a preview changes nothing");
  await beginning(page, () => page.click("#own-use"));
  await waitForStepAfter(page, 20);
  assert.equal(await page.inputValue("[name=data]"), "own");
  assert.equal(await page.inputValue("[name=model]"), "mlp");
  assert.match((await page.textContent("#task")) ?? "", /Decision surface/);
  await page.waitForSelector("#task table.confusion td.right");
  assert.match((await page.textContent("#task table.confusion")) ?? "", /ash.*birch.*cedar/s);
  // Another seed keeps the data.
  await beginning(page, () => page.click("#new-seed"));
  await waitForStepAfter(page, 20);
  assert.equal(await page.inputValue("[name=data]"), "own");
  await page.fill("#compare-form [name=budgets]", "5");
  await page.fill("#compare-form [name=seeds]", "1");
  for (const box of await page.locator("#compare-form input[name=method]").all()) await box.setChecked((await box.inputValue()) === "uniform-mse");
  await page.click("#compare-go");
  await page.waitForFunction(() => /^1 of 1 runs done\.$/.test(document.getElementById("compare-text")?.textContent ?? ""));
  await beginning(page, () => page.click("#undo"));
  await beginning(page, () => page.click("#undo"));
  assert.equal(await page.inputValue("[name=data]"), "digits");
  // "own" in the list brings them back.
  await beginning(page, () => page.selectOption("[name=data]", "own"));
  assert.equal(await page.inputValue("[name=data]"), "own");
  assert.deepEqual(complaints, []);
  assert.ok(requests.every((address) => /^(http:\/\/localhost|blob:http:\/\/localhost|data:)/.test(address)), requests.join(" "));
  await close();
});

test("gzipped IDX images with their labels train a convnet with live values", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  const { images, labels } = barsIdx(400, 12);
  await choose(page, [payload("train-labels-idx1-ubyte", labels), payload("train-images-idx3-ubyte.gz", images)]);
  await previewed(page);
  assert.match((await page.textContent("#own-status")) ?? "", /400 samples, images of 12×12 pixels, 4 classes/);
  assert.match((await page.textContent("#own-preview")) ?? "", /pixels 0 to 255 become −1 to 1/);
  assert.equal(await page.locator("#own-preview .thumbnails canvas").count(), 24);
  await beginning(page, () => page.click("#own-use"));
  await beginning(page, () => page.selectOption("[name=model]", "cnn"));
  await waitForStepAfter(page, 10);
  const first = await shownStep(page);
  await waitForStepAfter(page, first);
  assert.match((await page.getAttribute("#task canvas.samples", "aria-label")) ?? "", /^\d+ test images, \d+ read rightly/);
  await page.waitForSelector("#task table.confusion td.right");
  assert.deepEqual(complaints, []);
  await close();
});

test("images in folders are decoded, resized and named by their folders", async () => {
  const { page, complaints, close } = await openPage();
  await page.waitForSelector("#own-files");
  const folder = [..."abcdef"].flatMap((letter, at) => [
    { path: `set/red/${letter}.png`, content: png(20 + at, [200 + at, 10, 20]).toString("base64") },
    { path: `set/blue/${letter}.png`, content: png(9 + at, [10, 20, 200 + at]).toString("base64") },
  ]);
  await page.evaluate((list) => {
    const files = list.map(({ path, content }) => {
      const file = new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], path.split("/")[2], { type: "image/png" });
      Object.defineProperty(file, "webkitRelativePath", { value: path });
      return file;
    });
    const input = /** @type {HTMLInputElement} */ (document.getElementById("own-folder"));
    Object.defineProperty(input, "files", { value: files });
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, folder);
  await previewed(page);
  assert.match((await page.textContent("#own-status")) ?? "", /^set: 12 samples, images of 16×16 pixels, 2 classes/);
  await page.selectOption("#own-form [name=color]", "rgb");
  await page.waitForFunction(() => /3 channels/.test(document.getElementById("own-status")?.textContent ?? ""));
  assert.match((await page.textContent("#own-preview")) ?? "", /blue 6 \(50\.0 %\).*red 6/s);
  await beginning(page, () => page.click("#own-use"));
  await page.waitForSelector("#task canvas.samples");
  assert.deepEqual(complaints, []);
  await close();
});

test("a broken file is refused in words while the run goes on, and a wrong label column is put right in the preview", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await choose(page, [payload("bad.csv", "a,b,y\n1,2,p\n3,four,q\n")]);
  await page.waitForSelector("#own-message:not([hidden])");
  assert.equal(await page.textContent("#own-message"), 'bad.csv, at line 3, column 2 ("b"): expected a finite number, got "four"');
  assert.ok(await page.isDisabled("#own-use"));
  const step = await shownStep(page);
  await waitForStepAfter(page, step);
  await choose(page, [payload("first.csv", "kind,a,b\n0,1.5,0.1\n1,2.5,0.1\n0,3.5,0.2\n1,4.5,0.2\n")]);
  await previewed(page);
  assert.equal(await page.getAttribute("#own-preview th:nth-child(3) button", "aria-pressed"), "true");
  await page.click("#own-preview th:nth-child(1) button");
  await page.waitForSelector("#own-preview th:nth-child(1) button[aria-pressed=true]");
  await previewed(page);
  await page.selectOption("#own-form [name=header]", "no");
  await page.waitForSelector("#own-message:not([hidden])");
  assert.match((await page.textContent("#own-message")) ?? "", /first\.csv, at line 1, column 2: expected a finite number, got "a"/);
  await page.click("#own-cancel");
  assert.ok(await page.isHidden("#own-message"));
  assert.ok(await page.isHidden("#own-use"));
  assert.equal(await page.inputValue("[name=data]"), "digits");
  assert.deepEqual(complaints, []);
  await close();
});

test("columns that are no numbers are unticked, and the label never", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  const lines = Array.from({ length: 40 }, (_, i) => `${i},n${i},${i % 2},${(i % 5) + (i % 2)},${["cat", "dog"][i % 2]}`);
  await choose(page, [payload("pets.csv", `id,name,a,b,kind\n${lines.join("\n")}\n`)]);
  await page.waitForSelector("#own-message:not([hidden])");
  assert.match((await page.textContent("#own-message")) ?? "", /pets\.csv, at line 2, column 2 \("name"\): expected a finite number, got "n0"/);
  assert.equal(await page.locator("#own-preview tbody tr").count(), 8, "the table is shown although it is refused");
  const tick = (/** @type {string} */ name) => page.locator(".own-columns label", { hasText: new RegExp(`^${name}$`) }).locator("input");
  const summary = () => page.textContent(".own-columns summary");
  assert.equal(await summary(), "Columns: 4 of 4 features are read");
  assert.ok(await tick("kind").isDisabled());
  await tick("name").uncheck();
  await previewed(page);
  assert.match((await page.textContent("#own-status")) ?? "", /^pets\.csv: 40 samples, 3 features \(1 column left out\), 2 classes/);
  await tick("id").focus();
  await page.keyboard.press("Space");
  await page.waitForFunction(() => /2 features \(2 columns left out\)/.test(document.getElementById("own-status")?.textContent ?? ""));
  assert.ok(await tick("id").evaluate((input) => input === document.activeElement), "the focus stays");
  assert.equal(await summary(), "Columns: 2 of 4 features are read");
  assert.equal(await page.textContent("#own-preview th:nth-child(1)"), "id left out");
  assert.equal(await page.locator("#own-preview tbody tr:first-child td.excluded").count(), 2);
  await tick("a").uncheck();
  await page.waitForFunction(() => /1 feature \(3 columns/.test(document.getElementById("own-status")?.textContent ?? ""));
  await tick("b").uncheck();
  await page.waitForSelector("#own-message:not([hidden])");
  assert.match((await page.textContent("#own-message")) ?? "", /expected a column besides the label to be left, got all 4 left out/);
  await tick("b").check();
  await previewed(page);
  // A column that becomes the label is read again.
  await page.click("#own-preview th:nth-child(3) button");
  await page.waitForSelector("#own-preview th:nth-child(3) button[aria-pressed=true]");
  assert.ok(await tick("a").isChecked());
  await page.waitForSelector("#own-message:not([hidden])");
  assert.match((await page.textContent("#own-message")) ?? "", /column 5 \("kind"\): expected a finite number, got "cat"/);
  await tick("kind").uncheck();
  await previewed(page);
  await beginning(page, () => page.click("#own-use"));
  await waitForStepAfter(page, 20);
  assert.equal(await page.inputValue("[name=data]"), "own");
  assert.deepEqual(complaints, []);
  await close();
});

test("large files from a disk are previewed, and the panel fits a phone", async () => {
  const { page, complaints, close } = await openPage({ viewport: { width: 390, height: 844 } });
  await page.waitForSelector("#own-files");
  await pause(page);
  const { images, labels } = barsIdx(10_000, 28, 10);
  // Files of a disk, as a visitor's are: contents handed over by the test would go through the main thread.
  const folder = mkdtempSync(join(tmpdir(), "ddq-"));
  const file = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  await page.setInputFiles("#own-files", [file("images.idx.gz", images), file("labels.idx", labels)]);
  await previewed(page);
  await page.setInputFiles("#own-files", [file("wide.csv", wideCsv(3800))]);
  await page.waitForFunction(() => /^wide\.csv: 3,800 samples, 64 features, 10 classes/.test(document.getElementById("own-status")?.textContent ?? ""));
  rmSync(folder, { recursive: true });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no horizontal scroll");
  assert.deepEqual(complaints, []);
  await close();
});
