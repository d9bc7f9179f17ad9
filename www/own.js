/** The panel for a visitor's own data: files in, a preview, and only then the run with them. */
import { acceptDrops } from "./drops.js";
import { make, makeButton } from "./make.js";
import { OwnColumns } from "./own-columns.js";
import { areImages, chosenFiles, droppedFiles, guessRoles, ROLES } from "./own-files.js";
import { showPreview, table } from "./own-preview.js";
import { OwnReader } from "./own-reader.js";
import { Refused } from "./refusal.js";

/** @typedef {import("./own-worker.js").Question} Question */
/** @typedef {import("./own-worker.js").Preview} Preview */
/** @typedef {import("./own-reader.js").Answer} Answer */
/** @typedef {import("./own-files.js").Chosen} Chosen */
/** @typedef {import("./own-files.js").Role} Role */

const HEADERS = /** @type {const} */ ([["", "found from the file"], ["yes", "yes"], ["no", "no"]]);
const DELIMITERS = /** @type {const} */ ([["", "found from the file"], [",", "comma"], [";", "semicolon"], ["\t", "tab"], ["|", "bar |"]]);
const UNCHANGED = "Nothing was changed: the run goes on with the data it has.";
const COLORS = /** @type {const} */ ([["grey", "grey"], ["rgb", "colour"]]);

