/**
 * Everything that a link, an attribute of the element or a hash of embed.html can set: one table, and the way from
 * it to text and back. Options of the engine join the table under their names in kebab case.
 */
import { METHODS } from "./methods.js";

/** @typedef {import("../../pkg/index.js").OptionRow} OptionRow */
/**
 * type numbers: at most MOST_NUMBERS of them, commas between, whole ones where the row says so.
 * @typedef {{ key: string, type: "choice" | "integer" | "number" | "list" | "numbers" | "text" | "version", choices?: readonly string[], min?: number, max?: number, whole?: boolean, default: string }} ViewRow
 */
/** @typedef {Record<string, string | number | boolean>} Options */
/** What is to be seen, by key. @typedef {Record<string, string>} View */
/** reports: what was given and could not be taken as it was. @typedef {{ options: Options, view: View, reports: string[] }} State */

/** Version of the table: a link of another one is not read, so that nothing is guessed. */
export const VERSION = 1;

/** Parts of the playground that can be shown alone. */
export const PANELS = /** @type {const} */ (["controls", "bits", "ranges", "loss", "hist", "inspector", "search", "precision", "task", "front", "table", "kernels", "export", "data", "share", "about"]);

/** What the comparison can run; float is what all of it is compared with. */
export const COMPARED = METHODS.filter(({ id }) => id !== "float");
/** Most numbers of a list. */
export const MOST_NUMBERS = 32;

/** @type {readonly ViewRow[]} */
export const VIEW = [
  { key: "v", type: "version", default: String(VERSION) },
  { key: "ui", type: "list", choices: [...PANELS, "all", "none"], default: "all" },
  { key: "theme", type: "choice", choices: ["auto", "light", "dark"], default: "auto" },
  { key: "autoplay", type: "choice", choices: ["visible", "click", "off"], default: "visible" },
  { key: "src", type: "text", default: "" },
  { key: "data-src", type: "text", default: "" },
  { key: "speed", type: "choice", choices: ["2", "10", "50", "150", "max"], default: "50" },
  { key: "layer", type: "integer", min: 0, max: 999, default: "1" },
  { key: "tensor", type: "choice", choices: ["weight", "activation"], default: "weight" },
  { key: "compare", type: "list", choices: [...COMPARED.map(({ id }) => id), "none"], default: "ddq-mixed,uniform-mse,sensitivity,ompq" },
  { key: "compare-budgets", type: "numbers", min: 1, max: 32, default: "4,3" },
  { key: "compare-seeds", type: "numbers", min: 0, max: 2 ** 32 - 1, whole: true, default: "1,2,3" },
  { key: "what-if", type: "number", min: 1.5, max: 8, default: "4" },
];

/** Keys that are not the option's own name in kebab case. @type {Record<string, string>} */
const SHORT = { budgetBits: "budget", activationBudgetBits: "activation-budget", hidden: "net" };

/** The key of an option. @param {string} name */
export const keyOf = (name) => SHORT[name] ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The row of a key. @param {string} key @returns {ViewRow} */
export const rowOf = (key) => /** @type {ViewRow} */ (VIEW.find((row) => row.key === key));

/** Whether a key says what is to be seen only: without it the run is the same. @param {string} key */
export const isLook = (key) => VIEW.some((row) => row.key === key) && !["v", "src", "data-src"].includes(key);

/** Every key, with options of this engine. @param {readonly OptionRow[]} table */
export const keys = (table) => [...VIEW.map(({ key }) => key), ...table.map(({ name }) => keyOf(name))];

/**
 * State from pairs of key and text. What is out of range is clamped, what is not understood left out, and both reported.
 * @param {Iterable<readonly [string, string]>} pairs @param {readonly OptionRow[]} table @returns {State}
 */
export function fromPairs(pairs, table) {
  const given = new Map(pairs);
  /** @type {State} */
  const state = { options: {}, view: {}, reports: [] };
  const version = given.get("v") ?? String(VERSION);
  if (version !== String(VERSION)) {
    state.reports.push(`v: expected version ${VERSION} of the settings, got ${shown(version)}; the link was ignored`);
    return state;
  }
  const report = (/** @type {string} */ text) => void state.reports.push(text);
  for (const [key, text] of given) {
    const view = VIEW.find((row) => row.key === key);
    const option = table.find(({ name }) => keyOf(name) === key);
    if (view) {
      const value = readView(view, text, report);
      if (value !== null && key !== "v") state.view[key] = value;
    } else if (option) {
      const value = readOption(option, key, text, report);
      if (value !== null) state.options[option.name] = value;
    } else {
      report(`${shown(key)}: not a setting; ignored`);
    }
  }
  return state;
}

