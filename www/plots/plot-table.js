/** The numbers of a plot as columns, for eyes that read and for voices. */
import { short } from "../base/text.js";

/** @typedef {import("../../pkg/index.js").ChartName} ChartName */
/** @typedef {import("../../pkg/index.js").Numbers} Numbers */
/** rows: texts, as many as titles. unit: of every column but the first. at: where a row stands on the x axis, where it has one. @typedef {{ titles: string[], rows: string[][], unit?: string, at: number[] | null }} Table */

/** @param {Numbers | undefined} list @param {number} index */
const text = (list, index) => {
  const value = list?.[index];
  return value === null || value === undefined || Number.isNaN(value) ? "–" : short(value);
};

/** The unit in what stands at an axis: in brackets, or the whole of it. @param {string} label */
const unitOf = (label) => /\((.+)\)$/.exec(label)?.[1] ?? (["%", "bits"].includes(label) ? label : undefined);

/** @param {import("../../pkg/index.js").LinesSpec} spec @returns {Table} */
function lines({ xLabel = "x", yLabel = "", series }) {
  const at = [...new Set(series.flatMap(({ x }) => [...x].map(Number)))].filter(Number.isFinite).sort((a, b) => a - b);
  const named = series.filter(({ y }) => [...y].some((value) => value !== null && !Number.isNaN(value)));
  const places = named.map(({ x }) => new Map([...x].map((value, index) => [Number(value), index])));
  const rows = at.map((x) => [short(x), ...named.map(({ y }, which) => text(y, places[which].get(x) ?? -1))]);
  return { titles: [xLabel, ...named.map(({ name, label }) => name || label || yLabel)], rows, unit: unitOf(yLabel), at };
}

/** @type {Partial<Record<ChartName, (spec: any) => Table>>} */
const READERS = {
  lines,
  histogram: ({ min, max, latent, quantized }) => {
    const width = (max - min) / latent.length;
    return { titles: ["from", "to", "real values", "quantized"], rows: Array.from(latent, (_, bin) => [short(min + bin * width), short(min + (bin + 1) * width), String(latent[bin]), String(quantized[bin])]), at: null };
  },
  staircase: ({ levels }) => ({ titles: ["level", "value"], rows: Array.from(levels, (_, index) => [String(index), text(levels, index)]), at: null }),
  levels: ({ levels, rawLevels }) => ({ titles: ["level", "before merging", "value"], rows: Array.from(levels, (_, index) => [String(index), text(rawLevels, index), text(levels, index)]), at: null }),
  gates: ({ logits, on }) => ({ titles: ["gate", "logit ĝ", "state"], rows: Array.from(logits, (_, index) => [String(index), text(logits, index), on[index] ? "on" : "off"]), at: null }),
  bars: ({ bars, label = "value" }) => ({
    titles: ["bar", label, "least", "most"],
    rows: bars.map((/** @type {{ label: string, value: number, low?: number, high?: number }} */ { label: name, value, low = NaN, high = NaN }) => [name, short(value), short(low), short(high)]), at: null,
  }),
  scatter: ({ series, xLabel = "x", yLabel = "y" }) => ({
    titles: ["series", xLabel, yLabel],
    rows: series.flatMap((/** @type {{ label?: string, x: Numbers, y: Numbers }} */ { label = "", x, y }) => Array.from(x, (_, index) => [label, text(x, index), text(y, index)])), at: null,
  }),
};

/** @param {{ chart: ChartName, spec: any }} drawn @returns {Table | null} null for charts without a reading of their own */
export const tableOf = ({ chart, spec }) => READERS[chart]?.(spec) ?? null;

/** A row in words, without what it has no number for. @param {Table} table @param {number} at */
export const spokenRow = ({ titles, rows, unit }, at) => rows[at].map((cell, column) => (cell === "–" || cell === "" ? "" : `${titles[column]} ${cell}${unit && column > 0 ? ` ${unit}` : ""}`)).filter(Boolean).join(", ");
