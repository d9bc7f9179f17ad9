/** Bits by hand: locks of layers, why a layer has its bits, and what another budget would give. */
import { errorMessage } from "../../../pkg/checks.js";
import { kilobytes, percent, short } from "../../base/text.js";
import { make, makeButton } from "../../dom/elements.js";
import { rowOf } from "../../state/state.js";
import { handleBits, showLocks } from "./card-bits.js";

/** @typedef {import("../../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../../pkg/index.js").Alternative} Alternative */

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
  id = "bits";

  /** @param {import("../../state/page.js").Page} page */
  constructor(page) {
    const place = page.element(this.id);
    const { run, cards } = page;
    this.page = page;
    this.run = run;
    this.settings = page.settings;
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
    this.#buildBudget(page.element("what-if-budget"));
    this.#take(page.view);
    page.addEventListener("look", (event) => this.#take(Reflect.get(event, "detail")));
  }

  /** @param {import("../../state/page.js").Frame} frame */
  select({ snapshot, layer }) {
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

  /** What a link asks for: tried on every run once it is finished. @param {import("../../state/state.js").View} view */
  #take(view) {
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
      const accepted = await this.settings?.choose({ locks: printLocks(this.locks) });
      if (accepted && done) this.answer.textContent = "A new run has started with these bits. “Undo change” recomputes the finished one.";
      // What the engine refused is shown no longer.
      if (this.timer === 0) this.#takeLocks();
      if (this.snapshot) this.cards.show(this.snapshot.layers);
      this.#showLock();
    }, SETTLE);
  }

  /** The locks of the run in force. */
  #takeLocks() {
    this.locks = parseLocks(String(this.settings?.inForce?.locks ?? this.settings?.chosen.locks ?? ""));
  }

  async #why() {
    const layer = this.layer;
    this.answer.textContent = "Comparing …";
    try {
      /** @type {Alternative[]} */
      const found = await this.run.send("why", { layer });
      if (layer === this.layer) this.answer.textContent = this.#words(found, layer);
    } catch (error) {
      this.answer.textContent = errorMessage(error);
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
      return `with ${bits} bits: loss ${change} nats, accuracy ${points} points, ${sign(bytes - now.bytes, String(Math.abs(bytes - now.bytes)))} bytes`;
    });
    return `${name} has ${now.bits} bits, ${now.bytes} bytes. Changes ${told.join("; ")}. Estimated on training samples with uniform levels, without further training; everything else unchanged.`;
  }

  /** @param {HTMLElement} place */
  #buildBudget(place) {
    const label = make("label", "wide", "Another budget ");
    const { min, max, default: value } = rowOf("what-if");
    Object.assign(this.budget, { type: "range", id: "what-if", min, max, step: "0.1", value, disabled: true });
    label.append(this.budget, this.budgetText);
    this.solved.id = "solved-text";
    this.solved.setAttribute("role", "status");
    const hint = make("small", "", "For a finished run: which bits would each layer get under another budget, and how accurate would the network be without retraining?");
    place.replaceChildren(label, " ", hint, this.solved);
    this.#showBudget();
    this.budget.addEventListener("input", () => this.#showBudget());
    this.budget.addEventListener("change", () => {
      this.page.setView({ "what-if": this.budget.value });
      void this.#solve();
    });
  }

  /** A new run has begun. */
  clear() {
    this.asked = this.page.view["what-if"] !== undefined;
    this.solved.textContent = "";
    this.answer.textContent = "";
  }

  /** The first errors take a moment: how far they are. @param {import("../../worker/protocol.js").Report} report */
  onReport(report) {
    if (report.type === "advising") this.solved.textContent = `Measuring how sensitive each layer is to fewer bits: ${Math.round(100 * report.part)} %`;
  }

  async #solve() {
    const { runs } = this.run;
    const words = await this.run.send("solve", { budgetBits: Number(this.budget.value) }).then(solvedWords, errorMessage);
    // Of a run that another one has followed nothing is told.
    if (runs === this.run.runs) this.solved.textContent = words;
  }
}

/** @param {{ bits: number[], averageBits: number, sizeBytes: number, accuracy: number, build: string, milliseconds: number }} found */
const solvedWords = ({ bits, averageBits, sizeBytes, accuracy, build, milliseconds }) =>
  `Bits ${bits.join("/")} (${averageBits.toFixed(2)} stored bits per weight), ${kilobytes(sizeBytes)}: accuracy ${percent(accuracy)} on packed integers (${build}), without retraining. `
  + `Solved exactly in ${short(milliseconds)} ms.`;
