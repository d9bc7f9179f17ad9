/** The element's properties, methods and events, as a page with a script of its own uses them. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { cloudsCsv } from "../../scripts/own-files.mjs";
import { closeAll, openAt, painted, quiet } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

after(closeAll);

/** A page of the same origin with an element: attributes by name. @param {Record<string, string>} attributes */
async function withElement(attributes) {
  const opened = await openAt(async (guest) => `${guest}embed.html#v=1&autoplay=off`);
  const { page } = opened;
  await page.evaluate(async (given) => {
    document.querySelector("quant-playground")?.remove();
    const element = document.createElement("quant-playground");
    for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
    Object.assign(window, { element, told: [] });
    for (const type of ["ready", "epoch", "done", "error", "statechange"]) element.addEventListener(type, (event) => Reflect.get(window, "told").push({ type, detail: Reflect.get(event, "detail") }));
    document.body.append(element);
  }, attributes);
  return opened;
}

/** Does something with the element. @template T @param {Page} page @param {string} body of an async function of `element` */
const act = (page, body) => page.evaluate(`(async (element) => { ${body} })(window.element)`);
/** @param {Page} page @returns {Promise<{ type: string, detail: any }[]>} */
const told = (page) => page.evaluate(() => Reflect.get(window, "told").map((/** @type {any} */ { type, detail }) => ({ type, detail: typeof detail === "object" && detail !== null ? { epoch: detail.epoch, step: detail.step, seed: detail.seed, method: detail.method } : detail })));

test("play, pause, step and restart do what they say, and events tell it", async () => {
  const { page, complaints, close } = await withElement({ autoplay: "off", model: "mlp", method: "uniform", epochs: "3", seed: "4", ui: "bits" });
  await act(page, "await element.step(1, 'batch')");
  assert.equal(await act(page, "return element.result.step"), 1);
  await act(page, "await element.step(2)");
  assert.equal(await act(page, "return element.result.epoch"), 2);
  const loss = await act(page, "return element.result.loss");
  await act(page, "await element.restart(); await element.step(2)");
  assert.equal(await act(page, "return element.result.loss"), loss, "the same seed, the same numbers");
  await act(page, "await element.play()");
  await page.waitForFunction(() => Reflect.get(window, "told").some((/** @type {any} */ { type }) => type === "done"));
  const events = await told(page);
  assert.ok(events.some(({ type, detail }) => type === "statechange" && detail.seed === 4 && detail.method === "uniform"));
  assert.deepEqual(events.filter(({ type, detail }) => type === "done" && detail.epoch === 3).length, 1);
  assert.ok(events.some(({ type, detail }) => type === "epoch" && detail.epoch === 1));
  assert.ok(events.some(({ type }) => type === "ready"));
  await assert.rejects(act(page, "await element.step(0)"), /n of step: expected a whole number from 1, got 0/);
  assert.deepEqual(complaints, []);
  await close();
});

test("attributes and state change the run; a wrong one is told and nothing is lost", async () => {
  const { page, close } = await withElement({ autoplay: "off", model: "mlp", method: "uniform", epochs: "1", seed: "4" });
  await act(page, "await element.step(1)");
  await act(page, "element.setAttribute('seed', '5')");
  await page.waitForFunction(() => Reflect.get(window, "element").state.includes("seed=5"));
  await act(page, "element.state = '#v=1&model=mlp&method=lsq&weight-bits=3&epochs=1'");
  await page.waitForFunction(() => Reflect.get(window, "element").state.includes("method=lsq"));
  await act(page, "await element.step(1)");
  assert.deepEqual(await act(page, "return element.result.layers.map((layer) => layer.weight.bits)"), [3, 3, 3]);
  await act(page, "element.setAttribute('ui', 'task')");
  await page.waitForFunction(() => {
    const root = Reflect.get(window, "element").shadowRoot;
    return root.querySelector("#cards").clientWidth === 0 && root.querySelector("#task").clientWidth > 0;
  });
  const runs = await act(page, "return element.dataset.runs");
  await act(page, "element.setAttribute('compare', 'lsq'); element.setAttribute('layer', '2')");
  await page.waitForFunction(() => /layer=2&compare=lsq/.test(Reflect.get(window, "element").state));
  await act(page, "element.setAttribute('weight-bits', '99')");
  await page.waitForFunction(() => /weight-bits: .*got "99"; 8 is used/.test(Reflect.get(window, "element").shadowRoot.querySelector("#notice").textContent));
  // A run that should not be would have begun by the time the one that should be is shown.
  await page.waitForFunction(() => /weight-bits=8/.test(Reflect.get(window, "element").state));
  await page.waitForFunction((before) => Reflect.get(window, "element").dataset.runs !== before, runs);
  await quiet(page);
  assert.equal(await act(page, "return element.dataset.runs"), String(Number(runs) + 1), "what is only looked at begins no run");
  await close();
});

