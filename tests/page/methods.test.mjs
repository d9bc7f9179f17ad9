/** Every method, chosen in the page on the digits with a small budget, goes through to its result. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { METHODS } from "../../www/state/methods.js";
import { beginning, closeAll, fullSpeed, openPage, waitForStepAfter, waitForState } from "./open.mjs";

after(closeAll);

/** Stored bits per weight, where a method takes a budget. */
const BUDGET = 4;

test("every method ends within its budget, and with a network that reads digits", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#method option", { state: "attached" });
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  await beginning(page, async () => {
    await page.fill("[name=epochs]", "2");
    await page.dispatchEvent("[name=epochs]", "change");
  });
  for (const { id, title, options, budget } of METHODS) {
    if ((await page.inputValue("#method")) !== id) await beginning(page, () => page.selectOption("#method", id));
    if (budget && Number(await page.inputValue("[name=budgetBits]")) !== BUDGET) await beginning(page, () => page.locator("[name=budgetBits]").fill(String(BUDGET)));
    await waitForState(page, "finished").catch(async () => assert.fail(`${id} stands: ${await page.textContent("main .deck")}`));
    const sentence = (await page.textContent("#sentence")) ?? "";
    assert.match(sentence, /^Finished/, title);
    const accuracy = Number(/accuracy ([\d.]+) %/.exec(sentence)?.[1]);
    assert.ok(accuracy >= 90, `${title}: ${sentence}`);
    if (budget) assert.ok(Number(/, ([\d.]+) stored bits per weight/.exec(sentence)?.[1]) <= BUDGET, `${title}: ${sentence}`);
    if (options.method === "float") assert.match(sentence, /32-bit float/);
    else assert.match(sentence, /weight bits \d\/\d\/\d/);
    if (options.method === "multipoint") assert.match((await page.textContent("#search-text")) ?? "", /^\d+ additional points/);
    else if (budget && !["ddq", "bsq"].includes(options.method ?? "")) assert.match((await page.textContent("#search-text")) ?? "", /^Ended after \d+ steps · bits found \d\/\d\/\d/);
    assert.ok(await page.isHidden("#message"), (await page.textContent("#message")) ?? "");
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("a search shows what it tries, and ends early with its best when asked", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#method option", { state: "attached" });
  await beginning(page, () => page.selectOption("#method", "haq"));
  await page.waitForFunction(() => /^Step \d+ of 200 · best so far/.test(document.getElementById("search-text")?.textContent ?? ""));
  await page.click("#end-search");
  await page.waitForFunction(() => /^Ended after \d+ steps · bits found/.test(document.getElementById("search-text")?.textContent ?? ""));
  assert.ok(Number(/^Ended after (\d+)/.exec((await page.textContent("#search-text")) ?? "")?.[1]) < 200);
  assert.match((await page.getAttribute("#search canvas.chart", "aria-label")) ?? "", /^Accuracy of \d+ allocations tried, the best [\d.]+ %/);
  await waitForState(page, "finished");
  assert.deepEqual(complaints, []);
  await close();
});

test("a search on the latencies of this machine measures them first", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForStepAfter(page, 5);
  await page.waitForSelector("#method option", { state: "attached" });
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  await page.click("#more summary");
  await page.waitForSelector("[name=hardware]");
  await beginning(page, () => page.selectOption("#method", "haq"));
  await beginning(page, async () => {
    await page.fill("[name=episodes]", "30");
    await page.dispatchEvent("[name=episodes]", "change");
  });
  await beginning(page, () => page.selectOption("[name=hardware]", "measured"));
  await waitForState(page, "finished");
  assert.match((await page.textContent("#search-text")) ?? "", /^Ended after \d+ steps · bits found \d\/\d\/\d/);
  assert.equal(await page.inputValue("[name=hardware]"), "measured");
  assert.deepEqual(complaints, []);
  await close();
});
