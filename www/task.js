/** What the network is for: a decision surface for points, test samples, confusion and a drawing pad for digits. */
import { putPixels, redraw, register, sweep } from "./canvas.js";
import { make } from "./cards.js";
import { Pad } from "./pad.js";

/** @typedef {import("./run.js").Run} Run */
/** @typedef {import("./run.js").Created} Created */
/** @typedef {import("../pkg/index.js").Evaluation} Evaluation */

const SHOWN = 40;
const COLUMNS = 8;
/** Pixels of a side of the decision surface. */
const SURFACE = 56;
/** Samples reach from −1 to 1; the surface a little farther. */
const REACH = 1.25;
const CLASS_COLORS = ["#2878c8", "#d9822b", "#3a9d5d"];

export class Task {
  /** @param {HTMLElement} place @param {Run} run */
  constructor(place, run) {
    this.place = place;
    this.run = run;
    /** @type {Created | null} */ this.created = null;
    /** @type {Float32Array | null} */ this.logits = null;
    this.asking = false;
    this.pad = new Pad((x) => run.predict(x));
    this.picture = make("canvas");
    this.confusion = make("table", "confusion");
  }

  /** @param {Created} created */
  build(created) {
    this.created = created;
    this.logits = null;
    this.picture = make("canvas", created.test.shape.height > 1 ? "samples" : "surface");
    this.picture.setAttribute("role", "img");
    if (created.test.shape.height > 1) {
      this.confusion = make("table", "confusion");
      this.place.replaceChildren(make("h3", "", `The first ${SHOWN} test digits, as the network reads them`), this.picture,
        make("h3", "", "Draw a digit"), this.pad.element, make("h3", "", "Confusion on the test set"), this.confusion);
      this.picture.style.setProperty("height", "230px");
      register(this.picture, (target, charts, look) => this.#drawDigits(target, charts, look), { details: true });
    } else {
      this.place.replaceChildren(make("h3", "", "Decision surface, with training points"), this.picture);
      register(this.picture, (target, charts, look) => this.#drawSurface(target, charts, look), { details: true });
    }
    sweep();
  }

  /** Asks the network anew; while one question is under way no other is asked. */
  async refresh() {
    const created = this.created;
    if (this.asking || !created) return;
    this.asking = true;
    const x = created.test.shape.height > 1 ? created.test.inputs.slice(0, SHOWN * 64) : gridPoints();
    try {
      const { current } = await this.run.predict(x);
      if (created === this.created) this.#answered(current);
      await this.pad.refresh();
    } finally {
      this.asking = false;
    }
  }

  /** @param {Float32Array} logits */
  #answered(logits) {
    this.logits = logits;
    const created = /** @type {Created} */ (this.created);
    if (created.test.shape.height > 1) {
      const wrong = this.#readings().filter(({ read, truth }) => read !== truth);
      const list = wrong.map(({ read, truth }) => `${truth} read as ${read}`).join(", ");
      this.picture.setAttribute("aria-label", `${SHOWN} test digits, ${SHOWN - wrong.length} read rightly${list ? `; ${list}` : ""}`);
    } else {
      this.picture.setAttribute("aria-label", `Decision surface of ${created.test.classes} classes over the plane`);
    }
    redraw(this.picture);
  }

  /** The shown digits with what they are and how they are read. */
  #readings() {
    const labels = this.created?.test.labels ?? new Uint8Array();
    return Array.from({ length: Math.min(SHOWN, labels.length) }, (_, index) => ({
      truth: labels[index],
      read: this.logits ? argmax(this.logits.subarray(10 * index, 10 * index + 10)) : -1,
    }));
  }

  /** @type {import("./canvas.js").Draw} */
  #drawDigits(canvas, charts, look) {
    const context = canvas.getContext("2d");
    const inputs = this.created?.test.inputs;
    if (!context || !inputs) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const cell = canvas.width / COLUMNS;
    const height = canvas.height / Math.ceil(SHOWN / COLUMNS);
    const side = Math.min(cell * 0.62, height * 0.94);
    context.font = `600 ${Math.round(height * 0.34)}px ${look.theme.font}`;
    context.textBaseline = "middle";
    this.#readings().forEach(({ truth, read }, index) => {
      const x = (index % COLUMNS) * cell;
      const y = Math.floor(index / COLUMNS) * height;
      const pixels = charts.digitPixels(inputs.subarray(64 * index, 64 * index + 64), look.theme.ink, look.theme.background);
      putPixels(canvas, pixels, 8, { x, y, width: side, height: side });
      if (read < 0) return;
      context.fillStyle = look.color(read === truth ? "good" : "bad");
      context.fillText(String(read), x + side + cell * 0.06, y + height / 2);
      if (read !== truth) {
        context.strokeStyle = look.color("bad");
        context.lineWidth = 2 * look.scale;
        context.strokeRect(x + look.scale, y + look.scale, cell - 4 * look.scale, side - 2 * look.scale);
      }
    });
  }

  /** @type {import("./canvas.js").Draw} */
  #drawSurface(canvas, charts, look) {
    const context = canvas.getContext("2d");
    const created = this.created;
    if (!context || !created || !this.logits) return;
    const colors = CLASS_COLORS.slice(0, created.train.classes);
    putPixels(canvas, charts.surfacePixels(this.logits, created.train.classes, colors, look.theme.background), SURFACE);
    const { inputs, labels } = created.train;
    const place = (/** @type {number} */ v) => ((v + REACH) / (2 * REACH)) * canvas.width;
    context.strokeStyle = look.theme.background;
    context.lineWidth = look.scale;
    labels.forEach((label, index) => {
      context.fillStyle = CLASS_COLORS[label];
      context.beginPath();
      context.arc(place(inputs[2 * index]), canvas.height - place(inputs[2 * index + 1]), 3 * look.scale, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }

  /** @param {Evaluation} evaluation */
  showConfusion(evaluation) {
    const classes = this.created?.test.classNames ?? [];
    if ((this.created?.test.shape.height ?? 0) <= 1) return;
    const caption = make("caption", "", `rows: true digit · columns: read as · ${(100 * evaluation.accuracy).toFixed(1)} % right`);
    const head = make("tr");
    head.append(make("td"), ...classes.map((name) => header(name, "col")));
    const rows = classes.map((name, truth) => {
      const row = make("tr");
      row.append(header(name, "row"), ...classes.map((_, read) => {
        const count = evaluation.confusion[truth * classes.length + read];
        return make("td", count === 0 ? "" : truth === read ? "right" : "wrong", count === 0 ? "" : String(count));
      }));
      return row;
    });
    this.confusion.replaceChildren(caption, head, ...rows);
  }
}

/** @param {string} text @param {string} scope */
function header(text, scope) {
  const cell = make("th", "", text);
  cell.scope = scope;
  return cell;
}

/** @param {Float32Array} values */
export function argmax(values) {
  return values.reduce((best, value, index) => (value > values[best] ? index : best), 0);
}

/** The centres of the surface's pixels, row by row from the top. */
function gridPoints() {
  const points = new Float32Array(2 * SURFACE * SURFACE);
  for (let index = 0; index < SURFACE * SURFACE; index++) {
    points[2 * index] = (((index % SURFACE) + 0.5) / SURFACE * 2 - 1) * REACH;
    points[2 * index + 1] = (1 - (Math.floor(index / SURFACE) + 0.5) / SURFACE * 2) * REACH;
  }
  return points;
}
