/** The lesson: its own figures against independent arithmetic, its playgrounds, its links, and those that lead into it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { closeAll, openAt, pause, waitForStepAfter } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Figures of the lesson's own. */
const OWN = ["figure-quantizer", "figure-levels", "figure-gates"];
after(closeAll);

/** @param {import("playwright-core").BrowserContextOptions} [options] */
const openLesson = (options) => openAt(async (guest) => `${guest}learn.html`, options);
/** Numbers of a page have a minus sign, and commas between thousands. @param {string | null} text */
const numberOf = (text) => Number((text ?? "").replace("−", "-").replaceAll(",", ""));
/** @param {Page} page @param {string} figure @param {string} name */
const shown = async (page, figure, name) => numberOf(await page.locator(`${figure} [data-n="${name}"]`).first().textContent());
/** @param {Page} page @param {string} id */
async function begin(page, id) {
  await page.locator(`#${id}`).scrollIntoViewIfNeeded();
  await page.waitForSelector(`#${id}[data-state=live]`);
}
/** Scrolls to a playground and waits for its run. @param {Page} page @param {string} id */
async function visit(page, id) {
  await page.evaluate((name) => document.getElementById(name)?.scrollIntoView({ block: "start" }), id);
  await page.waitForFunction((name) => {
    const element = document.getElementById(name);
    const trouble = element?.shadowRoot?.querySelector(".trouble, #message:not([hidden])")?.textContent;
    if (trouble) throw new Error(`${name}: ${trouble}`);
    const result = element && Reflect.get(element, "result");
    return result && (result.step > 0 || result.done || result.search?.accuracies.length > 0);
  }, id);
  // Numbers are taken a few times a second.
  await page.waitForFunction((name) => !document.getElementById(name)?.closest("figure")?.querySelector("figcaption")?.textContent?.includes("–"), id)
    .catch(async () => assert.fail(`${id}: ${await page.locator(`figure:has(#${id}) figcaption`).textContent()}`));
}
/** @param {Page} page */
const playgrounds = (page) => page.$$eval("quant-playground", (all) => all.map(({ id }) => id));

test("nothing heavy is loaded before a figure is seen, and then nothing but own files", async () => {
  const { guest, page, requests, complaints, close } = await openLesson();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(requests.filter((url) => /\.wasm|\.bin|element-app|learn-/.test(url)), []);
  await begin(page, "figure-quantizer");
  assert.ok(requests.some((url) => url.endsWith(".wasm")));
  await visit(page, "run-multipoint");
  assert.deepEqual(requests.filter((url) => !url.startsWith(guest) && !url.startsWith(`blob:${guest}`)), []);
  assert.deepEqual(complaints, []);
  await close();
});

test("every playground of the lesson begins when it is scrolled to, and its numbers stand in the text", async () => {
  const { page, complaints, close } = await openLesson();
  const ids = await playgrounds(page);
  assert.equal(ids.length, 10);
  for (const id of ids) {
    await visit(page, id);
    const numbers = await page.$$eval(`figure:has(#${id}) math mn[data-n]`, (all) => all.map((one) => one.textContent ?? ""));
    assert.ok(numbers.length >= 1 && numbers.every((text) => /^[−\d][\d,.]*(·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?$/.test(text)), `${id}: ${numbers.join(" ")}`);
  }
  for (const id of ["run-tight", "run-generous"]) {
    const figure = `figure:has(#${id})`;
    // Numbers of one moment: a run under way goes on between two looks.
    const [codes, extra, total, average] = await page.locator(figure).evaluate((place) => ["codes", "extra", "total", "average"].map((name) => place.querySelector(`[data-n=${name}]`)?.textContent ?? "")).then((all) => all.map(numberOf));
    assert.ok(Math.abs((codes + extra) / total - average) < 0.006, `${id}: (${codes} + ${extra}) / ${total}, not ${average}`);
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("settings beside a playground begin its run anew with them", async () => {
  const { page, complaints, close } = await openLesson();
  /** Waits for a result with these values. @param {string} id @param {Record<string, unknown>} wanted */
  const until = (id, wanted) => page.waitForFunction(([name, values]) => {
    const result = Reflect.get(document.getElementById(String(name)) ?? {}, "result");
    return result && Object.entries(values).every(([key, value]) => result[key] === value);
  }, /** @type {const} */ ([id, wanted]));
  await visit(page, "run-tight");
  const slider = page.locator("figure:has(#run-tight) [data-set=budget]");
  await slider.fill("3.5");
  await until("run-tight", { budgetBits: 3.5, done: true });
  await page.waitForFunction(() => document.querySelector("figure:has(#run-tight) [data-n=state]")?.textContent === "The run has ended.");
  const average = await shown(page, "figure:has(#run-tight)", "average");
  assert.ok(average > 2.5 && average <= 3.5, `average ${average}`);
  await visit(page, "run-precision");
  const underflow = async () => {
    await until("run-precision", { done: true });
    // Numbers are taken a few times a second.
    await page.waitForFunction(() => {
      const known = Reflect.get(document.getElementById("run-precision") ?? {}, "result").precision.layers.flatMap((/** @type {object | null} */ layer) => layer ?? []);
      const mean = known.reduce((/** @type {number} */ sum, /** @type {{ meanUnderflow: number }} */ layer) => sum + layer.meanUnderflow, 0) / known.length;
      return document.querySelector("figure:has(#run-precision) [data-n=underflow]")?.textContent === (100 * mean).toFixed(1);
    });
    return shown(page, "figure:has(#run-precision)", "underflow");
  };
  const scaled = await underflow();
  await page.selectOption("figure:has(#run-precision) [data-set=loss-scaling]", "none");
  await until("run-precision", { done: false });
  const bare = await underflow();
  assert.ok(scaled > 0 && scaled < 20 && bare > 40, `underflow ${scaled} % with scales, ${bare} % without`);
  assert.deepEqual(complaints, []);
  await close();
});

test("what is out of sight rests", async () => {
  const { page, close } = await openLesson();
  await visit(page, "run-gradient");
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForSelector("#run-gradient[data-state=paused]");
  await close();
});

test("the quantizer's formula computes what its levels say", async () => {
  const { page, close } = await openLesson();
  await begin(page, "figure-quantizer");
  for (const [bits, time] of [[3, "0.3"], [1, "0.6"], [6, "0.95"]]) {
    await page.locator("#figure-quantizer [name=bits]").fill(String(bits));
    await page.locator("#figure-quantizer [name=time]").fill(String(time));
    const [x, step, code, level, error] = await Promise.all(["x", "step", "code", "level", "error"].map((name) => shown(page, "#figure-quantizer", name)));
    const all = Array.from({ length: 2 ** Number(bits) }, (_, index) => -1 + (2 * index) / (2 ** Number(bits) - 1));
    const nearest = all.reduce((best, one) => (Math.abs(one - x) < Math.abs(best - x) ? one : best));
    assert.ok(Math.abs(step - (all[1] - all[0])) < 0.0006, `step ${step} at ${bits} bits`);
    assert.ok(Math.abs(level - nearest) < 0.0006, `${x} became ${level}, not ${nearest}`);
    assert.ok(Math.abs(all[code] - level) < 0.0006, `code ${code}`);
    assert.ok(Math.abs(level - x - error) < 0.0016, `error ${error}`);
    assert.equal(await shown(page, "#figure-quantizer", "levels"), all.length);
  }
  const errors = [];
  for (const bits of [2, 4, 8]) {
    await page.locator("#figure-quantizer [name=bits]").fill(String(bits));
    await page.waitForFunction((count) => document.querySelectorAll("#figure-quantizer canvas")[1].getAttribute("aria-label")?.includes(`on ${count} levels`), 2 ** bits);
    errors.push(await shown(page, "#figure-quantizer", "part"));
  }
  assert.ok(errors[0] > 2 * errors[1] && errors[1] > 8 * errors[2] && errors[2] > 0, `errors of the layer: ${errors.join(", ")} %`);
  await close();
});

test("learned levels have less error than the best equal steps, and those than the whole range", async () => {
  const { page, complaints, close } = await openLesson();
  await begin(page, "figure-levels");
  for (const bits of ["3", "4"]) {
    await page.selectOption("#figure-levels [name=bits]", bits);
    await page.waitForSelector(`#figure-levels[data-learned="${bits}"]`);
    const [minmax, mse, learned, gain, stored] = await Promise.all(["minmax-error", "mse-error", "learned-error", "gain", "learned-stored"].map((name) => shown(page, "#figure-levels", name)));
    assert.ok(minmax > 1.2 * mse && mse > 1.02 * learned && learned > 0, `${bits} bits: ${minmax}, ${mse}, ${learned} %`);
    assert.ok(Math.abs(gain - 100 * (1 - learned / mse)) < 1.2, `gain ${gain} %`);
    const weights = 5184;
    assert.ok(Math.abs(stored - (Number(bits) * weights + 8 * 2 ** Number(bits) + 64) / weights) < 0.006, `${stored} stored bits`);
  }
  assert.deepEqual(complaints, []);
  await close();
});

/** The figure's numbers: logits, whether gates act in order, q, U and the levels after. @param {Page} page */
const gateNumbers = (page) => page.locator("#figure-gates").evaluate((figure) => {
  const value = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (figure.querySelector(`[name=${name}]`)).value;
  const rows = (/** @type {string} */ name) => [...figure.querySelectorAll(`[data-table=${name}] mtr`)].map((row) => [...row.querySelectorAll("mn")].map((cell) => cell.textContent ?? ""));
  return {
    logits: ["gate1", "gate2", "gate3"].map((name) => Number(value(name))), ordered: /** @type {HTMLInputElement} */ (figure.querySelector("[name=ordered]")).checked,
    u: rows("u"), q: rows("q"), merged: rows("merged"), z: figure.querySelector("math [data-n=z]")?.textContent, ticks: figure.querySelectorAll(".ticks .strong").length,
  };
});

/** Compares the figure with U of its definition: U[j,k] = Π (1 − g_i) over the bits i in which j and k differ. @param {Page} page @param {number} levels that are to be left */
async function checkGates(page, levels) {
  const { logits, ordered, u, q, merged, z, ticks } = await gateNumbers(page);
  const gates = logits.map((logit, index) => ((ordered ? logits.slice(0, index + 1) : [logit]).every((one) => one >= 0) ? 1 : 0));
  const sums = [];
  for (let j = 0; j < 8; j++) {
    let [sum, ones] = [0, 0];
    for (let k = 0; k < 8; k++) {
      let entry = 1;
      gates.forEach((gate, bit) => (entry *= ((j ^ k) >> (2 - bit)) & 1 ? 1 - gate : 1));
      assert.equal(Number(u[j][k]), entry, `U[${j}, ${k}] of gates ${gates}`);
      sum += entry * numberOf(q[k][0]);
      ones += entry;
    }
    assert.equal(Number(z), ones);
    sums.push(sum / ones);
  }
  sums.forEach((sum, j) => assert.ok(Math.abs(numberOf(merged[j][0]) - sum) <= 0.0051, `level ${j}: ${merged[j]}, not ${sum}`));
  assert.equal(ticks, levels);
  assert.equal(await shown(page, "#figure-gates", "levels"), levels);
}

test("gates by keys and by dragging merge levels as U·q says", async () => {
  const { page, complaints, close } = await openLesson();
  await begin(page, "figure-gates");
  await checkGates(page, 8);
  await page.focus("#figure-gates [name=gate3]");
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
  assert.equal(await shown(page, "#figure-gates", "logit3"), -0.05);
  await checkGates(page, 4);
  const box = await page.locator("#figure-gates [name=gate2]").boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width * 0.77, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  assert.ok((await shown(page, "#figure-gates", "logit2")) < 0);
  await checkGates(page, 2);
  for (const vector of ["dense", "powers"]) {
    await page.selectOption("#figure-gates [name=vector]", vector);
    await checkGates(page, 2);
  }
  await page.locator("#figure-gates [name=gate3]").fill("1");
  await checkGates(page, 2);
  await page.uncheck("#figure-gates [name=ordered]");
  await checkGates(page, 4);
  await page.locator("#figure-gates [name=gate1]").fill("-0.4");
  await page.locator("#figure-gates [name=gate2]").fill("0.4");
  await checkGates(page, 4);
  assert.match((await page.textContent("#figure-gates [data-n=order]")) ?? "", /out of order/);
  assert.deepEqual(complaints, []);
  await close();
});

test("every figure has a formula in MathML with numbers, and every link of the page leads somewhere", async () => {
  const { guest, page, close } = await openLesson();
  for (const id of OWN) await begin(page, id);
  await page.waitForSelector("#figure-levels[data-learned]");
  for (const id of OWN) {
    const numbers = await page.$$eval(`#${id} math mn`, (all) => all.map((one) => one.textContent ?? ""));
    assert.ok(numbers.length >= 2 && numbers.every((text) => /^[−\d][\d,.]*$/.test(text)), `${id}: ${numbers.join(" ")}`);
  }
  const bare = await page.$$eval("figure", (all) => all.filter((figure) => !figure.querySelector("math mn[data-n], math [data-table]")).map((figure) => figure.dataset.run));
  assert.deepEqual(bare, []);
  const anchors = await page.$$eval("a[href^='#']", (all) => all.map((link) => link.getAttribute("href") ?? ""));
  assert.ok(anchors.length > 20);
  for (const anchor of anchors) assert.equal(await page.locator(anchor).count(), 1, anchor);
  const pages = await page.$$eval("a[href]:not([href^='#'])", (all) => all.map((link) => /** @type {HTMLAnchorElement} */ (link).href));
  for (const url of new Set(pages.filter((url) => url.startsWith(guest)))) assert.equal((await fetch(url)).status, 200, url);
  await close();
});

/** Checks the "?" links under a root. @param {{ label: string | null, href: string, target: string }[]} links @param {string} guest */
async function checkHelp(links, guest) {
  assert.equal(links.length, 9);
  const lesson = await (await fetch(`${guest}learn.html`)).text();
  for (const { label, href } of links) {
    assert.match(label ?? "", /^Learn: \w/);
    const { origin, pathname, hash } = new URL(href);
    assert.equal(origin + pathname, `${guest}learn.html`);
    assert.ok(lesson.includes(`id="${hash.slice(1)}"`), href);
  }
}
const linksOf = () => {
  const root = document.querySelector("quant-playground")?.shadowRoot ?? document;
  return [...root.querySelectorAll("a.learn")].map((link) => ({ label: link.getAttribute("aria-label"), href: /** @type {HTMLAnchorElement} */ (link).href, target: /** @type {HTMLAnchorElement} */ (link).target }));
};

test("the headings of the playground lead into the lesson", async () => {
  const { guest, page, complaints, close } = await openAt(async (address) => address);
  await waitForStepAfter(page, 5);
  await page.waitForSelector("a.learn");
  await pause(page);
  const links = await page.evaluate(linksOf);
  await checkHelp(links, guest);
  assert.ok(links.every(({ target }) => target === ""));
  await page.click("#inspector-title a.learn");
  await page.waitForURL(/learn\.html#gates$/);
  assert.ok(await page.locator("#gates").isVisible());
  assert.deepEqual(complaints, []);
  await close();
});

test("in a page of another origin the same links open the lesson beside the playground, in a new tab", async () => {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, () => resolve(undefined)));
  const at = server.address();
  const { guest, page, close } = await openAt(async (guest) => {
    server.on("request", (_, response) => response.writeHead(200, { "content-type": "text/html" })
      .end(`<!doctype html><title>Host</title><script type="module" src="${guest}quant-playground.js"></script><quant-playground model="mlp" epochs="1"></quant-playground>`));
    return `http://127.0.0.1:${at && typeof at === "object" ? at.port : 0}/`;
  });
  await page.waitForSelector("quant-playground >> css=a.learn", { state: "attached" });
  const links = await page.evaluate(linksOf);
  await checkHelp(links, guest);
  assert.ok(links.every(({ target }) => target === "_blank"));
  await close();
  server.close();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  for (const width of [1280, 390, 320]) {
    test(`axe finds nothing in the lesson at ${width} px, ${colorScheme}, and nothing scrolls sideways`, async () => {
      const { page, complaints, close } = await openLesson({ colorScheme, viewport: { width, height: 900 } });
      for (const id of OWN) await begin(page, id);
      for (const id of await playgrounds(page)) await visit(page, id);
      await page.evaluate(AXE);
      const found = await page.evaluate(async () => (await Reflect.get(window, "axe").run()).violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.slice(0, 4).map((/** @type {any} */ n) => `${n.target.join(" ")} ${n.html.slice(0, 90)}`).join(" | ")}`));
      assert.deepEqual(found, []);
      const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= seen, `the page is ${wide} px wide`);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}
