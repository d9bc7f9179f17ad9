/** dist/ on a host that knows nothing of it, in a folder of a site: no headers, no redirects, every address relative. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile, readdir } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeAll, fullSpeed, openAt, waitForDeployed } from "./open.mjs";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const FOLDER = "/some/sub/path/";
/** Modules need their type; anything else goes without one. @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const ARTICLE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Article</title><link rel="icon" href="data:,"><script type="module" src="../some/sub/path/quant-playground.js"></script>
<quant-playground model="mlp" epochs="1" speed="max" ui="bits"></quant-playground>
<iframe title="guest" style="width:700px;height:500px" src="../some/sub/path/embed.html#v=1&model=mlp&epochs=1&speed=max&ui=bits"></iframe></html>`;

/** Paths that were asked for and not there. @type {string[]} */
const lacking = [];
const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/articles/") return void response.writeHead(200, { "content-type": "text/html" }).end(ARTICLE);
  const name = path.endsWith("/") ? `${path}index.html` : path;
  const body = name.startsWith(FOLDER) ? await readFile(join(DIST, name.slice(FOLDER.length))).catch(() => null) : null;
  if (!body) lacking.push(path);
  response.writeHead(body ? 200 : 404, TYPES[extname(name)] ? { "content-type": TYPES[extname(name)] } : {}).end(body ?? "");
});
await new Promise((resolve) => server.listen(0, () => resolve(undefined)));
const address = server.address();
const site = `http://localhost:${address && typeof address === "object" ? address.port : 0}`;
after(async () => {
  server.close();
  await closeAll();
});

/** @param {string[]} requests */
const outside = (requests) => requests.filter((url) => !url.startsWith(site) && !/^(blob|data):/.test(url));

test("the page works in a folder of a site", async () => {
  const { page, requests, complaints, close } = await openAt(async () => `${site}${FOLDER}#model=mlp&epochs=1`);
  await fullSpeed(page);
  await waitForDeployed(page);
  await page.waitForSelector("#share-link");
  assert.ok((await page.inputValue("#share-link")).startsWith(`${site}${FOLDER}#v=1&`));
  assert.deepEqual([lacking, outside(requests), complaints], [[], [], []]);
  await close();
});

test("the element and the page for frames work from there in a page beside it", async () => {
  const { page, requests, complaints, close } = await openAt(async () => `${site}/articles/`);
  const finished = (/** @type {import("playwright-core").Page | import("playwright-core").Frame} */ where) =>
    where.waitForFunction(() => document.querySelector("quant-playground")?.getAttribute("data-state") === "finished", null, { timeout: 60_000 });
  await Promise.all([finished(page), finished(page.frames()[1])]);
  assert.deepEqual([lacking, outside(requests), complaints], [[], [], []]);
  await close();
});

test("no page of dist/ names an address from the root of its host", async () => {
  const pages = (await readdir(DIST)).filter((name) => name.endsWith(".html"));
  assert.ok(pages.length >= 3, pages.join());
  for (const name of pages) {
    const { page, close } = await openAt(async () => `${site}${FOLDER}${name}`);
    const addresses = await page.$$eval("link[href], script[src], a[href], img[src]", (nodes) => nodes.map((node) => `${node.getAttribute("href") ?? node.getAttribute("src")}`));
    assert.deepEqual(addresses.filter((text) => text.startsWith("/")), [], name);
    await close();
  }
});
