/** dist/ on a host that knows nothing of it, in a folder of a site: no headers, no redirects, every address relative. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { finished, outside, serveFolder } from "./folder.mjs";
import { closeAll, fullSpeed, openAt, waitForDeployed } from "./open.mjs";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const FOLDER = "/some/sub/path/";
const ARTICLE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Article</title><link rel="icon" href="data:,"><style>html { font-size: 62.5%; }</style><script type="module" src="../some/sub/path/quant-playground.js"></script>
<quant-playground model="mlp" epochs="1" speed="max" ui="bits"></quant-playground>
<iframe title="guest" style="width:700px;height:500px" src="../some/sub/path/embed.html#v=1&model=mlp&epochs=1&speed=max&ui=bits"></iframe></html>`;

const root = mkdtempSync(join(tmpdir(), "ddq-host-"));
mkdirSync(join(root, "articles"));
writeFileSync(join(root, "articles", "index.html"), ARTICLE);
const { site, lacking, close: closeHost } = await serveFolder(root, { [FOLDER]: DIST });
after(async () => {
  closeHost();
  rmSync(root, { recursive: true });
  await closeAll();
});

test("the page works in a folder of a site", async () => {
  const { page, requests, complaints, close } = await openAt(async () => `${site}${FOLDER}#model=mlp&epochs=1`);
  await fullSpeed(page);
  await waitForDeployed(page);
  await page.waitForSelector("#share-link");
  assert.ok((await page.inputValue("#share-link")).startsWith(`${site}${FOLDER}#v=1&`));
  assert.deepEqual([lacking, outside(site, requests), complaints], [[], [], []]);
  await close();
});

test("the element and the page for frames work from there in a page beside it", async () => {
  const { page, requests, complaints, close } = await openAt(async () => `${site}/articles/`);
  await Promise.all([finished(page), finished(page.frames()[1])]);
  const size = await page.locator("quant-playground .sentence").evaluate((node) => getComputedStyle(node).fontSize);
  assert.equal(size, "16.96px", "1.06 rem as on the page itself, whatever the article does to its root");
  assert.deepEqual([lacking, outside(site, requests), complaints], [[], [], []]);
  await close();
});

test("no page of dist/ names an address from the root of its host", async () => {
  const pages = readdirSync(DIST).filter((name) => name.endsWith(".html"));
  assert.ok(pages.length >= 3, pages.join());
  for (const name of pages) {
    const { page, close } = await openAt(async () => `${site}${FOLDER}${name}`);
    const addresses = await page.$$eval("link[href], script[src], a[href], img[src]", (nodes) => nodes.map((node) => `${node.getAttribute("href") ?? node.getAttribute("src")}`));
    assert.deepEqual(addresses.filter((text) => text.startsWith("/")), [], name);
    await close();
  }
});
