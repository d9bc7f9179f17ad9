/** The element in pages of others: another origin, with and without a policy, in a sandbox. Screenshots of it are in test-results/. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { closeAll, openAt, painted } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** A host's page on a port of its own. @param {string} body @param {Record<string, string>} [headers] */
async function host(body, headers = {}) {
  const server = createServer((_, response) => response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers }).end(body));
  await new Promise((resolve) => server.listen(0, () => resolve(undefined)));
  hosts.push(server);
  const address = server.address();
  return `http://127.0.0.1:${address && typeof address === "object" ? address.port : 0}/`;
}
/** @type {import("node:http").Server[]} */
const hosts = [];
after(async () => {
  hosts.forEach((server) => server.close());
  await closeAll();
});

/** A page with the element, as a writer would make it. @param {string} guest @param {string} [attributes] @param {string} [above] */
const written = (guest, attributes = "", above = "") => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><meta name="viewport" content="width=device-width">
<body><h1>A page of somebody else</h1>${above}<script type="module" src="${guest}quant-playground.js"></script><quant-playground ${attributes}></quant-playground></body></html>`;

const manual = readFileSync(new URL("../../docs/EMBED.md", import.meta.url), "utf8");

/** The policy that docs/EMBED.md prints, for a guest; everything else is forbidden. @param {string} guest */
const policy = (guest) => `default-src 'none'; ${/^ {4}(script-src .*)$/m.exec(manual)?.[1].replaceAll("HOST", new URL(guest).origin) ?? assert.fail("docs/EMBED.md prints a policy")}`;

/** @param {Page | import("playwright-core").Frame} page @param {string} state */
const reached = (page, state) => page.waitForFunction((wanted) => document.querySelector("quant-playground")?.getAttribute("data-state") === wanted, state);
const heavy = (/** @type {string[]} */ requests) => requests.filter((url) => /\.wasm|element-app|embedded-worker|playground-/.test(url) && !url.includes("quant-playground.js"));

for (const strict of [false, true]) {
  test(`the element runs in a page of another origin ${strict ? "under the policy of the docs" : "without a policy"}`, async () => {
    const { page, guest, complaints, requests, close } = await openAt(async (guest) => host(written(guest, 'method="ddq" budget="3" seed="7" model="mlp" epochs="2" speed="max"'), strict ? { "content-security-policy": policy(guest) } : {}));
    await reached(page, "finished");
    const bits = await page.evaluate(() => Reflect.get(document.querySelector("quant-playground") ?? {}, "result").layers.map((/** @type {any} */ layer) => layer.weight.bits));
    assert.ok(bits.every((/** @type {number} */ count) => count >= 1 && count <= 8), String(bits));
    const state = await page.evaluate(() => Reflect.get(document.querySelector("quant-playground") ?? {}, "state"));
    assert.match(state, /method=ddq/);
    assert.match(state, /budget=3/);
    assert.match(state, /seed=7/);
    const strangers = requests.filter((url) => !url.startsWith(guest) && !url.startsWith("blob:") && new URL(url).origin !== new URL(page.url()).origin);
    assert.deepEqual(strangers, []);
    assert.deepEqual(complaints.filter((text) => !text.includes("favicon")), []);
    await page.screenshot({ path: `test-results/embed-${strict ? "policy" : "plain"}.png`, fullPage: true });
    await close();
  });
}

test("nothing heavy is loaded before a click, and the poster is small", async () => {
  const { page, guest, requests, close } = await openAt(async (guest) => host(written(guest, 'autoplay="click" model="mlp" epochs="1" ui="bits"')));
  await page.waitForSelector("quant-playground >> css=.poster");
  await page.waitForLoadState("networkidle");
  assert.deepEqual(heavy(requests), []);
  const files = requests.filter((url) => url.startsWith(guest));
  const sizes = await Promise.all(files.map(async (url) => (await (await fetch(url)).arrayBuffer()).byteLength));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(bytes > 500 && bytes <= 12 * 1024, `${bytes} bytes before the start`);
  await page.click("quant-playground >> css=.poster");
  await reached(page, "running");
  assert.ok(heavy(requests).length > 0);
  await close();
});

test("what is out of sight loads nothing until it is scrolled to, and rests when it leaves", async () => {
  const { page, requests, close } = await openAt(async (guest) => host(written(guest, 'model="mobile" epochs="50" speed="10" ui="hist"', "<p style='height:3000px'>Words</p>")));
  await page.waitForLoadState("networkidle");
  await painted(page);
  assert.deepEqual(heavy(requests), []);
  await page.locator("quant-playground").scrollIntoViewIfNeeded();
  await reached(page, "running");
  await page.evaluate(() => scrollTo(0, 0));
  await reached(page, "paused");
  await page.locator("quant-playground").scrollIntoViewIfNeeded();
  await reached(page, "running");
  await close();
});

test("several elements on one page work and share what is compiled", async () => {
  const two = (/** @type {string} */ guest) => written(guest, 'model="mlp" epochs="1" speed="max" seed="1" ui="bits"').replace("</body>", '<quant-playground model="mlp" epochs="1" speed="max" seed="2" ui="bits"></quant-playground></body>');
  const { page, requests, complaints, close } = await openAt(async (guest) => host(two(guest)));
  await page.waitForFunction(() => [...document.querySelectorAll("quant-playground")].every((one) => one.getAttribute("data-state") === "finished"));
  assert.equal(requests.filter((url) => url.includes("core/ddq_playground_bg.wasm")).length, 1);
  const losses = await page.evaluate(() => [...document.querySelectorAll("quant-playground")].map((one) => one.result?.loss));
  assert.notEqual(losses[0], losses[1]);
  assert.deepEqual(complaints.filter((text) => !text.includes("favicon")), []);
  await close();
});

test("a state or data given later begin their run, and what is refused is told while the run stays", async () => {
  const { page, complaints, close } = await openAt(async (guest) => host(written(guest, 'model="mlp" epochs="1" speed="max" ui="controls,bits"')));
  await reached(page, "finished");
  await page.waitForFunction(() => document.querySelector("quant-playground")?.shadowRoot?.querySelector("#method option"));
  /** @param {string} hash */
  const give = (hash) => page.evaluate((state) => Reflect.set(document.querySelector("quant-playground") ?? {}, "state", state), hash);
  const runs = () => page.getAttribute("quant-playground", "data-runs");
  await give("v=1&model=mlp&epochs=1&seed=9&budget=3");
  await page.waitForFunction(() => document.querySelector("quant-playground")?.getAttribute("data-runs") === "2");
  await reached(page, "finished");
  await give("v=1&model=mlp&epochs=1&seed=9&budget=0.5");
  await page.waitForFunction(() => /Budget: expected/.test(document.querySelector("quant-playground")?.shadowRoot?.querySelector("#message")?.textContent ?? ""));
  assert.equal(await runs(), "2");
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 2 + i / 200},${i % 2 ? "cat" : "dog"}`).join("\n");
  await page.evaluate((text) => Reflect.get(document.querySelector("quant-playground") ?? {}, "load").call(document.querySelector("quant-playground"), new File([text], "pets.csv")), `length,kind\n${rows}`);
  assert.equal(await runs(), "3");
  assert.deepEqual(complaints.filter((text) => !text.includes("favicon")), []);
  await close();
});

