/** What imported data look like before they are used: counts, balance of the classes, a sample, what a run takes. */
import { make, makeButton } from "./make.js";
import { imagePixels } from "./own-images.js";

/** @typedef {import("./own-worker.js").Preview} Preview */
/** @typedef {import("./own-pack.js").Packed} Packed */
/** What is shown of a table. @typedef {Pick<Packed, "columns" | "label" | "excluded" | "rows" | "delimiter">} Table */

/** Classes whose counts are shown one by one. */
const CLASSES_SHOWN = 20;
/** Columns of a table that are shown: the first, and the label's. */
const COLUMNS_SHOWN = 12;
/** Columns that a warning names. */
const COLUMNS_NAMED = 5;
/** Bytes from which the memory of a run is a warning: phones give a tab little more. */
const MUCH = 1e9;
const megabytes = (/** @type {number} */ bytes) => `${bytes < 1e7 ? (bytes / 1e6).toFixed(1) : Math.round(bytes / 1e6)} MB`;
const count = (/** @type {number} */ n, /** @type {string} */ word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

/**
 * Shows a preview and returns it in one sentence.
 * @param {HTMLElement} place @param {Preview} preview @param {(column: number) => void} chooseLabel
 */
export function showPreview(place, { data, sample, bytes, milliseconds }, chooseLabel) {
  const { channels, height, width } = data.shape;
  const image = height > 1 || width > 1;
  const kind = image ? `images of ${width}×${height} pixels${channels > 1 ? `, ${channels} channels` : ""}` : count(channels, "feature");
  const facts = make("ul");
  facts.append(...[
    data.testSamples ? `Test: ${count(data.testSamples, "sample")} of its own file.` : "Test: a quarter of each class, drawn from the seed of the run.",
    `Normalization: ${normalization(data)}`,
    ...lost(data),
    `Memory of a run with the usual settings: at most about ${megabytes(bytes)}${bytes > MUCH ? ", which may be too much for a phone" : ""}. Limits: files of 50 MB, networks of 5 million weights, runs of 2 GB.`,
  ].map((text) => make("li", "", text)));
  place.replaceChildren(facts, balance(data), sample ? images(data, sample) : table(data, chooseLabel, ranges(data)));
  const left = data.excluded.length > 0 ? ` (${count(data.excluded.length, "column")} left out)` : "";
  return `${data.name}: ${count(data.samples, "sample")}, ${kind}${left}, ${data.classes} classes; read in ${Math.round(milliseconds)} ms.`;
}

/** @param {Packed} data */
function normalization({ normalization: { kind, low, high } }) {
  if (kind === "pixels") return "pixels 0 to 255 become −1 to 1 (x/127.5 − 1).";
  if (kind === "columns") return "each column's least value in this file becomes −1, its largest 1.";
  return `${low[0]} becomes −1 and ${high[0]} becomes 1, the least and the largest number of this file.`;
}

/** The places of the columns that are inputs, in the order of the inputs. @param {Packed} data */
const inputsOf = ({ columns, label, excluded }) => columns.map((_, at) => at).filter((at) => at !== label && !excluded.includes(at));

/** Range and different values of each input column, by its place. @param {Packed} data @returns {Map<number, string>} */
function ranges(data) {
  const { normalization: { low, high }, distinct: { found, kept } } = data;
  // Digits beyond these are those of the double precision in which files are read.
  const shown = (/** @type {number} */ value) => String(Number(value.toPrecision(12)));
  return new Map(inputsOf(data).map((at, input) => [at,
    `${shown(low[input])} to ${shown(high[input])}, ${kept[input] < found[input] ? `${kept[input].toLocaleString("en")} of ` : ""}${count(found[input], "value")}`]));
}

/** A warning of values that became equal. @param {Packed} data @returns {string[]} */
function lost(data) {
  const { columns, distinct: { found, kept } } = data;
  const poor = inputsOf(data).map((at, input) => ({ name: columns[at], found: found[input], kept: kept[input] })).filter((column) => column.kept < column.found);
  if (poor.length === 0) return [];
  const named = poor.slice(0, COLUMNS_NAMED).map((column) => `"${column.name}" (${column.kept.toLocaleString("en")} of ${column.found.toLocaleString("en")})`);
  const more = poor.length > named.length ? ` and ${count(poor.length - named.length, "more column")}` : "";
  return [`Warning: different values become equal as 32-bit inputs, since they lie too close together for the range of their column: ${named.join(", ")}${more} are left. Outliers widen a range; a logarithm narrows it.`];
}

/** Samples of each class as bars. @param {Packed} data */
function balance({ classNames, balance: counts, samples, testBalance, testSamples }) {
  const most = Math.max(...counts);
  const box = make("div", "balance");
  box.append(make("h3", "", "Samples of each class"));
  const list = make("dl");
  classNames.slice(0, CLASSES_SHOWN).forEach((name, index) => {
    const meter = make("meter");
    Object.assign(meter, { min: 0, max: most, value: counts[index] });
    const text = `${counts[index]} (${((100 * counts[index]) / samples).toFixed(1)} %)${testSamples ? `, test ${testBalance[index]}` : ""}`;
    meter.setAttribute("aria-label", `${name}: ${text}`);
    const bar = make("dd");
    bar.append(meter, ` ${text}`);
    list.append(make("dt", "", name), bar);
  });
  box.append(list);
  if (classNames.length > CLASSES_SHOWN) box.append(make("p", "", `and ${classNames.length - CLASSES_SHOWN} more classes of ${Math.min(...counts)} to ${most} samples.`));
  return box;
}

/**
 * The first rows of a table, below them what is known of whole columns; a click on a name makes that column the label.
 * @param {Table} data @param {(column: number) => void} chooseLabel @param {Map<number, string>} [facts] by the column's place
 */
export function table({ columns, label, excluded, rows }, chooseLabel, facts = new Map()) {
  const box = make("div", "scroll");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "First rows of the file");
  const shown = columns.map((_, at) => at).filter((at) => at < COLUMNS_SHOWN || at === label);
  const left = columns.length - shown.length;
  const kind = (/** @type {number} */ at) => (at === label ? "label" : excluded.includes(at) ? "excluded" : "");
  const found = make("table", "measured rows");
  found.append(make("caption", "", `The first rows${left > 0 ? `, ${left} columns not shown` : ""}${facts.size > 0 ? "; below them the range of each column in the file and how many different values it has" : ""}.${label === null ? "" : " Press a name to make that column the label."}`));
  const names = make("tr");
  names.append(...shown.map((at) => {
    const cell = make("th");
    cell.scope = "col";
    // Labels of a file of their own stand in no column.
    if (label === null) {
      cell.textContent = columns[at];
      return cell;
    }
    const button = makeButton(columns[at], () => chooseLabel(at), { className: "plain" });
    button.setAttribute("aria-pressed", String(at === label));
    cell.append(button);
    if (kind(at)) cell.append(make("small", "", at === label ? " label" : " left out"));
    return cell;
  }));
  const head = make("thead");
  head.append(names);
  const body = make("tbody");
  body.append(...rows.map((row) => {
    const line = make("tr");
    line.append(...shown.map((at) => make("td", kind(at), row[at])));
    return line;
  }));
  found.append(head, body);
  if (facts.size > 0) {
    const foot = make("tfoot");
    const line = make("tr");
    line.append(...shown.map((at) => make("td", "", facts.get(at) ?? "")));
    foot.append(line);
    found.append(foot);
  }
  box.append(found);
  return box;
}

/** Images of every class. @param {Packed} data @param {{ inputs: Float32Array, labels: Uint8Array }} sample */
function images({ shape, classNames }, { inputs, labels }) {
  const size = shape.channels * shape.height * shape.width;
  const box = make("ul", "thumbnails");
  box.setAttribute("aria-label", "Images of the file with their classes");
  box.append(...[...labels].map((label, index) => {
    const canvas = make("canvas");
    Object.assign(canvas, { width: shape.width, height: shape.height });
    const pixels = imagePixels(inputs.subarray(index * size, (index + 1) * size), shape);
    canvas.getContext("2d")?.putImageData(new ImageData(pixels, shape.width), 0, 0);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `an image of ${classNames[label]}`);
    const item = make("li");
    item.append(canvas, make("span", "", classNames[label]));
    return item;
  }));
  return box;
}
