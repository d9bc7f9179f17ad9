/** The folders of www/ name each other in one direction only, and panels do not name each other at all. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WWW = fileURLToPath(new URL("../www", import.meta.url));
/** Each names only folders before it. The files that stand beside the pages come last; what comes from pkg/, anybody may name. */
const ORDER = ["base", "worker", "client", "dom", "plots", "state", "panels", "app", "host", "lesson", "."];
/** The one file that names panels. */
const REGISTRY = "panels/registry.js";
/** Longest file, in lines; and the controller, which wires what others do. */
const LONGEST = 250;
const CONTROLLER = { file: "app/playground.js", lines: 150 };

/** A module and the files that it names: `uses` when it runs, `mentions` in types too. @typedef {{ uses: string[], mentions: string[], lines: number }} Module */

/** @param {string} file @returns {Module} */
function read(file) {
  const text = readFileSync(join(WWW, file), "utf8");
  const from = (/** @type {string} */ found) => relative(WWW, join(WWW, dirname(file), found)).replaceAll("\\", "/");
  const all = (/** @type {string} */ source, /** @type {RegExp} */ pattern) => [...source.matchAll(pattern)].map(([, found]) => from(found)).filter((found) => !found.startsWith(".."));
  const code = text.replaceAll(/\/\*[^]*?\*\//g, "");
  return {
    uses: [...all(code, /^(?:import|export)\b[^"]*?"(\.[^"]+)";/gm), ...all(code, /\bimport\("(\.[^"]+)"\)/g)],
    mentions: [...all(text, /^(?:import|export)\b[^"]*?"(\.[^"]+)";/gm), ...all(text, /\bimport\("(\.[^"]+)"\)/g)],
    lines: text.split("\n").length - 1,
  };
}

const files = readdirSync(WWW, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/")).filter((file) => file.endsWith(".js"));
const modules = new Map(files.map((file) => [file, read(file)]));
const folderOf = (/** @type {string} */ file) => (file.includes("/") ? file.slice(0, file.indexOf("/")) : ".");
/** The panel that a file belongs to: a file of panels/ or a folder. @param {string} file */
const panelOf = (file) => /^panels\/([\w-]+)/.exec(file)?.[1] ?? null;

test("every folder names only folders before it, in types too", () => {
  let checked = 0;
  for (const [file, { mentions }] of modules) {
    assert.ok(ORDER.includes(folderOf(file)), `${file} is in a folder that has no place in the order`);
    for (const other of mentions) {
      assert.ok(ORDER.indexOf(folderOf(other)) <= ORDER.indexOf(folderOf(file)), `${file} names ${other}, which comes after it`);
      checked += 1;
    }
  }
  assert.ok(checked > 250, `only ${checked} names seen`);
});

test("every file that is named is there", () => {
  for (const [file, { mentions }] of modules) {
    for (const other of mentions) assert.ok(modules.has(other) || other === "host/packaged-texts.js", `${file} names ${other}, which is not there`);
  }
});

test("panels never name panels, and only the registry names them all", () => {
  for (const [file, { mentions }] of modules) {
    const panel = panelOf(file);
    if (file === REGISTRY) continue;
    for (const other of mentions.filter((one) => one.startsWith("panels/"))) {
      if (panel) assert.equal(panelOf(other), panel, `${file} names ${other}, which is another panel`);
      else assert.equal(other, REGISTRY, `${file} names ${other} and not the registry`);
    }
  }
});

test("every panel has the place in the page that it says", () => {
  const page = readFileSync(join(WWW, "index.html"), "utf8");
  const ids = [...modules.keys()].filter((file) => panelOf(file)).flatMap((file) => /^ {2}id = "([\w-]+)";$/m.exec(readFileSync(join(WWW, file), "utf8"))?.[1] ?? []);
  assert.ok(ids.length > 10, `only ${ids.length} panels seen`);
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.ok(page.includes(`id="${id}"`), `index.html has no place for the panel ${id}`);
});

test("no files name each other in a circle", () => {
  /** @type {Map<string, "under way" | "done">} */
  const seen = new Map();
  /** @param {string} file @param {string[]} path */
  const visit = (file, path) => {
    assert.notEqual(seen.get(file), "under way", `a circle: ${[...path, file].join(" → ")}`);
    if (seen.has(file)) return;
    seen.set(file, "under way");
    for (const other of modules.get(file)?.uses ?? []) visit(other, [...path, file]);
    seen.set(file, "done");
  };
  for (const file of modules.keys()) visit(file, []);
});

test("no file is long, and the controller is short", () => {
  for (const [file, { lines }] of modules) assert.ok(lines <= LONGEST, `${file}: ${lines} lines, of at most ${LONGEST}`);
  const { lines } = modules.get(CONTROLLER.file) ?? { lines: Infinity };
  assert.ok(lines <= CONTROLLER.lines, `${CONTROLLER.file}: ${lines} lines, of at most ${CONTROLLER.lines}`);
});
