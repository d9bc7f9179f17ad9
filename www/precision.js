/** Training in narrow formats: the scales of the gradients over time, and what of each layer's gradients becomes 0. */
import { redraw, register } from "./canvas.js";
import { layerColor, lookedAt } from "./curves.js";
import { make } from "./make.js";
import { epochAt, epochLabel, percent } from "./text.js";

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").PrecisionReport} Report */

/** Points that are kept of the course; every other one is dropped beyond. */
const MOST_POINTS = 1200;

/** What the formats are called, and the smallest and the largest number that they know. */
const FORMATS = /** @type {Record<string, string>} */ ({
  f16: "half precision (2⁻²⁴ to 65504)",
  e5m2: "8 bits, E5M2 (2⁻¹⁶ to 57344)",
  e4m3: "8 bits, E4M3 (2⁻⁹ to 448)",
});

const HELP = "Each layer passes a gradient on to the layer below it, and the format holds it: what is smaller than half of the format's smallest number becomes 0 (underflow). "
  + "A scale, a power of two, is multiplied in before and divided out after, in 32-bit float, so that it changes nothing else. Adaptive scaling estimates for each layer how large its gradients will be, and every few steps (More settings) picks the scale at which few of them underflow and none overflows; what overflows in between is cut to the format's largest number. "
  + "The estimate takes gradients for normally distributed; those of a trained network are a few large ones among many tiny ones, so more is lost than is tolerated, and it costs no accuracy here. On networks this small half precision loses nothing that matters: 8 bits show the effect.";

export class Precision {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {Snapshot | null} */
    this.snapshot = null;
    this.away = false;
    this.floatEpochs = 0;
    this.#forget();
    const title = make("h2", "", "Gradients in a narrow format");
    title.id = "precision-title";
    place.setAttribute("aria-labelledby", title.id);
    this.text = make("p");
    this.text.id = "precision-text";
    const pair = make("div", "pair");
    this.scales = chart(pair, "Scale over time ", "of the loss's gradient, and of what each layer passes on (blue: first layer, orange: last)", "precision-scales");
    this.lost = chart(pair, "Underflow per layer ", "part of the gradients passed on that became 0, when last measured", "precision-underflow");
    const help = make("details");
    help.append(make("summary", "", "What do these mean?"), make("p", "", HELP));
    place.replaceChildren(title, this.text, pair, help);
    register(this.scales, (target, charts, look) => charts.drawLines(target, this.#scaleLines(look)));
    register(this.lost, (target, charts, look) => charts.drawBars(target, {
      theme: look.theme, scale: look.scale, label: "% that became 0",
      bars: underflows(this.snapshot).map(({ name, part, layer }) => ({ label: name, value: 100 * part, color: this.#color(look, layer) })),
    }), { details: true });
  }

  /** A new run has begun. */
  clear() {
    this.#forget();
    this.place.hidden = true;
  }

  #forget() {
    /** Steps at which the scales were taken. @type {number[]} */
    this.steps = [];
    /** @type {number[]} */
    this.lossScales = [];
    /** Scale of each layer's gradient over the steps; NaN where it has none. @type {number[][]} */
    this.layerScales = [];
  }

  /** @param {Snapshot} snapshot @param {Required<import("../pkg/index.js").SessionOptions>} options @param {boolean} away whether the snapshot is of an earlier moment */
  show(snapshot, { precision: format, lossScaling: policy, pretrainEpochs }, away) {
    this.snapshot = snapshot;
    this.away = away;
    this.floatEpochs = pretrainEpochs;
    const report = snapshot.precision;
    this.place.hidden = !report;
    if (!report) return;
    if (!away) this.#add(snapshot, report);
    const parts = underflows(snapshot);
    const list = parts.map(({ name, part }) => `${name} ${percent(part)}`).join(", ");
    const known = report.layers.flatMap((layer) => layer ?? []);
    const mean = known.reduce((sum, layer) => sum + layer.meanUnderflow, 0) / Math.max(1, known.length);
    const range = known.length > 0 ? `, of the layers ${span(known.map(({ scale }) => scale))}` : "";
    this.text.textContent = `${FORMATS[format] ?? format}, loss scaling ${policy}: scale of the loss ${report.lossScale}${range}. `
      + `Underflow ${percent(mean)} on average over the run and the layers. ${overflow(report)}`;
    this.scales.setAttribute("aria-label", `Scales over time, now ${report.lossScale} at the loss${range}`);
    this.lost.setAttribute("aria-label", `Underflow now: ${list}`);
    this.lost.style.height = `${30 + 17 * parts.length}px`;
    redraw(this.scales);
    redraw(this.lost);
  }

  /** @param {Snapshot} snapshot @param {Report} report */
  #add({ step }, report) {
    // Before the first step no scale has been found.
    if (step === 0 || this.steps[this.steps.length - 1] === step) return;
    // What lay after it, in a run that went back, is forgotten.
    while (this.steps[this.steps.length - 1] > step) for (const course of [this.steps, this.lossScales, ...this.layerScales]) course.pop();
    this.steps.push(step);
    this.lossScales.push(report.lossScale);
    report.layers.forEach((layer, index) => (this.layerScales[index] ??= []).push(layer?.scale ?? NaN));
    if (this.steps.length <= MOST_POINTS) return;
    for (const course of [this.steps, this.lossScales, ...this.layerScales]) {
      course.splice(0, course.length, ...course.filter((_, index) => index % 2 === 0));
    }
  }

  /** @param {import("./canvas.js").Look} look @param {number | null} layer */
  #color(look, layer) {
    return layer === null ? look.color("ink") : layerColor(layer, this.snapshot?.layers.length ?? 1, look);
  }

  /** @param {import("./canvas.js").Look} look @returns {import("../pkg/index.js").LinesSpec} */
  #scaleLines(look) {
    const perEpoch = this.snapshot?.stepsPerEpoch ?? 1;
    const x = Float32Array.from(this.steps, (step) => epochAt(step, perEpoch, this.floatEpochs));
    const lines = this.layerScales.map((y, layer) => ({ label: "", color: `${this.#color(look, layer)}c0`, stepped: true, width: 1.2, x, y }))
      .filter(({ y }) => y.some((scale) => scale === scale));
    const loss = { label: "loss", color: look.color("ink"), stepped: true, width: 2.2, x, y: this.lossScales };
    const cursor = lookedAt(this.away ? this.snapshot : null, this.floatEpochs);
    const [xMin, last] = [-this.floatEpochs, x[x.length - 1] ?? 0];
    return { theme: look.theme, scale: look.scale, xLabel: epochLabel(this.floatEpochs), yLabel: "scale", logY: true, xMin, xMax: Math.max(xMin + 1, last), ...cursor, series: [...lines, loss] };
  }
}

