/** Figures of the lesson that are playgrounds: their buttons, and the numbers that formulas take from their runs. */
import { fill, fixed, parts, whole } from "./numbers.js";

/** @typedef {import("../host/quant-playground.js").QuantPlayground} QuantPlayground */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {Record<string, string>} Numbers */

/** Numbers of a figure in view are taken this often, in ms. */
const EVERY = 250;
/** What DDQ stores besides codes: bits of a level in a codebook, and of scale and offset. */
const [LEVEL_BITS, SCALE_BITS] = [8, 64];
/** The smallest numbers above 0 of the narrow formats, and c = √2·erfinv(0.001) of the tolerated underflow. */
const SMALLEST = /** @type {Record<string, number>} */ ({ f16: 2 ** -24, e5m2: 2 ** -16, e4m3: 2 ** -9 });
const TOLERATED = 1.2533e-3;

const weightsOf = (/** @type {Snapshot} */ { layers }) => layers.reduce((sum, { parameters }) => sum + parameters, 0);

/** What every run tells. @param {Snapshot} snapshot @returns {Numbers} */
const result = (snapshot) => ({
  average: fixed(snapshot.averageBits), size: fixed(snapshot.sizeBytes / 1024), accuracy: parts(snapshot.testAccuracy ?? NaN), float: parts(snapshot.floatAccuracy ?? NaN),
  budget: snapshot.budgetBits === null ? "–" : fixed(snapshot.budgetBits, 1), compression: fixed(snapshot.compression, 1), total: whole(weightsOf(snapshot)),
  state: snapshot.done ? "The run has ended." : `Epoch ${snapshot.epoch} of ${snapshot.epochs}.`,
});

/** The gates of the largest layer. @param {Snapshot} snapshot @param {QuantPlayground} element @returns {Numbers} */
function gradient(snapshot, element) {
  const [rate, weight] = ["gate-learning-rate", "budget-weight"].map((name) => Number(element.getAttribute(name)));
  const layer = snapshot.layers.reduce((most, one) => (one.parameters > most.parameters ? one : most));
  const { gates, bits } = layer.weight;
  if (!gates) return {};
  // A bit less saves a bit of every code and half of the codebook.
  const half = LEVEL_BITS * 2 ** (bits - 1);
  const saved = layer.parameters + half;
  const pull = saved / weightsOf(snapshot);
  return {
    name: layer.name, s: String(bits), count: whole(layer.parameters), half: whole(half), pull: fixed(pull, 3), move: fixed(rate * weight * pull, 3),
    last: fixed(gates.logits[bits - 1] ?? NaN, 3), logits: Array.from(gates.logits, (logit) => fixed(logit, 3)).join(", "),
  };
}

/** The largest and the smallest layer. @param {Snapshot} snapshot @returns {Numbers} */
function layers(snapshot) {
  const sorted = [...snapshot.layers].sort((a, b) => a.parameters - b.parameters);
  const [small, large] = [sorted[0], sorted[sorted.length - 1]];
  return {
    ratio: fixed(large.parameters / small.parameters, 1),
    "small-name": small.name, "small-count": whole(small.parameters), "small-bits": String(small.weight.bits), "small-share": parts(small.parameters / weightsOf(snapshot)),
    "large-name": large.name, "large-count": whole(large.parameters), "large-bits": String(large.weight.bits), "large-share": parts(large.parameters / weightsOf(snapshot)),
  };
}

/** What the weights cost. @param {Snapshot} snapshot @returns {Numbers} */
function budget(snapshot) {
  const codes = snapshot.layers.reduce((sum, { parameters, weight }) => sum + parameters * weight.bits, 0);
  const stored = snapshot.averageBits * weightsOf(snapshot);
  return { codes: whole(codes), extra: whole(stored - codes), stored: whole(stored), scales: whole(SCALE_BITS * snapshot.layers.length) };
}

/** @param {Snapshot} snapshot @returns {Numbers} */
function multipoint({ search, layers }) {
  if (!search?.errors.length) return {};
  const rows = layers.flatMap(({ weight }) => Array.from(weight.points ?? []));
  return {
    rows: whole(rows.length), two: whole(rows.filter((points) => points === 2).length), more: whole(rows.filter((points) => points > 2).length),
    first: fixed(search.errors[0], 3), last: fixed(search.errors[search.errors.length - 1], 3),
  };
}

