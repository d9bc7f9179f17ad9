/** The export panel: the network as files, with the sizes of their weights; curves as CSV; plots as pictures. */
import { errorMessage } from "../../pkg/checks.js";
import { field } from "../base/csv.js";
import { epochAt } from "../base/text.js";
import { download } from "../dom/download.js";
import { make, makeButton } from "../dom/elements.js";
import { rootOf } from "../dom/scope.js";
import { addButtons, nameOf, save, shown } from "../plots/pictures.js";

/** @typedef {import("../plots/history.js").History} History */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../pkg/index.js").ExportedFile} File */
/** @typedef {import("../../pkg/index.js").ExportKindRow & { file?: File, error?: string }} Made */
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
  id = "export";

  /** @param {import("../state/page.js").Page} page */
  constructor(page) {
    const place = page.element(this.id);
    this.run = page.run;
    this.step = -1;
    const title = make("h2", "", "Export ");
    title.id = "export-title";
    title.append(make("small", "", "the current network as files for other tools, created in your browser"));
    place.setAttribute("aria-labelledby", title.id);
    this.prepare = makeButton("Create files", () => this.#prepare());
    this.prepare.id = "export-prepare";
    const curves = makeButton("Curves as CSV", () => download("curves.csv", "text/csv", curvesCsv(this.run)));
    curves.id = "export-curves";
    this.words = make("p");
    this.words.id = "export-text";
    this.words.setAttribute("role", "status");
    this.table = make("table", "measured");
    this.table.id = "export-table";
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Exported files");
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
    this.words.textContent = "ONNX, QONNX, safetensors, a JSON recipe, C99 and an attachment for Netron. Creating them pauses the run.";
    this.table.replaceChildren();
    this.scroll.hidden = true;
    this.step = -1;
  }

  /** Says where the files prepared are no longer those of the network. @param {import("../state/page.js").Frame} frame */
  show({ snapshot }) {
    if (this.step < 0 || this.step === snapshot.step) return;
    this.words.textContent = `These files are from step ${count(this.step)}; the run is now at step ${count(snapshot.step)}. Create them again to export the current network.`;
  }

  async #prepare() {
    this.prepare.disabled = true;
    this.words.textContent = "Creating files …";
    try {
      await this.run.pause();
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
    this.words.textContent = `Not exported: ${errorMessage(error)}`;
  }

  /** @param {Made[]} made @param {number} sizeBytes of the weights, as the page counts */
  #fill(made, sizeBytes) {
    const head = make("tr");
    // The buttons stand beside the names: on a phone what comes after them is scrolled to.
    for (const name of ["file", "", "description", "bytes", "for weights", "by our count"]) {
      const cell = make(name ? "th" : "td", name === "description" ? "help" : "", name);
      if (name) cell.setAttribute("scope", "col");
      head.append(cell);
    }
    const rows = made.map(({ kind, help, weights, file, error }) => {
      const row = make("tr");
      const name = make("th", "", file?.name ?? kind);
      name.scope = "row";
      const last = make("td");
      const told = make("td", "help", error ? `Not available: ${error}` : help);
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
  if (!packed) return `Weights: ${count(sizeBytes)} bytes by our count.`;
  const same = packed.payloadBytes === sizeBytes ? "" : " (levels still in training are stored as 32-bit floats)";
  return `Weights: ${count(sizeBytes)} bytes by our count, ${count(packed.payloadBytes)} in ${packed.name}${same}; with names, biases, factors and activation levels the file has ${count(packed.bytes.length)} bytes. The table shows what the weights take in the other files, and why.`;
}
