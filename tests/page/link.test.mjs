/** Links: what the page's address says is what runs, and the address follows what is chosen. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { beginning, closeAll, fullSpeed, openPage, waitForState, waitForStepAfter } from "./open.mjs";

after(closeAll);

/** @param {import("playwright-core").Page} page */
const hash = (page) => page.evaluate(() => location.hash);

test("a link begins the run that it names, and shows what it names", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&data=moons&model=mlp&net=12-8&method=lsq&weight-bits=3&epochs=5&seed=9&speed=max&layer=2&tensor=activation&theme=dark&ui=controls,bits" });
  await waitForState(page, "finished");
  // The settings come after the first plot.
  await page.waitForSelector("[name=data] option", { state: "attached" });
  const value = (/** @type {string} */ name) => page.inputValue(`[name=${name}]`);
  assert.deepEqual([await value("data"), await value("model"), await value("weightBits"), await value("epochs"), await value("seed")], ["moons", "mlp", "3", "5", "9"]);
  assert.equal(await page.inputValue("#method"), "lsq");
  assert.equal(await page.inputValue("#speed"), "Infinity");
  assert.ok(await page.isChecked("input[name=tensor][value=activation]"));
  assert.equal(await page.getAttribute("#cards .card:nth-child(3)", "aria-checked"), "true");
  assert.ok((await page.isVisible("#bits-chart")) && (await page.isHidden("#cards")) && (await page.isHidden("#task")) && (await page.isHidden("#export")));
  assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
  assert.ok(await page.isHidden("#notice"));
  assert.deepEqual(complaints, []);
  await page.screenshot({ path: "test-results/link.png" });
  await close();
});

test("every control writes the address, and the address begins the same run again", async () => {
  const { page, close } = await openPage();
  await waitForStepAfter(page, 5);
  assert.equal(await hash(page), "", "the usual run needs no words");
  await beginning(page, () => page.selectOption("[name=model]", "mlp"));
  await beginning(page, () => page.selectOption("#method", "uniform-minmax"));
  await page.fill("[name=epochs]", "3");
  await beginning(page, () => page.press("[name=epochs]", "Tab"));
  await page.fill("[name=seed]", "77");
  await beginning(page, () => page.press("[name=seed]", "Tab"));
  await fullSpeed(page);
  await page.click("#more summary");
  await page.waitForSelector("[name=optimizer]");
  await beginning(page, () => page.selectOption("[name=optimizer]", "sgd"));
  await page.check("input[name=tensor][value=activation]");
  const written = await hash(page);
  for (const part of ["v=1", "model=mlp", "method=uniform", "range=minmax", "epochs=3", "seed=77", "speed=max", "optimizer=sgd", "tensor=activation"]) assert.ok(written.slice(1).split("&").includes(part), `${part} in ${written}`);
  await waitForState(page, "finished");
  const first = await page.textContent("#sentence");
  const other = await openPage({ path: written });
  await waitForState(other.page, "finished");
  await other.page.waitForFunction((text) => document.getElementById("sentence")?.textContent === text, first);
  assert.equal(await hash(other.page), written);
  await other.close();
  await close();
});

test("a comparison and another budget are in the link: laid out, not begun, and tried on the finished run", async () => {
  const { page, complaints, close } = await openPage({ path: "#v=1&model=mlp&epochs=1&seed=3&speed=max&compare=lsq,pact&compare-budgets=2.5&compare-seeds=8,9&what-if=3.5" });
  await page.waitForSelector("#compare-form");
  /** @param {import("playwright-core").Page} on */
  const form = (on) => on.$eval("#compare-form", (form) => new URLSearchParams(/** @type {any} */ (new FormData(/** @type {HTMLFormElement} */ (form)))).toString());
  assert.equal(await form(page), "method=lsq&method=pact&budgets=2.5&seeds=8%2C+9");
  assert.equal(await page.textContent("#compare-text"), "");
  await page.waitForFunction(() => /^Bits \d/.test(document.getElementById("solved-text")?.textContent ?? ""));
  assert.equal(await page.inputValue("#what-if"), "3.5");
  await page.check("#compare-form [value=bsq]");
  await page.fill("#compare-form [name=seeds]", "5 6");
  await page.press("#compare-form [name=seeds]", "Tab");
  await page.fill("#compare-form [name=budgets]", "none of these");
  await page.press("#compare-form [name=budgets]", "Tab");
  await page.locator("#what-if").fill("2.5");
  await page.waitForFunction(() => /what-if=2.5/.test(location.hash));
  assert.equal(await hash(page), "#v=1&model=mlp&epochs=1&seed=3&speed=max&compare=bsq,lsq,pact&compare-budgets=2.5&compare-seeds=5,6&what-if=2.5");
  assert.match(await page.inputValue("#share-link"), /compare=bsq,lsq,pact/);
  assert.equal(await page.getAttribute("html", "data-runs"), "1", "no other run was begun");
  assert.deepEqual(complaints, []);
  await close();
});