/** @param {Snapshot} snapshot @returns {Numbers} */
function planes({ layers }) {
  const all = layers.flatMap(({ weight }) => (weight.planes ? [weight.planes] : []));
  const there = all.map(({ dropped }) => dropped.filter((state) => state === 0).length);
  if (all.length === 0) return {};
  const large = layers.reduce((most, one) => (one.parameters > most.parameters ? one : most));
  const count = large.weight.bits - 1;
  return {
    planes: whole(there.reduce((sum, one) => sum + one, 0)), start: whole(8 * all.length), list: there.join("/"),
    n: whole(count), count: whole(large.parameters), bits: whole((count + 1) * large.parameters), name: large.name,
  };
}

/** @param {Snapshot} snapshot @returns {Numbers} */
function haq({ search }) {
  if (!search?.accuracies.length) return {};
  const best = search.accuracies.reduce((most, one) => Math.max(most, one));
  const now = search.accuracies[search.accuracies.length - 1];
  return { episode: whole(search.accuracies.length), now: parts(now), best: parts(best), chosen: Array.from(search.best).join("/") };
}

/** @param {Snapshot} snapshot @returns {Numbers} */
function ompq({ search, layers }) {
  if (!search?.evidence.length) return {};
  const gamma = search.evidence.map(([value]) => value);
  const [low, high] = [gamma.indexOf(Math.min(...gamma)), gamma.indexOf(Math.max(...gamma))];
  return {
    "low-name": layers[low].name, "low-gamma": fixed(gamma[low]), "low-bits": String(search.best[low] ?? "–"),
    "high-name": layers[high].name, "high-gamma": fixed(gamma[high]), "high-bits": String(search.best[high] ?? "–"),
  };
}

/** @param {Snapshot} snapshot @param {QuantPlayground} element @returns {Numbers} */
function precision({ precision: report }, element) {
  if (!report) return {};
  const known = report.layers.flatMap((layer) => layer ?? []);
  const format = new URLSearchParams(element.state).get("precision") ?? "";
  const smallest = SMALLEST[format] ?? NaN;
  return {
    scale: whole(report.lossScale), smallest: smallest.toExponential(2).replace("e-", "·10⁻").replace(/⁻\d+$/, (end) => `⁻${[...end.slice(1)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("")}`),
    // Where the tolerated part of a normal distribution would underflow at this scale.
    spread: (smallest / (TOLERATED * report.lossScale)).toPrecision(2),
    underflow: parts(known.reduce((sum, layer) => sum + layer.meanUnderflow, 0) / Math.max(1, known.length)),
  };
}

/** Numbers by the name of a figure. @type {Record<string, (snapshot: Snapshot, element: QuantPlayground) => Numbers>} */
const NUMBERS = { gradient, layers, budget, multipoint, planes, haq, ompq, precision };

/** Sets one setting of a playground's run, begun or not. @param {QuantPlayground} element @param {string} key @param {string} value */
function set(element, key, value) {
  const state = new URLSearchParams(element.state);
  state.set(key, value);
  if (element.state) element.state = state.toString();
  else element.setAttribute(key, value);
}

/** Follows one figure. @param {HTMLElement} figure */
function follow(figure) {
  const element = /** @type {QuantPlayground} */ (figure.querySelector("quant-playground"));
  const numbers = NUMBERS[figure.dataset.run ?? ""];
  const play = figure.querySelector("[data-do=play]");
  const show = () => {
    const snapshot = element.result;
    if (snapshot) fill(figure, { ...result(snapshot), ...numbers?.(snapshot, element) });
    if (play) play.textContent = element.dataset.state === "running" ? "Pause" : element.dataset.state === "finished" ? "Run again" : "Run";
  };
  play?.addEventListener("click", () => void (element.dataset.state === "running" ? element.pause() : element.play()).then(show, () => undefined));
  for (const input of /** @type {NodeListOf<HTMLInputElement | HTMLSelectElement>} */ (figure.querySelectorAll("[data-set]"))) {
    const tell = () => fill(figure, { [`set-${input.dataset.set}`]: input.value });
    input.addEventListener("input", tell);
    input.addEventListener("change", () => set(element, input.dataset.set ?? "", input.value));
  }
  return show;
}

/** Follows all figures with a playground, those in view. */
export function followRuns() {
  /** @type {Map<Element, () => void>} */
  const shows = new Map();
  /** @type {Set<Element>} */
  const visible = new Set();
  const watch = new IntersectionObserver((entries) => entries.forEach(({ target, isIntersecting }) => (isIntersecting ? visible.add(target) : visible.delete(target))));
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-run]"))) {
    shows.set(figure, follow(figure));
    watch.observe(figure);
  }
  setInterval(() => visible.forEach((figure) => shows.get(figure)?.()), EVERY);
}
