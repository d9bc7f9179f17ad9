/** The figure of equal steps against learned levels: three quantizers with the same bits on the same trained weights. */
import { redraw, register, currentLook } from "./canvas.js";
import { drawingReady, quantized } from "./learn-engine.js";
import { control, fill, fixed, parts } from "./learn-numbers.js";

/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("../pkg/index.js").LayerSnapshot} Layer */

/** Mini-batches that each network sees, with its weights held: levels learn from them, and batch norm follows in all. */
const STEPS = 315;
const EPOCHS = 7;
/** Levels learn to come near the weights: that term outweighs the loss of the task. @type {import("../pkg/index.js").SessionOptions} */
const LEARNED = { method: "ddq", learnBits: false, gradientCorrection: 10, levelLearningRate: 0.005, freezeAt: 1 };
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

/** One mini-batch more; what else a run does between them costs slices of its own. @param {Session} session */
function advance(session) {
  const { step } = session.progress();
  while (!session.progress().done && session.progress().step === step) session.step(1);
}

/** @param {Layer} layer */
const errorOf = ({ weight }) => weight.relativeError;

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
      theme: look.theme, scale: look.scale, xLabel: "step", yLabel: "error (%)", xMin: 0, xMax: STEPS, yMin: low - room, yMax: top + room,
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

  /** @param {Map<string, Session>} sessions @param {number} mine */
  const learn = async (sessions, mine) => {
    const learning = /** @type {Session} */ (sessions.get("learned"));
    while (round === mine && learning.progress().step < STEPS) {
      const start = performance.now();
      while (performance.now() - start < SHARE && learning.progress().step < STEPS) {
        sessions.forEach(advance);
        const { step } = learning.progress();
        if (step % EVERY > 0) continue;
        const { layers } = learning.snapshot();
        now.set("learned", layers);
        course.push({ step, errors: layers.map(errorOf) });
      }
      show();
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  };

  const begin = async () => {
    const mine = ++round;
    delete figure.dataset.learned;
    const weightBits = Number(bitsBox.value);
    fill(figure, Object.fromEntries(KINDS.map(({ name }) => [`${name}-accuracy`, "…"])));
    /** @type {Map<string, Session>} */
    const sessions = new Map();
    try {
      for (const { name, options } of KINDS) sessions.set(name, await quantized({ ...options, weightBits, epochs: EPOCHS }));
      if (round !== mine) return;
      now = new Map([...sessions].map(([name, session]) => [name, session.snapshot().layers]));
      course = [{ step: 0, errors: (now.get("learned") ?? []).map(errorOf) }];
      show();
      await learn(sessions, mine);
      if (round !== mine) return;
      sessions.forEach((session, name) => fill(figure, { [`${name}-accuracy`]: parts(session.evaluate("test").accuracy) }));
      figure.dataset.learned = bitsBox.value;
    } finally {
      sessions.forEach((session) => session.free());
    }
  };
  layerBox.addEventListener("change", show);
  bitsBox.addEventListener("change", () => void begin());
  again.addEventListener("click", () => void begin());
  await Promise.all([drawingReady(), begin()]);
}
