/**
 * The run as a file: saved, opened by button or drop, and a copy kept in this browser after every epoch, from which a
 * later visit can go on. The file is the session's own bytes; settings and curves travel in its note.
 */
import { COURSE_LISTS, History, LISTS } from "./history.js";
import { readCopy, removeCopy, writeCopy } from "./keep.js";
import { download } from "./download.js";
import { make, makeButton } from "./make.js";
import { rootOf } from "./roots.js";

/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("./keep.js").Copy} Copy */

/** Points of each curve in a file. */
const MOST_POINTS = 300;
/** Larger files are taken for something else, in bytes: the most that own data can be, and a run beside them. */
const LARGEST_FILE = 400 * 1024 * 1024;
/** Larger runs are not stored after every epoch, in bytes, */
const LARGEST_COPY = 16 * 1024 * 1024;
/** and of larger ones this page keeps no copy of its own either. */
const LARGEST_LAST = 48 * 1024 * 1024;

/** A copy in the memory of this page. runs: the page's count of the run it is of. @typedef {{ bytes: Uint8Array, runs: number, note: string, epoch: number, epochs: number }} Last */

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error));

/** Seven digits, which is what a float holds. @param {number | null} value */
const rounded = (value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(7)));

/**
 * What was chosen, in names and numbers: own data and an own model are in the session's part of the file.
 * @param {Options} chosen @returns {Options}
 */
const plain = (chosen) => Object.fromEntries(Object.entries(chosen).map(([name, value]) => [name, typeof value === "object" && value !== null ? "own" : value]));

/** The note of a file: what was chosen, and the curves. @param {Options} chosen @param {History} history */
export function packNote(chosen, history) {
  const last = history.steps.length - 1;
  const stride = Math.ceil((last + 1) / MOST_POINTS);
  const thin = (/** @type {(number | null)[]} */ list) => list.filter((_, index) => index % stride === 0 || index === last).map(rounded);
  const lists = LISTS.map((name) => thin(history[name]));
  const courses = history.courses.map(({ name, layer, role, ...course }) => ({ name, layer, role, lists: COURSE_LISTS.map((key) => thin(course[key])) }));
  return JSON.stringify({ chosen: plain(chosen), lists, courses });
}

/**
 * What `packNote` made a text of; null for a text of another kind: the file was not saved by this page.
 * @param {string} note
 * @returns {{ chosen: Options, history: History } | null}
 */
export function unpackNote(note) {
  try {
    const { chosen, lists, courses } = JSON.parse(note);
    const points = lists[0].length;
    const sound = (/** @type {any} */ list) => Array.isArray(list) && list.length === points && list.every((value) => value === null || Number.isFinite(value));
    const whole = (/** @type {any} */ found, /** @type {readonly string[]} */ names) => found.length === names.length && found.every(sound);
    const history = new History();
    if (!whole(lists, LISTS) || Object.values(chosen).some((value) => !["string", "number", "boolean"].includes(typeof value))) return null;
    LISTS.forEach((name, index) => (history[name] = lists[index]));
    for (const { name, layer, role, lists: own } of courses) {
      if (!whole(own, COURSE_LISTS) || !Number.isInteger(layer) || !["weight", "activation"].includes(role)) return null;
      const course = history.addCourse(String(name), layer, role);
      COURSE_LISTS.forEach((key, index) => (course[key] = own[index].map((/** @type {number | null} */ value) => value ?? NaN)));
    }
    return { chosen, history };
  } catch {
    return null;
  }
}

/** When a copy was kept, for people. @param {number} time */
function moment(time) {
  const date = new Date(time);
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return date.toDateString() === new Date().toDateString() ? clock : `${date.toLocaleDateString()}, ${clock}`;
}

export class Project {
  /**
   * @param {HTMLElement} place
   * @param {import("./run.js").Run} run
   * @param {import("./settings.js").Settings} settings
   * @param {import("./playground.js").Playground} page
   */
  constructor(place, run, settings, page) {
    this.place = place;
    this.run = run;
    this.settings = settings;
    this.page = page;
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
    const save = makeButton("Save project", () => this.save(), { id: "save-project" });
    const open = make("label", "file", "Open project");
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
    return this.copy?.runs === this.page.runs ? this.copy : null;
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
      const taken = await this.page.restore(copy.bytes, !copy.done);
      const { refusal } = this.page;
      if (taken) this.#withdraw();
      // Where only the engine is missing, the copy is sound.
      else if (!refusal?.lost && refusal?.name !== "LoadError") this.#withdraw(`The copy of ${when} is damaged and was given up.`);
    }, { id: "resume" });
    const forget = makeButton("Forget it", () => {
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
    this.#say(`This browser keeps no copy of the run (${words(error)}); Save project does.`);
  }

  /** The note of the run as it is now. */
  get #note() {
    return packNote(this.settings.chosen, this.page.history);
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
    if (!own) this.settings.adopt(found?.chosen ?? options);
    this.status.textContent = found ? "" : "This file holds no curves: they begin where it was saved.";
    return found?.history ?? null;
  }

  /** The settings as text, by which a run knows its own copy. */
  get #of() {
    return JSON.stringify(plain(this.settings.chosen));
  }

  /** The run in view began with these bytes. @param {Uint8Array} bytes */
  beganWith(bytes) {
    const { runs, snapshot, started } = this.page;
    if (!snapshot) return;
    const { epoch, epochs } = snapshot;
    this.copy = { bytes, runs, note: started?.note ?? "", epoch, epochs };
  }

  /** Hands the run out as a file. */
  async save() {
    try {
      const bytes = await this.#bytes();
      const chosen = plain(this.settings.chosen);
      const { snapshot } = this.page;
      const name = [chosen.data ?? "digits", chosen.model ?? "", chosen.method ?? "ddq", `seed${chosen.seed ?? 1}`, `epoch${snapshot?.epoch ?? 0}`];
      download(`${name.filter(Boolean).join("-")}.ddq`, "application/octet-stream", bytes);
    } catch (error) {
      this.page.complain(error);
    }
  }

  /** Goes on with the run of a file, standing still. @param {File} file */
  async open(file) {
    try {
      if (file.size > LARGEST_FILE) throw new Error(`${file.name}: expected a project file of at most 400 MB, got ${Math.round(file.size / 1048576)} MB`);
      await this.page.restore(new Uint8Array(await file.arrayBuffer()), false);
    } catch (error) {
      this.page.complain(error);
    }
  }

  /** Keeps a copy of the present after every epoch: in this page, to go on from where the engine fails, and in the browser's storage. */
  async saw() {
    const { snapshot, runs, away } = this.page;
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
      if (this.page.runs === runs) {
        this.tooLarge = bytes.length > LARGEST_LAST ? runs : 0;
        this.copy = this.tooLarge ? null : { bytes, runs, note, epoch, epochs };
        await this.#store({ bytes, time: Date.now(), epoch, epochs, done, of: this.#of });
      }
    } catch (error) {
      if (!(/** @type {Partial<import("./messenger.js").Loss>} */ (error).lost)) this.#refused(error);
    }
    this.busy = false;
    await this.saw();
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
    if (!this.offered || this.page.runs > 1) return false;
    return !this.page.asked || (this.offered.of === of && epoch < this.offered.epoch);
  }
}
