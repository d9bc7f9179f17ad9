/** The figure of equal steps against learned levels: three quantizers with the same bits on the same trained weights. */
import { redraw, register, currentLook } from "./canvas.js";
import { drawingReady, quantized } from "./learn-engine.js";
import { control, fill, fixed, parts } from "./learn-numbers.js";

/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("../pkg/index.js").LayerSnapshot} Layer */

/** Levels alone learn, and only to come near the weights: that term outweighs the loss of the task. @type {import("../pkg/index.js").SessionOptions} */
const LEARNED = { method: "ddq", learnBits: false, gradientCorrection: 10, levelLearningRate: 0.005, freezeAt: 1, epochs: 7 };
/** @type {{ name: string, options: import("../pkg/index.js").SessionOptions }[]} */
const KINDS = [
  { name: "minmax", options: { method: "uniform", range: "minmax" } },
  { name: "mse", options: { method: "uniform", range: "mse" } },
  { name: "learned", options: LEARNED },
];
/** Learning takes at most this part of a frame, in ms. */
const SHARE = 9;
/** Steps from one point of the curve to the next. */
const EVERY = 5;

/** @param {Layer} layer */
const errorOf = ({ weight }) => Math.sqrt(weight.relativeError);

/** @param {HTMLElement} figure */
export async function showLevels(figure) {
  const layerBox = /** @type {HTMLSelectElement} */ (control(figure, "layer"));
  const bitsBox = /** @type {HTMLSelectElement} */ (control(figure, "bits"));
  const again = /** @type {HTMLButtonElement} */ (figure.querySelector("button"));
  const curve = /** @type {HTMLCanvasElement} */ (figure.querySelector("canvas[data-curve]"));
  /** What each kind of quantizer makes of every layer. @type {Map<string, Layer[]>} */
  let now = new Map();
  /** Every layer's error over the steps of learning. @type {{ step: number, errors: number[] }[]} */
  let course = [];
  let round = 0;
  const at = () => Number(layerBox.value);
  const layerOf = (/** @type {string} */ kind) => now.get(kind)?.[at()];

  for (const { name } of KINDS) {
    register(/** @type {HTMLCanvasElement} */ (figure.querySelector(`canvas[data-kind=${name}]`)), (target, charts, look) => {
      const tensor = layerOf(name)?.weight;
      if (tensor) charts.drawHistogram(target, {
        theme: look.theme, scale: look.scale, min: tensor.histogramMin, max: tensor.histogramMax, latent: tensor.latentHistogram, quantized: tensor.quantizedHistogram,
        levels: tensor.levels, rangeMin: tensor.min, rangeMax: tensor.max, color: look.color("muted"), quantizedColor: look.color(name === "learned" ? "activation" : "weight"),
      });
    });
  }
  register(curve, (target, charts) => {
    const look = currentLook(curve);
    const [mse, learned] = ["mse", "learned"].map((kind) => layerOf(kind));
    if (!mse || !learned) return;
    const y = course.map(({ errors }) => 100 * errors[at()]);
    const top = Math.max(...y, 100 * errorOf(mse));
    const low = Math.min(...y, 100 * errorOf(mse));
    const room = Math.max(0.2, 0.25 * (top - low));
    charts.drawLines(target, {
      theme: look.theme, scale: look.scale, xLabel: "step", yLabel: "error (%)", xMin: 0, xMax: 315, yMin: low - room, yMax: top + room,
      series: [{ label: "learned", color: look.color("activation"), width: 2.2, x: course.map(({ step }) => step), y }],
      markers: [{ axis: "y", at: 100 * errorOf(mse), label: "best equal steps", color: look.color("weight"), dashed: true }],
    });
  });

  const show = () => {
    /** @type {Record<string, string>} */
    const numbers = { bits: bitsBox.value, levels: String(2 ** Number(bitsBox.value)) };
    for (const { name } of KINDS) {
      const layer = layerOf(name);
      if (!layer) continue;
      numbers[`${name}-error`] = parts(errorOf(layer));
      numbers[`${name}-stored`] = fixed(layer.weight.sizeBits / layer.parameters);
      figure.querySelector(`canvas[data-kind=${name}]`)?.setAttribute("aria-label", `${layer.parameters} weights on ${layer.weight.levels.length} levels, relative error ${parts(errorOf(layer))} %`);
    }
    const [mse, learned] = ["mse", "learned"].map((kind) => layerOf(kind));
    if (mse && learned) {
      numbers.gain = parts(1 - errorOf(learned) / errorOf(mse), 0);
      numbers.steps = String(course[course.length - 1]?.step ?? 0);
      curve.setAttribute("aria-label", `Error of the learned levels over ${numbers.steps} steps, now ${numbers["learned-error"]} %; of the best equal steps ${numbers["mse-error"]} %`);
    }
    fill(figure, numbers);
    figure.querySelectorAll("canvas").forEach((canvas) => redraw(canvas));
  };

  /** @param {Session} session @param {number} mine */
  const learn = async (session, mine) => {
    while (round === mine && !session.progress().done && session.progress().phase === "quantize") {
      const start = performance.now();
      while (performance.now() - start < SHARE && session.progress().phase === "quantize") {
        const { step } = session.step(1);
        if (step % EVERY > 0 || course[course.length - 1]?.step === step) continue;
        const { layers } = session.snapshot();
        now.set("learned", layers);
        course.push({ step, errors: layers.map(errorOf) });
      }
      show();
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };

  const begin = async () => {
    const mine = ++round;
    const weightBits = Number(bitsBox.value);
    const made = new Map();
    const accuracies = new Map();
    /** @type {Session | null} */
    let learning = null;
    for (const { name, options } of KINDS) {
      const session = await quantized({ ...options, weightBits });
      if (round !== mine) return session.free();
      made.set(name, session.snapshot().layers);
      if (name === "learned") learning = session;
      else {
        accuracies.set(name, session.evaluate("test").accuracy);
        session.free();
      }
    }
    now = made;
    course = [{ step: 0, errors: made.get("learned").map(errorOf) }];
    const accuracy = () => fill(figure, Object.fromEntries(KINDS.map(({ name }) => [`${name}-accuracy`, accuracies.has(name) ? parts(accuracies.get(name)) : "…"])));
    accuracy();
    show();
    if (!learning) return;
    await learn(learning, mine);
    if (round === mine) {
      accuracies.set("learned", learning.evaluate("test").accuracy);
      accuracy();
      figure.dataset.learned = bitsBox.value;
    }
    learning.free();
  };
  layerBox.addEventListener("change", show);
  bitsBox.addEventListener("change", () => void begin());
  again.addEventListener("click", () => void begin());
  await Promise.all([drawingReady(), begin()]);
}
