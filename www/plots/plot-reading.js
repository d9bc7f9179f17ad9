/** Plots for the keyboard and for voices: each can be focused, arrows move along its numbers, which are spoken; T shows them as a table. */
import { make, makeButton } from "../dom/elements.js";
import { canvases, redraw } from "./canvas.js";
import { chartOf, nameOf } from "./pictures.js";
import { spokenRow, tableOf } from "./plot-table.js";

/** Most rows of a table: more are thinned. */
const MOST_ROWS = 200;
/** Rows that Page Up and Page Down pass over. */
const PAGE = 10;

class Reading {
  /** @param {HTMLCanvasElement} canvas @param {HTMLElement} spoken the place of what is said @param {HTMLElement} caption */
  constructor(canvas, spoken, caption) {
    this.canvas = canvas;
    this.spoken = spoken;
    /** The row read last, null before any. @type {number | null} */
    this.row = null;
    /** Where the rows stand on the x axis, if they do. @type {number[] | null} */
    this.at = null;
    /** The table, while it is open. @type {HTMLElement | null} */
    this.shown = null;
    this.name = nameOf(canvas);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", "plot");
    canvas.title = "Arrow keys read the numbers, T shows them as a table";
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => this.#move(null));
    this.button = makeButton("Table", () => this.#toggle(), { title: `The numbers of ${this.name} as a table`, label: `Table of ${this.name}` });
    this.button.setAttribute("aria-expanded", "false");
    caption.append(this.button);
    this.#drawCursor();
  }

  /** Lines are drawn with a cursor where they are read. */
  #drawCursor() {
    const entry = canvases.get(this.canvas);
    if (!entry) return;
    const { draw } = entry;
    entry.draw = (target, charts, look) => {
      const at = this.row === null ? undefined : this.at?.[this.row];
      if (at === undefined) return draw(target, charts, look);
      const marked = Object.assign(Object.create(charts), { drawLines: (/** @type {HTMLCanvasElement} */ place, /** @type {any} */ spec) => charts.drawLines(place, { ...spec, cursorX: at }) });
      draw(target, marked, look);
    };
  }

  /** The numbers as they are now. */
  #table() {
    const drawn = chartOf(this.canvas);
    return drawn && tableOf(drawn);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "t" || event.key === "T") {
      event.preventDefault();
      return this.#toggle();
    }
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    const table = this.#table();
    const last = (table?.rows.length ?? 0) - 1;
    if (!table || last < 0) return void (this.spoken.textContent = `${this.name}: no numbers yet`);
    this.at = table.at;
    // Whoever begins stands at the newest number, and the first key tells it.
    this.#move(this.row === null && Math.abs(steps) <= PAGE ? last : Math.max(0, Math.min(last, (this.row ?? last) + steps)));
    this.spoken.textContent = spokenRow(table, /** @type {number} */ (this.row));
  }

  /** @param {number | null} row */
  #move(row) {
    this.row = row;
    redraw(this.canvas);
  }

  #toggle() {
    const open = this.shown !== null;
    this.shown?.remove();
    this.shown = open ? null : this.#show();
    this.button.setAttribute("aria-expanded", String(!open));
  }

  #show() {
    const scroll = make("div", "scroll plot-table");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", `Numbers of ${this.name}`);
    const table = this.#table();
    const every = Math.ceil((table?.rows.length ?? 0) / MOST_ROWS);
    const body = make("table", "measured");
    body.append(make("caption", "", !table || table.rows.length === 0 ? "no numbers yet" : `${table.unit ? `in ${table.unit}, ` : ""}as of when this table was opened${every > 1 ? `, one row in ${every}` : ""}`));
    if (table) {
      const head = make("tr");
      head.append(...table.titles.map((title) => Object.assign(make("th", "", title), { scope: "col" })));
      body.append(head, ...table.rows.filter((_, index) => index % every === 0 || index === table.rows.length - 1).map((cells) => {
        const line = make("tr");
        line.append(...cells.map((cell, column) => (column === 0 ? Object.assign(make("th", "", cell), { scope: "row" }) : make("td", "", cell))));
        return line;
      }));
    }
    scroll.append(body);
    this.canvas.closest("figure")?.append(scroll);
    return scroll;
  }
}

/** Makes every figure's plots readable that have numbers, once they have their captions. @param {Document | ShadowRoot} root */
export function makeReadable(root) {
  const spoken = /** @type {HTMLElement} */ (root.getElementById("spoken"));
  for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (root.querySelectorAll("figure canvas:not(.pixels)"))) {
    const caption = canvas.closest("figure")?.querySelector("figcaption");
    const place = caption?.querySelector(`[data-of="${CSS.escape(nameOf(canvas))}"]`) ?? caption;
    if (caption && canvases.has(canvas)) new Reading(canvas, spoken, /** @type {HTMLElement} */ (place));
  }
}
