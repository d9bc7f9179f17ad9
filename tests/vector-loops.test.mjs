/** Reads in the built binaries that the kernels' inner loops load vectors, and nothing else. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const path = (/** @type {string} */ name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Kernels, each a function of its own for every width, and what their inner loops are known by. */
const KERNELS = {
  fields: /dot_i8x16_i7x16_s|i8x16\.(relaxed_)?swizzle/,
  lane_rows: /i32x4\.dot_i16x8_s/,
  lookup: /i8x16\.(relaxed_)?swizzle/,
  words: /i32x4\.dot_i16x8_s/,
};
/** How many functions each binary has of them. */
const EXPECTED = {
  // Codebooks of 2, 3 and 4 bits; with relaxed SIMD these codes without a codebook too, codebooks by its dot product, and bytes.
  simd128: { fields: 3, lane_rows: 4, lookup: 1, words: 2 },
  relaxed: { fields: 10, lane_rows: 4, lookup: 1, words: 2 },
};

/** @typedef {(string | Expression)[]} Expression */

/** The functions of a module in text form, by their names there. @param {string} text */
function functionsOf(text) {
  /** @type {Map<string, Expression>} */
  const functions = new Map();
  /** @type {Expression[]} */
  const open = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+/g)) {
    if (token === "(") open.push([]);
    else if (token !== ")") open.at(-1)?.push(token);
    else {
      const closed = /** @type {Expression} */ (open.pop());
      // The module itself is not needed as a whole.
      if (open.length > 1) open.at(-1)?.push(closed);
      else if (closed[0] === "func") functions.set(String(closed[1]), closed);
    }
  }
  return functions;
}

/** The instructions of an expression; those of each inner loop are added to `loops`. @param {Expression} expression @param {string[][]} loops */
function instructionsOf(expression, loops) {
  /** @type {string[]} */
  const found = [];
  const before = loops.length;
  for (const part of expression) {
    if (typeof part !== "string") found.push(...instructionsOf(part, loops));
  }
  if (expression[0] === "loop" && loops.length === before) loops.push(found);
  return [String(expression[0]), ...found];
}

for (const [binary, kernels] of Object.entries(EXPECTED)) {
  test(`inner loops of ${binary} load nothing but vectors`, () => {
    const text = execFileSync(path("node_modules/.bin/wasm-dis"), [path(`pkg/${binary}/ddq_playground_bg.wasm`)], { encoding: "utf8", maxBuffer: 1 << 28 });
    const functions = functionsOf(text);
    const imported = text.match(/^ \(import .*\(func/gm)?.length ?? 0;
    const symbols = readFileSync(path(`target/wasm-simd/${binary}.wasm.symbols`), "utf8");
    for (const [kernel, expected] of Object.entries(kernels)) {
      const indices = [...symbols.matchAll(new RegExp(`^(\\d+):.*kernels::simd::${kernel}::multiply`, "gm"))].map(([, index]) => Number(index) - imported);
      assert.equal(indices.length, expected, `functions of ${kernel}`);
      for (const index of indices) {
        const name = `$${index}`;
        /** @type {string[][]} */
        const loops = [];
        instructionsOf(functions.get(name) ?? assert.fail(`${name} is missing`), loops);
        const hot = loops.filter((loop) => loop.some((instruction) => KERNELS[/** @type {keyof typeof KERNELS} */ (kernel)].test(instruction)));
        assert.ok(hot.length > 0, `${kernel} ${name}: no inner loop multiplies`);
        for (const loop of hot) {
          const loads = loop.filter((instruction) => /\.load/.test(instruction));
          assert.ok(loads.length > 0, `${kernel} ${name}: nothing is loaded`);
          assert.deepEqual(loads.filter((load) => !/^v128\.load(\d+_splat)?$/.test(load)), [], `${kernel} ${name}: loads that are no vectors`);
        }
      }
    }
  });
}
