/** BSQ: the bit planes of the selected layer's weights, emptying and dropping over the run. */
import { percent } from "../base/text.js";
import { make } from "../dom/elements.js";
import { putPixels, redraw, register } from "../plots/canvas.js";

/** @typedef {import("../../pkg/index.js").PlaneStates} PlaneStates */

/** Moments kept of a run; then every other one is forgotten. */
const MOST_MOMENTS = 400;
/** Columns of the picture: the whole run from left to right. */
const COLUMNS = 160;

/** Words for the state of a plane. */
const STATES = ["", "dropped from below", "dropped from above"];

export class PlaneView {
  id = "planes";

  /** @param {import("../state/page.js").Page} page */
  constructor(page) {
    const place = page.element(this.id);
    this.place = place;
    /** Every layer's planes over the steps of the run. @type {{ step: number, layers: (PlaneStates | undefined)[] }[]} */
    this.moments = [];
    /** Steps from the first moment to the end of the run. */
    this.steps = 1;
    this.selected = 0;
    /** The step of an earlier moment that is looked at; null for the present. @type {number | null} */
    this.at = null;
    const figure = make("figure");
    const caption = make("figcaption", "", "Bit planes over the run ");
    caption.append(make("small", "", "one row per plane, most significant on top; stronger colour: set in more weights; between the lines: planes still in use"));
    this.canvas = make("canvas", "planes");
    this.canvas.id = "planes-chart";
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "Bit planes: this run has none");
    figure.append(caption, this.canvas);
    this.text = make("p");
    this.text.id = "planes-text";
    this.table = make("table", "planes");
    place.replaceChildren(this.text, figure, this.table);
    place.hidden = true;
    register(this.canvas, (target, charts, look) => this.#draw(target, charts, look), { details: true });
  }

  /** Forgets the run before. */
  clear() {
    this.moments = [];
    this.place.hidden = true;
  }

  /** @param {import("../state/page.js").Frame} frame */
  select({ snapshot, layer: selected, away }) {
    this.selected = selected;
    this.at = away ? snapshot.step : null;
    const layers = snapshot.layers.map(({ weight }) => weight.planes);
    const now = layers[selected];
    this.place.hidden = !layers.some((planes) => planes);
    if (this.place.hidden) return;
    if (!away) this.#note(snapshot.step, layers);
    this.steps = Math.max(1, snapshot.epochs * snapshot.stepsPerEpoch);
    const layer = snapshot.layers[selected];
    const summary = now ? describe(layer.name, now, layer.weight.bits) : `${layer.name} has no planes.`;
    this.text.textContent = summary;
    this.canvas.setAttribute("aria-label", `Planes over ${this.moments.length} snapshots of the run. ${summary}`);
    this.table.replaceChildren(make("caption", "visually-hidden", `Planes of ${layer.name} now`), ...(now ? rows(now) : []));
    redraw(this.canvas);
  }

  /** @param {number} step @param {(PlaneStates | undefined)[]} layers */
  #note(step, layers) {
    // What lay after it, in a run that went back, is forgotten.
    while ((this.moments.at(-1)?.step ?? -1) >= step) this.moments.pop();
    this.moments.push({ step, layers });
    if (this.moments.length > MOST_MOMENTS) this.moments = this.moments.filter((_, index) => index % 2 === 0);
  }

  /** @type {import("../plots/canvas.js").Draw} */
  #draw(target, charts, look) {
    const context = target.getContext("2d");
    context?.clearRect(0, 0, target.width, target.height);
    const moments = this.moments.flatMap(({ step, layers }) => {
      const planes = layers[this.selected];
      return planes ? [{ step, planes }] : [];
    });
    if (!context || moments.length === 0) return;
    const low = Math.min(...moments.map(({ planes }) => planes.first));
    const high = Math.max(...moments.map(({ planes }) => planes.first + planes.set.length));
    const height = high - low;
    const shown = columns(moments, this.steps);
    const values = new Float32Array(height * COLUMNS);
    shown.forEach((planes, column) => planes?.norm.forEach((norm, index) => {
      values[(high - 1 - planes.first - index) * COLUMNS + column] = norm;
    }));
    putPixels(target, charts.matrixPixels(values, height, COLUMNS, look.theme.grid, look.color("weight"), 1), COLUMNS);
    const row = target.height / height;
    const width = target.width / COLUMNS;
    context.strokeStyle = look.theme.ink;
    context.lineWidth = 1.5 * look.scale;
    for (const edge of [0, 1]) {
      context.beginPath();
      shown.forEach((planes, column) => {
        if (!planes) return;
        const y = (high - inUse(planes)[edge]) * row;
        context.lineTo(column * width, y);
        context.lineTo((column + 1) * width, y);
      });
      context.stroke();
    }
    if (this.at === null) return;
    context.fillStyle = look.theme.muted;
    context.fillRect(((this.at - moments[0].step) / this.steps) * target.width, 0, look.scale, target.height);
  }
}

/** The planes of each column's last moment; null for what is still to come. @param {{ step: number, planes: PlaneStates }[]} moments @param {number} steps */
function columns(moments, steps) {
  let next = 0;
  const first = moments[0].step;
  const last = moments[moments.length - 1].step;
  return Array.from({ length: COLUMNS }, (_, column) => {
    const until = first + ((column + 1) / COLUMNS) * steps;
    while (next + 1 < moments.length && moments[next + 1].step <= until) next++;
    return first + (column / COLUMNS) * steps <= last ? moments[next].planes : null;
  });
}

/** Positions of the lowest plane that is there and of the one above the highest. @param {PlaneStates} planes @returns {[number, number]} */
function inUse({ first, dropped }) {
  const low = dropped.filter((state) => state === 1).length;
  const there = dropped.filter((state) => state === 0).length;
  return [first + low, first + low + there];
}

/** @param {string} name @param {PlaneStates} planes @param {number} bits */
function describe(name, planes, bits) {
  const [low, high] = inUse(planes);
  const gone = planes.dropped.length - (high - low);
  const count = (/** @type {number} */ number) => `${number} plane${number === 1 ? "" : "s"}`;
  if (high === low) return `${name} has no planes left: all its weights are 0.`;
  const emptiest = high - low > 1 ? ` The emptiest is set in ${percent(Math.min(...planes.set.filter((_, index) => planes.dropped[index] === 0)))} of the weights.` : "";
  return `${name} has ${count(high - low)} and a sign, ${bits} stored bits; ${gone === 0 ? "none dropped" : `${count(gone)} dropped`}.${emptiest}`;
}

/** A row for each plane, the most significant first. @param {PlaneStates} planes */
function rows({ first, set, norm, dropped }) {
  const body = Array.from(set, (share, index) => {
    const line = make("tr");
    const header = make("th", "", `2${superscript(first + index)}`);
    header.scope = "row";
    const cell = make("td");
    const meter = make("meter");
    meter.max = 1;
    meter.value = Math.min(1, norm[index]);
    meter.setAttribute("aria-label", `norm of plane ${first + index}`);
    meter.title = `norm ${norm[index].toFixed(2)} per root of a weight`;
    cell.append(meter);
    line.classList.toggle("gone", dropped[index] !== 0);
    line.append(header, cell, make("td", "", STATES[dropped[index]] || `set in ${percent(share)}`));
    return line;
  });
  return body.reverse();
}

/** @param {number} number */
const superscript = (number) => Array.from(String(number), (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)])).join("");
