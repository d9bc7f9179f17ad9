/** The selected tensor's quantizer from inside: staircase, level vector, gates, matrix U. */
import { putPixels, redraw, register } from "./canvas.js";
import { histogramOf } from "./cards.js";
import { short } from "./text.js";

/** @typedef {import("../pkg/index.js").LayerSnapshot} Layer */
/** @typedef {import("../pkg/index.js").TensorSnapshot} Tensor */

export class Inspector {
  /** @param {(id: string) => HTMLCanvasElement} canvas @param {HTMLElement} text */
  constructor(canvas, text) {
    this.text = text;
    /** @type {Tensor | null} */ this.tensor = null;
    /** @type {"weight" | "activation"} */ this.role = "weight";
    this.canvases = { histogram: canvas("histogram"), staircase: canvas("staircase"), levels: canvas("levels"), gates: canvas("gates"), matrix: canvas("matrix") };
    const { histogram, staircase, levels, gates, matrix } = this.canvases;
    const details = { details: true };
    register(histogram, (target, charts, look) => {
      clear(target);
      if (this.tensor) charts.drawHistogram(target, histogramOf(this.tensor, look, this.role));
    });
    register(staircase, (target, charts, look) => this.#with(target, (t) => charts.drawStaircase(target, {
      theme: look.theme, scale: look.scale, color: look.color(this.role),
      min: t.histogramMin, max: t.histogramMax, levels: t.levels, rawLevels: t.rawLevels ?? [], latent: t.latentHistogram,
    })), details);
    register(levels, (target, charts, look) => this.#with(target, (t) => charts.drawLevels(target, {
      theme: look.theme, scale: look.scale, color: look.color(this.role), rawLevels: t.rawLevels ?? t.levels, levels: t.levels,
    })), details);
    register(gates, (target, charts, look) => this.#with(target, (t) => t.gates && charts.drawGates(target, {
      theme: look.theme, scale: look.scale, color: look.color(this.role), logits: t.gates.logits, on: t.gates.on,
    })), details);
    register(matrix, (target, charts, look) => this.#with(target, (t) => {
      if (!t.gates) return;
      const { values, rows, cols } = charts.structureMatrix(t.gates.on);
      putPixels(target, charts.matrixPixels(values, rows, cols, look.theme.background, look.color(this.role)), cols);
    }), details);
  }

  /** Draws where the tensor is quantized, else clears. @param {HTMLCanvasElement} target @param {(tensor: Tensor) => unknown} draw */
  #with(target, draw) {
    clear(target);
    if (this.tensor && this.tensor.bits < 32) draw(this.tensor);
  }

  /** @param {Layer} layer @param {"weight" | "activation"} role */
  show(layer, role) {
    this.role = role;
    this.tensor = role === "weight" ? layer.weight : layer.activation;
    this.text.textContent = describe(layer, role, this.tensor);
    const { histogram, staircase, levels, gates, matrix } = this.canvases;
    histogram.setAttribute("aria-label", this.tensor ? `Histogram of values from ${short(this.tensor.histogramMin)} to ${short(this.tensor.histogramMax)}` : "No values to be quantized");
    const count = this.tensor?.levels.length ?? 0;
    staircase.setAttribute("aria-label", `Staircase of ${count} levels`);
    levels.setAttribute("aria-label", `${count} effective levels of ${this.tensor?.rawLevels?.length ?? count}`);
    const on = this.tensor?.gates?.on.reduce((sum, gate) => sum + gate, 0) ?? 0;
    gates.setAttribute("aria-label", this.tensor?.gates ? `${on} of ${this.tensor.gates.on.length} gates are on` : "No gates");
    matrix.setAttribute("aria-label", this.tensor?.gates ? `Matrix U: levels are merged in blocks of ${2 ** (this.tensor.gates.on.length - on)}` : "No matrix");
    // Where there will be none, their places are not kept.
    const none = this.tensor !== null && this.tensor.bits < 32 && !this.tensor.gates;
    for (const canvas of [gates, matrix]) canvas.closest("figure")?.toggleAttribute("hidden", none);
    Object.values(this.canvases).forEach((canvas) => redraw(canvas));
  }
}

/** @param {HTMLCanvasElement} target */
const clear = (target) => target.getContext("2d")?.clearRect(0, 0, target.width, target.height);

/** @param {Layer} layer @param {string} role @param {Tensor | null} tensor */
function describe(layer, role, tensor) {
  const what = role === "weight" ? `The ${layer.parameters.toLocaleString("en")} weights` : "The input activations";
  if (!tensor) return `${what} of ${layer.name} are 32-bit floats: they are not quantized, as the network's own input never is.`;
  if (tensor.bits >= 32) return `${what} of ${layer.name} are 32-bit floats now.`;
  const error = tensor.relativeError;
  const gates = tensor.gates ? "" : tensor.planes ? " Its levels are whole numbers of steps, coded by the bit planes and a sign: no gates, no matrix U." : " This method has a fixed number of levels: no gates, no matrix U.";
  return `${what} of ${layer.name} use ${tensor.bits} bits: ${tensor.levels.length} levels from ${short(tensor.min)} to ${short(tensor.max)}, relative error ${(100 * error).toFixed(1)} %.${gates}`;
}
