/** The figure of what a quantizer is: a signal and the weights of a trained layer, snapped to 2^b levels. */
import { redraw, register } from "./canvas.js";
import { drawingReady, quantized } from "./learn-engine.js";
import { control, fill, fixed, parts, whole } from "./learn-numbers.js";

/** @typedef {import("../pkg/index.js").LayerSnapshot} Layer */

const [LOW, HIGH] = [-1, 1];
const POINTS = 240;
/** The layer of the network whose weights are shown. */
const LAYER = 2;

/** A smooth signal within [−1, 1]. @param {number} time in [0, 1] */
const signal = (time) => 0.62 * Math.sin(2 * Math.PI * time) + 0.36 * Math.sin(2 * Math.PI * 3.1 * time + 0.6);

/** The nearest of 2^bits equally spaced levels. @param {number} x @param {number} bits */
function snap(x, bits) {
  const step = (HIGH - LOW) / (2 ** bits - 1);
  const code = Math.round((x - LOW) / step);
  return { step, code, level: LOW + code * step };
}

/** @param {HTMLElement} figure */
export async function showQuantizer(figure) {
  const bits = /** @type {HTMLInputElement} */ (control(figure, "bits"));
  const time = /** @type {HTMLInputElement} */ (control(figure, "time"));
  const [wave, weights] = /** @type {HTMLCanvasElement[]} */ ([...figure.querySelectorAll("canvas")]);
  const x = Float32Array.from({ length: POINTS }, (_, index) => index / (POINTS - 1));
  const real = x.map(signal);
  /** The layer at each width. @type {Map<number, Layer>} */
  const layers = new Map();
  register(wave, (target, charts, look) => charts.drawLines(target, {
    theme: look.theme, scale: look.scale, xLabel: "time", xMin: 0, xMax: 1, yMin: -1.1, yMax: 1.1, cursorX: Number(time.value),
    series: [
      { label: "signal", color: look.color("muted"), width: 1.4, x, y: real },
      { label: "quantized", color: look.color("weight"), width: 2.2, stepped: true, x, y: real.map((value) => snap(value, Number(bits.value)).level) },
    ],
  }));
  register(weights, (target, charts, look) => {
    const tensor = layers.get(Number(bits.value))?.weight;
    if (!tensor) return;
    charts.drawHistogram(target, {
      theme: look.theme, scale: look.scale, min: tensor.histogramMin, max: tensor.histogramMax, latent: tensor.latentHistogram, quantized: tensor.quantizedHistogram,
      levels: tensor.levels, rangeMin: tensor.min, rangeMax: tensor.max, color: look.color("muted"), quantizedColor: look.color("weight"),
    });
  });
  const show = async () => {
    const count = Number(bits.value);
    const value = signal(Number(time.value));
    const { step, code, level } = snap(value, count);
    const squares = real.reduce((sum, one) => sum + (one - snap(one, count).level) ** 2, 0);
    fill(figure, {
      bits: String(count), levels: String(2 ** count), last: String(2 ** count - 1), step: fixed(step, 3), x: fixed(value, 3), above: fixed(value - LOW, 3), code: String(code), level: fixed(level, 3),
      error: fixed(level - value, 3), rms: fixed(Math.sqrt(squares / POINTS), 4), expected: fixed(step / Math.sqrt(12), 4),
    });
    wave.setAttribute("aria-label", `A signal and its ${2 ** count} levels; at the cursor ${fixed(value, 3)} becomes ${fixed(level, 3)}`);
    redraw(wave);
    if (!layers.has(count)) {
      const session = await quantized({ method: "uniform", range: "minmax", weightBits: count });
      layers.set(count, session.snapshot().layers[LAYER]);
      session.free();
    }
    const layer = layers.get(Number(bits.value));
    if (!layer) return;
    fill(figure, { layer: layer.name, weights: whole(layer.parameters), from: fixed(layer.weight.min, 3), to: fixed(layer.weight.max, 3), part: parts(layer.weight.relativeError) });
    weights.setAttribute("aria-label", `${layer.parameters} weights of ${layer.name} on ${layer.weight.levels.length} levels, relative error ${parts(layer.weight.relativeError)} %`);
    redraw(weights);
  };
  for (const input of [bits, time]) input.addEventListener("input", () => void show());
  await Promise.all([drawingReady(), show()]);
}