/** The loss's gradient, then each layer's from the last to the first: the order in which they are made. @param {Snapshot | null} snapshot */
function underflows(snapshot) {
  const report = snapshot?.precision;
  if (!snapshot || !report) return [];
  const layers = report.layers.map((layer, index) => ({ name: snapshot.layers[index]?.name ?? String(index), part: layer?.underflow ?? NaN, layer: /** @type {number | null} */ (index) }));
  return [{ name: "loss", part: report.lossUnderflow, layer: null }, ...layers.filter(({ part }) => part === part).reverse()];
}

/** @param {number[]} scales */
function span(scales) {
  const [least, most] = [Math.min(...scales), Math.max(...scales)];
  return least === most ? String(least) : `${least} to ${most}`;
}

/** @param {Report} report */
function overflow({ overflowSteps, skippedSteps }) {
  if (overflowSteps === 0) return "Nothing overflowed.";
  const steps = `${overflowSteps} ${overflowSteps === 1 ? "step" : "steps"}`;
  return skippedSteps > 0 ? `Gradients overflowed in ${steps}, which were skipped.` : `Gradients overflowed in ${steps} and were cut to the largest number.`;
}

/** @param {HTMLElement} place @param {string} title @param {string} hint @param {string} id */
function chart(place, title, hint, id) {
  const figure = make("figure");
  const caption = make("figcaption", "", title);
  caption.append(make("small", "", hint));
  const canvas = make("canvas", "chart");
  canvas.id = id;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${title.trim()}: nothing yet`);
  figure.append(caption, canvas);
  place.append(figure);
  return canvas;
}
