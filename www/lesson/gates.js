/** The figure of the matrix U: gates to drag, the product U·q with its numbers, levels before and after. */
import { charts, redraw, register } from "../plots/canvas.js";
import { drawingReady } from "./engine.js";
import { control, fill, fixed, math } from "./numbers.js";

/** Level vectors to choose from: 2³ numbers, ascending. @type {Record<string, number[]>} */
const VECTORS = {
  equal: [-1, -0.71, -0.43, -0.14, 0.14, 0.43, 0.71, 1],
  dense: [-1, -0.58, -0.31, -0.1, 0.06, 0.25, 0.55, 1],
  powers: [-1, -0.5, -0.25, -0.13, 0.13, 0.25, 0.5, 1],
};
/** Where the two axes of the picture stand, its margin at both sides, and the room that a label needs: CSS pixels. */
const PICTURE = { before: 52, after: 108, margin: 22, label: 40, row: 15 };

/** Gates of logits; in order, one is on only if all before it are. @param {number[]} logits @param {boolean} ordered */
export function gatesOf(logits, ordered) {
  let before = 1;
  return Uint8Array.from(logits, (logit) => {
    const on = logit >= 0 ? 1 : 0;
    if (!ordered) return on;
    return (before *= on);
  });
}

/** U·q/Z, row by row. @param {{ rows: number, cols: number, values: Float32Array }} u @param {number[]} q @param {number} z */
const product = ({ rows, cols, values }, q, z) =>
  Array.from({ length: rows }, (_, row) => q.reduce((sum, level, col) => sum + values[row * cols + col] * level, 0) / z);

/** @param {HTMLElement} figure */
export async function showGates(figure) {
  const sliders = [1, 2, 3].map((number) => /** @type {HTMLInputElement} */ (control(figure, `gate${number}`)));
  const vector = /** @type {HTMLSelectElement} */ (control(figure, "vector"));
  const ordered = /** @type {HTMLInputElement} */ (control(figure, "ordered"));
  const staircase = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas"));
  const [before, structure, after] = ["q", "u", "merged"].map((name) => /** @type {Element} */ (figure.querySelector(`[data-table=${name}]`)));
  const picture = /** @type {SVGElement} */ (figure.querySelector("svg"));
  let q = VECTORS.equal;
  let merged = q;
  register(staircase, (target, charts, look) => charts.drawStaircase(target, {
    theme: look.theme, scale: look.scale, color: look.color("weight"), min: -1.15, max: 1.15, rawLevels: q, levels: distinct(merged),
  }), { details: true });
  await drawingReady();
  if (!charts) throw new Error("lesson: the charts were not loaded");
  const { structureMatrix } = charts;
  const show = () => {
    const logits = sliders.map(({ value }) => Number(value));
    const gates = gatesOf(logits, ordered.checked);
    const u = structureMatrix(gates);
    const z = 2 ** gates.filter((gate) => gate === 0).length;
    q = VECTORS[vector.value];
    merged = product(u, q, z);
    const levels = distinct(merged);
    const inOrder = merged.every((level, index) => index === 0 || level >= merged[index - 1] - 1e-6);
    fill(figure, {
      ...Object.fromEntries(logits.flatMap((logit, index) => [[`logit${index + 1}`, fixed(logit)], [`g${index + 1}`, String(gates[index])]])),
      z: String(z), on: String(3 - Math.log2(z)), levels: String(levels.length), block: String(z),
      off: String(Math.log2(z)), order: inOrder ? "" : "The levels are now out of order: a distant one was merged with a near one.",
    });
    before.replaceChildren(...q.map((level) => row([number(level)])));
    after.replaceChildren(...merged.map((level) => row([number(level)])));
    structure.replaceChildren(...Array.from({ length: u.rows }, (_, at) => row(Array.from(u.values.subarray(at * u.cols, (at + 1) * u.cols), entry))));
    draw(picture, q, merged);
    picture.setAttribute("aria-label", `8 levels before, ${levels.length} after: ${levels.map((level) => fixed(level)).join(", ")}`);
    staircase.setAttribute("aria-label", `Staircase of ${levels.length} levels`);
    redraw(staircase);
  };
  new ResizeObserver(() => draw(picture, q, merged)).observe(picture);
  for (const input of [...sliders, vector, ordered]) input.addEventListener("input", show);
  show();
}

/** Levels that differ, ascending. @param {number[]} levels */
const distinct = (levels) => [...levels].sort((a, b) => a - b).filter((level, index, all) => index === 0 || level - all[index - 1] > 1e-6);

/** @param {Element[]} cells */
const row = (cells) => math("mtr", "", cells.map((cell) => math("mtd", "", [cell])));
const number = (/** @type {number} */ level) => math("mn", fixed(level));

/** @param {number} value 0 or 1 */
function entry(value) {
  const cell = math("mn", String(value));
  if (value === 1) cell.setAttribute("class", "one");
  return cell;
}

/** Ticks of the levels before and after, joined. @param {SVGElement} picture @param {number[]} q @param {number[]} merged */
function draw(picture, q, merged) {
  const { before, after, margin, label, row } = PICTURE;
  const width = picture.clientWidth;
  const x = (/** @type {number} */ level) => margin + ((level + 1) / 2) * (width - 2 * margin);
  const shape = (/** @type {string} */ tag, /** @type {Record<string, string | number>} */ attributes, text = "") => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.textContent = text;
    return element;
  };
  const line = (/** @type {string} */ kind, /** @type {number} */ x1, /** @type {number} */ y1, /** @type {number} */ x2, /** @type {number} */ y2) => shape("line", { class: kind, x1, y1, x2, y2 });
  // Labels that would touch their neighbours stand in two rows.
  const labels = (/** @type {number[]} */ all, /** @type {number} */ y, /** @type {number} */ away) => {
    const close = all.some((level, index) => index > 0 && x(level) - x(all[index - 1]) < label);
    return all.map((level, index) => shape("text", { x: x(level), y: y + (close && index % 2 === 1 ? away : 0) }, fixed(level)));
  };
  const levels = distinct(merged);
  picture.replaceChildren(
    line("axis", margin, before, width - margin, before),
    line("axis", margin, after, width - margin, after),
    ...q.map((level, index) => line("join", x(level), before, x(merged[index]), after)),
    ...q.map((level) => line("tick", x(level), before - 11, x(level), before + 2)),
    ...levels.map((level) => line("tick strong", x(level), after - 2, x(level), after + 13)),
    ...labels(q, before - 17, -row),
    ...labels(levels, after + 29, row),
  );
}
