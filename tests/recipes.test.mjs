/**
 * The recipes of docs/RECIPES.md: each file as it is printed there, built by the tool that it is for, opened in Chromium,
 * until the playground in it has ended its run. Screenshots are in test-results/.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { snippets, writeSnippets } from "../scripts/snippets.mjs";
import { finished, outside, serveFolder } from "./page/folder.mjs";
import { closeAll, openAt } from "./page/open.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const PYTHON = join(ROOT, ".tools/hosts/bin");
const recipes = snippets(readFileSync(join(ROOT, "docs/RECIPES.md"), "utf8"));
const work = mkdtempSync(join(tmpdir(), "ddq-recipes-"));
/** Jupyter begins in seconds on an idle machine, and in minutes on a busy one. */
const PATIENCE = 600_000;
/** Recipes that a test has tried. @type {Set<string>} */
const tried = new Set();

before(() => void execFileSync("scripts/setup.sh", ["hosts"], { cwd: ROOT, stdio: "inherit" }));
after(closeAll);
after(() => rmSync(work, { recursive: true }));

/** A folder with files of the document. @param {string} name @param {string[]} files */
function folderOf(name, files) {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeSnippets(recipes, files, folder);
  for (const file of files) tried.add(file);
  return folder;
}

/** A playground of one's own, as the recipes say. @param {string} place */
const copyDist = (place) => cpSync(DIST, place, { recursive: true });

/** @param {string} program @param {string[]} parts @param {import("node:child_process").ExecFileSyncOptions} [options] */
const run = (program, parts, options) => void execFileSync(program, parts, { stdio: ["ignore", "ignore", "inherit"], ...options });

/**
 * Opens a page of a built site and waits for its playgrounds.
 * @param {string} folder @param {string} path @param {{ name: string, frame?: boolean }} options
 */
async function runs(folder, path, { name, frame = false }) {
  const { site, lacking, close: closeSite } = await serveFolder(folder);
  const { page, requests, complaints, close } = await openAt(async () => `${site}${path}`);
  // The longer of two may be below the fold.
  await page.locator("quant-playground").scrollIntoViewIfNeeded();
  await finished(page);
  if (frame) {
    await page.locator("iframe").scrollIntoViewIfNeeded();
    await finished(page.frames()[1]);
  }
  const bits = await page.evaluate(() => document.querySelector("quant-playground")?.result?.layers.map(({ weight }) => weight.bits));
  assert.equal(bits?.length, 3);
  const height = await page.evaluate(() => document.querySelector("iframe")?.getBoundingClientRect().height ?? 0);
  await page.screenshot({ path: `test-results/recipe-${name}.png`, fullPage: true });
  // A favicon that a tool's theme does not have is none of ours.
  const ours = lacking.filter((path) => !path.includes("favicon"));
  const about = complaints.filter((text) => !(text.includes("404") && ours.length === 0));
  assert.deepEqual([ours, outside(site, requests).filter((url) => url.includes("playground")), about], [[], [], []]);
  await close();
  closeSite();
  return { height };
}

test("plain HTML: element and frame", async () => {
  const folder = folderOf("plain", ["article.html"]);
  copyDist(join(folder, "playground"));
  const { height } = await runs(folder, "/article.html", { name: "plain", frame: true });
  assert.ok(height > 300 && height !== 640, `the frame is ${height} px high`);
});

test("mdBook", { timeout: 400_000 }, async () => {
  const folder = folderOf("mdbook", ["src/bits.md"]);
  writeFileSync(join(folder, "book.toml"), '[book]\ntitle = "Quantization"\n');
  writeFileSync(join(folder, "src/SUMMARY.md"), "- [Bits](bits.md)\n");
  copyDist(join(folder, "src/playground"));
  run("cargo", ["run", "--quiet", "--locked", "--manifest-path", "tests/hosts/mdbook/Cargo.toml", "--", folder], { cwd: ROOT, env: { ...process.env, CARGO_TARGET_DIR: join(ROOT, "target/mdbook") } });
  await runs(join(folder, "book"), "/bits.html", { name: "mdbook" });
});

test("Docusaurus and MDX: compiled by MDX, rendered by React, with the scripts of the configuration", async () => {
  const folder = folderOf("mdx", ["docusaurus.config.js", "docs/bits.mdx"]);
  const hosts = (/** @type {string} */ path) => import(pathToFileURL(join(ROOT, "tests/hosts/node_modules", path)).href);
  const [{ evaluate }, jsx, { createElement }, { renderToString }, { default: config }] = await Promise.all([
    hosts("@mdx-js/mdx/index.js"), hosts("react/jsx-runtime.js"), hosts("react/index.js"), hosts("react-dom/server.node.js"), import(pathToFileURL(join(folder, "docusaurus.config.js")).href),
  ]);
  const { default: Page } = await evaluate(readFileSync(join(folder, "docs/bits.mdx"), "utf8"), jsx.default);
  const scripts = config.scripts.map((/** @type {object} */ attributes) => renderToString(createElement("script", attributes)));
  writeFileSync(join(folder, "bits.html"), `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bits</title>${scripts.join("")}${renderToString(createElement(Page))}</html>`);
  // What lies in static/ is served from the base address.
  copyDist(join(folder, "playground"));
  await runs(folder, "/bits.html", { name: "mdx", frame: true });
});

