/**
 * What the network is for: a decision surface for points, test samples, confusion and a drawing pad for digits. A
 * visitor's data are shown as what they are: images, points of the plane, or a table, of which confusion is all there is to see.
 */
import { putPixels, redraw, register, sweep } from "./canvas.js";
import { make } from "./make.js";
import { imagePixels, isImage } from "./own-images.js";
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
const CLASS_COLORS = ["#2878c8", "#d9822b", "#3a9d5d", "#b0488f", "#8a6d3b", "#4c5fb5", "#7a9a1f", "#c0413b", "#2a9d9d", "#6b6b6b"];
/** Classes whose confusion is shown cell by cell; of more, the commonest mistakes are told. */
const CONFUSED_CELLS = 16;
const MISTAKES_TOLD = 10;
/** Letters of a class's name that fit beside its image. */
const NAME_SHOWN = 7;
/** @typedef {"digits" | "images" | "plane" | "table"} Kind */

/** What the samples of a run are. @param {Created} created @returns {Kind} */
function kindOf({ options, test: { shape } }) {
  if (options.data === "digits") return "digits";
  if (isImage(shape)) return "images";
  return shape.channels === 2 ? "plane" : "table";
}

export class Task {
  /** @param {HTMLElement} place @param {Run} run */
  constructor(place, run) {
    this.place = place;
    this.run = run;
    /** @type {Created | null} */ this.created = null;
    /** @type {Float32Array | null} */ this.logits = null;
    /** @type {Kind} */ this.kind = "digits";
    this.asking = false;
    /** Whether another question waits for the one under way. */
    this.again = false;
    this.pad = new Pad((x) => run.predict(x));
    this.picture = make("canvas");
    this.confusion = make("table", "confusion");
  }

