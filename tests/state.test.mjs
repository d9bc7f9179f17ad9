/** The table behind links and attributes: every setting survives the way to text and back, whatever is written is answered. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { load } from "../pkg/index.js";
import { COMPARED, fromHash, fromPairs, keyOf, keys, MOST_NUMBERS, PANELS, toHash, VIEW } from "../www/state/state.js";

const { optionTable } = await load({ checkpoints: [], read: async (url) => readFileSync(url) });

/** Any allowed value of an option. @param {typeof optionTable[number]} row @returns {import("fast-check").Arbitrary<string | number | boolean>} */
function valueOf({ type, choices, min = -1e6, max = 1e6 }) {
  if (type === "choice") return fc.constantFrom(...(choices ?? []));
  if (type === "boolean") return fc.boolean();
  if (type === "integer") return fc.integer({ min, max });
  if (type === "number") return fc.double({ min, max, noNaN: true }).map((value) => value + 0);
  return fc.string();
}
const someOptions = fc.record(Object.fromEntries(optionTable.map((row) => [row.name, valueOf(row)])), { requiredKeys: [] });
const someView = fc.record(Object.fromEntries(VIEW.filter(({ key }) => key !== "v").map(({ key, type, choices, min, max, whole }) => [key,
  type === "choice" ? fc.constantFrom(...(choices ?? [])) : type === "integer" ? fc.integer({ min, max }).map(String)
    : type === "number" ? fc.double({ min, max, noNaN: true }).map(String)
    : type === "numbers" ? fc.array(whole ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true }), { minLength: 1, maxLength: MOST_NUMBERS }).map((list) => list.join(","))
    : type === "list" ? fc.uniqueArray(fc.constantFrom(...(choices ?? [])), { minLength: 1 }).map((names) => names.join(",")) : fc.webUrl()])), { requiredKeys: [] });

test("every setting of the engine and of the view has a key of its own", () => {
  const all = keys(optionTable);
  assert.equal(new Set(all).size, all.length);
  for (const key of ["v", "data", "model", "net", "method", "weight-bits", "activation-bits", "budget", "seed", "epochs", "ui", "theme", "autoplay", "src", "data-src"]) assert.ok(all.includes(key), key);
});

test("whatever is chosen comes back from a link, without a report", () => {
  fc.assert(fc.property(someOptions, someView, (options, view) => {
    const back = fromHash(`#${toHash(options, /** @type {Record<string, string>} */ (view))}`, optionTable);
    assert.deepEqual(back.reports, []);
    assert.deepEqual(back.options, { ...options });
    const usual = Object.fromEntries(VIEW.map(({ key, default: value }) => [key, value]));
    assert.deepEqual({ ...usual, ...back.view }, { ...usual, ...view });
  }), { numRuns: 400 });
});

test("any text gives settings that the engine allows, and every change is reported", () => {
  const key = fc.oneof(fc.constantFrom(...keys(optionTable)), fc.string());
  const text = fc.oneof(fc.string(), fc.double().map(String), fc.constantFrom("true", "false", "", "ddq", "digits", "1e9", "-1", "3.5", "NaN", "Infinity"));
  fc.assert(fc.property(fc.array(fc.tuple(key, text), { maxLength: 12 }), (pairs) => {
    const given = new Map(pairs.filter(([name]) => name !== "v"));
    const { options, view, reports } = fromPairs(given, optionTable);
    for (const [name, value] of Object.entries(options)) {
      const row = optionTable.find((one) => one.name === name);
      assert.ok(row);
      if (typeof value === "number") assert.ok(value >= (row.min ?? -Infinity) && value <= (row.max ?? Infinity) && (row.type === "number" || Number.isInteger(value)), `${name} ${value}`);
      if (row.type === "choice") assert.ok(row.choices?.includes(/** @type {any} */ (value)));
      // A number that was taken as it stands is no report; one that was changed is.
      if (typeof value === "number") assert.equal(reports.some((report) => report.startsWith(`${keyOf(name)}:`)), Number(given.get(keyOf(name))) !== value);
    }
    const taken = Object.keys(options).length + Object.keys(view).length;
    assert.ok(taken + reports.length >= given.size, "what is not taken is reported");
  }), { numRuns: 600 });
});

test("out of range is clamped, and said with what was expected and got", () => {
  const { options, reports } = fromHash("#v=1&budget=2000&epochs=2.6&weight-bits=0&method=magic&learn-bits=maybe&strange=1", optionTable);
  assert.deepEqual(options, { budgetBits: 32, epochs: 3, weightBits: 1 });
  assert.deepEqual(reports, [
    'budget: expected a number from 0 to 32 bits per weight, got "2000"; 32 is used',
    'epochs: expected a whole number from 0 to 1000 epochs, got "2.6"; 3 is used',
    'weight-bits: expected a whole number from 1 to 8 bits, got "0"; 1 is used',
    `method: expected one of ${optionTable.find(({ name }) => name === "method")?.choices?.join(", ")}, got "magic"; ignored`,
    'learn-bits: expected true or false, got "maybe"; ignored',
    '"strange": not a setting; ignored',
  ]);
});

test("lists of numbers are clamped one by one, and as many as are allowed are taken", () => {
  const { view, reports } = fromHash(`#compare-budgets=4,0.5,many&compare-seeds=2.4,${Array(MOST_NUMBERS).fill(7).join(",")}&what-if=9&compare=lsq,magic`, optionTable);
  assert.deepEqual(view, { "compare-budgets": "4,1", "compare-seeds": ["2", ...Array(MOST_NUMBERS - 1).fill("7")].join(","), "what-if": "8", compare: "lsq" });
  assert.deepEqual(reports.map((report) => report.split(":")[0]), ["compare-budgets", "compare-budgets", "compare-seeds", "compare-seeds", "what-if", "compare"]);
  assert.match(reports[0], /expected a number from 1 to 32, got "0.5"; 1 is used/);
  assert.match(reports[2], /expected up to 32 numbers separated by commas, got 33; 32 are used/);
});

test("a link of another version is not guessed at", () => {
  const { options, view, reports } = fromHash("#v=9&budget=2&ui=bits", optionTable);
  assert.deepEqual([options, view], [{}, {}]);
  assert.deepEqual(reports, ['v: expected version 1 of the settings, got "9"; the link was ignored']);
});

test("docs/EMBED.md names every key of the view, every panel, and no key that is none", () => {
  const manual = readFileSync(new URL("../docs/EMBED.md", import.meta.url), "utf8");
  const named = [...manual.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, key]) => key));
  const all = keys(optionTable);
  assert.deepEqual(named.filter((key) => !all.includes(key)), []);
  assert.deepEqual(VIEW.filter(({ key }) => !named.includes(key)).map(({ key }) => key), []);
  assert.deepEqual(COMPARED.filter(({ id }) => !manual.includes(`\`${id}\``)), []);
  assert.deepEqual(PANELS.filter((panel) => !manual.includes(`\`${panel}\``)), []);
});