test("files go in and out", async () => {
  const { page, close } = await withElement({ autoplay: "off", model: "mlp", method: "ddq", epochs: "1", seed: "4" });
  await act(page, "await element.step(1)");
  const sentence = await act(page, "return element.shadowRoot.querySelector('#sentence').textContent");
  const onnx = /** @type {number[]} */ (await act(page, "const blob = await element.export('onnx'); return [...new Uint8Array(await blob.arrayBuffer())]"));
  assert.ok(onnx.length > 5000 && Buffer.from(onnx).includes("Gather"), `${onnx.length} bytes`);
  await assert.rejects(act(page, "await element.export('word')"), /kind of export: expected one of project, onnx/);
  await act(page, "window.saved = new File([await element.export('project')], 'run.ddq'); element.setAttribute('seed', '9')");
  await page.waitForFunction(() => Reflect.get(window, "element").state.includes("seed=9"));
  await act(page, "await element.load(window.saved)");
  await page.waitForFunction((text) => Reflect.get(window, "element").shadowRoot.querySelector("#sentence").textContent === text, sentence);
  await page.evaluate((text) => Object.assign(window, { csv: new File([text], "clouds.csv") }), cloudsCsv(30));
  await act(page, "await element.load(window.csv)");
  await page.waitForFunction(() => /clouds|own/.test(Reflect.get(window, "element").shadowRoot.querySelector("#task").textContent) || Reflect.get(window, "element").result?.layers.length > 0);
  const before = await act(page, "return element.state");
  await page.evaluate(() => Object.assign(window, { broken: new File(["nonsense"], "broken.onnx") }));
  await assert.rejects(act(page, "await element.load(window.broken)"), /broken\.onnx/);
  assert.equal(await act(page, "return element.state"), before, "the run goes on");
  await close();
});

test("a model and data by their address, read within the policy of the page", async () => {
  const { page, guest, close } = await withElement({ autoplay: "click" });
  await page.route("**/clouds.csv", (route) => route.fulfill({ body: cloudsCsv(30) }));
  await page.evaluate(() => Reflect.get(window, "element").remove());
  await page.evaluate(() => {
    const element = document.createElement("quant-playground");
    for (const [name, value] of [["data-src", "clouds.csv"], ["method", "lsq"], ["epochs", "1"], ["autoplay", "off"]]) element.setAttribute(name, value);
    Object.assign(window, { element });
    document.body.append(element);
  });
  await act(page, "await element.step(1)");
  await page.waitForFunction(() => Reflect.get(window, "element").shadowRoot.querySelector("[name=data]").value === "own");
  await act(page, `element.setAttribute("data-src", "${guest}missing.csv")`);
  await page.waitForFunction(() => /data-src: .*missing\.csv: expected HTTP status 200, got 404/.test(Reflect.get(window, "element").shadowRoot.querySelector("#notice").textContent));
  await close();
});

test("an element taken out gives its Worker back, and begins anew when it returns", async () => {
  const { page, close } = await withElement({ model: "mlp", method: "uniform", epochs: "200", speed: "10", ui: "bits" });
  await page.waitForFunction(() => Reflect.get(window, "element").getAttribute("data-state") === "running");
  await act(page, "element.remove()");
  // No Worker is left.
  while (page.workers().length > 0) await painted(page);
  await act(page, "document.body.append(element)");
  await page.waitForFunction(() => Reflect.get(window, "element").shadowRoot.querySelector("#sentence")?.textContent.includes("Epoch"));
  await close();
});
