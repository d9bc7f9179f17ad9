/** The comparison: methods, budgets and seeds chosen, runs in a pool of Workers, results as a picture and a table. */
import { redraw, register } from "./canvas.js";
import { CompareForm } from "./compare-form.js";
import { layerColor } from "./curves.js";
import { download } from "./download.js";
import { make, makeButton } from "./make.js";
import { Pool } from "./pool.js";
import { group, paretoFront, toCsv } from "./results.js";
import { inWords } from "./refusal.js";
import { rootOf } from "./roots.js";
import { kilobytes, percent, short } from "./text.js";

/** @typedef {import("./results.js").Group} Group */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */

const MARKERS = /** @type {const} */ (["disc", "square", "diamond", "triangle", "ring", "cross"]);
/** By what sizes are equal: `budgetCounts: "codes"` of the engine. */
const RULE = "A budget of b bits allows b bits per weight and the 64 bits of scale and offset that uniform levels store for each layer. Every "
  + "method may spend these bytes as it likes; methods with fixed bits take the most whole bits that fit. Table and chart show what each really stores.";
/** A click this near to a point, in CSS pixels, is meant for it. */
const REACH = 14;
/** What of the run in view is compared too: everything but method, bits, budget and seed. */
const KEPT = ["data", "samples", "noise", "model", "hidden", "epochs", "pretrained", "pretrainEpochs", "activationBits", "exemptFirst", "exemptLast"];

/** @type {{ title: string, unit: string, read: (group: Group) => number | string | null, show: (group: Group) => string }[]} */
const COLUMNS = [
  { title: "method", unit: "", read: ({ title }) => title, show: ({ title }) => title },
  { title: "budget", unit: "bits/weight", read: ({ budget }) => budget, show: ({ budget }) => (budget ? String(budget) : "–") },
  { title: "bits per layer", unit: "first seed", read: ({ runs }) => runs[0].bits.join("/"), show: ({ runs }) => runs[0].bits.join("/") },
  { title: "stored bits", unit: "per weight", read: ({ averageBits }) => averageBits, show: ({ averageBits }) => averageBits.toFixed(2) },
  { title: "size", unit: "KB", read: ({ sizeBytes }) => sizeBytes, show: ({ sizeBytes }) => (sizeBytes / 1024).toFixed(2) },
  { title: "BitOps", unit: "10⁶ per sample", read: ({ bitOps }) => bitOps, show: ({ bitOps }) => short(bitOps / 1e6) },
  { title: "latency", unit: "µs per sample", read: ({ latency }) => latency, show: ({ latency }) => (latency === null ? "–" : short(latency)) },
  { title: "accuracy", unit: "% ± deviation", read: ({ accuracy }) => accuracy, show: ({ accuracy, deviation, runs }) => `${(100 * accuracy).toFixed(1)}${runs.length > 1 ? ` ± ${(100 * deviation).toFixed(1)}` : ""}` },
  { title: "training", unit: "s per run", read: ({ seconds }) => seconds, show: ({ seconds }) => seconds.toFixed(seconds < 1 ? 2 : 1) },
];

