/** The export panel: every kind is downloaded from the page and is what its format says. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { closeAll, fullSpeed, openPage, pause, waitForDeployed, waitForStepAfter } from "./open.mjs";

after(closeAll);

/** Acts again where nothing comes: Chromium drops downloads that come thick and fast. @param {import("playwright-core").Page} page @param {() => Promise<unknown>} act */
async function downloaded(page, act) {
  let download = null;
  for (let tries = 0; !download && tries < 10; tries++) {
    [download] = await Promise.all([page.waitForEvent("download", { timeout: 5_000 }).catch(() => null), act()]);
  }
  assert.ok(download, "a download");
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** @param {import("playwright-core").Page} page */
async function prepare(page) {
  await page.click("#export-prepare");
  await page.waitForFunction(() => /^(Weights|Not exported)/.test(document.getElementById("export-text")?.textContent ?? ""));
  return (await page.textContent("#export-text")) ?? "";
}

test("a finished run is taken away in every kind, in the size that the page says", async () => {
  const { page, complaints, close } = await openPage({ acceptDownloads: true });
  await fullSpeed(page);
  await waitForDeployed(page);
  await page.waitForSelector("#export-prepare");
  const words = await prepare(page);
  const sizes = /^Weights: ([\d,]+) bytes by our count, ([\d,]+) in mobile_ddq.safetensors; with .* the file has ([\d,]+) bytes/.exec(words);
  assert.ok(sizes, words);
  assert.equal(sizes[1], sizes[2]);
  const shown = Number(/\(([\d.]+) KB\)/.exec((await page.textContent("#sentence")) ?? "")?.[1]);
  assert.ok(Math.abs(Number(sizes[1].replace(",", "")) / 1024 - shown) < 0.006, `${sizes[1]} bytes, ${shown} KB`);
  const kinds = await page.$$eval("#export-table button", (buttons) => buttons.map((button) => /** @type {HTMLElement} */ (button).dataset.kind));
  assert.deepEqual(kinds, ["onnx", "qonnx", "safetensors", "recipe", "c-header", "c-source", "netron"]);
  const rows = await page.$$eval("#export-table tbody tr", (all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  for (const [name, , told, bytes, weights, page] of rows) {
    assert.match(told, /Weights: .+\.$/, name);
    assert.match(bytes, /^[\d,]+$/, name);
    // Files without weights have neither number; the others both.
    assert.match(weights + page, / Weights: none/.test(told) ? /^––$/ : /^[\d,]+$/, name);
    if (page !== "–") assert.equal(page, sizes[1], name);
  }
  const number = (/** @type {number} */ row) => Number(rows[row][4].replace(",", ""));
  assert.equal(rows[2][4], sizes[1], "the packed file has the bytes of the page");
  assert.ok(number(0) > number(2) && number(1) > number(0), "containers take more, floats most");
  /** @type {Record<string, Buffer>} */
  const files = {};
  for (const kind of kinds) {
    const { name, bytes } = await downloaded(page, () => page.click(`#export-table button[data-kind="${kind}"]`));
    assert.ok(name.startsWith("mobile_ddq."), name);
    files[String(kind)] = bytes;
  }
  assert.equal(files.safetensors.length, Number(sizes[3].replace(",", "")));
  const header = JSON.parse(files.safetensors.subarray(8, 8 + Number(files.safetensors.readBigUInt64LE(0))).toString());
  assert.equal(JSON.parse(header.__metadata__.layout).payload_bytes, Number(sizes[2].replace(",", "")));
  for (const kind of ["onnx", "qonnx"]) assert.ok(files[kind].includes("block1.depthwise.weight.bits"), kind);
  assert.ok(files.qonnx.includes("qonnx.custom_op.general") && !files.onnx.includes("qonnx"));
  assert.equal(JSON.parse(files.recipe.toString()).layers.length, 14);
  assert.equal(JSON.parse(files.netron.toString()).signature, "netron:attachment");
  assert.match(files["c-header"].toString(), /void mobile_ddq_logits\(const float \*x, float \*logits\);/);
  assert.match(files["c-source"].toString(), /#include "mobile_ddq.h"/);
  assert.deepEqual(complaints, []);
  await close();
});

test("curves are saved as CSV, plots as SVG and PNG", async () => {
  const { page, complaints, close } = await openPage({ acceptDownloads: true });
  await waitForStepAfter(page, 60);
  await pause(page);
  await page.waitForSelector("#export-curves");
  const csv = await downloaded(page, () => page.click("#export-curves"));
  assert.equal(csv.name, "curves.csv");
  const [head, ...lines] = csv.bytes.toString().trim().split("\n").map((line) => line.split(","));
  assert.deepEqual(head.slice(0, 6), ["step", "epoch", "loss_nats", "train_accuracy", "test_accuracy", "average_weight_bits"]);
  assert.ok(head.includes("stem weight bits") && head.includes("classifier activation largest step"));
  assert.ok(lines.length > 3 && lines.every((line) => line.length === head.length));
  assert.ok(Number(lines[lines.length - 1][0]) >= 60);
  const svg = await downloaded(page, () => page.click('button[aria-label="Save bits chart as SVG"]'));
  assert.equal(svg.name, "bits-chart.svg");
  assert.match(svg.bytes.toString(), /^<svg [\s\S]*<polyline[\s\S]*epoch[\s\S]*<\/svg>\s*$/);
  const png = await downloaded(page, () => page.click('button[aria-label="Save loss chart as PNG"]'));
  assert.deepEqual([...png.bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  await page.focus("#export-plot");
  const plots = await page.$$eval("#export-plot option", (options) => options.map((option) => option.textContent ?? ""));
  for (const name of ["stem weights", "block1.expand activations", "bits chart", "accuracy chart", "staircase", "matrix"]) assert.ok(plots.includes(name), `${name} in ${plots}`);
  for (const [index, name] of plots.entries()) {
    await page.selectOption("#export-plot", String(index));
    const saved = await downloaded(page, () => page.click("#export button:has-text('Save SVG')"));
    assert.match(saved.bytes.toString(), /^<svg [\s\S]*<(polyline|polygon|rect|image|line|circle)[\s\S]*<\/svg>\s*$/, name);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("what cannot be exported yet is said beside its kind, and files of an earlier step are called so", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&speed=10" });
  await waitForStepAfter(page, 1);
  await page.waitForSelector("#export-prepare");
  assert.match(await prepare(page), /levels still in training/);
  assert.equal(await page.textContent("#run"), "Run", "preparing pauses the run");
  const rows = await page.$$eval("#export-table tbody tr", (all) => all.map((row) => row.textContent ?? ""));
  assert.ok(rows.some((row) => /c-source.*Not available: export as C, at the weights of stem: .*still in training/.test(row)), rows.join("\n"));
  await page.click("#step-batch");
  await page.waitForFunction(() => /^These files are from step/.test(document.getElementById("export-text")?.textContent ?? ""));
  assert.deepEqual(complaints, []);
  await close();
});
