/** Bits by hand: locks of layers, why a layer has its bits, and what another budget would give. */
import { handleBits, showLocks } from "./card-bits.js";
import { make, makeButton } from "./make.js";
import { rowOf } from "./state.js";
import { kilobytes, percent, short } from "./text.js";

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").Alternative} Alternative */

/** A change of locks waits this long for the next one, in ms, before a run begins with them. */
const SETTLE = 700;

/** "0:8,3:2" as a map. @param {string} text */
export function parseLocks(text) {
  const pairs = text === "" ? [] : text.split(",").map((pair) => pair.split(":").map(Number));
  return new Map(pairs.map(([layer, bits]) => /** @type {[number, number]} */ ([layer, bits])));
}

/** @param {Map<number, number>} locks */
const printLocks = (locks) => [...locks].sort(([a], [b]) => a - b).map(([layer, bits]) => `${layer}:${bits}`).join(",");

export class Bits {
  /**
   * @param {HTMLElement} place in the inspector
   * @param {HTMLElement} budgetPlace where another budget is tried
   * @param {import("./playground.js").Playground} page
   * @param {import("./settings.js").Settings} settings
   */
  constructor(place, budgetPlace, page, settings) {
    const { run, cards } = page;
    this.page = page;
    this.run = run;
    this.settings = settings;
    this.cards = cards;
    /** Whether another budget was chosen, which is to be tried at the end of the run. */
    this.asked = false;
    /** @type {Snapshot | null} */
    this.snapshot = null;
    this.layer = 0;
    this.timer = 0;
    /** @type {Map<number, number>} */
    this.locks = new Map();
    this.name = make("b");
    this.bits = make("output");
    this.bits.id = "lock-bits";
    this.less = makeButton("−", () => this.#change(-1), { label: "One bit less, locked" });
    this.more = makeButton("+", () => this.#change(1), { label: "One bit more, locked" });
    this.lock = makeButton("Lock", () => this.#toggle(), { id: "lock" });
    this.ask = makeButton("Why this bit?", () => this.#why(), { id: "why" });
    this.answer = make("p");
    this.answer.id = "why-text";
    this.answer.setAttribute("role", "status");
    const row = make("div", "buttons");
    row.append(make("span", "", "Weight bits "), this.less, this.bits, this.more, this.lock, this.ask);
    place.replaceChildren(row, this.answer);
    this.budget = make("input");
    this.budgetText = make("output");
    this.solved = make("p");
    handleBits(cards, { onBits: (layer, bits) => this.#set(layer, bits), onLock: (layer) => this.#toggleOf(layer) });
    this.#buildBudget(budgetPlace);
    this.take(page.view);
  }

  /** @param {Snapshot} snapshot @param {number} layer */
  show(snapshot, layer) {
    if (layer !== this.layer || snapshot.layers.length !== this.snapshot?.layers.length) this.answer.textContent = "";
    this.snapshot = snapshot;
    this.layer = layer;
    if (this.timer === 0) this.#takeLocks();
    this.#showLock();
    const quantized = snapshot.layers[layer].weight.bits < 32;
    this.ask.disabled = !quantized;
    for (const control of [this.less, this.more, this.lock]) control.disabled = !this.#hasBits(layer);
    this.budget.disabled = !quantized || !snapshot.done;
    if (this.budget.disabled || !this.asked) return;
    this.asked = false;
    void this.#solve();
  }

  /** What a link asks for: tried on every run once it is finished. @param {import("./state.js").View} view */
  take(view) {
    if (view["what-if"] === undefined) return;
    this.asked = true;
    this.budget.value = view["what-if"];
    this.#showBudget();
  }

  #showBudget() {
    this.budgetText.textContent = `${Number(this.budget.value).toFixed(1)} bits/weight`;
  }

  #showLock() {
    const locked = this.locks.get(this.layer);
    const bits = locked ?? this.snapshot?.layers[this.layer].weight.bits ?? 0;
    this.bits.textContent = bits === 32 ? "float" : `${bits}${locked === undefined ? "" : " (locked)"}`;
    this.lock.textContent = locked === undefined ? "Lock" : "Unlock";
    showLocks(this.cards, this.locks);
  }

  /** @param {number} by */
  #change(by) {
    const bits = this.locks.get(this.layer) ?? this.snapshot?.layers[this.layer].weight.bits ?? 4;
    this.#set(this.layer, bits + by);
  }

  #toggle() {
    this.#toggleOf(this.layer);
  }

  /** Whether a layer has bits that can be changed: its own, or those that it is locked to when it is quantized. @param {number} layer */
  #hasBits(layer) {
    return this.locks.has(layer) || (this.snapshot?.layers[layer]?.weight.bits ?? 32) < 32;
  }

  /** @param {number} layer */
  #toggleOf(layer) {
    if (this.locks.has(layer)) this.locks.delete(layer);
    else this.locks.set(layer, Math.min(8, this.snapshot?.layers[layer].weight.bits ?? 4));
    this.#settle();
  }

