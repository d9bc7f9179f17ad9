/** The columns of a table with a tick for each that is read: what is no feature, or no number, can be left out. */
import { make } from "../../dom/elements.js";

/** Columns that are listed; a table of pixels has thousands. */
const LISTED = 200;
/** Columns up to which the list is open from the start. */
const OPEN = 12;

/** What a table looks like, read or refused. @typedef {{ columns: string[], label: number | null, delimiter: string | null }} Table */

export class OwnColumns {
  /** @param {() => void} changed told when a tick was set or taken away */
  constructor(changed) {
    this.changed = changed;
    /** Places of the columns that are left out. @type {Set<number>} */
    this.excluded = new Set();
    /** Columns of the table that is listed. @type {string[]} */
    this.names = [];
    /** @type {HTMLInputElement[]} */
    this.ticks = [];
    this.place = make("details", "own-columns");
    this.summary = make("summary");
    this.list = make("div", "ticks");
    this.place.append(this.summary, this.list);
    this.place.hidden = true;
    this.list.addEventListener("change", (event) => {
      // The panel would have the files read twice.
      event.stopPropagation();
      this.#note();
      this.changed();
    });
  }

  /** Forgets the table. */
  clear() {
    this.excluded.clear();
    this.names = [];
    this.place.hidden = true;
  }

  /** A column that becomes the label is read. @param {number} column */
  include(column) {
    this.excluded.delete(column);
  }

  /** Lists the columns of a table; only CSV has such. @param {Table} table */
  show({ columns, label, delimiter }) {
    this.place.hidden = delimiter === null;
    if (this.place.hidden) return;
    const same = columns.length === this.names.length && columns.every((name, at) => name === this.names[at]);
    if (!same) {
      this.names = columns;
      this.#build();
    }
    this.ticks.forEach((tick, at) => {
      tick.checked = !this.excluded.has(at);
      // The label has to be read.
      tick.disabled = at === label;
    });
    this.#count(label === null ? 0 : 1);
  }

  #build() {
    this.place.open = this.names.length <= OPEN;
    this.ticks = this.names.slice(0, LISTED).map(() => Object.assign(make("input"), { type: "checkbox" }));
    this.list.replaceChildren(...this.ticks.map((tick, at) => {
      const line = make("label");
      line.append(tick, make("span", "", this.names[at]));
      return line;
    }));
    const more = this.names.length - LISTED;
    if (more > 0) this.list.append(make("p", "", `and ${more.toLocaleString("en")} more, all of which are read.`));
  }

  #note() {
    this.excluded = new Set(this.ticks.flatMap((tick, at) => (tick.checked ? [] : [at])));
  }

  /** @param {number} labels */
  #count(labels) {
    const features = this.names.length - labels;
    this.summary.textContent = `Columns: ${(features - this.excluded.size).toLocaleString("en")} of ${features.toLocaleString("en")} features are read`;
  }
}
