/**
 * Bundles www/ and the package's loader into dist/: one flat folder for any static host, all addresses relative; then the
 * page as one file, and the package's element. The wasm binaries are taken from pkg/, where scripts/build-wasm.sh puts them.
 */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { buildElement } from "./build-element.mjs";
import { buildOffline } from "./build-offline.mjs";
import { COMMON, DIST, inWww, ROOT } from "./bundling.mjs";

const WASM = "ddq_playground_bg.wasm";
/** Folders of pkg/ that the page does not take from there. */
const BUNDLED = ["element"];
/** Modules that a page or a Worker begins with; what only some visits need is loaded by them as chunks. */
const ENTRIES = ["main.js", "embed.js", "learn.js", "host/quant-playground.js", "worker/worker.js", "worker/compare-worker.js", "worker/own-worker.js"];

const endingIn = (/** @type {string} */ end, folder = "") => readdirSync(inWww(folder)).filter((name) => name.endsWith(end));

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);

const { metafile } = await build({
  ...COMMON, entryPoints: ENTRIES.map(inWww), format: "esm", splitting: true, metafile: true, chunkNames: "[name]-[hash]",
});
// A classic script has no address of its own: what it needs it asks its page for, by the path of this address.
await build({ ...COMMON, entryPoints: ["worker/embedded-worker.js", "boot.js"].map(inWww), format: "iife", define: { "import.meta.url": '"https://page.invalid/"' } });
await build({ ...COMMON, target: [], entryPoints: endingIn(".css", "styles").map((name) => inWww(`styles/${name}`)) });

/** The chunks that an entry cannot begin without. @param {string} entry */
function needed(entry) {
  /** @type {Set<string>} */
  const found = new Set();
  const follow = (/** @type {string} */ output) => {
    for (const { path, kind } of metafile.outputs[output].imports) {
      if (kind !== "import-statement" || found.has(path)) continue;
      found.add(path);
      follow(path);
    }
  };
  follow(`dist/${entry}.js`);
  return [...found].map((path) => basename(path));
}

for (const name of endingIn(".html")) {
  const page = readFileSync(inWww(name), "utf8").replace(/(?=<script type="module" src="(\w[\w-]*)\.js">)/g, (_, entry) =>
    needed(entry).map((chunk) => `<link rel="modulepreload" href="${chunk}">\n`).join(""));
  writeFileSync(join(DIST, name), page);
}
for (const name of endingIn(".svg")) copyFileSync(inWww(name), join(DIST, name));
for (const { name } of readdirSync(join(ROOT, "pkg"), { withFileTypes: true }).filter((entry) => entry.isDirectory() && !BUNDLED.includes(entry.name))) {
  if (name === "checkpoints") cpSync(join(ROOT, "pkg", name), join(DIST, name), { recursive: true });
  else {
    mkdirSync(join(DIST, name));
    copyFileSync(join(ROOT, "pkg", name, WASM), join(DIST, name, WASM));
  }
}
await buildOffline();
await buildElement();
