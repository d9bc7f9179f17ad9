/** The export panel: the network as files, with the sizes of their weights; curves as CSV; plots as pictures. */
import { download } from "./download.js";
import { make, makeButton } from "./make.js";
import { addButtons, nameOf, save, shown } from "./pictures.js";
import { field } from "./results.js";
import { rootOf } from "./roots.js";
import { epochAt } from "./text.js";

/** @typedef {import("./history.js").History} History */
/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").ExportedFile} File */
/** @typedef {import("../pkg/index.js").ExportKindRow & { file?: File, error?: string }} Made */
/** @typedef {{ history: History, snapshot: Snapshot | null }} Now */

const count = (/** @type {number} */ number) => number.toLocaleString("en");

/** The course of a run: a line per point of the curves. @param {Now} now */
export function curvesCsv({ history, snapshot }) {
  const perEpoch = snapshot?.stepsPerEpoch || 1;
  const columns = /** @type {[string, (number | null)[]][]} */ ([
    ["step", history.steps], ["epoch", history.steps.map((step) => epochAt(step, perEpoch, history.epochs.float))], ["loss_nats", history.loss], ["train_accuracy", history.train],
    ["test_accuracy", history.test], ["average_weight_bits", history.average],
  ]);
  for (const course of history.courses) {
    const name = `${course.name} ${course.role}`;
    columns.push([`${name} bits`, course.bits], [`${name} min`, course.min], [`${name} max`, course.max], [`${name} smallest step`, course.smallest], [`${name} largest step`, course.largest]);
  }
  const cell = (/** @type {number | null} */ value) => (value === null || !Number.isFinite(value) ? "" : value);
  const lines = [columns.map(([name]) => field(name)), ...history.steps.map((_, at) => columns.map(([, list]) => cell(list[at])))];
  return lines.map((line) => line.join(",")).join("\n") + "\n";
}

export class Export {
  /**
   * @param {HTMLElement} place @param {import("./run.js").Run} run
   * @param {() => Now} now the run's numbers @param {() => Promise<void>} hold pauses the run
   */
  constructor(place, run, now, hold) {
    this.run = run;
    this.now = now;
    this.hold = hold;
    this.step = -1;
    const title = make("h2", "", "Take it away ");
    title.id = "export-title";
    title.append(make("small", "", "the network as it stands, as files for other tools; made here, nothing is sent"));
    place.setAttribute("aria-labelledby", title.id);
    this.prepare = makeButton("Prepare the files", () => this.#prepare());
    this.prepare.id = "export-prepare";
    const curves = makeButton("Curves as CSV", () => download("curves.csv", "text/csv", curvesCsv(this.now())));
    curves.id = "export-curves";
    this.words = make("p");
    this.words.id = "export-text";
    this.words.setAttribute("role", "status");
    this.table = make("table", "measured");
    this.table.id = "export-table";
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Files to take away");
    scroll.append(this.table);
    this.scroll = scroll;
    this.plots = make("select");
    this.plots.id = "export-plot";
    const label = make("label", "", "Plot ");
    label.append(this.plots);
    const files = make("div", "buttons");
    files.append(this.prepare, curves, label, ...(/** @type {const} */ (["SVG", "PNG"])).map((format) => makeButton(`Save ${format}`, () => this.#save(format))));
    place.replaceChildren(title, files, this.words, scroll);
    this.plots.addEventListener("focus", () => this.#list());
    this.plots.addEventListener("pointerdown", () => this.#list());
    this.clear();
    this.#list();
    addButtons(rootOf(place), (error) => this.#fail(error));
  }

  /** Forgets the files of another run. */
  clear() {
    this.words.textContent = "ONNX, QONNX, safetensors, a JSON recipe, C99 and an attachment for Netron. Preparing them pauses the run and loads the part of the engine that writes files.";
    this.table.replaceChildren();
    this.scroll.hidden = true;
    this.step = -1;
  }

  /** Says where the files prepared are no longer those of the network. @param {Snapshot} snapshot */
  show(snapshot) {
    if (this.step < 0 || this.step === snapshot.step) return;
    this.words.textContent = `These files are those of step ${count(this.step)}; the run stands at ${count(snapshot.step)}. Prepare them again for the network as it is now.`;
  }

  async #prepare() {
    this.prepare.disabled = true;
    this.words.textContent = "Preparing …";
    try {
      await this.hold();
      /** @type {{ made: Made[], step: number, sizeBytes: number }} */
      const { made, step, sizeBytes } = await this.run.send("exportAll");
      this.step = step;
      this.#fill(made, sizeBytes);
      this.words.textContent = sizes(made, sizeBytes);
    } catch (error) {
      this.#fail(error);
    }
    this.prepare.disabled = false;
  }

  /** @param {unknown} error */
  #fail(error) {
    this.words.textContent = `Not exported: ${error instanceof Error ? error.message : String(error)}`;
  }

  /** @param {Made[]} made @param {number} sizeBytes of the weights, as the page counts */
  #fill(made, sizeBytes) {
    const head = make("tr");
    // The buttons stand beside the names: on a phone what comes after them is scrolled to.
    for (const name of ["file", "", "what it is", "bytes", "of them weights", "the page counts"]) {
      const cell = make(name ? "th" : "td", name === "what it is" ? "help" : "", name);
      if (name) cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const rows = made.map(({ kind, help, weights, file, error }) => {
      const row = make("tr");
      const name = make("th", "", file?.name ?? kind);
      name.scope = "row";
      const last = make("td");
      const told = make("td", "help", error ? `Not possible now: ${error}` : help);
      if (!error) told.append(make("small", "", ` Weights: ${weights}.`));
      const cells = [file?.bytes.length, file?.payloadBytes, file?.payloadBytes && sizeBytes];
      row.append(name, last, told, ...cells.map((bytes) => make("td", "", bytes ? count(bytes) : "–")));
      if (file) {
        const get = makeButton("Download", () => download(file.name, file.type, file.bytes));
        get.dataset.kind = kind;
        get.setAttribute("aria-label", `Download ${file.name}`);
        last.append(get);
      }
      return row;
    });
    const [top, body] = [make("thead"), make("tbody")];
    top.append(head);
    body.append(...rows);
    this.table.replaceChildren(top, body);
    this.scroll.hidden = false;
  }

  /** The plots that can be seen now. */
  #list() {
    const before = this.plots.value;
    const canvases = shown(rootOf(this.plots));
    this.plots.replaceChildren(...canvases.map((canvas, index) => {
      const option = make("option", "", nameOf(canvas));
      option.value = String(index);
      return option;
    }));
    this.canvases = canvases;
    if (before && Number(before) < canvases.length) this.plots.value = before;
  }

  /** @param {"SVG" | "PNG"} format */
  async #save(format) {
    const canvas = this.canvases?.[Number(this.plots.value)];
    try {
      if (canvas) await save(canvas, format);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** What the page counts beside what the packed file holds. @param {Made[]} made @param {number} sizeBytes */
function sizes(made, sizeBytes) {
  const packed = made.find(({ kind }) => kind === "safetensors")?.file;
  if (!packed) return `Weights: ${count(sizeBytes)} bytes here.`;
  const same = packed.payloadBytes === sizeBytes ? "" : " (levels that still move are kept as 32-bit floats)";
  return `Weights: ${count(sizeBytes)} bytes here, ${count(packed.payloadBytes)} in ${packed.name}${same}; the file has ${count(packed.bytes.length)} bytes with names, biases, factors and activation levels. What the weights take in the others, and why, is in the table.`;
}