test("a policy that forbids Workers is told in words, with the line to add", async () => {
  const { page, close } = await openAt(async (guest) => host(written(guest, 'model="mlp"'), { "content-security-policy": policy(guest).replace("worker-src blob:; ", "") }));
  await page.waitForFunction(() => document.querySelector("quant-playground")?.shadowRoot?.querySelector(".trouble")?.textContent?.includes("worker-src blob:"));
  await close();
});

test("a policy that forbids WebAssembly is told in words, with the line to add", async () => {
  const { page, close } = await openAt(async (guest) => host(written(guest, 'model="mlp"'), { "content-security-policy": policy(guest).replace(" 'wasm-unsafe-eval'", "") }));
  await page.waitForFunction(() => document.querySelector("quant-playground")?.shadowRoot?.querySelector(".trouble")?.textContent?.includes("'wasm-unsafe-eval'"));
  await close();
});

test("keys after # of embed.html are settings or are told; none becomes an attribute of the element", async () => {
  const hostile = 'onclick=window.hit=1&onmouseover=window.hit=1&style=color:red&id=mine&slot=poster&class=x&is=y&contenteditable=true&popover=&tabindex=5&aria-label=no&data-state=finished&lang=tlh&__proto__=1';
  const { page, close } = await openAt(async (guest) => `${guest}embed.html#v=1&model=mlp&epochs=1&speed=max&seed=7&ui=controls,bits&theme=dark&autoplay=visible&${hostile}`);
  await reached(page, "finished");
  const names = () => page.evaluate(() => [...(document.querySelector("quant-playground")?.attributes ?? [])].map(({ name }) => name).sort());
  // What the element itself writes: its state for hosts, and the scheme of its theme.
  const strange = (/** @type {string[]} */ list) => list.filter((name) => !/^(autoplay|theme|style|data-(build|kept|runs|state))$/.test(name));
  assert.deepEqual(strange(await names()), []);
  assert.equal(await page.evaluate(() => document.querySelector("quant-playground")?.getAttribute("style")), "color-scheme: dark;");
  assert.match(await page.evaluate(() => Reflect.get(document.querySelector("quant-playground") ?? {}, "state")), /seed=7/);
  const notice = () => page.evaluate(() => document.querySelector("quant-playground")?.shadowRoot?.querySelector("#notice")?.textContent ?? "");
  for (const key of ["onclick", "style", "id", "slot", "__proto__"]) assert.ok((await notice()).includes(`"${key}": not a setting`), `${key} in ${await notice()}`);
  // Another address of the same frame: what changed begins a run, what is not there any more is as usual.
  await page.evaluate(() => (location.hash = "v=1&model=mlp&epochs=1&speed=max&seed=9&ui=bits&onfocus=window.hit=1"));
  await page.waitForFunction(() => /seed=9/.test(Reflect.get(document.querySelector("quant-playground") ?? {}, "state")));
  await page.waitForFunction(() => !document.querySelector("quant-playground")?.hasAttribute("theme"));
  assert.deepEqual(strange(await names()), []);
  await close();
});

