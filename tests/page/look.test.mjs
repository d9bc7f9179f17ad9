/** Accessibility, widths, and the pad. WRITE_SCREENSHOT=1 renews docs/playground.png. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { closeAll, fullSpeed, openPage, pause, quiet, waitForState, waitForStepAfter } from "./open.mjs";

after(closeAll);

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds, in words. @param {import("playwright-core").Page} page */
async function violations(page) {
  // The page's policy forbids scripts from elsewhere, so axe comes in through the debugger.
  const source = (await import("node:fs")).readFileSync(AXE, "utf8");
  await page.evaluate(source);
  return page.evaluate(async () => {
    const found = await Reflect.get(window, "axe").run();
    return found.violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.target.join(" ")).join(", ")}`);
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390, 320]) {
    test(`axe finds nothing at ${width} px, ${colorScheme}, and nothing scrolls sideways`, async () => {
      const { page, complaints, close } = await openPage({ colorScheme, viewport: { width, height: 844 } });
      assert.deepEqual(await violations(page), [], "before the first run");
      await waitForStepAfter(page, 30);
      assert.deepEqual(await violations(page), [], "while it runs");
      await pause(page);
      await page.waitForSelector("canvas.samples");
      assert.deepEqual(await violations(page), []);
      for (const summary of await page.$$("summary")) {
        // Panels that this run has no use for stay hidden.
        if (await summary.isVisible()) await summary.click();
      }
      await page.setInputFiles("#own-files", { name: "trees.csv", mimeType: "text/csv", buffer: Buffer.from(cloudsCsv(30)) });
      await page.waitForSelector("#own-use:not([disabled])", { state: "visible" });
      await page.click("button[aria-label='Table of bits chart']");
      await page.fill("[name=weightBits]", "11");
      await page.dispatchEvent("[name=weightBits]", "change");
      await page.waitForSelector("#message", { state: "visible" });
      assert.deepEqual(await violations(page), [], "with an error, a table and files");
      // An earlier moment, and one that is pinned.
      await page.click("#pin");
      await page.focus("#moment");
      await page.keyboard.press("Home");
      await page.waitForSelector("#continue", { state: "visible" });
      assert.deepEqual(await violations(page), []);
      const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: innerWidth }));
      assert.ok(wide <= shown, `the page is ${wide} px wide`);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}

test("every plot has words", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 30);
  await page.waitForSelector("canvas.samples");
  await page.waitForFunction(() => document.querySelector("#matrix")?.getAttribute("aria-label"));
  const silent = await page.$$eval("canvas[role=img], canvas[aria-roledescription=plot]", (all) => all.filter((canvas) => (canvas.getAttribute("aria-label") ?? "").length < 10).map((canvas) => canvas.id || canvas.className));
  assert.deepEqual(silent, []);
  await close();
});

/** Strokes of digits, in parts of the pad. */
const DRAWN = {
  0: [Array.from({ length: 25 }, (_, i) => [0.5 + 0.22 * Math.sin((i * Math.PI) / 12), 0.5 - 0.34 * Math.cos((i * Math.PI) / 12)])],
  1: [[[0.4, 0.3], [0.54, 0.12], [0.54, 0.88]]],
  4: [[[0.5, 0.12], [0.28, 0.58], [0.75, 0.58]], [[0.6, 0.35], [0.56, 0.88]]],
  7: [[[0.28, 0.18], [0.72, 0.18], [0.46, 0.85]], [[0.36, 0.5], [0.66, 0.5]]],
};

test("digits drawn on the pad are read by both networks", async () => {
  const { page, complaints, close } = await openPage();
  await fullSpeed(page);
  await waitForState(page, "finished");
  await page.waitForSelector("canvas.board");
  for (const [digit, strokes] of Object.entries(DRAWN)) {
    await page.click(".pad button");
    await page.locator("canvas.board").scrollIntoViewIfNeeded();
    const box = await page.locator("canvas.board").boundingBox();
    assert.ok(box);
    for (const stroke of strokes) {
      const points = stroke.map(([x, y]) => [box.x + x * box.width, box.y + y * box.height]);
      await page.mouse.move(points[0][0], points[0][1]);
      await page.mouse.down();
      for (const [x, y] of points) await page.mouse.move(x, y, { steps: 4 });
      await page.mouse.up();
    }
    const expected = new RegExp(`Float network: ${digit} .*Quantized network: ${digit} `);
    await page.waitForFunction((source) => new RegExp(source).test(document.querySelector(".verdict")?.textContent ?? ""), expected.source)
      .catch(async () => assert.fail(`${digit} was read as: ${await page.textContent(".verdict")}`));
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("the pad takes keys alone", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 30);
  await page.waitForSelector("canvas.board");
  await page.focus("canvas.board");
  await page.keyboard.press("Enter");
  for (let i = 0; i < 8; i++) await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => /Quantized network: \d/.test(document.querySelector(".verdict")?.textContent ?? ""));
  await page.keyboard.press("Delete");
  assert.match((await page.textContent(".verdict")) ?? "", /Cleared/);
  await close();
});

test("choosing a layer shows its quantizer", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 30);
  await page.waitForFunction(() => (document.getElementById("inspector-text")?.textContent ?? "").includes("levels"));
  await page.click(".card:nth-child(4)");
  const name = await page.textContent(".card:nth-child(4) .name");
  assert.ok(name?.startsWith("block1.project"));
  assert.match((await page.textContent("#inspector-text")) ?? "", /weights of block1\.project use \d bits: \d+ levels from/);
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.getAttribute(".card:nth-child(5)", "aria-checked"), "true");
  await page.check("input[name=tensor][value=activation]");
  assert.match((await page.textContent("#inspector-text")) ?? "", /input activations of block2\.expand use/);
  await close();
});

test("a screenshot for the README", { skip: !process.env.WRITE_SCREENSHOT }, async () => {
  const { page, close } = await openPage({ colorScheme: "light", deviceScaleFactor: 1 });
  await waitForStepAfter(page, 250);
  await pause(page);
  await quiet(page);
  await page.screenshot({ path: fileURLToPath(new URL("../../docs/playground.png", import.meta.url)) });
  await close();
});
