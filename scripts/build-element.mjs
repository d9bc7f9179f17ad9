/**
 * <quant-playground> for the npm package, in pkg/element/: the package's own modules and binaries stay beside it, texts
 * of the page are inside. Made from dist/, which scripts/build-page.mjs has built.
 */
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { COMMON, DIST, inWww, ROOT } from "./bundling.mjs";

const OUT = join(ROOT, "pkg", "element");
const TEXTS = ["index.html", "about.html", "style.css", "panels.css", "embedded-worker.js"];

/** Modules of the package are not bundled a second time. @type {import("esbuild").Plugin} */
const packageModules = {
  name: "package-modules",
  setup({ onResolve }) {
    onResolve({ filter: /^(\.\.\/)+pkg\/[\w-]+\.js$/ }, ({ path }) => ({ path: `../${basename(path)}`, external: true }));
  },
};

/** The module of texts, which a playground needs when it begins. @param {Record<string, string>} texts @returns {import("esbuild").Plugin} */
const textModule = (texts) => ({
  name: "text-module",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/packaged-texts\.js$/ }, () => ({ path: "packaged-texts", namespace: "texts" }));
    onLoad({ filter: /.*/, namespace: "texts" }, () => ({ contents: `export const TEXTS = ${JSON.stringify(texts)};` }));
  },
});

export async function buildElement() {
  rmSync(OUT, { recursive: true, force: true });
  const texts = Object.fromEntries(TEXTS.map((name) => [name, readFileSync(join(DIST, name), "utf8")]));
  await build({
    ...COMMON, outdir: OUT, entryPoints: [{ in: inWww("host/packaged.js"), out: "quant-playground" }], format: "esm", splitting: true,
    chunkNames: "[name]-[hash]", plugins: [packageModules, textModule(texts)],
  });
  copyFileSync(join(ROOT, "LICENSE"), join(ROOT, "pkg", "LICENSE"));
}