for (const sandbox of ["", 'sandbox="allow-scripts"']) {
  test(`a frame ${sandbox ? "in a sandbox " : ""}runs, tells its height and takes a theme`, async () => {
    const frame = (/** @type {string} */ guest) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Host</title><body><script>
      window.told = []; addEventListener("message", ({ data }) => window.told.push(data));
      </script><iframe ${sandbox} title="guest" style="width:700px;height:500px" src="${guest}embed.html#v=1&model=mlp&epochs=2&speed=max&ui=bits,task&theme=light"></iframe></body></html>`;
    const { page, requests, guest, complaints, close } = await openAt(async (guest) => host(frame(guest)));
    await page.waitForFunction(() => Reflect.get(window, "told").some((/** @type {any} */ { type }) => type === "qp:done"));
    const told = await page.evaluate(() => Reflect.get(window, "told"));
    assert.ok(told.some((/** @type {any} */ { type, px }) => type === "qp:height" && px > 300), JSON.stringify(told.filter((/** @type {any} */ { type }) => type === "qp:height")));
    assert.deepEqual(told.find((/** @type {any} */ { type }) => type === "qp:done").detail.bits.length, 3);
    const inside = page.frames()[1];
    const scheme = () => inside.evaluate(() => getComputedStyle(/** @type {Element} */ (document.querySelector("quant-playground"))).colorScheme);
    assert.equal(await scheme(), "light");
    await page.evaluate(() => document.querySelector("iframe")?.contentWindow?.postMessage({ type: "qp:theme", theme: "dark" }, "*"));
    await inside.waitForFunction(() => getComputedStyle(/** @type {Element} */ (document.querySelector("quant-playground"))).colorScheme === "dark");
    assert.deepEqual(requests.filter((url) => !url.startsWith(guest) && !url.startsWith("blob:") && new URL(url).origin !== new URL(page.url()).origin), []);
    assert.deepEqual(complaints.filter((text) => !text.includes("favicon")), []);
    await page.screenshot({ path: `test-results/frame${sandbox ? "-sandbox" : ""}.png` });
    await close();
  });
}
