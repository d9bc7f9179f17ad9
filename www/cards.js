/** One card per layer: bit gauges and histograms of weights and input activations. Choosing a card selects the layer. */
import { redraw, register, sweep } from "./canvas.js";
import { stepRange } from "./history.js";
import { make } from "./make.js";
import { short } from "./text.js";

/** @typedef {import("../pkg/index.js").LayerSnapshot} Layer */
/** @typedef {import("../pkg/index.js").TensorSnapshot} Tensor */
/** @typedef {{ row: HTMLElement, gauge: HTMLElement, bits: HTMLElement, canvas: HTMLCanvasElement, note: HTMLElement, tensor: Tensor | null }} Row */
/** @typedef {{ button: HTMLButtonElement, weight: Row, activation: Row }} Card */

export class Cards {
  /** @param {HTMLElement} place @param {(layer: number) => void} onSelect */
  constructor(place, onSelect) {
    this.place = place;
    this.onSelect = onSelect;
    /** @type {Card[]} */
    this.cards = [];
    this.selected = 1;
    place.addEventListener("keydown", (event) => this.#move(event));
  }

  /** Builds the cards of a new run. @param {Layer[]} layers */
  build(layers) {
    this.cards = layers.map((layer, index) => this.#card(layer, index));
    this.place.replaceChildren(...this.cards.map((card) => card.button));
    sweep();
    this.select(Math.min(this.selected, layers.length - 1));
  }

  /** Shows the numbers of a snapshot. @param {Layer[]} layers */
  show(layers) {
    if (layers.length !== this.cards.length) this.build(layers);
    layers.forEach((layer, index) => {
      const { weight, activation, button } = this.cards[index];
      showTensor(weight, layer.weight);
      showTensor(activation, layer.activation);
      // The first layer reads the network's own input.
      activation.row.hidden = !layer.activation && index === 0;
      button.setAttribute("aria-label", `${layer.name}, ${layer.kind}: ${spoken("weights", layer.weight)}; ${spoken("activations", layer.activation)}`);
    });
  }

  /** @param {number} index */
  select(index) {
    this.selected = index;
    this.cards.forEach(({ button }, at) => {
      button.setAttribute("aria-checked", String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    this.onSelect(index);
  }

  /** @param {Layer} layer @param {number} index @returns {Card} */
  #card(layer, index) {
    const button = make("button", "card");
    button.type = "button";
    button.setAttribute("role", "radio");
    const name = make("span", "name", layer.name);
    name.append(make("span", "", `${layer.kind} · ${layer.parameters.toLocaleString("en")} w`));
    const weight = makeRow("w", "W", "weight");
    const activation = makeRow("a", "A", "activation");
    button.append(name, weight.row, activation.row);
    button.addEventListener("click", () => this.select(index));
    return { button, weight, activation };
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (this.selected + step + this.cards.length) % this.cards.length;
    this.select(next);
    this.cards[next].button.focus();
  }
}

/** A tensor's values before and after quantization. @param {Tensor} tensor @param {import("./canvas.js").Look} look @param {string} color of the quantized ones */
export const histogramOf = ({ histogramMin: min, histogramMax: max, latentHistogram: latent, quantizedHistogram: quantized, levels, min: rangeMin, max: rangeMax, bits }, { theme, scale, color: named }, color) =>
  ({ theme, scale, min, max, latent, quantized, levels: bits < 32 ? levels : [], rangeMin, rangeMax, color: named("muted"), quantizedColor: named(color) });

/** @param {string} kind @param {string} letter @param {string} color @returns {Row} */
function makeRow(kind, letter, color) {
  const row = make("span", `row ${kind}`);
  const gauge = make("span", "gauge");
  for (let bit = 0; bit < 8; bit++) gauge.append(make("i"));
  const bits = make("b", "bits");
  const canvas = make("canvas");
  const note = make("span", "note");
  row.append(make("span", "", letter), gauge, bits, canvas, note);
  /** @type {Row} */
  const made = { row, gauge, bits, canvas, note, tensor: null };
  register(canvas, (target, charts, look) => {
    if (!made.tensor) return;
    charts.drawHistogram(target, { ...histogramOf(made.tensor, look, color), compact: true });
  });
  return made;
}

/** @param {Row} row @param {Tensor | null} tensor */
function showTensor(row, tensor) {
  row.tensor = tensor;
  const quantized = tensor !== null && tensor.bits < 32;
  row.bits.textContent = quantized ? `${tensor.bits} b` : "float";
  // Floats have no bits that could be gauged.
  [...row.gauge.children].forEach((segment, bit) => segment.classList.toggle("on", quantized && bit < tensor.bits));
  row.note.textContent = tensor ? note(tensor) : "";
  row.canvas.hidden = tensor === null;
  redraw(row.canvas);
}

/** @param {Tensor} tensor */
function note(tensor) {
  if (tensor.bits >= 32) return `values ${short(tensor.histogramMin)} … ${short(tensor.histogramMax)}`;
  const [smallest, largest] = stepRange(tensor);
  return `[${short(tensor.min)}, ${short(tensor.max)}] · steps ${short(smallest)}–${short(largest)}`;
}

/** @param {string} what @param {Tensor | null} tensor */
function spoken(what, tensor) {
  if (!tensor) return `${what} not quantized`;
  if (tensor.bits >= 32) return `${what} float`;
  return `${what} ${tensor.bits} bits, range ${short(tensor.min)} to ${short(tensor.max)}`;
}