  /** @param {number} layer @param {number} bits */
  #set(layer, bits) {
    if (!this.#hasBits(layer)) return;
    this.locks.set(layer, Math.max(1, Math.min(8, bits)));
    this.#settle();
  }

  /** Begins a run with the locks once they stand still. */
  #settle() {
    this.#showLock();
    clearTimeout(this.timer);
    this.timer = window.setTimeout(async () => {
      this.timer = 0;
      const done = this.snapshot?.done;
      const accepted = await this.settings.choose({ locks: printLocks(this.locks) });
      if (accepted && done) this.answer.textContent = "A new run has begun with these bits. Undo change computes the finished one again.";
      // What the engine refused is shown no longer.
      if (this.timer === 0) this.#takeLocks();
      if (this.snapshot) this.cards.show(this.snapshot.layers);
      this.#showLock();
    }, SETTLE);
  }

  /** The locks of the run in force. */
  #takeLocks() {
    this.locks = parseLocks(String(this.settings.inForce?.locks ?? this.settings.chosen.locks ?? ""));
  }

  async #why() {
    const layer = this.layer;
    this.answer.textContent = "Asking …";
    try {
      /** @type {Alternative[]} */
      const found = await this.run.send("why", { layer });
      if (layer === this.layer) this.answer.textContent = this.#words(found, layer);
    } catch (error) {
      this.answer.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** @param {Alternative[]} found @param {number} layer */
  #words(found, layer) {
    const { name, weight } = /** @type {Snapshot} */ (this.snapshot).layers[layer];
    const now = found.find(({ bits }) => bits === Math.min(8, weight.bits));
    if (!now) return "";
    const sign = (/** @type {number} */ value, /** @type {string} */ text) => `${value < 0 ? "−" : "+"}${text}`;
    const told = found.filter((other) => other !== now).map(({ bits, loss, accuracy, bytes }) => {
      const change = sign(loss - now.loss, short(Math.abs(loss - now.loss)));
      const points = sign(accuracy - now.accuracy, (100 * Math.abs(accuracy - now.accuracy)).toFixed(1));
      return `with ${bits} bits the loss changes by ${change} nats (accuracy ${points} points) and the layer by ${sign(bytes - now.bytes, String(Math.abs(bytes - now.bytes)))} bytes`;
    });
    return `${name} has ${now.bits} bits, ${now.bytes} bytes: ${told.join("; ")}. Judged on training samples with uniform levels and no further training; all else as it is.`;
  }

  /** @param {HTMLElement} place */
  #buildBudget(place) {
    const label = make("label", "wide", "Another budget ");
    const { min, max, default: value } = rowOf("what-if");
    Object.assign(this.budget, { type: "range", id: "what-if", min, max, step: "0.1", value, disabled: true });
    label.append(this.budget, this.budgetText);
    this.solved.id = "solved-text";
    this.solved.setAttribute("role", "status");
    const hint = make("small", "", "On a finished run: which bits would each layer get, and how would the network do with them as it is?");
    place.replaceChildren(label, " ", hint, this.solved);
    this.#showBudget();
    this.budget.addEventListener("input", () => this.#showBudget());
    this.budget.addEventListener("change", () => {
      this.page.looks({ "what-if": this.budget.value });
      void this.#solve();
    });
  }

  /** A new run has begun. */
  clear() {
    this.asked = this.page.view["what-if"] !== undefined;
    this.solved.textContent = "";
    this.answer.textContent = "";
  }

  /** The first errors take a moment: how far they are. @param {number} part */
  advising(part) {
    this.solved.textContent = `Measuring how much each layer minds fewer bits: ${Math.round(100 * part)} %`;
  }

  async #solve() {
    const { runs } = this.page;
    const words = await this.run.send("solve", { budgetBits: Number(this.budget.value) }).then(solvedWords, (error) => (error instanceof Error ? error.message : String(error)));
    // Of a run that another one has followed nothing is told.
    if (runs === this.page.runs) this.solved.textContent = words;
  }
}

/** @param {{ bits: number[], averageBits: number, sizeBytes: number, accuracy: number, build: string, milliseconds: number }} found */
const solvedWords = ({ bits, averageBits, sizeBytes, accuracy, build, milliseconds }) =>
  `Bits ${bits.join("/")}, ${averageBits.toFixed(2)} per weight as stored, ${kilobytes(sizeBytes)}: accuracy ${percent(accuracy)} on packed integers (${build}) without any training at these bits. `
  + `Solved exactly in ${short(milliseconds)} ms.`;
