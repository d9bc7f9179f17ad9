/** The network on packed integers after a run, and how fast this machine multiplies low-bit codes. */
import { least } from "../pkg/timing.js";
import { redraw, register } from "./canvas.js";
import { make } from "./make.js";
import { kilobytes, percent, short } from "./text.js";

/** @typedef {import("./run.js").Deployment} Deployment */
/** @typedef {{ build: string, microseconds: number[][], bytes: number[] }} Found */
/** @typedef {{ title: string, rows: number, columns: number, found: Found }} Shape */

/** float32 first: what the others are compared with. */
const BITS = [32, 8, 4, 3, 2, 1];
const SQUARES = [256, 1024, 4096];
const ROUNDS = 7;
/** Faster by less than this is no difference worth a word. */
const NOTABLE = 1.05;

const nameOf = (/** @type {number} */ bits) => (bits === 32 ? "float32" : `${bits} bit`);

const WAITING = "When the run has ended, its network is put on packed integers and tested again.";

/** Fills the panel. @param {HTMLElement} place */
function build(place) {
  /** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {string} id @param {string} [className] @param {string} [text] */
  const named = (tag, id, className = "", text = "") => Object.assign(make(tag, className, text), { id });
  const title = named("h2", "kernels-title", "", "On packed integers ");
  title.append(make("small", "", "what the learned bits are worth on this machine"));
  place.setAttribute("aria-labelledby", title.id);
  const told = named("p", "deployed-text", "", WAITING);
  const progress = named("span", "measure-progress");
  for (const status of [told, progress]) status.setAttribute("role", "status");
  const buttons = make("div", "buttons");
  buttons.append(Object.assign(named("button", "measure", "", "Measure the kernels here"), { type: "button" }), " ", progress);
  const caption = make("figcaption", "", "Speed against float32 ");
  caption.append(named("small", "measured-caption"));
  const chart = named("canvas", "kernel-chart", "chart");
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-label", "Not measured yet");
  const figure = make("figure");
  figure.append(caption, chart);
  const scroll = Object.assign(make("div", "scroll"), { tabIndex: 0 });
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Measured kernels");
  scroll.append(named("table", "kernel-table", "measured"));
  const measured = Object.assign(named("div", "measured"), { hidden: true });
  measured.append(figure, scroll, named("p", "kernel-words"));
  place.replaceChildren(title, told, named("div", "what-if-budget"), buttons, measured);
}

export class Kernels {
  /** @param {(id: string) => HTMLElement} element @param {import("./run.js").Run} run */
  constructor(element, run) {
    this.element = element;
    this.run = run;
    build(element("kernels"));
    /** @type {{ name: string, rows: number, columns: number }[]} the run's own matrices */ this.own = [];
    /** @type {Shape[]} */ this.shapes = [];
    const chart = /** @type {HTMLCanvasElement} */ (element("kernel-chart"));
    this.chart = chart;
    element("measure").addEventListener("click", () => void this.measure());
    register(chart, (target, charts, look) => {
      const shape = this.shapes[this.shapes.length - 1];
      if (!shape) return;
      const color = look.color("weight");
      const bars = BITS.slice(1).map((bits, at) => ({ label: nameOf(bits), ...speedup(shape.found, at + 1), color }));
      charts.drawBars(target, { theme: look.theme, scale: look.scale, label: "times float32", bars });
    }, { details: true });
  }

  /** A new run has begun. */
  clear() {
    this.element("deployed-text").textContent = WAITING;
  }

  /** @param {Deployment} report @param {import("../pkg/index.js").Snapshot | null} snapshot */
  showDeployed(report, snapshot) {
    const text = this.element("deployed-text");
    if (report.error !== undefined) {
      text.textContent = `This network does not run on packed integers: ${report.error}.`;
      return;
    }
    const time = (/** @type {import("./run.js").Timing} */ { least, most }) => `${short(least)} µs (up to ${short(most)})`;
    const same = snapshot?.testAccuracy === report.accuracy ? "as in training" : `${percent(snapshot?.testAccuracy ?? null)} in training`;
    text.textContent = `On packed integers (${kilobytes(report.sizeBytes)}, ${report.build} kernels): accuracy ${percent(report.accuracy)}, ${same}; `
      + `one sample takes ${time(report.single)}, or ${time(report.batch)} each in batches of ${report.batch.samples}.`;
    this.own = report.layers.filter(({ kind }) => !kind.startsWith("depthwise")).map(({ name, rows, columns }) => ({ name, rows, columns }));
  }

