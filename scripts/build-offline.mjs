/**
 * The page as one HTML file for a disk or a stick: scripts, styles, wasm, checkpoints and prose are inside it, and its
 * policy lets it run just these scripts and ask for nothing. Made from dist/, which scripts/build-page.mjs has built.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { COMMON, DIST, inWww, kilobytes } from "./bundling.mjs";

/** The binary that does the work of the smaller ones too: what a first view saves on a network costs here twice. */
const WHOLE = "full";
const REPLACED = ["core", "simd128", "scalar"];
const wasm = (/** @type {string} */ name) => `${name}/ddq_playground_bg.wasm`;
/** Files inside the page, each with all names that it goes by. */
const FILES = [
  [wasm(WHOLE), ...REPLACED.map(wasm)], [wasm("relaxed")], [wasm("charts")], [wasm("details")],
  ...["mlp", "cnn", "mobile"].map((model) => [`checkpoints/${model}.bin`]), ["closer.css"], ["about.html"], ["embedded-worker.js"],
];

/** The code around a replaced binary is that of the whole one. @type {import("esbuild").Plugin} */
const wholeBinary = {
  name: "whole-binary",
  setup({ onResolve }) {
    const filter = new RegExp(`^\\./(${REPLACED.join("|")})/ddq_playground\\.js$`);
    onResolve({ filter }, ({ resolveDir }) => ({ path: join(resolveDir, WHOLE, "ddq_playground.js") }));
  },
};

/** @param {string} entry @param {import("esbuild").BuildOptions} options */
async function bundled(entry, options) {
  const { outputFiles } = await build({ ...COMMON, ...options, entryPoints: [inWww(entry)], write: false, plugins: [wholeBinary] });
  return /** @type {import("esbuild").OutputFile[]} */ (outputFiles)[0].text.trim();
}

/** The source of a policy that lets one inline script or style be. @param {string} text */
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** @param {string} page @param {RegExp} place @param {string} text */
function replaced(page, place, text) {
  if (!place.test(page)) throw new Error(`build-offline: expected ${place} in index.html, found none`);
  return page.replace(place, () => text);
}

/** Writes the file into dist/ and says how large it is. */
export async function buildOffline() {
  const script = await bundled("offline.js", { format: "esm" });
  const worker = await bundled("embedded-worker.js", { format: "iife", define: { "import.meta.url": '"https://page.invalid/"' } });
  const style = readFileSync(join(DIST, "style.css"), "utf8").trim();
  const icon = `data:image/svg+xml;base64,${readFileSync(inWww("icon.svg")).toString("base64")}`;
  // HTML looks for these inside scripts.
  if (/<!--|<\/script/i.test(script)) throw new Error("build-offline: expected a bundle without <!-- and </script, between which HTML would cut it");
  const policy = `default-src 'none'; script-src ${hash(script)} 'wasm-unsafe-eval'; worker-src blob:; frame-src 'self'; style-src ${hash(style)}; img-src blob: data:; base-uri 'none'; form-action 'none'`;
  const blocks = FILES.map((names) => {
    const bytes = names.includes("embedded-worker.js") ? Buffer.from(worker) : readFileSync(join(DIST, names[0]));
    return `<script type="application/gzip" data-files="${names.join(" ")}">${gzipSync(bytes, { level: 9 }).toString("base64")}</script>`;
  });
  let page = readFileSync(inWww("index.html"), "utf8");
  page = replaced(page, /<meta http-equiv="Content-Security-Policy"[^>]*>/, `<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  page = replaced(page, /<link rel="icon"[^>]*>/, `<link rel="icon" href="${icon}">`);
  // What says that a file is missing has nothing to say here.
  page = replaced(page, /<script src="boot\.js"><\/script>\n/, "");
  page = replaced(page, /<link rel="stylesheet" href="style\.css">/, `<style>${style}</style>`);
  page = replaced(page, /<script type="module" src="main\.js"><\/script>/, `<script type="module">${script}</script>`);
  // Words that lead to a page which is not inside; the prose of about.html is.
  page = page.replace(/ ?<a href="(?!about\.)[\w-]+\.html">[^<]*<\/a>\.?/g, "");
  page = replaced(page, /(?=<\/body>)/, `${blocks.join("\n")}\n`);
  const file = "ddq-playground-offline.html";
  writeFileSync(join(DIST, file), page);
  console.log(`dist/${file}: ${kilobytes(Buffer.byteLength(page))}`);
}
