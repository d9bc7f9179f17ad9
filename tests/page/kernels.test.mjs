/** The network on packed integers, and the kernels measured in the page. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, waitForDeployed, waitForStepAfter } from "./open.mjs";

after(closeAll);

test("a finished network is tried on packed integers, which classify as training did", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForDeployed(page);
  const text = (await page.textContent("#deployed-text")) ?? "";
  assert.match(text, /^On packed integers \([\d.]+ KB, (relaxed|simd128) kernels\): accuracy [\d.]+ %, as in training; one sample takes [\d.]+ µs/);
  const shown = /\(([\d.]+ KB)\)/.exec((await page.textContent("#sentence")) ?? "")?.[1];
  assert.ok(shown && text.includes(shown), `${text} does not say ${shown}`);
  assert.deepEqual(complaints, []);
  await close();
});

test("a network that cannot be deployed says why", async () => {
  const { page, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await page.waitForSelector("canvas.samples");
  await beginning(page, () => page.selectOption("#method", "float"));
  await waitForDeployed(page);
  assert.match((await page.textContent("#deployed-text")) ?? "", /^This network does not run on packed integers: deploy, at the weights of stem: expected a quantized network, got 32-bit floats/);
  await close();
});

test("the kernels are measured on demand, in a chart, a table and words", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForDeployed(page);
  await page.click("#measure");
  await page.waitForFunction(() => /^(Measured|Not measured)/.test(document.getElementById("measure-progress")?.textContent ?? ""));
  assert.match((await page.textContent("#measure-progress")) ?? "", /^Measured with the (relaxed|simd128) kernels/);
  const rows = await page.$$eval("#kernel-table tbody tr", (all) => all.map((row) => row.textContent ?? ""));
  assert.ok(rows.length >= 6, `${rows.length} shapes`);
  for (const row of rows) assert.match(row, /^.+ × \d+[\d.e+]+ µs · [\d.e+-]+ Gw\/s · [\d.e+-]+ GB\/s[\d.e+]+ µs · [\d.]+× · /);
  assert.ok(rows.some((row) => row.startsWith("4096 × 4096")) && rows.some((row) => row.startsWith("block1.expand, 32 × 16")));
  assert.match((await page.textContent("#kernel-words")) ?? "", /faster/);
  assert.match((await page.getAttribute("#kernel-chart", "aria-label")) ?? "", /1 bit [\d.]+ times/);
  assert.deepEqual(complaints, []);
  await close();
});
