/** The npm package as others get it: packed, installed, bundled by Vite, served plainly, loaded in Node, typed. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { snippets, writeSnippets } from "../scripts/snippets.mjs";
import { keys, VIEW } from "../www/state/state.js";
import { load } from "../pkg/index.js";
import { finished, outside, serveFolder } from "./page/folder.mjs";
import { closeAll, openAt } from "./page/open.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PKG = join(ROOT, "pkg");
const readme = snippets(readFileSync(join(PKG, "README.md"), "utf8"));
/** Where somebody has installed the package. */
const app = mkdtempSync(join(tmpdir(), "ddq-app-"));
/** @type {{ files: { path: string }[], filename: string }} */
let packed;

before(() => {
  execFileSync("scripts/setup.sh", ["hosts"], { cwd: ROOT, stdio: "inherit" });
  [packed] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", app], { cwd: PKG, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  writeFileSync(join(app, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  execFileSync("npm", ["install", "--offline", "--no-fund", "--no-audit", "--silent", `file:${packed.filename}`], { cwd: app });
  writeSnippets(readme, ["index.html", "vite.config.js", "main.js", "worker.js", "plain.html", "typed.ts"], app);
});
after(closeAll);
after(() => rmSync(app, { recursive: true }));

test("what is packed is what the package needs, and every file that it names is there", () => {
  const paths = packed.files.map(({ path }) => path);
  for (const path of ["README.md", "LICENSE", "index.d.ts", "element.d.ts", "element/quant-playground.js", "checkpoints/cnn.bin"]) assert.ok(paths.includes(path), path);
  for (const name of ["core", "simd128", "scalar", "full", "relaxed", "charts", "details"]) assert.ok(paths.includes(`${name}/ddq_playground_bg.wasm`), name);
  for (const path of paths) assert.match(path, /^(element\/|checkpoints\/|\w+\/ddq_playground|[\w-]+\.(js|json|d\.ts)$|README|LICENSE)/);
  // The texts of the page name files of the page, which the element gives it by these names.
  for (const path of paths.filter((path) => path.endsWith(".js") && !path.includes("packaged-texts"))) {
    const folder = path.replace(/[^/]*$/, "");
    for (const [, named] of readFileSync(join(PKG, path), "utf8").matchAll(/(?:from|import|import\(|new URL\()\s*"(\.[^"]+)"/g)) {
      const wanted = join(folder, named);
      assert.ok(paths.includes(wanted), `${path} names ${named}`);
    }
  }
});

/** What a page shows when all of it has run. @param {string} site @param {string} path @param {string[]} lacking @param {string[]} ids */
async function shown(site, path, lacking, ids) {
  const { page, requests, complaints, close } = await openAt(async () => `${site}${path}`);
  await finished(page);
  for (const id of ids) await page.waitForFunction((id) => document.getElementById(id)?.textContent, id, { timeout: 60_000 });
  const texts = await Promise.all(ids.map((id) => page.textContent(`#${id}`)));
  const bits = await page.evaluate(() => document.querySelector("quant-playground")?.result?.layers.map(({ weight }) => weight.bits));
  assert.equal(bits?.length, 3);
  assert.deepEqual([lacking, outside(site, requests), complaints], [[], [], []]);
  await close();
  return texts.join("\n");
}

test("Vite bundles it: the engine trains in the page and in a Worker, and the element runs", async () => {
  const vite = join(ROOT, "tests/hosts/node_modules/vite/bin/vite.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, "build", "--logLevel", "warn", "--base", "./"], { cwd: app, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /doesn't exist|could not be|unresolved|import\.meta/i);
  const assets = readdirSync(join(app, "dist", "assets"));
  const binaries = new Set(assets.filter((name) => name.endsWith(".wasm")).map((name) => readFileSync(join(app, "dist", "assets", name)).length));
  assert.equal(binaries.size, 7, assets.join("\n"));
  assert.equal(assets.filter((name) => name.endsWith(".bin")).length, 3);
  const { site, lacking, close } = await serveFolder(app, { "/site/": join(app, "dist") });
  const texts = await shown(site, "/site/", lacking, ["page", "worker"]);
  assert.match(texts, /^in the page: 0\.9\d+\nin a Worker: 0\.9\d+, \d{4,} bytes as ONNX$/);
  close();
});

test("it runs in a page without a bundler", async () => {
  const { site, lacking, close } = await serveFolder(app);
  assert.match(await shown(site, "/plain.html", lacking, ["page"]), /^in the page: 0\.9\d+$/);
  close();
});

test("it runs in Node as installed, and its files have names of their own", () => {
  const source = `
    import { readFileSync } from "node:fs";
    import { readFile } from "node:fs/promises";
    import { createRequire } from "node:module";
    import { load } from "ddq-playground";
    const names = [];
    const engine = await load({ checkpoints: ["mlp"], read: (url, name) => (names.push(name), readFile(url)) });
    const session = engine.createSession({ model: "mlp", epochs: 1 });
    while (!session.step(100).done);
    const { resolve } = createRequire(import.meta.url);
    const sizes = ["core.wasm", "relaxed.wasm", "checkpoints/cnn.bin"].map((name) => readFileSync(resolve(\`ddq-playground/\${name}\`)).length);
    console.log(JSON.stringify({ accuracy: session.evaluate("test").accuracy, names: names.sort(), sizes }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], { cwd: app, encoding: "utf8" });
  assert.equal(stderr, "");
  const { accuracy, names, sizes } = JSON.parse(stdout);
  assert.ok(accuracy > 0.9);
  assert.deepEqual(names, ["checkpoints/mlp.bin", "simd128/ddq_playground_bg.wasm"]);
  assert.ok(sizes.every((/** @type {number} */ size) => size > 10_000), String(sizes));
});

for (const moduleResolution of ["bundler", "nodenext"]) {
  test(`its types serve with moduleResolution ${moduleResolution}, and refuse what is wrong`, () => {
    const wrong = 'import "ddq-playground/element";\nimport { load } from "ddq-playground";\n(await load()).createSession({ method: "none" });\ndocument.createElement("quant-playground").step("1");\n';
    mkdirSync(join(app, moduleResolution), { recursive: true });
    writeFileSync(join(app, moduleResolution, "wrong.ts"), wrong);
    const options = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--moduleResolution", moduleResolution, "--module", moduleResolution === "bundler" ? "esnext" : "nodenext"];
    const tsc = (/** @type {string} */ file) => spawnSync(join(ROOT, "node_modules/.bin/tsc"), [...options, file], { cwd: app, encoding: "utf8" }).stdout;
    assert.equal(tsc("typed.ts"), "");
    const errors = [...tsc(`${moduleResolution}/wrong.ts`).matchAll(/wrong\.ts\((\d+),\d+\): error TS(\d+)/g)].map(([, line, code]) => `${line}: ${code}`);
    assert.deepEqual(errors, ["3: 2322", "4: 2345"]);
  });
}

test("the lines for JSX that the types print make React know the element and its attributes", () => {
  const printed = /\n \*( {5}declare module "react"[\s\S]*?)\n \*\//.exec(readFileSync(join(PKG, "element.d.ts"), "utf8"))?.[1].replaceAll("\n *", "\n") ?? "";
  const folder = join(app, "jsx");
  mkdirSync(folder);
  const before = 'import type { QuantPlayground, QuantPlaygroundAttributes } from "ddq-playground/element";\n';
  const after = 'export const page = <quant-playground model="mlp" budget={3} ui="bits" className="wide" />;\n// @ts-expect-error: no such theme\nexport const wrong = <quant-playground theme="blue" />;\n';
  writeFileSync(join(folder, "page.tsx"), `${before}${printed}\n${after}`);
  const react = join(ROOT, "tests/hosts/node_modules/@types/react");
  const compilerOptions = { strict: true, noEmit: true, jsx: "react-jsx", module: "esnext", moduleResolution: "bundler", target: "es2022", types: [], paths: { react: [react], "react/jsx-runtime": [join(react, "jsx-runtime.d.ts")] } };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["page.tsx"] }));
  assert.equal(spawnSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder], { encoding: "utf8" }).stdout, "");
});

test("the element's attributes have types for every key of the view, and for no key that is not a setting", async () => {
  const declared = /interface QuantPlaygroundAttributes \{([\s\S]*?)\n\}/.exec(readFileSync(join(PKG, "element.d.ts"), "utf8"))?.[1] ?? "";
  const names = [...declared.matchAll(/^ {2}"?([\w-]+)"?\?:/gm)].map(([, name]) => name);
  const engine = await load({ checkpoints: [], read: async (url) => readFileSync(url) });
  const known = keys(engine.optionTable);
  assert.deepEqual(names.filter((name) => !known.includes(name)), []);
  assert.deepEqual(VIEW.map(({ key }) => key).filter((key) => !names.includes(key)), []);
});
