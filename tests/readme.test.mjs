/** Every command and example of README and docs is run here. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { closeAll, openPage } from "./page/open.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), "utf8");
const readme = read("README.md");
const results = read("docs/RESULTS.md");
const docs = readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
after(closeAll);

/** The indented lines of a text: its commands. */
const commands = (/** @type {string} */ text) => text.split("\n").filter((line) => line.startsWith("    ") && !/^ {5}/.test(line)).map((line) => line.trim());

/** An example in js of a text: the first, or the one at `at`. @param {string} text @param {number} [at] */
function example(text, at = 0) {
  const found = [...text.matchAll(/```js\n([\s\S]*?)```/g)][at];
  assert.ok(found, `there is a js example ${at}`);
  return found[1];
}

/** What an example prints in a page. @param {string} source @param {string} [model] the file served as my.onnx */
async function printedInPage(source, model) {
  const { page, close } = await openPage({ path: "icon.svg" });
  if (model) await page.route("**/my.onnx", (route) => route.fulfill({ path: model }));
  const body = source.replace('"./pkg/index.js"', '"/pkg/index.js"').replace(/import \{ load \} from (".*?");/, "const { load } = await import($1);");
  const printed = await page.evaluate(`(async () => {
    const lines = []; const console = { log: (line) => lines.push(line) };
    ${body}
    return lines;
  })()`);
  await close();
  return /** @type {string[]} */ (printed);
}

/** The commands that each document shows. */
const COMMANDS = {
  "README.md": ["make play", "make test"],
  "docs/USING.md": ["make dist", "cargo run --release --example run -- model=mlp method=ddq budgetBits=3 seed=2"],
  "docs/RESULTS.md": ["cargo run --release --example table", "cargo run --release --example allocations", "cargo run --release --example loss_scaling"],
};

test("every command of a document is known here", () => {
  for (const [path, known] of Object.entries(COMMANDS)) {
    const text = read(path).replaceAll(/```[\s\S]*?```/g, "");
    assert.deepEqual(commands(text), known, path);
  }
});

