/**
 * A pad for drawing a digit. The drawing is treated as the digits of the data set were: fitted into 32×32 black
 * and white cells, which are counted in blocks of 4×4 to 8×8 values from 0 to 16.
 */
import { make, makeButton } from "./make.js";

const CELLS = 32;
/** Half the width of a stroke, in cells of the fitted drawing. */
const STROKE = 2.1;
/** How far a key press moves the pen, in parts of the pad. */
const KEY_STEP = 1 / 16;

/** @typedef {{ x: number, y: number }} Point in parts of the pad */

export class Pad {
  /** @param {(x: Float32Array) => Promise<import("./run.js").Predictions>} predict */
  constructor(predict) {
    this.predict = predict;
    /** @type {Point[][]} */ this.strokes = [];
    this.pen = { x: 0.5, y: 0.3 };
    this.penDown = false;
    this.element = make("div", "pad");
    this.board = make("canvas", "board");
    this.board.width = this.board.height = 264;
    this.board.tabIndex = 0;
    this.board.setAttribute("role", "application");
    this.board.setAttribute("aria-label", "Drawing pad. Arrow keys move the pen, Enter lowers and lifts it, Delete clears.");
    this.verdict = make("p", "verdict", "Draw with mouse, finger or keys (Enter lowers the pen, arrows move it).");
    this.verdict.setAttribute("aria-live", "polite");
    this.votes = make("div", "votes");
    const side = make("div");
    side.append(this.votes, makeButton("Clear", () => this.clear()));
    this.element.append(this.board, side, this.verdict);
    this.bars = this.#makeBars();
    this.#listen();
  }

  #makeBars() {
    const head = make("div", "vote");
    head.append(make("span"), make("span", "", "float"), make("span", "", "quantized"));
    this.votes.append(head);
    return Array.from({ length: 10 }, (_, digit) => {
      const row = make("div", "vote");
      const pair = ["float", "quantized"].map((which) => {
        const bar = make("meter");
        bar.setAttribute("aria-label", `${digit}, ${which}`);
        return bar;
      });
      row.append(make("span", "", String(digit)), ...pair);
      this.votes.append(row);
      return pair;
    });
  }

  #listen() {
    const at = (/** @type {PointerEvent} */ event) => {
      const box = this.board.getBoundingClientRect();
      return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
    };
    let drawing = false;
    this.board.addEventListener("pointerdown", (event) => {
      drawing = true;
      this.board.setPointerCapture(event.pointerId);
      this.strokes.push([at(event)]);
      this.#changed();
    });
    this.board.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      this.strokes[this.strokes.length - 1].push(at(event));
      this.#changed();
    });
    for (const end of ["pointerup", "pointercancel"]) this.board.addEventListener(end, () => (drawing = false));
    this.board.addEventListener("keydown", (event) => this.#key(event));
    this.board.addEventListener("blur", () => {
      this.penDown = false;
      this.#paint();
    });
    this.board.addEventListener("focus", () => this.#paint());
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (event.key === "Enter") {
      this.penDown = !this.penDown;
      if (this.penDown) this.strokes.push([{ ...this.pen }]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else if (dx || dy) {
      this.pen.x = Math.min(1, Math.max(0, this.pen.x + dx * KEY_STEP));
      this.pen.y = Math.min(1, Math.max(0, this.pen.y + dy * KEY_STEP));
      if (this.penDown) this.strokes[this.strokes.length - 1].push({ ...this.pen });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.#changed();
  }

  clear() {
    this.strokes = [];
    this.penDown = false;
    this.verdict.textContent = "Cleared. Draw another digit.";
    this.bars.flat().forEach((bar) => (bar.value = 0));
    this.#paint();
  }

  #changed() {
    this.#paint();
    this.refresh().catch((error) => (this.verdict.textContent = `Not read: ${error.message}`));
  }

  #paint() {
    const context = this.board.getContext("2d");
    if (!context) return;
    const size = this.board.width;
    context.clearRect(0, 0, size, size);
    context.strokeStyle = getComputedStyle(this.board).color;
    context.lineWidth = size / 13;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of this.strokes) {
      context.beginPath();
      stroke.forEach(({ x, y }, index) => context[index ? "lineTo" : "moveTo"](x * size, y * size));
      if (stroke.length === 1) context.lineTo(stroke[0].x * size + 0.1, stroke[0].y * size);
      context.stroke();
    }
    if (document.activeElement === this.board) {
      context.lineWidth = 3;
      context.beginPath();
      context.arc(this.pen.x * size, this.pen.y * size, this.penDown ? 6 : 10, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Asks the networks about the drawing as it stands. */
  async refresh() {
    if (this.strokes.length === 0) return;
    const { current, reference } = await this.predict(digitOf(this.strokes));
    // The drawing may have been cleared while the networks were asked.
    if (!current || !reference || this.strokes.length === 0) return;
    const [quantized, float] = [probabilities(current), probabilities(reference)];
    this.bars.forEach(([left, right], digit) => {
      left.value = float[digit];
      right.value = quantized[digit];
    });
    const best = (/** @type {number[]} */ list) => list.indexOf(Math.max(...list));
    const say = (/** @type {number[]} */ list) => `${best(list)} (${Math.round(100 * Math.max(...list))} %)`;
    this.verdict.textContent = `Float network: ${say(float)}. Quantized network: ${say(quantized)}.`;
  }
}

/** @param {Float32Array} logits */
function probabilities(logits) {
  const largest = Math.max(...logits);
  const weights = Array.from(logits, (logit) => Math.exp(logit - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The drawing as the network's 64 inputs in [−1, 1].
 * @param {Point[][]} strokes
 */
export function digitOf(strokes) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  // The longer side fills the cells but for the stroke's own width.
  const scale = (CELLS - 2 * STROKE) / Math.max(bottom - top, right - left, 0.05);
  const fit = (/** @type {Point} */ { x, y }) => ({
    x: (x - (left + right) / 2) * scale + CELLS / 2,
    y: (y - (top + bottom) / 2) * scale + CELLS / 2,
  });
  const fitted = strokes.map((stroke) => stroke.map(fit));
  const values = new Float32Array(64).fill(-1);
  for (let row = 0; row < CELLS; row++) {
    for (let column = 0; column < CELLS; column++) {
      const cell = { x: column + 0.5, y: row + 0.5 };
      if (fitted.some((stroke) => near(stroke, cell))) values[8 * (row >> 2) + (column >> 2)] += 1 / 8;
    }
  }
  return values;
}

/** Whether the stroke passes within its half width. @param {Point[]} stroke @param {Point} at */
function near(stroke, at) {
  return stroke.some((from, index) => {
    const to = stroke[index + 1] ?? from;
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    const along = length > 0 ? Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / length)) : 0;
    return Math.hypot(from.x + along * dx - at.x, from.y + along * dy - at.y) <= STROKE;
  });
}