  /** Measures shape after shape; the table grows meanwhile. */
  async measure() {
    const button = /** @type {HTMLButtonElement} */ (this.element("measure"));
    const progress = this.element("measure-progress");
    button.disabled = true;
    this.shapes = [];
    const squares = SQUARES.map((size) => ({ title: `${size} × ${size}`, rows: size, columns: size }));
    const seen = new Set();
    const own = this.own.filter(({ rows, columns }) => !seen.has(`${rows} ${columns}`) && seen.add(`${rows} ${columns}`))
      .map(({ name, rows, columns }) => ({ title: `${name}, ${rows} × ${columns}`, rows, columns }));
    const shapes = [...own, ...squares];
    try {
      for (const [index, shape] of shapes.entries()) {
        progress.textContent = `Measuring ${shape.title}: ${index + 1} of ${shapes.length} …`;
        const found = await this.run.send("measure", { rows: shape.rows, columns: shape.columns, bits: BITS, rounds: ROUNDS });
        this.shapes.push({ ...shape, found });
        this.#show();
      }
      progress.textContent = `Measured with the ${this.shapes[0].found.build} kernels: the shortest of ${ROUNDS} bursts of at least 10 ms, in turns.`;
    } catch (error) {
      progress.textContent = `Not measured: ${error instanceof Error ? error.message : String(error)}`;
    }
    button.disabled = false;
  }

  #show() {
    this.element("measured").hidden = false;
    const head = make("thead");
    const titles = make("tr");
    for (const title of ["matrix", ...BITS.map(nameOf)]) titles.append(headCell(title, "col"));
    head.append(titles);
    const body = make("tbody");
    for (const shape of this.shapes) {
      const row = make("tr");
      row.append(headCell(shape.title, "row"), ...BITS.map((bits, at) => make("td", "", cell(shape, at))));
      body.append(row);
    }
    this.element("kernel-table").replaceChildren(head, body);
    const last = this.shapes[this.shapes.length - 1];
    this.element("measured-caption").textContent = `${last.title}; lines: span over ${ROUNDS} bursts`;
    this.element("kernel-words").textContent = words(this.shapes);
    this.chart.setAttribute("aria-label", `Speed against float32 at ${last.title}: ${BITS.slice(1).map((bits, at) => `${nameOf(bits)} ${short(speedup(last.found, at + 1).value)} times`).join(", ")}`);
    redraw(this.chart);
  }
}

/** @param {string} text @param {"row" | "col"} scope */
function headCell(text, scope) {
  const cell = make("th", "", text);
  cell.scope = scope;
  return cell;
}

/**
 * How many times faster than float32: the quotient of the times shown, and the span of that of single rounds, in which it lies.
 * @param {Found} found @param {number} at
 */
function speedup({ microseconds: [float, ...packed] }, at) {
  const rounds = float.map((time, round) => time / packed[at - 1][round]);
  return { value: least(float) / least(packed[at - 1]), low: Math.min(...rounds), high: Math.max(...rounds) };
}

/** @param {Shape} shape @param {number} at */
function cell({ rows, columns, found }, at) {
  const time = least(found.microseconds[at]);
  const rate = (rows * columns) / time / 1000;
  const bandwidth = found.bytes[at] / time / 1000;
  const speed = at === 0 ? "" : ` · ${short(speedup(found, at).value)}×`;
  return `${short(time)} µs${speed} · ${short(rate)} Gw/s · ${short(bandwidth)} GB/s`;
}

/** Where fewer bits are not faster. @param {Shape[]} shapes */
function words(shapes) {
  /** @type {string[]} */
  const said = [];
  for (const { title, found } of shapes) {
    const times = found.microseconds.map(least);
    const slow = BITS.filter((_, at) => at > 0 && times[at] * NOTABLE > times[at - 1]);
    if (slow.length > 0) said.push(`${slow.join(", ")} bit at ${title}`);
  }
  if (said.length === 0) return "Here every width is faster than the next wider one.";
  return `Fewer bits are not always faster. No faster than the next wider: ${said.join("; ")}. Small matrices spend their time on quantizing x, and between 4 and 2 bits the work per weight hardly changes; what always shrinks is the memory.`;
}