test("the README is short, and its links work", () => {
  assert.ok(readme.split("\n").length <= 161, `${readme.split("\n").length - 1} lines`);
  for (const [, path, anchor] of readme.matchAll(/\]\(([\w./-]+)(?:#([\w-]+))?\)/g)) {
    const text = path.endsWith(".md") ? read(path) : (statSync(join(ROOT, path)), "");
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(/[^\w\s-]/g, "").replaceAll(" ", "-"));
    if (anchor) assert.ok(anchors.includes(anchor), `${path} has no heading #${anchor}`);
  }
});

test("every make target that a document names is there", () => {
  const documents = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "pkg/README.md", ...docs];
  const named = new Set(documents.flatMap((name) => [...read(name).matchAll(/`make ([a-z-]+)/g)].map(([, target]) => target)));
  assert.ok(named.size > 8, [...named].join(" "));
  const makefile = readFileSync(join(ROOT, "Makefile"), "utf8");
  assert.deepEqual([...named].filter((target) => !new RegExp(`^${target}:`, "m").test(makefile)), []);
});

test("make play serves page and package at the port given, and says so in one line", async () => {
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, () => {
      const address = probe.address();
      probe.close(() => resolve(address && typeof address === "object" ? address.port : 0));
    });
  });
  // As a visitor types it: this test may itself run below make, whose variables would make this one a part of it.
  const { MAKEFLAGS, MFLAGS, MAKELEVEL, ...env } = process.env;
  const child = spawn("make", ["play", `PORT=${port}`], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"], detached: true, env });
  try {
    const printed = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    assert.equal(printed.value, `http://localhost:${port}/`);
    const page = await fetch(printed.value);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<title>How few bits/);
    // What is built after the first view is waited for.
    const { length } = await (await fetch(`${printed.value}ddq-playground-offline.html`)).text();
    assert.ok(length > 1e6 && length < 1.3e6, `the offline file has ${length} bytes, little more than 1 MB are promised`);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    const module = await fetch(`${printed.value}pkg/simd128/ddq_playground_bg.wasm`);
    assert.equal(module.headers.get("content-type"), "application/wasm");
    for (const path of ["pkg/missing.js", "../Cargo.toml", "%2e%2e/Cargo.toml", "..%2fCargo.toml"]) {
      assert.equal((await fetch(`${printed.value}${path}`)).status, 404, path);
    }
  } finally {
    process.kill(-Number(child.pid));
  }
});

test("the example of the README runs in a page", async () => {
  const [summary, bits] = await printedInPage(example(readme));
  const [, average] = summary.match(/^9\d\.\d %, (\d\.\d+) bits per weight, \d+ bytes$/) ?? assert.fail(summary);
  assert.ok(Number(average) > 2 && Number(average) <= 4, `${summary}: the budget is 4 bits per weight`);
  assert.equal(bits.split(", ").length, 14);
});

test("the example with your own data runs in a page", async () => {
  const [counts, accuracy] = await printedInPage(example(read("docs/DATA_AND_MODELS.md")));
  assert.equal(counts, "120 samples, classes cat, dog");
  assert.match(accuracy, /^(9\d|100)\.\d %$/);
});

test("the example with your own model runs in a page", async () => {
  const [counts, float, quantized] = await printedInPage(example(read("docs/DATA_AND_MODELS.md"), 1), join(ROOT, "tests/onnx/digits-17.onnx"));
  assert.equal(counts, "4 layers, 6170 parameters, 10 classes");
  assert.match(float, /^9\d\.\d % in float$/);
  assert.match(quantized, /^9\d\.\d %, [23]\.\d\d bits$/);
});

test("the example of the package runs in Node, as installed", () => {
  const folder = mkdtempSync(join(tmpdir(), "ddq-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(ROOT, "pkg"), join(folder, "node_modules", "ddq-playground"));
    writeFileSync(join(folder, "example.mjs"), example(read("pkg/README.md")));
    const { stdout, stderr } = spawnSync(process.execPath, ["example.mjs"], { cwd: folder, encoding: "utf8" });
    assert.match(stdout, /^0\.9\d+ [\d.]+ \[ \d, \d, \d \]\n0\.9\d+ \d+\n$/, stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the commands on the command line run", () => {
  const run = (/** @type {string} */ command) => {
    const [program, ...parts] = command.split(" ");
    const { status, stdout, stderr } = spawnSync(program, parts, { cwd: ROOT, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  const lines = Object.values(COMMANDS).flat();
  const epochs = run(lines.find((line) => line.includes("--example run")) ?? "");
  assert.match(epochs, /done +epoch +8 +loss [\d.]+ +test 9\d\.\d+ %.*\ntrace [0-9a-f]{16}\n$/);
  // One seed of one model: the whole tables take minutes.
  for (const example of ["table", "allocations"]) {
    const table = run(`${lines.find((line) => line.includes(`--example ${example}`))} -- 1 mlp`);
    const [head, , ...rows] = table.trim().split("\n");
    assert.ok(results.includes(head), `docs/RESULTS.md has no table ${head}`);
    for (const [model, method] of rows.map((line) => line.split("|").slice(1, 3).map((cell) => cell.trim()))) {
      assert.equal(model, "mlp");
      assert.ok(results.includes(`| mlp | ${method} |`), `the table has no row ${method}`);
    }
  }
  const scaling = run(`${lines.find((line) => line.includes("--example loss_scaling"))} -- 1`);
  const policies = scaling.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.split("|")[1].trim());
  assert.equal(policies.length, 8);
  for (const policy of policies) assert.ok(results.includes(`| ${policy} |`), `the table has no row ${policy}`);
});

test("every file that CONTRIBUTING.md names is there", () => {
  const named = new Set([...read("CONTRIBUTING.md").matchAll(/`((?:src|www|tests|docs|scripts|pkg)\/[\w./-]+)`/g)].map(([, path]) => path));
  assert.ok(named.size > 20, [...named].join(" "));
  for (const path of named) assert.ok(statSync(join(ROOT, path), { throwIfNoEntry: false }), path);
});