/** State from the text after # in an address. @param {string} hash @param {readonly OptionRow[]} table */
export const fromHash = (hash, table) => fromPairs(new URLSearchParams(hash.replace(/^#/, "")), table);

/**
 * The text after # for a state: what was chosen, and of the view what is not as usual. Own files are not in it.
 * @param {object} options @param {View} view
 */
export function toHash(options, view) {
  const pairs = new URLSearchParams({ v: String(VERSION) });
  for (const [name, value] of Object.entries(options)) {
    if (["string", "number", "boolean"].includes(typeof value)) pairs.set(keyOf(name), String(value));
  }
  for (const row of VIEW) {
    const value = view[row.key];
    if (row.key !== "v" && value !== undefined && value !== row.default) pairs.set(row.key, value);
  }
  // Commas and colons are allowed after #, and easier to read.
  return pairs.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** @param {ViewRow} row @param {string} text @param {(text: string) => void} report */
function readView(row, text, report) {
  if (row.type === "choice" && !row.choices?.includes(text)) {
    report(`${row.key}: expected one of ${row.choices?.join(", ")}, got ${shown(text)}; ${row.default} is used`);
    return null;
  }
  if (row.type === "list") {
    const parts = text.split(/[\s,]+/).filter(Boolean);
    const known = parts.filter((part) => row.choices?.includes(part));
    const strange = parts.filter((part) => !known.includes(part));
    if (strange.length > 0 || parts.length === 0) report(`${row.key}: expected some of ${row.choices?.join(", ")}, got ${shown(strange.join(", "))}; ignored`);
    return known.length > 0 ? known.join(",") : null;
  }
  if (row.type === "numbers") {
    const parts = text.split(/[\s,;]+/).filter(Boolean);
    const wanted = `up to ${MOST_NUMBERS} numbers separated by commas`;
    if (parts.length === 0 || parts.length > MOST_NUMBERS) report(`${row.key}: expected ${wanted}, got ${parts.length === 0 ? `${shown(text)}; ignored` : `${parts.length}; ${MOST_NUMBERS} are used`}`);
    const read = parts.slice(0, MOST_NUMBERS).map((part) => readNumber({ whole: false, unit: "", ...row }, row.key, part, report)).filter((value) => value !== null);
    return read.length > 0 ? read.join(",") : null;
  }
  if (row.type === "integer" || row.type === "number") {
    const value = readNumber({ min: row.min, max: row.max, whole: row.type === "integer", unit: "" }, row.key, text, report);
    return value === null ? null : String(value);
  }
  return text;
}

/** @param {OptionRow} row @param {string} key @param {string} text @param {(text: string) => void} report */
function readOption(row, key, text, report) {
  if (row.type === "choice") {
    if (row.choices?.includes(text)) return text;
    report(`${key}: expected one of ${row.choices?.join(", ")}, got ${shown(text)}; ignored`);
    return null;
  }
  if (row.type === "boolean") {
    // An attribute without a value says yes.
    if (["true", "1", ""].includes(text)) return true;
    if (["false", "0"].includes(text)) return false;
    report(`${key}: expected true or false, got ${shown(text)}; ignored`);
    return null;
  }
  if (row.type === "text") return text;
  return readNumber({ min: row.min, max: row.max, whole: row.type === "integer", unit: row.unit }, key, text, report);
}

/** @param {{ min?: number, max?: number, whole: boolean, unit: string }} limits @param {string} key @param {string} text @param {(text: string) => void} report */
function readNumber({ min = -Infinity, max = Infinity, whole, unit }, key, text, report) {
  const value = text.trim() === "" ? NaN : Number(text);
  const allowed = `${whole ? "a whole number" : "a number"} from ${min} to ${max}${unit ? ` ${unit}` : ""}`;
  if (Number.isNaN(value)) {
    report(`${key}: expected ${allowed}, got ${shown(text)}; ignored`);
    return null;
  }
  const taken = Math.min(max, Math.max(min, whole ? Math.round(value) : value));
  if (taken !== value) report(`${key}: expected ${allowed}, got ${shown(text)}; ${taken} is used`);
  return taken;
}

/** @param {string} text */
const shown = (text) => `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
