/**
 * Bundles www/ and the package's loader into dist/: one folder for any static host, all addresses relative; then the
 * page as one file, and the package's element. The wasm binaries are taken from pkg/, where scripts/build-wasm.sh puts them.
 */
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { BINARIES } from "./build.mjs";
import { buildElement } from "./build-element.mjs";
import { buildOffline } from "./build-offline.mjs";
import { COMMON, DIST, inWww, ROOT } from "./bundling.mjs";

const WASM = "ddq_playground_bg.wasm";
const GLUE = "ddq_playground.js";
/** Modules that a page or a Worker begins with; what only some visits need is loaded by them as chunks. */
const ENTRIES = ["main.js", "embed.js", "learn.js", "host/quant-playground.js", "worker/worker.js", "worker/compare-worker.js", "worker/own-worker.js"];

const endingIn = (/** @type {string} */ end, folder = "") => readdirSync(inWww(folder)).filter((name) => name.endsWith(end));

/** The chunks that an entry cannot begin without. @param {import("esbuild").Metafile} metafile @param {string} entry */
function needed(metafile, entry) {
  /** @type {Set<string>} */
  const found = new Set();
  const follow = (/** @type {string} */ output) => {
    for (const { path, kind, external } of metafile.outputs[output].imports) {
      if (kind !== "import-statement" || external || found.has(path)) continue;
      found.add(path);
      follow(path);
    }
  };
  follow(`dist/${entry}.js`);
  return [...found].map((path) => basename(path));
}

/** A classic script has no address of its own: what it needs it asks its page for, by the path of this address. @param {string} name */
const bundleClassic = (name) => build({ ...COMMON, entryPoints: [inWww(name)], format: "iife", define: { "import.meta.url": '"https://page.invalid/"' } });

/** Modules, styles, pages and their files. @param {import("esbuild").Plugin[]} plugins */
async function bundle(plugins) {
  const { metafile } = await build({
    ...COMMON, plugins, entryPoints: ENTRIES.map(inWww), format: "esm", splitting: true, metafile: true, chunkNames: "[name]-[hash]",
  });
  await bundleClassic("boot.js");
  await build({ ...COMMON, target: [], entryPoints: endingIn(".css", "styles").map((name) => inWww(`styles/${name}`)) });
  for (const name of endingIn(".html")) {
    const page = readFileSync(inWww(name), "utf8").replace(/(?=<script type="module" src="(\w[\w-]*)\.js">)/g, (_, entry) =>
      needed(metafile, entry).map((chunk) => `<link rel="modulepreload" href="${chunk}">\n`).join(""));
    writeFileSync(join(DIST, name), page);
  }
  for (const name of endingIn(".svg")) copyFileSync(inWww(name), join(DIST, name));
  cpSync(join(ROOT, "pkg/checkpoints"), join(DIST, "checkpoints"), { recursive: true });
}

/** Takes files of a binary from pkg/. @param {string} name @param {string[]} files */
function place(name, files) {
  mkdirSync(join(DIST, name), { recursive: true });
  for (const file of files) copyFileSync(join(ROOT, "pkg", name, file), join(DIST, name, file));
}

/** The code around a binary stays a file beside it, which may not be there yet. @type {import("esbuild").Plugin} */
const separateGlue = {
  name: "separate-glue",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/\w+\/ddq_playground\.js$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** A page that works before all binaries are built: those that it asks for are handed in later, by placeBinary(). */
export async function buildEarlyPage() {
  emptyDist();
  await bundle([separateGlue]);
}

/** @param {string} name */
export const placeBinary = (name) => place(name, [GLUE, WASM]);

export function emptyDist() {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
}

/** Everything, into an empty dist/ or over an early page, which visitors may be looking at. */
export async function buildPage() {
  await bundle([]);
  await bundleClassic("worker/embedded-worker.js");
  for (const name of BINARIES) place(name, [WASM]);
  await buildOffline();
  await buildElement();
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  emptyDist();
  await buildPage();
}