export class OwnData {
  /** @param {HTMLElement} place @param {import("./settings.js").Settings} settings @param {import("./playground.js").Playground} page */
  constructor(place, settings, page) {
    this.place = place;
    this.settings = settings;
    this.page = page;
    /** @type {Chosen[]} */
    this.files = [];
    /** @type {Role[]} */
    this.roles = [];
    /** @type {Preview | null} */
    this.preview = null;
    this.reader = new OwnReader(place, (answer) => this.#answered(answer));
    this.rolesPlace = make("fieldset", "choices");
    this.tableOptions = make("fieldset", "choices");
    this.imageOptions = make("fieldset", "choices");
    this.ticks = new OwnColumns(() => this.#ask());
    this.columns = make("datalist");
    this.columns.id = "own-columns";
    const title = make("h2", "", "Your data ");
    title.id = "own-title";
    title.append(make("small", "", "CSV, IDX or NPY, also as .gz; or a folder of images. They are read here: nothing leaves your browser."));
    place.setAttribute("aria-labelledby", title.id);
    this.status = make("p", "", "Choose files, or drop them here.");
    this.status.id = "own-status";
    this.status.setAttribute("role", "status");
    this.message = make("p", "message");
    this.message.id = "own-message";
    this.message.setAttribute("role", "alert");
    this.message.hidden = true;
    this.form = this.#buildForm();
    this.shown = make("div");
    this.shown.id = "own-preview";
    this.useButton = makeButton("Use this data", () => this.#use((data) => settings.useOwn(data)), { id: "own-use", className: "primary" });
    const cancel = makeButton("Cancel", () => this.#cancel(), { id: "own-cancel" });
    this.buttons = make("div", "buttons");
    this.refused = new Refused("own-refused", page, (changes) => this.#use(() => settings.retry(changes)));
    this.buttons.append(this.useButton, cancel);
    this.buttons.hidden = true;
    place.replaceChildren(title, this.form, this.status, this.message, this.shown, this.buttons, this.refused.element);
    this.#listen();
    settings.askForOwn = () => {
      place.scrollIntoView({ block: "start" });
      /** @type {HTMLElement | null} */ (this.form.querySelector("#own-files"))?.focus({ preventScroll: true });
    };
  }

  #buildForm() {
    const form = make("form");
    form.id = "own-form";
    form.autocomplete = "off";
    form.append(this.#fileInput("own-files", "Files", false), this.#fileInput("own-folder", "or a folder of images, a folder for each class", true));
    const label = make("input");
    Object.assign(label, { type: "text", name: "label", value: "last" });
    label.setAttribute("list", this.columns.id);
    this.tableOptions.append(make("legend", "", "How the table is read"), labelled("Label column: last, its name, or its place from 0", label), this.columns,
      labelled("First line holds names", choice("header", HEADERS)), labelled("Cells are separated by", choice("delimiter", DELIMITERS)), this.ticks.place);
    const size = make("input");
    Object.assign(size, { type: "number", name: "size", value: "16", min: "8", max: "128", step: "1" });
    this.imageOptions.append(make("legend", "", "How the images are read"), labelled("Side after resizing, in pixels", size), labelled("Pixels", choice("color", COLORS)));
    for (const part of [this.rolesPlace, this.tableOptions, this.imageOptions]) part.hidden = true;
    form.append(this.rolesPlace, this.tableOptions, this.imageOptions);
    return form;
  }

  /** @param {string} id @param {string} title @param {boolean} folder */
  #fileInput(id, title, folder) {
    const input = make("input");
    Object.assign(input, { type: "file", id, multiple: true, webkitdirectory: folder });
    input.addEventListener("change", () => {
      this.take(chosenFiles(input.files));
      // The same file can be chosen again, after it was changed.
      input.value = "";
    });
    return labelled(title, input);
  }

  #listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.type === "file") return;
      // Cut in another way, it has other columns.
      if (event.target === this.#control("delimiter")) this.ticks.clear();
      this.#ask();
    });
    acceptDrops(this.place, (dropped) => void droppedFiles(dropped).then((files) => this.take(files), (error) => this.#fail(error.message)));
  }

  /** Begins with other files. @param {Chosen[]} files */
  take(files) {
    if (files.length === 0) return;
    this.files = files;
    this.roles = guessRoles(files);
    const images = areImages(files);
    this.tableOptions.hidden = images;
    this.imageOptions.hidden = !images;
    this.rolesPlace.hidden = images || files.length < 2;
    this.#control("label").value = "last";
    this.columns.replaceChildren();
    this.ticks.clear();
    this.rolesPlace.replaceChildren(make("legend", "", "What the files are"), ...files.slice(0, 8).map(({ path }, index) => {
      const select = choice(`role${index}`, ROLES);
      select.value = this.roles[index];
      select.addEventListener("change", () => (this.roles[index] = /** @type {Role} */ (select.value)));
      return labelled(path, select);
    }));
    this.#ask();
  }

  /** @param {string} name */
  #control(name) {
    return /** @type {HTMLInputElement | HTMLSelectElement} */ (this.form.elements.namedItem(name));
  }

  /** What is to be read. @returns {Question} */
  #question() {
    const value = (/** @type {string} */ name) => this.#control(name).value;
    if (areImages(this.files)) {
      const folder = this.files[0].path.split("/")[0];
      return { type: "images", images: this.files, options: { size: Number(value("size")), color: value("color") === "rgb" ? "rgb" : "grey", name: folder } };
    }
    const of = (/** @type {Role} */ role) => this.files[this.roles.indexOf(role)]?.file;
    const file = of("data");
    if (!file) throw new Error("files: expected one of them to hold the samples, got none");
    const label = value("label").trim();
    const header = value("header");
    return { type: "table", file, options: {
      labels: of("labels"), test: of("test"), testLabels: of("testLabels"),
      label: /^\d+$/.test(label) ? Number(label) : label || "last", exclude: [...this.ticks.excluded],
      header: header === "" ? undefined : header === "yes", delimiter: value("delimiter") || undefined,
    } };
  }

  /** Has the files read anew; what was asked before is forgotten. */
  #ask() {
    if (this.files.length === 0) return;
    this.reader.stop();
    this.preview = null;
    this.buttons.hidden = true;
    this.#quiet();
    this.status.textContent = "Reading …";
    try {
      void this.reader.ask(this.#question());
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Answer} answer */
  #answered(answer) {
    if (answer.type === "part") {
      this.status.textContent = `Reading images: ${Math.round(100 * answer.part)} %`;
      return;
    }
    if (answer.type === "error") {
      this.#fail(answer.message);
      if (answer.table) this.#showRefused(answer.table);
      return;
    }
    this.preview = answer.preview;
    this.useButton.disabled = false;
    this.#showColumns(answer.preview.data);
    this.status.textContent = showPreview(this.shown, answer.preview, (column) => this.#chooseLabel(column));
    this.buttons.hidden = false;
  }

  /** @param {import("./own-columns.js").Table} table */
  #showColumns(table) {
    this.columns.replaceChildren(...table.columns.map((name) => Object.assign(make("option"), { value: name })));
    this.ticks.show(table);
  }

  /** A table that is refused, so that another label can be chosen, or columns left out. @param {import("./own-preview.js").Table} refused */
  #showRefused(refused) {
    this.#showColumns(refused);
    this.shown.replaceChildren(table(refused, (column) => this.#chooseLabel(column)));
  }

  /** @param {number} column */
  #chooseLabel(column) {
    this.ticks.include(column);
    this.#control("label").value = String(column);
    this.#ask();
  }

  /** @param {string} text */
  #fail(text) {
    this.reader.stop();
    this.preview = null;
    this.shown.replaceChildren();
    this.buttons.hidden = this.files.length === 0;
    this.useButton.disabled = true;
    this.status.textContent = UNCHANGED;
    this.refused.hide();
    this.message.textContent = text;
    this.message.hidden = false;
  }

  /** @param {(data: import("./own-pack.js").Packed) => Promise<boolean>} start false where the engine refuses */
  async #use(start) {
    const { preview } = this;
    if (!preview) return;
    this.useButton.disabled = true;
    this.#quiet();
    const accepted = await start(preview.data);
    this.useButton.disabled = false;
    if (!accepted) {
      this.status.textContent = UNCHANGED;
      return this.refused.show();
    }
    this.#cancel();
    this.status.textContent = `The run above learns from ${preview.data.name}. Undo change brings back what was there before.`;
  }

  #quiet() {
    this.message.hidden = true;
    this.refused.hide();
  }

  /** Forgets the files; the run stays as it is. */
  #cancel() {
    this.reader.rest();
    this.files = [];
    this.preview = null;
    this.shown.replaceChildren();
    this.buttons.hidden = true;
    this.#quiet();
    for (const part of [this.rolesPlace, this.tableOptions, this.imageOptions]) part.hidden = true;
    this.status.textContent = "Choose files, or drop them here.";
  }
}

/** @param {string} title @param {HTMLElement} control */
function labelled(title, control) {
  const label = make("label", "", title);
  label.append(control);
  return label;
}

/** @param {string} name @param {readonly (readonly [string, string])[]} entries */
function choice(name, entries) {
  const select = make("select");
  select.name = name;
  select.append(...entries.map(([value, title]) => Object.assign(make("option", "", title), { value })));
  return select;
}