  /** @param {Created} created */
  build(created) {
    this.created = created;
    this.logits = null;
    this.kind = kindOf(created);
    const pixels = this.kind === "digits" || this.kind === "images";
    this.picture = make("canvas", pixels ? "samples" : "surface");
    this.picture.setAttribute("role", "img");
    this.confusion = make("table", "confusion");
    const confusion = [make("h3", "", "Confusion on the test set"), this.confusion];
    if (pixels) {
      const pad = this.kind === "digits" ? [make("h3", "", "Draw a digit"), this.pad.element] : [];
      const title = this.kind === "digits" ? `The first ${SHOWN} test digits, as the network reads them` : "Test images, as the network reads them";
      this.place.replaceChildren(make("h3", "", title), this.picture, ...pad, ...confusion);
      this.picture.style.setProperty("height", "230px");
      register(this.picture, (target, charts, look) => this.#drawSamples(target, charts, look), { details: true });
    } else if (this.kind === "plane") {
      const own = created.options.data === "own" ? confusion : [];
      this.place.replaceChildren(make("h3", "", "Decision surface, with training points"), this.picture, ...own);
      register(this.picture, (target, charts, look) => this.#drawSurface(target, charts, look), { details: true });
    } else {
      this.place.replaceChildren(...confusion);
    }
    sweep();
  }

  /**
   * Asks the network anew; while one question is under way no other is asked.
   * @param {boolean} last whether no other snapshot follows by itself, so that the question has to be asked afterwards
   */
  async refresh(last) {
    const created = this.created;
    if (!created || this.kind === "table") return;
    this.again = this.asking && last;
    if (this.asking) return;
    this.asking = true;
    const x = this.kind === "plane" ? gridPoints() : created.test.inputs.slice(0, SHOWN * this.#inputs());
    try {
      const { current } = await this.run.predict(x);
      // The Worker may have begun another run, of other classes, before the page has its picture.
      if (created === this.created && current.length * this.#inputs() === x.length * created.test.classes) this.#answered(current);
      if (this.kind === "digits") await this.pad.refresh();
    } finally {
      this.asking = false;
    }
    if (this.again) await this.refresh(last);
  }

  /** @param {Float32Array} logits */
  #answered(logits) {
    this.logits = logits;
    const created = /** @type {Created} */ (this.created);
    if (this.kind !== "plane") {
      const readings = this.#readings();
      const wrong = readings.filter(({ read, truth }) => read !== truth);
      const { classNames } = created.test;
      const list = wrong.map(({ read, truth }) => `${classNames[truth]} read as ${classNames[read]}`).join(", ");
      this.picture.setAttribute("aria-label", `${readings.length} test ${this.kind}, ${readings.length - wrong.length} read rightly${list ? `; ${list}` : ""}`);
    } else {
      this.picture.setAttribute("aria-label", `Decision surface of ${created.test.classes} classes over the plane`);
    }
    redraw(this.picture);
  }

  /** Numbers of a sample. */
  #inputs() {
    const { channels, height, width } = /** @type {Created} */ (this.created).test.shape;
    return channels * height * width;
  }

  /** The shown samples with what they are and how they are read. */
  #readings() {
    const { labels, classes } = /** @type {Created} */ (this.created).test;
    return Array.from({ length: Math.min(SHOWN, labels.length) }, (_, index) => ({
      truth: labels[index],
      read: this.logits ? argmax(this.logits.subarray(classes * index, classes * (index + 1))) : -1,
    }));
  }

  /** @type {import("./canvas.js").Draw} */
  #drawSamples(canvas, charts, look) {
    const context = canvas.getContext("2d");
    const test = this.created?.test;
    if (!context || !test) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const words = this.kind === "images" && test.classNames.some((name) => name.length > 2);
    const columns = words ? COLUMNS / 2 : COLUMNS;
    const shown = this.#readings().slice(0, words ? SHOWN / 2 : SHOWN);
    const cell = canvas.width / columns;
    const height = canvas.height / (SHOWN / COLUMNS);
    const side = Math.min(cell * 0.62, height * 0.94);
    context.font = `600 ${Math.round(height * (words ? 0.26 : 0.34))}px ${look.theme.font}`;
    context.textBaseline = "middle";
    const size = this.#inputs();
    shown.forEach(({ truth, read }, index) => {
      const x = (index % columns) * cell;
      const y = Math.floor(index / columns) * height;
      const values = test.inputs.subarray(size * index, size * (index + 1));
      const pixels = this.kind === "digits" ? charts.digitPixels(values, look.theme.ink, look.theme.background) : imagePixels(values, test.shape);
      putPixels(canvas, pixels, test.shape.width, { x, y, width: side, height: side });
      if (read < 0) return;
      context.fillStyle = look.color(read === truth ? "good" : "bad");
      context.fillText(test.classNames[read].slice(0, NAME_SHOWN), x + side + cell * 0.06, y + height / 2, cell - side - cell * 0.08);
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
    const colors = Array.from({ length: created.train.classes }, (_, label) => colorOf(label));
    putPixels(canvas, charts.surfacePixels(this.logits, created.train.classes, colors, look.theme.background), SURFACE);
    const { inputs, labels } = created.train;
    const place = (/** @type {number} */ v) => ((v + REACH) / (2 * REACH)) * canvas.width;
    context.strokeStyle = look.theme.background;
    context.lineWidth = look.scale;
    labels.forEach((label, index) => {
      context.fillStyle = colorOf(label);
      context.beginPath();
      context.arc(place(inputs[2 * index]), canvas.height - place(inputs[2 * index + 1]), 3 * look.scale, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    });
  }

  /** @param {Evaluation} evaluation */
  showConfusion(evaluation) {
    const classes = this.created?.test.classNames ?? [];
    if (!this.confusion.isConnected || evaluation.confusion.length !== classes.length ** 2) return;
    const right = `${(100 * evaluation.accuracy).toFixed(1)} % right`;
    if (classes.length > CONFUSED_CELLS) return this.#tellMistakes(evaluation, classes, right);
    const caption = make("caption", "", `rows: true ${this.kind === "digits" ? "digit" : "class"} · columns: read as · ${right}`);
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

  /** The commonest mistakes among many classes. @param {Evaluation} evaluation @param {string[]} classes @param {string} right */
  #tellMistakes({ confusion }, classes, right) {
    const all = [...confusion].map((count, at) => ({ count, truth: Math.floor(at / classes.length), read: at % classes.length }));
    const mistakes = all.filter(({ count, truth, read }) => count > 0 && truth !== read).sort((a, b) => b.count - a.count).slice(0, MISTAKES_TOLD);
    const rows = mistakes.map(({ count, truth, read }) => {
      const row = make("tr");
      row.append(header(classes[truth], "row"), make("td", "", classes[read]), make("td", "wrong", String(count)));
      return row;
    });
    const head = make("tr");
    head.append(header("true class", "col"), header("read as", "col"), header("samples", "col"));
    this.confusion.replaceChildren(make("caption", "", `the commonest mistakes among ${classes.length} classes · ${right}`), head, ...rows);
  }
}

/** @param {number} label */
const colorOf = (label) => CLASS_COLORS[label % CLASS_COLORS.length];

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
