/**
 * The run as a file: saved, opened by button or drop, and a copy kept in this browser after every epoch, from which a
 * later visit can go on. The file is the session's own bytes; settings and curves travel in its note.
 */
import { errorMessage } from "../../../pkg/checks.js";
import { download } from "../../dom/download.js";
import { make, makeButton } from "../../dom/elements.js";
import { rootOf } from "../../dom/scope.js";
import { readCopy, removeCopy, writeCopy } from "../../state/autosave.js";
import { packNote, plain, unpackNote } from "./note.js";

/** @typedef {import("../../../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../state/autosave.js").Copy} Copy */

/** Larger files are taken for something else, in bytes: the most that own data can be, and a run beside them. */
const LARGEST_FILE = 400 * 1024 * 1024;
/** Larger runs are not stored after every epoch, in bytes, */
const LARGEST_COPY = 16 * 1024 * 1024;
/** and of larger ones this page keeps no copy of its own either. */
const LARGEST_LAST = 48 * 1024 * 1024;

/** A copy in the memory of this page. runs: the page's count of the run it is of. @typedef {{ bytes: Uint8Array, runs: number, note: string, epoch: number, epochs: number }} Last */

/** When a copy was kept, for people. @param {number} time */
function moment(time) {
  const date = new Date(time);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString()}, ${clock}`;
}

export class Project {
  id = "project";

  /** @param {import("../../state/page.js").Page} page */
  constructor(page) {
    const place = page.element(this.id);
    this.place = place;
    this.run = page.run;
    this.page = page;
    page.copies = this;
    /** The copy that an earlier visit left, until it is taken or forgotten. @type {Copy | null} */
    this.offered = null;
    /** Whether it is known what an earlier visit left: before, nothing is stored. */
    this.looked = false;
    this.busy = false;
    /** The run and epoch of the last copy. */
    this.seen = "";
    /** The run that is too large for copies. */
    this.tooLarge = 0;
    /** Whether it is said that no copy is stored. */
    this.unkept = false;
    /** @type {Last | null} */
    this.copy = null;
    const save = makeButton("Save run", () => this.save(), { id: "save-project" });
    const open = make("label", "file", "Open run");
    const input = make("input", "visually-hidden");
    Object.assign(input, { type: "file", accept: ".ddq", id: "open-project" });
    input.addEventListener("change", () => {
      const [file] = input.files ?? [];
      if (file) void this.open(file);
      input.value = "";
    });
    open.append(input);
    this.offer = make("span", "offer");
    this.status = make("span", "quiet");
    this.status.setAttribute("role", "status");
    place.append(save, open, this.offer, this.status);
    this.#acceptDrops();
    if (this.#stores) void this.#look();
  }

  /** Whether copies are stored for later visits: inside pages of others they are not. */
  get #stores() {
    return rootOf(this.place) === document;
  }

  /** The run in view as it was after its last epoch, if it began long enough ago and is not too large. */
  get last() {
    return this.copy?.runs === this.run.runs ? this.copy : null;
  }

  /** A file dropped anywhere on the page is opened, if its name is that of a project. */
  #acceptDrops() {
    this.page.home.addEventListener("dragover", (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
    this.page.home.addEventListener("drop", (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find(({ name }) => name.endsWith(".ddq"));
      if (!file) return;
      event.preventDefault();
      void this.open(file);
    });
  }

  /** Offers the copy of an earlier visit. */
  async #look() {
    try {
      this.offered = await readCopy();
      this.looked = true;
    } catch (error) {
      this.#refused(error);
    }
    const copy = this.offered;
    if (!copy) return;
    const when = moment(copy.time);
    const take = makeButton(copy.done ? `Show the finished run of ${when}` : `Resume the run of ${when}, epoch ${copy.epoch} of ${copy.epochs}`, async () => {
      const taken = await this.run.restore(copy.bytes, !copy.done);
      const { refusal } = this.run;
      if (taken) this.#withdraw();
      // Where only the engine is missing, the copy is sound.
      else if (!refusal?.lost && refusal?.name !== "LoadError") this.#withdraw(`The copy of ${when} is damaged and was discarded.`);
    }, { id: "resume" });
    const forget = makeButton("Discard", () => {
      this.#withdraw();
      removeCopy().catch((error) => this.#refused(error));
    });
    this.offer.replaceChildren(take, forget);
  }

  /** @param {string} text what is said about it */
  #withdraw(text = "") {
    this.offered = null;
    this.offer.replaceChildren();
    if (text) this.#say(text);
  }

  /** @param {string} text */
  #say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** Says that no copy of this run is stored, or none yet. @param {unknown} error */
  #refused(error) {
    this.unkept = true;
    this.#say(`This browser cannot keep a copy of the run (${errorMessage(error)}); use “Save run”.`);
  }

  /** The note of the run as it is now. */
  get #note() {
    return packNote(this.run.chosen, this.run.history);
  }

  /** The run as bytes. @param {string} [note] @returns {Promise<Uint8Array>} */
  #bytes(note = this.#note) {
    return this.run.send("save", { note });
  }

  /**
   * A run was opened: its settings are the page's from now on. Returns its curves; without any they begin here.
   * @param {string} note @param {Required<Options>} options
   */
  taken(note, options) {
    const found = unpackNote(note);
    // The page's own copy is of the settings that are chosen, which may hold data and a model.
    const own = note === this.copy?.note && JSON.stringify(found?.chosen) === this.#of;
    if (!own) this.page.settings?.adopt(found?.chosen ?? options);
    this.status.textContent = found ? "" : "This file contains no curves; they start where it was saved.";
    return found?.history ?? null;
  }

  /** The settings as text, by which a run knows its own copy. */
  get #of() {
    return JSON.stringify(plain(this.run.chosen));
  }

  /** The run in view began with these bytes. @param {Uint8Array} bytes */
  beganWith(bytes) {
    const { runs, snapshot, started } = this.run;
    if (!snapshot) return;
    const { epoch, epochs } = snapshot;
    this.copy = { bytes, runs, note: started?.note ?? "", epoch, epochs };
  }

  /** Hands the run out as a file. */
  async save() {
    try {
      const bytes = await this.#bytes();
      const chosen = plain(this.run.chosen);
      const { snapshot } = this.run;
      const name = [chosen.data ?? "digits", chosen.model ?? "", chosen.method ?? "ddq", `seed${chosen.seed ?? 1}`, `epoch${snapshot?.epoch ?? 0}`];
      download(`${name.filter(Boolean).join("-")}.ddq`, "application/octet-stream", bytes);
    } catch (error) {
      this.page.messages.complain(error);
    }
  }

  /** Goes on with the run of a file, standing still. @param {File} file */
  async open(file) {
    try {
      if (file.size > LARGEST_FILE) throw new Error(`${file.name}: expected a project file of at most 400 MB, got ${Math.round(file.size / 1048576)} MB`);
      await this.run.restore(new Uint8Array(await file.arrayBuffer()), false);
    } catch (error) {
      this.page.messages.complain(error);
    }
  }

  show() {
    void this.#keep();
  }

  /** Keeps a copy of the present after every epoch: in this page, to go on from where the engine fails, and in the browser's storage. */
  async #keep() {
    const { snapshot, runs, away } = this.run;
    if (!snapshot || away || this.busy || runs === this.tooLarge) return;
    const { phase, epoch, epochs, done } = snapshot;
    const at = `${runs} ${phase} ${epoch}`;
    if (at === this.seen || (epoch === 0 && !done)) return;
    this.busy = true;
    this.seen = at;
    try {
      const note = this.#note;
      const bytes = await this.#bytes(note);
      // A run that began meanwhile is not the one whose epoch this was.
      if (this.run.runs === runs) {
        this.tooLarge = bytes.length > LARGEST_LAST ? runs : 0;
        this.copy = this.tooLarge ? null : { bytes, runs, note, epoch, epochs };
        await this.#store({ bytes, time: Date.now(), epoch, epochs, done, of: this.#of });
      }
    } catch (error) {
      if (!(/** @type {Partial<import("../../client/messenger.js").Loss>} */ (error).lost)) this.#refused(error);
    }
    this.busy = false;
    await this.#keep();
  }

  /** @param {Copy} copy */
  async #store(copy) {
    if (!this.#stores) return;
    if (!this.looked) await this.#look();
    if (!this.looked || this.#yields(copy)) return;
    if (copy.bytes.length > LARGEST_COPY) throw new Error(`it takes ${Math.round(copy.bytes.length / 1048576)} MB`);
    await writeCopy(copy);
    this.place.dataset.kept = copy.done ? "done" : String(copy.epoch);
    if (this.unkept) this.#say("");
    this.unkept = false;
  }

  /**
   * Whether the copy of an earlier visit, while it is on offer, is worth more than this one: it is where the page began a run that
   * nobody asked for, or the same run that has not come as far.
   * @param {Copy} copy
   */
  #yields({ of, epoch }) {
    if (!this.offered || this.run.runs > 1) return false;
    return !this.run.asked || (this.offered.of === of && epoch < this.offered.epoch);
  }
}