test("Sphinx: MyST and reStructuredText", { timeout: 120_000 }, async () => {
  const folder = folderOf("sphinx", ["conf.py", "index.md", "levels.rst"]);
  writeFileSync(join(folder, "index.md"), `${readFileSync(join(folder, "index.md"), "utf8")}\n\`\`\`{toctree}\nlevels\n\`\`\`\n`);
  copyDist(join(folder, "_static/playground"));
  run(join(PYTHON, "sphinx-build"), ["-W", "--quiet", "-b", "html", folder, join(folder, "_build")]);
  await runs(join(folder, "_build"), "/index.html", { name: "myst" });
  await runs(join(folder, "_build"), "/levels.html", { name: "rst" });
});

/** A port that is free now. @returns {Promise<number>} */
const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, () => {
    const address = probe.address();
    probe.close(() => resolve(address && typeof address === "object" ? address.port : 0));
  });
});

/** Waits for something outside the page, for as long as the test may take. @template T @param {AbortSignal} signal @param {() => Promise<T> | T} look */
async function until(signal, look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await setTimeout(100, undefined, { signal });
  }
}

test("Jupyter: a frame, and a widget whose numbers come back to Python", { timeout: PATIENCE }, async ({ signal }) => {
  const folder = folderOf("jupyter", ["frame.py", "widget.py"]);
  const kept = 'import json, pathlib\nplayground.observe(lambda change: (pathlib.Path("result.part").write_text(json.dumps(change.new)), pathlib.Path("result.part").rename("result.json")), "result")';
  const cells = [recipes.get("frame.py"), recipes.get("widget.py"), kept].map((source, index) => ({ cell_type: "code", id: `cell${index}`, execution_count: null, metadata: {}, outputs: [], source }));
  const kernelspec = { name: "python3", display_name: "Python 3", language: "python" };
  writeFileSync(join(folder, "notebook.ipynb"), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells }));
  const port = await freePort();
  const home = join(work, "home");
  const env = { ...process.env, HOME: home, JUPYTER_CONFIG_DIR: home, JUPYTER_DATA_DIR: home, JUPYTER_RUNTIME_DIR: join(home, "runtime"), IPYTHONDIR: home, JUPYTER_PREFER_ENV_PATH: "1" };
  const server = spawn(join(PYTHON, "jupyter"), ["lab", "--no-browser", "--allow-root", "--expose-app-in-browser", `--port=${port}`, `--ServerApp.root_dir=${folder}`, "--IdentityProvider.token="], { env, stdio: "ignore", detached: true });
  try {
    const base = `http://localhost:${port}`;
    await until(signal, async () => (await fetch(`${base}/api/status`).catch(() => null))?.ok);
    const { page, close } = await openAt(async () => "about:blank", { viewport: { width: 1280, height: 3000 } });
    await page.context().route("https://example.org/playground/**", (route) => route.fulfill({
      path: join(DIST, new URL(route.request().url()).pathname.slice("/playground/".length)), headers: { "access-control-allow-origin": "*" },
    }));
    await page.goto(`${base}/lab/tree/notebook.ipynb`);
    await page.waitForSelector(".jp-Notebook .jp-CodeCell >> nth=2", { timeout: PATIENCE });
    await page.waitForFunction(() => document.querySelector(".jp-Notebook-ExecutionIndicator[data-status=idle]"), null, { timeout: PATIENCE });
    await page.evaluate(() => Reflect.get(window, "jupyterapp").commands.execute("notebook:run-all-cells"));
    const frame = await page.waitForSelector('iframe[src^="https://example.org/playground/embed.html"]', { timeout: PATIENCE });
    await finished(/** @type {import("playwright-core").Frame} */ (await frame.contentFrame()));
    await finished(page);
    const { accuracy, bits } = await until(signal, () => {
      const text = existsSync(join(folder, "result.json")) ? readFileSync(join(folder, "result.json"), "utf8") : "";
      const result = JSON.parse(text || "{}");
      return result.epoch === 2 && result;
    });
    assert.ok(accuracy > 0.8 && accuracy <= 1, String(accuracy));
    assert.deepEqual(bits, await page.evaluate(() => document.querySelector("quant-playground")?.result?.layers.map(({ weight }) => weight.bits)));
    await page.screenshot({ path: "test-results/recipe-jupyter.png" });
    await close();
  } finally {
    process.kill(-Number(server.pid));
  }
});

test("GitHub Pages: a valid workflow that runs the project's own recipe", () => {
  const file = ".github/workflows/pages.yml";
  const folder = folderOf("pages", [file]);
  run(join(PYTHON, "check-jsonschema"), ["--builtin-schema", "vendor.github-workflows", join(folder, file)], { stdio: ["ignore", "ignore", "inherit"] });
  const workflow = recipes.get(file) ?? "";
  const commands = [...workflow.matchAll(/^ +- run: (.*)$/gm)].map(([, command]) => command);
  assert.deepEqual(commands, ["make dist"]);
  const steps = execFileSync("make", ["-n", "dist"], { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, MAKEFLAGS: "", MAKELEVEL: "" } });
  assert.match(steps, /scripts\/setup\.sh node wasm\n/);
  const [, published] = /path: (\S+)/.exec(workflow) ?? [];
  assert.ok(existsSync(join(ROOT, published, "index.html")));
});

test("every file of the recipes was tried", () => assert.deepEqual([...recipes.keys()].sort(), [...tried].sort()));