export class Compare {
  /** @param {HTMLElement} place @param {import("./settings.js").Settings} settings @param {import("./playground.js").Playground} page */
  constructor(place, settings, page) {
    this.settings = settings;
    this.pool = new Pool(() => this.#show());
    /** @type {Group[]} */
    this.groups = [];
    this.sorted = { column: 7, down: true };
    /** Keys of the runs pinned as A and as B. @type {(Group | null)[]} */
    this.pins = [null, null];
    /** Device pixels of the points drawn. */
    /** @type {Float32Array} */
    this.points = new Float32Array(0);
    /** The groups in the order of their points. @type {Group[]} */
    this.drawn = [];
    const title = make("h2", "", "Compare methods ");
    title.id = "compare-title";
    title.append(make("small", "", "same network, data, seeds and most bytes; runs in Workers"));
    place.setAttribute("aria-labelledby", title.id);
    this.form = new CompareForm({ page, pool: this.pool, begin: () => this.#begin(), clear: () => this.#clear() });
    this.jobs = make("ul", "jobs");
    this.jobs.setAttribute("aria-label", "Runs of the comparison");
    this.words = make("p");
    this.words.id = "compare-text";
    this.words.setAttribute("role", "status");
    this.found = make("div");
    this.found.hidden = true;
    this.chart = make("canvas", "chart tall");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("aria-label", "Accuracy against size: nothing compared yet");
    this.table = make("table", "measured");
    this.table.id = "compare-table";
    this.pinned = make("div", "scroll");
    this.pinned.id = "pinned";
    this.#buildFound();
    const rule = make("p");
    rule.append(make("small", "", RULE));
    place.replaceChildren(title, this.form.element, rule, this.words, this.jobs, this.found);
    register(this.chart, (target, charts, look) => this.#draw(target, charts, look), { details: true });
    this.chart.addEventListener("click", (event) => this.#click(event));
  }

  #clear() {
    this.pins = [null, null];
    this.pool.clear();
  }

  #buildFound() {
    const figure = make("figure");
    const caption = make("figcaption", "", "Accuracy against size ");
    caption.append(make("small", "", "bars: deviation over seeds; dashed: Pareto front; click a point to see that run"));
    figure.append(caption, this.chart);
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Results of the comparison");
    scroll.append(this.table);
    const files = make("div", "buttons");
    for (const [name, type, make_] of /** @type {const} */ ([
      ["CSV", "text/csv", () => toCsv(this.#results())],
      ["JSON", "application/json", () => JSON.stringify(this.#results(), null, 1)],
    ])) {
      files.append(makeButton(`Download ${name}`, () => download(`comparison.${name.toLowerCase()}`, type, make_())));
    }
    this.found.append(figure, scroll, files, this.pinned);
  }

  #results() {
    return this.pool.jobs.flatMap(({ result }) => (result ? [result] : []));
  }

  #begin() {
    try {
      const { methods, budgets, seeds } = this.form.chosen;
      if (methods.length === 0) throw new Error("methods: expected at least one, got none");
      const own = this.settings.inForce ?? {};
      const common = Object.fromEntries(KEPT.filter((name) => name in own).map((name) => [name, Reflect.get(own, name)]));
      // The visitor's data themselves, not their name: a Worker has no other way to them.
      if (common.data === "own") common.data = this.settings.chosen.data;
      if (common.model === "own") common.model = this.settings.chosen.model;
      const tasks = methods.flatMap(({ title, options }) => budgets.flatMap((budgetBits) => seeds.map((seed) => ({ title, options: { ...common, ...options, budgetBits, budgetCounts: /** @type {const} */ ("codes"), seed } }))));
      this.pool.add(tasks);
    } catch (error) {
      this.words.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  #show() {
    const { jobs, going } = this.pool;
    const count = (/** @type {string} */ state) => jobs.filter((job) => job.state === state).length;
    const [done, failed, { left }] = [count("done"), count("failed"), this.pool];
    const untimed = this.pool.untimed.length;
    const timing = left === 0 && untimed > 0 ? `, measuring latencies one at a time: ${done - untimed} of ${done}` : "";
    const under = left === 0 && !timing ? "" : going ? timing || `, ${count("running")} at a time` : ", stopped";
    this.words.textContent = jobs.length === 0 ? "" : `${done} of ${jobs.length} runs done${failed ? `, ${failed} failed` : ""}${under}.`;
    this.form.showLeft(left + untimed);
    this.jobs.replaceChildren(...jobs.filter(({ state }) => state === "running").map(jobRow), ...failedRows(jobs));
    this.groups = group(this.#results());
    this.found.hidden = this.groups.length === 0;
    if (this.groups.length === 0) return;
    this.#showTable();
    this.#showPins();
    const best = paretoFront(this.groups).map(({ title, sizeBytes, accuracy }) => `${title} ${kilobytes(sizeBytes)} ${percent(accuracy)}`);
    this.chart.setAttribute("aria-label", `Accuracy against size; not beaten: ${best.join(", ")}`);
    redraw(this.chart);
  }

  #showTable() {
    const { column, down } = this.sorted;
    const read = COLUMNS[column].read;
    const rows = [...this.groups].sort((a, b) => {
      const [x, y] = [read(a) ?? -Infinity, read(b) ?? -Infinity];
      const order = typeof x === "string" || typeof y === "string" ? String(x).localeCompare(String(y)) : x - y;
      return down ? -order : order;
    });
    const head = make("thead");
    const titles = make("tr");
    COLUMNS.forEach(({ title, unit }, index) => {
      const cell = make("th");
      cell.scope = "col";
      cell.setAttribute("aria-sort", index === column ? (down ? "descending" : "ascending") : "none");
      const button = makeButton(title, () => {
        this.sorted = { column: index, down: index === column ? !down : true };
        this.#showTable();
      }, { className: "plain" });
      if (unit) button.append(make("small", "", ` ${unit}`));
      cell.append(button);
      titles.append(cell);
    });
    const actions = make("th", "", "see or pin");
    actions.scope = "col";
    titles.append(actions);
    head.append(titles);
    const body = make("tbody");
    for (const row of rows) {
      const line = make("tr");
      COLUMNS.forEach(({ show }, index) => {
        const cell = make(index === 0 ? "th" : "td", "", show(row));
        if (cell instanceof HTMLTableCellElement && index === 0) cell.scope = "row";
        line.append(cell);
      });
      const cell = make("td");
      cell.append(this.#action("Open", row, () => this.#open(row)), this.#action("A", row, () => this.#pin(0, row)), this.#action("B", row, () => this.#pin(1, row)));
      line.append(cell);
      body.append(line);
    }
    this.table.replaceChildren(head, body);
  }

  /** @param {string} text @param {Group} row @param {() => void} act */
  #action(text, row, act) {
    return makeButton(text, act, { className: "small", label: `${text === "Open" ? "Open" : `Pin as ${text}:`} ${row.title}, ${row.averageBits.toFixed(2)} bits` });
  }

  /** Loads the first run of a group into the main view. @param {Group} row */
  #open(row) {
    void this.settings.load(row.runs[0].given);
    rootOf(this.table).querySelector(".deck")?.scrollIntoView({ block: "start" });
  }

  /** @param {0 | 1} at @param {Group} row */
  #pin(at, row) {
    this.pins[at] = row;
    this.#showPins();
  }

  /** Bits per layer of A and B, side by side. */
  #showPins() {
    const pinned = this.pins.filter((pin) => pin !== null);
    this.pinned.hidden = pinned.length === 0;
    if (pinned.length === 0) return;
    const table = make("table", "measured pins");
    table.append(make("caption", "", "Weight bits per layer of the pinned runs (first seed)"));
    const titles = make("tr");
    titles.append(make("th", "", "layer"), ...this.pins.map((pin, at) => make("th", "", `${"AB"[at]}: ${pin ? `${pin.title}, ${pin.averageBits.toFixed(2)} stored bits per weight, ${percent(pin.accuracy)}` : "pin one"}`)));
    const head = make("thead");
    head.append(titles);
    const body = make("tbody");
    const names = pinned[0].runs[0].names;
    names.forEach((name, layer) => {
      const line = make("tr");
      const header = make("th", "", name);
      header.scope = "row";
      line.append(header);
      for (const pin of this.pins) {
        const bits = pin?.runs[0].bits[layer];
        const cell = make("td", "", bits === undefined ? "–" : `${bits} `);
        if (bits !== undefined) {
          const meter = make("meter");
          Object.assign(meter, { min: 0, max: 8, value: Math.min(8, bits) });
          meter.setAttribute("aria-label", `${bits} bits`);
          cell.append(meter);
        }
        line.append(cell);
      }
      body.append(line);
    });
    table.append(head, body);
    this.pinned.replaceChildren(table);
  }

  /** @param {HTMLCanvasElement} target @param {import("./canvas.js").Charts} charts @param {import("./canvas.js").Look} look */
  #draw(target, charts, look) {
    if (this.groups.length === 0) return;
    const titles = [...new Set(this.groups.map(({ title }) => title))];
    this.drawn = titles.flatMap((title) => this.groups.filter((row) => row.title === title));
    const series = titles.map((title, index) => {
      const rows = this.groups.filter((row) => row.title === title);
      return {
        label: title, color: layerColor(index, titles.length, look), marker: MARKERS[index % MARKERS.length],
        x: rows.map(({ sizeBytes }) => sizeBytes / 1024), y: rows.map(({ accuracy }) => 100 * accuracy), yError: rows.map(({ deviation }) => 100 * deviation),
      };
    });
    const front = paretoFront(this.groups);
    this.points = charts.drawScatter(target, {
      theme: look.theme, scale: look.scale, xLabel: "KB of weights", yLabel: "test accuracy, %", series,
      front: { x: front.map(({ sizeBytes }) => sizeBytes / 1024), y: front.map(({ accuracy }) => 100 * accuracy), color: look.color("muted") },
    });
  }

  /** @param {MouseEvent} event */
  #click({ offsetX, offsetY }) {
    const scale = this.chart.width / this.chart.clientWidth;
    const distance = (/** @type {number} */ index) => Math.hypot(this.points[2 * index] / scale - offsetX, this.points[2 * index + 1] / scale - offsetY);
    const nearest = this.drawn.map((row, index) => ({ row, away: distance(index) })).sort((a, b) => a.away - b.away)[0];
    if (nearest && nearest.away <= REACH) this.#open(nearest.row);
  }
}

/** What failed, once for all seeds that failed alike. @param {import("./pool.js").Job[]} jobs */
function failedRows(jobs) {
  /** @type {Map<string, number>} */
  const failures = new Map();
  for (const { task, words, state } of jobs) {
    if (state !== "failed") continue;
    const said = `${task.title}, ${task.options.budgetBits} bits: ${inWords(words)}`;
    failures.set(said, (failures.get(said) ?? 0) + 1);
  }
  return [...failures].map(([said, count]) => make("li", "", count > 1 ? `${said} (${count} runs)` : said));
}

/** @param {import("./pool.js").Job} job */
function jobRow({ task, part, words }) {
  const row = make("li");
  const bar = make("progress");
  bar.max = 1;
  bar.value = part;
  const name = `${task.title}, ${task.options.budgetBits} bits, seed ${task.options.seed}`;
  bar.setAttribute("aria-label", name);
  row.append(make("span", "", name), bar, make("small", "", words));
  return row;
}
