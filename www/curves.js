/** The run over time: bits of every tensor, range and steps of the selected layer, loss and accuracy. */
import { redraw, register } from "./canvas.js";
import { epochAt, epochLabel, percent, short } from "./text.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("./canvas.js").Look} Look */

/** The colour of a layer: from blue at the input to orange at the output. @param {number} layer @param {number} count @param {Look} look */
export function layerColor(layer, count, look) {
  const part = count > 1 ? layer / (count - 1) : 0;
  return hex((205 + 185 * part) % 360, 0.68, look.dark ? 0.66 : 0.38);
}

/** @param {number} hue degrees @param {number} saturation @param {number} lightness */
function hex(hue, saturation, lightness) {
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const channel = (/** @type {number} */ n) => {
    const k = (n + hue / 30) % 12;
    const value = lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/**
 * How curves over epochs mark the moment that is looked at: a cursor, and faint what is later.
 * @param {Snapshot | null} earlier null at the present @param {number} floatEpochs
 */
export function lookedAt(earlier, floatEpochs) {
  const at = earlier ? epochAt(earlier.step, earlier.stepsPerEpoch, floatEpochs) : undefined;
  return at === undefined ? {} : { cursorX: at, faintFrom: at };
}

export class Curves {
  /** @param {(id: string) => HTMLCanvasElement} canvas */
  constructor(canvas) {
    /** @type {History | null} */ this.history = null;
    /** @type {Snapshot | null} */ this.snapshot = null;
    this.layer = 0;
    /** Whether the snapshot is of an earlier moment than the end of the curves. */
    this.away = false;
    this.canvases = { bits: canvas("bits-chart"), range: canvas("range-chart"), loss: canvas("loss-chart"), accuracy: canvas("accuracy-chart") };
    register(this.canvases.bits, (target, charts, look) => charts.drawLines(target, this.#bits(look)));
    register(this.canvases.range, (target, charts, look) => charts.drawLines(target, this.#range(look)));
    register(this.canvases.loss, (target, charts, look) => charts.drawLines(target, this.#loss(look)));
    register(this.canvases.accuracy, (target, charts, look) => charts.drawLines(target, this.#accuracy(look)));
  }

  /** @param {History} history @param {Snapshot} snapshot @param {number} layer @param {boolean} away whether the snapshot is of an earlier moment */
  show(history, snapshot, layer, away) {
    this.away = away;
    this.history = history;
    this.snapshot = snapshot;
    this.layer = layer;
    this.#describe(snapshot, snapshot.layers[layer]);
    Object.values(this.canvases).forEach((canvas) => redraw(canvas));
  }

  /** What the pictures say, in words. @param {Snapshot} snapshot @param {import("../pkg/index.js").LayerSnapshot} layer */
  #describe(snapshot, layer) {
    const bits = snapshot.layers.map((l) => `${l.name} ${l.weight.bits}${l.activation ? ` and ${l.activation.bits}` : ""}`).join(", ");
    const label = (/** @type {HTMLCanvasElement} */ canvas, /** @type {string} */ text) => canvas.setAttribute("aria-label", text);
    label(this.canvases.bits, `Bits over time, now weights and activations: ${bits}; ${snapshot.averageBits.toFixed(2)} bits per weight as stored`);
    label(this.canvases.range, `Range of the weights of ${layer.name} over time, now ${short(layer.weight.min)} to ${short(layer.weight.max)}`);
    label(this.canvases.loss, `Training loss over time, now ${short(snapshot.loss)} nats`);
    label(this.canvases.accuracy, `Accuracy over time, now train ${percent(snapshot.trainAccuracy)}, test ${percent(snapshot.testAccuracy)}, float ${percent(snapshot.floatAccuracy)}`);
  }

  get #floatEpochs() {
    return this.history?.epochs.float ?? 0;
  }

  /** Steps as epochs. */
  #epochs() {
    const perEpoch = this.snapshot?.stepsPerEpoch ?? 1;
    return Float32Array.from(this.history?.steps ?? [], (step) => epochAt(step, perEpoch, this.#floatEpochs));
  }

  /** The span of the whole run, so that curves grow into a picture that stands still; and where quantization begins. @param {Look} look */
  #frame(look) {
    const { steps = [], average = [], epochs = { float: 0, quantized: 0 } } = this.history ?? {};
    const { step = 0, stepsPerEpoch = 1 } = this.snapshot ?? {};
    const reached = epochAt(Math.max(step, steps.at(-1) ?? 0), stepsPerEpoch, epochs.float);
    const xMin = -epochs.float;
    const xMax = Math.max(epochs.quantized, reached, xMin + 1);
    const begins = epochs.float > 0 && average.some((bits) => bits < 32);
    const markers = begins ? [{ axis: /** @type {const} */ ("x"), at: 0, label: "quantized", color: look.color("muted"), dashed: true }] : [];
    const cursor = lookedAt(this.away ? this.snapshot : null, epochs.float);
    return { theme: look.theme, scale: look.scale, xLabel: epochLabel(epochs.float), xMin, xMax, markers, ...cursor };
  }

  /** @param {Look} look @returns {import("../pkg/index.js").LinesSpec} */
  #bits(look) {
    const courses = (this.history?.courses ?? []).filter((course) => course.bits.some((bits) => bits === bits));
    const x = this.#epochs();
    const layers = this.snapshot?.layers.length ?? 1;
    const series = courses.map((course) => {
      const chosen = course.layer === this.layer;
      return {
        name: `${course.name} ${course.role === "weight" ? "W" : "A"}`,
        label: chosen ? `${course.name} ${course.role === "weight" ? "W" : "A"}` : "",
        color: layerColor(course.layer, layers, look) + (chosen ? "ff" : "80"),
        dashed: course.role === "activation",
        stepped: true,
        width: chosen ? 2.6 : 1.2,
        x,
        y: course.bits,
      };
    });
    // The selected layer's lines on top of the others.
    series.sort((a, b) => a.width - b.width);
    // What a weight takes with codebooks and scales: of small layers more than its own bits.
    const average = this.history?.average.map((bits) => (bits < 32 ? bits : NaN)) ?? [];
    series.push({ name: "W as stored", label: "W as stored", color: look.color("ink"), dashed: false, stepped: false, width: 2, x, y: average });
    const budget = this.snapshot?.budgetBits;
    const frame = this.#frame(look);
    const markers = [...frame.markers, ...(budget ? [{ axis: /** @type {const} */ ("y"), at: budget, label: `budget ${short(budget)}`, color: look.color("bad"), dashed: true }] : [])];
    const most = Math.max(8, ...average.filter((bits) => bits === bits), ...courses.map((course) => Math.max(...course.bits.filter((bits) => bits === bits))));
    return { ...frame, yLabel: "bits", yMin: 0, yMax: most + 0.4, yInteger: true, series, markers };
  }

  /** @param {Look} look @returns {import("../pkg/index.js").LinesSpec} */
  #range(look) {
    const x = this.#epochs();
    /** @type {import("../pkg/index.js").LinesSpec["series"]} */
    const series = [];
    /** @type {NonNullable<import("../pkg/index.js").LinesSpec["bands"]>} */
    const bands = [];
    for (const role of /** @type {const} */ (["weight", "activation"])) {
      const course = this.history?.course(this.layer, role);
      if (!course || course.min.every((value) => value !== value)) continue;
      const color = look.color(role);
      const letter = role === "weight" ? "W" : "A";
      const dashed = role === "activation";
      bands.push({ x, low: course.min, high: course.max, color, opacity: 0.12 });
      series.push({ label: `${letter} max`, color, dashed, width: 1.8, x, y: course.max });
      series.push({ label: `${letter} min`, color, dashed, width: 1.8, x, y: course.min });
      series.push({ label: `${letter} largest step`, color, dashed: true, width: 1, x, y: course.largest });
      series.push({ label: `${letter} smallest step`, color, dashed: true, width: 1, x, y: course.smallest });
    }
    return { ...this.#frame(look), series, bands };
  }

  /** @param {Look} look @returns {import("../pkg/index.js").LinesSpec} */
  #loss(look) {
    const y = this.history?.loss.map((loss) => (Number.isFinite(loss) ? Math.max(loss, 1e-5) : NaN)) ?? [];
    return { ...this.#frame(look), yLabel: "loss (nats)", logY: true, series: [{ name: "loss", label: "", color: look.color("weight"), x: this.#epochs(), y }] };
  }

  /** @param {Look} look @returns {import("../pkg/index.js").LinesSpec} */
  #accuracy(look) {
    const x = this.#epochs();
    const scaled = (/** @type {(number | null)[]} */ list) => list.map((part) => (part === null ? NaN : 100 * part));
    const [train, test] = [scaled(this.history?.train ?? []), scaled(this.history?.test ?? [])];
    // A run that stays in float has nothing to be compared with.
    const quantized = this.snapshot?.layers.some(({ weight }) => weight.bits < 32);
    const float = quantized ? this.snapshot?.floatAccuracy : null;
    const lowest = Math.min(...train.filter((v) => v === v), ...test.filter((v) => v === v), 95);
    const frame = this.#frame(look);
    return {
      ...frame,
      yLabel: "accuracy (%)",
      yMin: Math.max(0, Math.floor(lowest / 5) * 5 - 5),
      yMax: 101,
      series: [
        { label: "train", color: look.color("muted"), x, y: train },
        { label: "test", color: look.color("weight"), width: 2.2, x, y: test },
      ],
      markers: float === null || float === undefined ? frame.markers : [...frame.markers, { axis: "y", at: 100 * float, label: "float", color: look.color("activation"), dashed: true }],
    };
  }
}
