/** The page in Firefox and in WebKit, Safari's engine: it runs, and the run has the same trace as in Node. `make test-browsers`. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { load } from "../../pkg/index.js";
import { serve } from "../../scripts/serve.mjs";

/** @typedef {{ name: string, driver: (port: number) => string[], capabilities: () => object }} Browser */

const RESULTS = fileURLToPath(new URL("../../test-results/", import.meta.url));
const SELENIUM = pathToFileURL(fileURLToPath(new URL("../hosts/node_modules/selenium-webdriver/index.js", import.meta.url))).href;
/** Longest wait for anything of the page, in ms. */
const PATIENCE = 60_000;

/** @type {Browser[]} */
const BROWSERS = [
  { name: "firefox", driver: (port) => ["geckodriver", "--port", String(port)], capabilities: () => ({ browserName: "firefox", "moz:firefoxOptions": { args: ["-headless"] } }) },
  {
    name: "webkit",
    driver: (port) => ["xvfb-run", "-a", "WebKitWebDriver", `--port=${port}`],
    capabilities: () => ({ browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] } }),
  },
];

/** Where Debian keeps WebKitGTK's own browser. */
function miniBrowser() {
  const { stdout } = spawnSync("dpkg", ["-L", "libwebkit2gtk-4.1-0"], { encoding: "utf8" });
  return stdout.split("\n").find((line) => line.endsWith("/MiniBrowser")) ?? assert.fail("MiniBrowser of WebKitGTK is missing; run: scripts/setup.sh browsers");
}

/** @returns {Promise<number>} */
const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
    probe.close(() => resolve(port));
  });
});

const server = await serve(0);
const address = `http://localhost:${server.port}/`;
const { Builder } = (await import(SELENIUM)).default;
/** @type {(() => Promise<void>)[]} */
const ends = [];
after(async () => {
  for (const end of ends) await end();
  server.close();
});

/** @param {Browser} browser */
async function open({ driver, capabilities }) {
  const port = await freePort();
  const [command, ...given] = driver(port);
  const child = spawn(command, given, { stdio: "ignore", detached: true, env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } });
  // The driver's own children end with it.
  const stop = () => void process.kill(-(child.pid ?? 0));
  for (let count = 0; ; count++) {
    const ready = await fetch(`http://127.0.0.1:${port}/status`).then((response) => response.ok, () => false);
    if (ready) break;
    if (count > 100) {
      stop();
      assert.fail(`${command} did not start`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const page = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities()).build();
  ends.push(async () => {
    await page.quit().catch(() => undefined);
    stop();
  });
  return page;
}

/** Waits until a script of the page returns something true. @param {any} page @param {string} script */
const until = (page, script) => page.wait(() => page.executeScript(script), PATIENCE, script);

/** @param {any} page @param {string} name */
async function keep(page, name) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}${name}.png`, await page.takeScreenshot(), "base64");
}

const RUN = "model=mlp&method=ddq&budget=3&epochs=3&seed=4";
/** The trace of the same run in Node. */
async function ours() {
  const engine = await load({ read: async (url) => readFileSync(url) });
  const session = engine.createSession({ model: "mlp", method: "ddq", budgetBits: 3, epochs: 3, seed: 4 });
  while (!session.step(1000).done);
  return session.snapshot().trace;
}

for (const browser of BROWSERS) {
  test(`${browser.name}: the page runs to its end on packed integers, with the trace that Node has`, async () => {
    const page = await open(browser);
    await page.manage().window().setRect({ width: 1280, height: 1000 });
    await page.get(`${address}#v=1&${RUN}&speed=max`);
    await until(page, "return /on packed integers/.test(document.getElementById('sentence').textContent)");
    await until(page, "return /the end/.test(document.getElementById('share').textContent)");
    assert.equal(await page.executeScript("return document.getElementById('share-trace').textContent"), await ours());
    assert.equal(await page.executeScript("return document.getElementById('message').textContent"), "");
    await keep(page, `${browser.name}-page`);

    await page.executeScript(`
      for (const box of document.querySelectorAll("#compare-form [name=method]")) box.checked = box.value === "lsq";
      document.querySelector("#compare-form [name=seeds]").value = "1";
      document.getElementById("compare-go").click();
      document.getElementById("export-prepare").click();`);
    await until(page, "return document.querySelectorAll('#compare-table tbody tr').length === 2");
    await until(page, "return document.querySelector('#export-table button[data-kind=onnx]') !== null");
    await page.executeScript("document.getElementById('measure').click()");
    await until(page, "return /faster|slower/.test(document.getElementById('kernels').textContent) && !document.getElementById('measure').disabled");
    await keep(page, `${browser.name}-kernels`);

    await page.get(`${address}embed.html#v=1&${RUN}&ui=controls,bits&autoplay=visible&speed=max`);
    await until(page, "return document.querySelector('quant-playground')?.getAttribute('data-state') === 'finished'");
    await keep(page, `${browser.name}-embed`);
    await page.get(`${address}learn.html`);
    await until(page, "return document.readyState === 'complete' && document.querySelectorAll('math').length > 5");
    await page.executeScript("document.querySelector('[data-n=rms]').scrollIntoView({ block: 'end' })");
    await until(page, "return [...document.querySelectorAll('[data-n=rms]')].some((place) => Number(place.textContent) > 0)");
    await keep(page, `${browser.name}-learn`);
  });
}
