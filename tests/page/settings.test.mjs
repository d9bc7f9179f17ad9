/** Presets, methods, and what happens to wrong settings. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { METHODS } from "../../www/state/methods.js";
import { PRESETS } from "../../www/state/presets.js";
import { beginning, closeAll, fullSpeed, openPage, pause, quiet, shownStep, waitForDeployed, waitForState, waitForStepAfter, weightBits } from "./open.mjs";

after(closeAll);

/** What each preset promises: least accuracy in percent, and how many different widths layers settle at. */
const PROMISED = /** @type {Record<string, { accuracy: number, widths: number }>} */ ({
  digits: { accuracy: 96, widths: 3 },
  mlp: { accuracy: 96, widths: 2 },
  spiral: { accuracy: 95, widths: 2 },
  naive: { accuracy: 90, widths: 1 },
  e4m3: { accuracy: 90, widths: 0 },
});

for (const preset of PRESETS) {
  test(`the preset "${preset.title}" keeps what it promises`, async () => {
    const { page, complaints, close } = await openPage();
    await fullSpeed(page);
    if (preset.id !== PRESETS[0].id) await beginning(page, () => page.selectOption("#preset", preset.id));
    await page.waitForFunction(() => (document.getElementById("sentence")?.textContent ?? "").startsWith("Finished"));
    const sentence = (await page.textContent("#sentence")) ?? "";
    const accuracy = Number(/accuracy ([\d.]+) %/.exec(sentence)?.[1]);
    const { accuracy: least, widths } = PROMISED[preset.id];
    assert.ok(accuracy >= least, sentence);
    assert.ok(new Set(await weightBits(page)).size >= widths, sentence);
    const { budgetBits } = preset.options;
    const average = Number(/, ([\d.]+) stored bits per weight/.exec(sentence)?.[1]);
    if (budgetBits) assert.ok(average <= budgetBits, sentence);
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("every method runs", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  for (const { id, options } of METHODS) {
    if ((await page.inputValue("#method")) !== id) await beginning(page, () => page.selectOption("#method", id));
    // Some methods train; those that only quantize are done at once.
    await waitForStepAfter(page, 45, { orFinished: true }).catch(async () => assert.fail(`${id} stands: ${await page.textContent("main .deck")}`));
    const sentence = (await page.textContent("#sentence")) ?? "";
    assert.match(sentence, options.method === "float" ? /32-bit float/ : /weight bits/);
    assert.ok(await page.isHidden("#message"), await page.textContent("#message") ?? "");
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a wrong setting is refused in words, and the run before goes on", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 20);
  const before = await shownStep(page);
  await page.fill("[name=weightBits]", "11");
  await page.dispatchEvent("[name=weightBits]", "change");
  await page.waitForSelector("#message:not([hidden])");
  assert.match((await page.textContent("#message")) ?? "", /^Weight bits: expected a whole number from 1 to 8, got 11/);
  assert.equal(await page.inputValue("[name=weightBits]"), "6");
  await waitForStepAfter(page, before + 20);
  assert.deepEqual(complaints, []);
  await close();
});

test("weights alone: activations are told to be 32-bit floats, their budget rests, and packed integers say why not", async () => {
  const { page, complaints, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.fill("[name=activationBits]", "0");
  await beginning(page, () => page.press("[name=activationBits]", "Tab"));
  await fullSpeed(page);
  await waitForDeployed(page);
  assert.equal(await page.inputValue("[name=activationBits]"), "0");
  assert.ok(await page.isDisabled("[name=activationBudgetBits]"));
  assert.equal(await page.textContent("#activation-budget-text"), "activations are floats");
  const rows = await page.$$eval(".card .row.a", (all) => all.map((row) => (/** @type {HTMLElement} */ (row).hidden ? "" : row.textContent)));
  assert.deepEqual(rows, ["", ...Array(rows.length - 1).fill("Afloat")]);
  assert.ok(rows.length > 10);
  await page.click("input[name=tensor][value=activation]");
  await page.waitForFunction(() => /are 32-bit floats: they are not quantized/.test(document.body.textContent ?? ""));
  assert.match((await page.textContent("#deployed-text")) ?? "", /^This network cannot run on packed integers: .*activations of block1.expand: .*activationBits from 1 to 8/);
  assert.ok(await page.isHidden("#message"));
  assert.deepEqual(complaints, []);
  await close();
});

test("a budget out of reach names the smallest that is not", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  await page.fill("[name=budgetBits]", "1.5");
  await page.dispatchEvent("[name=budgetBits]", "change");
  await page.waitForSelector("#message:not([hidden])");
  assert.match((await page.textContent("#message")) ?? "", /^Budget: expected at least 2\.\d+ for this network/);
  assert.equal(await page.inputValue("[name=budgetBits]"), "3");
  await close();
});

test("a change can be undone", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  assert.ok(await page.isDisabled("#undo"));
  await page.selectOption("#preset", "spiral");
  await page.waitForSelector("canvas.surface");
  await page.click("#undo");
  await page.waitForSelector("canvas.samples");
  assert.equal(await page.inputValue("#preset"), "digits");
  assert.ok(await page.isDisabled("#undo"));
  await close();
});

test("a restart keeps to the chosen seed, and paused runs stay paused", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  await pause(page);
  await page.fill("[name=seed]", "42");
  await page.dispatchEvent("[name=seed]", "change");
  await page.waitForFunction(() => document.getElementById("sentence")?.dataset.step === "0");
  await waitForState(page, "paused");
  assert.equal(await page.inputValue("[name=seed]"), "42");
  await page.click("#restart");
  await quiet(page);
  assert.equal(await shownStep(page), 0);
  assert.equal(await page.inputValue("[name=seed]"), "42");
  await close();
});
