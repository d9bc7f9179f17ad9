/**
 * Back through the run: a slider over the moments that the Worker keeps (see moments.js), each of which is shown by the
 * whole page, and up to four moments pinned, whose numbers stand beside those of the one shown.
 */
import { make, makeButton } from "./make.js";
import { bitList, epochText, kilobytes, percent, short } from "./text.js";

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("./moments.js").Moments} Moments */
/** @typedef {import("./moments.js").Moment} Moment */
/** @typedef {import("./playground.js").Playground} Playground */

const MOST_PINS = 4;

/**
 * A moment in words.
 * @param {Pick<Moment, "epoch" | "epochs" | "phase" | "done"> & { step: number }} moment
 */
export function momentText(moment) {
  const { phase, done, step } = moment;
  if (phase === "search") return "the search for bits";
  if (phase === "pretrain" && step === 0) return "the start";
  return `${done ? "the end, " : ""}${epochText(moment)}`;
}

/** @param {number} bytes */
const megabytes = (bytes) => `${(bytes / 1048576).toFixed(bytes < 10485760 ? 1 : 0)} MB`;

export class Scrub {
  /** @param {HTMLElement} place @param {Playground} page */
  constructor(place, page) {
    this.page = page;
    /** @type {Moments | null} */
    this.kept = null;
    /** @type {Snapshot | null} */
    this.shown = null;
    /** Where the run stands, whatever is shown. @type {Snapshot | null} */
    this.present = null;
    /** What the places of the slider stand for. @type {(Moment | null)[]} */
    this.places = [null];
    /** What is to be shown next: a moment's id or null for the present; undefined for nothing. @type {number | null | undefined} */
    this.wanted = undefined;
    this.asking = false;
    /** @type {Snapshot[]} */
    this.pins = [];
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", id: "moment", min: "0", max: "0", step: "1", value: "0", disabled: true });
    this.slider.addEventListener("input", () => this.#moved());
    const label = make("label", "", "Moment ");
    label.append(this.slider);
    this.text = make("span", "quiet");
    this.text.id = "moment-text";
    this.goOn = makeButton("Continue from here", () => page.toggle(), { id: "continue" });
    this.back = makeButton("Back to the present", () => this.#visit(null), { id: "present" });
    this.pin = makeButton("Pin", () => this.#pin(), { id: "pin", title: "Keeps the numbers of the moment shown in a table, to compare it with others" });
    this.table = make("table", "measured");
    this.table.id = "moment-pins";
    this.scroll = make("div", "scroll");
    this.scroll.tabIndex = 0;
    this.scroll.setAttribute("role", "region");
    this.scroll.setAttribute("aria-label", "Pinned moments of the run");
    this.scroll.append(this.table);
    const row = make("div", "buttons");
    row.append(label, this.text, this.goOn, this.back, this.pin);
    place.replaceChildren(row, this.scroll);
    this.#render();
  }

  /** Another run began. */
  clear() {
    this.kept = this.shown = this.present = null;
    this.wanted = undefined;
    this.pins = [];
    this.#render();
  }

  /** What the Worker keeps now. @param {Moments} kept */
  hear(kept) {
    this.kept = kept;
    this.#render();
  }

  /** @param {Snapshot} snapshot */
  show(snapshot) {
    this.shown = snapshot;
    if (!this.page.away) this.present = snapshot;
    this.#render();
  }

  #render() {
    const { present, shown, kept, page } = this;
    // The present has the last place, also where it is a moment that is kept.
    const past = (kept?.list ?? []).filter((moment) => moment.id !== present?.evaluations || moment.step !== present.step);
    this.places = [...past, null];
    this.slider.max = String(past.length);
    this.slider.disabled = past.length === 0;
    const at = page.away ? this.places.findIndex((moment) => moment?.id === shown?.evaluations) : past.length;
    // A slider being moved is left to the visitor.
    if (!this.asking) this.slider.value = String(at < 0 ? past.length : at);
    this.#say();
    this.goOn.hidden = this.back.hidden = !page.away;
    this.pin.disabled = !shown || this.pins.length >= MOST_PINS;
    this.#showPins();
  }

  /** The moment under the slider, in words. */
  #say() {
    const moment = this.places[Number(this.slider.value)] ?? null;
    const now = this.present ? momentText(this.present) : "";
    this.slider.setAttribute("aria-valuetext", moment ? momentText(moment) : `the present${now ? `, ${now}` : ""}`);
    const words = [moment ? `${momentText(moment)}; the present waits at ${now}` : `the present${this.places.length > 1 ? "; drag to look back" : ""}`];
    const { stride = 1, refused = 0 } = this.kept ?? {};
    if (refused > 0) words.push(`a moment of this run takes ${megabytes(refused)}, too much to keep more of them`);
    else if (stride > 1) words.push(`one moment in ${stride} is kept, to spare memory`);
    this.text.textContent = words.join(" · ");
  }

  #moved() {
    this.#say();
    this.#visit(this.places[Number(this.slider.value)]?.id ?? null);
  }

  /** Has a moment shown; while one is on its way only the last one wished for follows. @param {number | null} id */
  async #visit(id) {
    this.wanted = id;
    if (this.asking) return;
    this.asking = true;
    try {
      while (this.wanted !== undefined) {
        const next = this.wanted;
        this.wanted = undefined;
        await this.page.visit(next);
      }
    } catch (error) {
      this.page.complain(error);
    }
    this.asking = false;
    this.#render();
  }

  #pin() {
    if (this.shown && this.pins.length < MOST_PINS) this.pins.push(this.shown);
    this.#render();
  }

  #showPins() {
    const { pins, shown } = this;
    this.scroll.hidden = pins.length === 0;
    if (pins.length === 0 || !shown) return;
    const head = make("tr");
    for (const title of ["moment", "loss", "test accuracy", "stored bits per weight", "size", "weight bits per layer", ""]) {
      const cell = make(title ? "th" : "td", "", title);
      if (title) cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const rows = pins.map((pin, index) => {
      const remove = makeButton("Remove", () => {
        this.pins.splice(index, 1);
        this.#render();
      }, { className: "small", label: `Remove the pin of ${momentText(pin)}` });
      return this.#row(momentText(pin), pin, remove);
    });
    const [top, body] = [make("thead"), make("tbody")];
    top.append(head);
    body.append(...rows);
    // A button that is about to be pressed stays the same one.
    const was = this.table.tBodies[0];
    if (was?.rows.length === rows.length + 1) was.rows[rows.length].replaceWith(this.#row("shown now", shown, null));
    else {
      body.append(this.#row("shown now", shown, null));
      this.table.replaceChildren(top, body);
    }
  }

  /** @param {string} title @param {Snapshot} snapshot @param {HTMLElement | null} action */
  #row(title, snapshot, action) {
    const line = make("tr");
    const header = make("th", "", title);
    header.scope = "row";
    const last = make("td");
    if (action) last.append(action);
    const { loss, testAccuracy, averageBits, sizeBytes } = snapshot;
    line.append(header, ...[short(loss), percent(testAccuracy), averageBits.toFixed(2), kilobytes(sizeBytes), bitList(snapshot)].map((text) => make("td", "", text)), last);
    return line;
  }
}
