/**
 * Bundles www/ and the package's loader into dist/: one folder for any static host, all addresses relative. The wasm
 * binaries are taken from pkg/, where scripts/build-wasm.sh puts them.
 */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const WWW = join(ROOT, "www");
const DIST = join(ROOT, "dist");
const WASM = "ddq_playground_bg.wasm";
/** Modules that a page or a Worker begins with; what only some visits need is loaded by them as chunks. */
const ENTRIES = ["main", "worker", "compare-worker", "own-worker", "quant-playground", "embed", "learn"];
/** @type {import("esbuild").BuildOptions} */
const COMMON = { absWorkingDir: ROOT, bundle: true, minify: true, outdir: DIST, legalComments: "none", target: "es2022", logLevel: "warning" };

const inWww = (/** @type {string} */ name) => join(WWW, name);
const endingIn = (/** @type {string} */ end) => readdirSync(WWW).filter((name) => name.endsWith(end));

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);

const { metafile } = await build({
  ...COMMON, entryPoints: ENTRIES.map((name) => inWww(`${name}.js`)), format: "esm", splitting: true, metafile: true, chunkNames: "[name]-[hash]",
});
// A classic script has no address of its own: what it needs it asks its page for, by the path of this address.
await build({ ...COMMON, entryPoints: [inWww("embedded-worker.js")], format: "iife", define: { "import.meta.url": '"https://page.invalid/"' } });
await build({ ...COMMON, target: [], entryPoints: endingIn(".css").map(inWww) });

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
for (const { name } of readdirSync(join(ROOT, "pkg"), { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  if (name === "checkpoints") cpSync(join(ROOT, "pkg", name), join(DIST, name), { recursive: true });
  else {
    mkdirSync(join(DIST, name));
    copyFileSync(join(ROOT, "pkg", name, WASM), join(DIST, name, WASM));
  }
}