test("what a link gets wrong is clamped and told; an unknown version is not guessed at", async () => {
  const { page, close } = await openPage({ path: "#v=1&model=mlp&budget=2000&colour=red" });
  await page.waitForSelector("#notice:not([hidden])");
  assert.equal(await page.textContent("#notice"), 'budget: expected a number from 0 to 32 bits per weight, got "2000"; 32 is used · "colour": not a setting; ignored');
  await waitForStepAfter(page, 3);
  await close();
  const other = await openPage({ path: "#v=12&model=mlp&method=lsq" });
  await other.page.waitForSelector("#notice:not([hidden])");
  assert.match((await other.page.textContent("#notice")) ?? "", /expected version 1 of the settings, got "12"/);
  await waitForStepAfter(other.page, 3);
  assert.equal(await other.page.inputValue("[name=model]"), "mobile", "the usual run");
  await other.close();
});

test("settings that do not fit together are refused in words, and the usual run begins", async () => {
  const { page, close } = await openPage({ path: "#v=1&data=moons&model=cnn" });
  await page.waitForSelector("#notice:not([hidden])");
  assert.match((await page.textContent("#notice")) ?? "", /"model".*cnn/);
  await waitForStepAfter(page, 3);
  await close();
});

test("an address changed by hand is followed", async () => {
  const { page, close } = await openPage({ path: "#v=1&model=mlp&seed=3" });
  await waitForStepAfter(page, 3);
  await beginning(page, () => page.evaluate(() => void (location.hash = "#v=1&model=mlp&seed=4&method=pact&weight-bits=99&epochs=1&speed=max&compare=bsq&what-if=3")));
  await waitForStepAfter(page, 3);
  assert.equal(await page.inputValue("[name=seed]"), "4");
  assert.equal(await page.inputValue("#method"), "pact");
  assert.match((await page.textContent("#notice")) ?? "", /weight-bits: .*got "99"; 8 is used/);
  assert.deepEqual(await page.$$eval("#compare-form :checked", (boxes) => boxes.map((box) => Reflect.get(box, "value"))), ["bsq"]);
  const solved = async () => {
    await page.waitForFunction(() => /^Bits \d/.test(document.getElementById("solved-text")?.textContent ?? ""));
    return page.textContent("#solved-text");
  };
  assert.match((await solved()) ?? "", /\(([12]\.\d+|3\.00) stored bits per weight\)/, "the budget of the link, on the run of the link");
  await beginning(page, () => page.click("#restart"));
  await solved();
  await close();
});

test("link and embed code are copied, and the preview is the embedded playground", async () => {
  const { page, complaints, guest, close } = await openPage({ path: "#v=1&model=mlp&epochs=2&seed=5", permissions: ["clipboard-read", "clipboard-write"] });
  await page.waitForSelector("#share-link");
  await page.click("#share-copy-link");
  await page.waitForFunction(() => /The link was copied/.test(document.querySelector("#share [role=status]")?.textContent ?? ""));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${guest}#v=1&model=mlp&epochs=2&seed=5`);
  await page.selectOption("#share-kind", "element");
  await page.click("#share-copy-code");
  await page.waitForFunction(() => /The embed code was copied/.test(document.querySelector("#share [role=status]")?.textContent ?? ""));
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `<script type="module" src="${guest}quant-playground.js"></script>\n<quant-playground v="1" model="mlp" epochs="2" seed="5" ui="controls,bits,hist,task" theme="auto" autoplay="visible"></quant-playground>`);
  await page.uncheck("#share input[value=task]");
  assert.match(await page.inputValue("#share-code"), /ui="controls,bits,hist"/);
  await page.click("#share-preview");
  await page.locator("#share iframe").scrollIntoViewIfNeeded();
  const frame = await (await page.waitForSelector("#share iframe")).contentFrame();
  assert.ok(frame);
  await frame.waitForFunction(() => Number(document.querySelector("quant-playground")?.getAttribute("data-runs")) > 0, null);
  await page.waitForFunction(() => Number.parseInt(document.querySelector("iframe")?.style.height ?? "") > 300);
  await page.locator("#share").screenshot({ path: "test-results/share.png" });
  assert.deepEqual(complaints, []);
  await close();
});
