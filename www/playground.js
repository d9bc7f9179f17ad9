/** A playground under one root, a page's or an element's: the run in the Worker, the settings, the pictures. */
import { prepare, prepareDetails, whenDrawn } from "./canvas.js";
import { Cards } from "./cards.js";
import { Curves } from "./curves.js";
import { Faults } from "./faults.js";
import { styleOf } from "./files.js";
import { History } from "./history.js";
import { Pace } from "./pace.js";
import { PRESETS } from "./presets.js";
import { Recovery } from "./recovery.js";
import { Run } from "./run.js";
import { phaseText, sentence } from "./text.js";

/** @typedef {import("./run.js").Report} Report */
/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {Extract<Report, { type: "created" }>} Created */
/**
 * What a playground is put into. root: holds the markup; home: bears its state as data attributes and hears its keys;
 * begin: says what the first run is, where it is not the usual one; play: whether that begins by itself.
 * @typedef {{ root: Document | ShadowRoot, home: HTMLElement, begin?: (playground: Playground) => Promise<Options | null>, play: boolean }} Place
 */

/** The spoken sentence changes at most this often, in ms. */
const SPOKEN_EVERY = 5000;

/** @param {unknown} error */
const words = (error) => (error instanceof Error ? error.message : String(error));

export class Playground extends EventTarget {
  /** What a first view does without, loaded after it. @type {import("./closer.js").Closer | null} */
  closer = null;
  /** @type {import("../pkg/index.js").OptionRow[]} */
  optionTable = [];
  /** @type {Created | null} */
  started = null;
  history = new History();
  /** @type {Snapshot | null} */
  snapshot = null;
  /** The last evaluation on the test set. @type {import("../pkg/index.js").Evaluation | null} */
  evaluation = null;
  /** Runs begun. */
  runs = 0;
  running = false;
  /** Whether an earlier moment of the run is shown, while its present waits. */
  away = false;
  /** Whether a run has begun of which there are no numbers yet: the picture is still that of the one before. */
  awaited = false;
  /** For where the engine fails. */
  recovery = new Recovery(this);
  /** Whether the visitor asked for the run in view: by a link, or by working on it. */
  asked = false;
  /** Why the last start failed. @type {Error & { lost?: boolean } | null} */
  refusal = null;
  /** The message, as the engine says it. */
  said = "";
  /** The start under way, or the last one. */
  starting = Promise.resolve(true);
  spokenAt = -Infinity;
  /** What was asked to be seen, by the keys of state.js. @type {import("./state.js").View} */
  view = {};

  /** @param {Place} place */
  constructor({ root, home, begin, play }) {
    super();
    this.root = root;
    this.home = home;
    this.firstOptions = begin;
    /** Options of the first run. @type {Options} */
    this.first = PRESETS[0].options;
    /** What the visitor last asked for: a run that ended by itself is followed by one that plays. */
    this.wantsToRun = play;
    const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (this.element(id));
    this.canvas = canvas;
    this.faults = new Faults(this.element("message"), (text) => this.#tell("error", text));
    this.run = new Run((report) => this.#listen(report), (loss) => this.recovery.take(loss), () => this.running);
    this.cards = new Cards(this.element("cards"), () => this.#looked());
    this.curves = new Curves(canvas);
    this.pace = new Pace(this.element("bar"), this.element("pace"));
    this.#operate();
    /** Settles when the closer views are there. @type {Promise<import("./closer.js").Closer>} */
    this.opened = new Promise((resolve) => this.addEventListener("ready", () => this.closer && resolve(this.closer), { once: true }));
    void this.faults.attempt("charts", "The charts could not be loaded", prepare);
    whenDrawn(() => this.snapshot !== null, () => this.faults.attempt("closer", "A part of the page could not be loaded", () => this.#loadCloser()));
  }

  /** @template {HTMLElement} T @param {string} id @returns {T} */
  element(id) {
    const found = this.root.getElementById(id);
    if (!found) throw new Error(`page: expected an element with the id ${id}`);
    return /** @type {T} */ (found);
  }

  /** Tells whoever embeds. @param {string} type @param {unknown} [detail] */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {Report} report */
  #listen(report) {
    if (report.type === "ready") this.#ready(report);
    else if (report.type === "created") this.#created(report);
    else if (report.type === "snapshot") this.#show(report);
    else if (report.type === "deployed") this.#showDeployed(report);
    else if (report.type === "moments") this.closer?.scrub.hear(report);
    else if (report.type === "advising") this.closer?.bits.advising(report.part);
    else if (report.type === "measuring") this.say(`Measuring the layers' latencies here: ${Math.round(100 * report.part)} %`, false);
    else if (report.type === "failed") this.fail(report.message);
  }

  /** Whether there has been an engine yet. */
  get ready() {
    return this.optionTable.length > 0;
  }

  /** The engine is there: the first one, or that of a Worker in the place of another. @param {Extract<Report, { type: "ready" }>} ready */
  #ready({ build, optionTable }) {
    const first = !this.ready;
    this.faults.clear("engine");
    this.home.dataset.build = build;
    this.optionTable = optionTable;
    this.run.post("speed", { stepsPerSecond: this.stepsPerSecond });
    if (first) void this.#begin();
  }

  async #begin() {
    const usual = this.first;
    this.first = (await this.#wanted()) ?? usual;
    this.asked = this.first !== usual;
    if ((await this.start(this.chosen)) || this.first === usual) return;
    // Settings that the engine refuses as a whole: told, and the usual run begins.
    const { refusal, first } = this;
    this.asked = false;
    this.first = usual;
    this.closer?.settings.reset(usual);
    await this.start(usual);
    if (refusal?.name === "LoadError") this.complain(refusal, () => this.choose(first));
    else if (refusal) this.notice(refusal.message);
  }

  /** What the first run is, where it is not the usual one. @returns {Promise<Options | null>} */
  async #wanted() {
    /** @type {Options | null} */
    let wanted = null;
    let late = false;
    await this.faults.attempt("link", "The link could not be followed", async () => {
      wanted = (await this.firstOptions?.(this)) ?? null;
      // Another try comes when the usual run has begun.
      if (late && wanted) await this.choose(wanted);
    });
    late = true;
    return wanted;
  }

  /** The settings that the visitor chose. @returns {Options} */
  get chosen() {
    return this.closer?.settings.chosen ?? this.first;
  }

  /**
   * Starts a run when the one being started stands; false and a message where the engine refuses, and the run before
   * goes on. It plays if the visitor last wanted that.
   * @param {Options} options @returns {Promise<boolean>}
   */
  start(options) {
    return this.#next(() => this.#create(options), () => this.wantsToRun, () => this.choose(options));
  }

  /** @param {Options} options */
  async #create(options) {
    const copy = this.closer?.project.last;
    // Own data that came with a project file are in its Worker alone, and in the copy of the run.
    if (this.recovery.lost && copy && [options.data, options.model].some((value) => value === "own")) await this.run.send("restore", { bytes: copy.bytes });
    await this.run.send("create", { options });
  }

  /**
   * Goes on with the run of a project file; false and a message where it is refused, and the run before goes on.
   * @param {Uint8Array} bytes @param {boolean} play whether it goes on by itself @returns {Promise<boolean>}
   */
  restore(bytes, play) {
    return this.#next(async () => {
      await this.run.send("restore", { bytes });
      this.closer?.project.beganWith(bytes);
    }, () => (this.wantsToRun = play && !this.snapshot?.done), () => this.restore(bytes, play));
  }

  /** Begins a run of these settings, which are the chosen ones from then on; false and a message where they are refused. @param {Options} options @returns {Promise<boolean>} */
  async choose(options) {
    if (this.closer) return this.closer.settings.load(options);
    const before = this.first;
    this.first = options;
    const accepted = await this.start(options);
    if (!accepted) this.first = before;
    return accepted;
  }

  /** @param {() => Promise<void>} begin @param {() => boolean} plays @param {() => unknown} again what another try does */
  #next(begin, plays, again) {
    this.starting = this.starting.then(async () => {
      try {
        await begin();
        this.faults.clear("start");
        const running = plays();
        this.setRunning(running);
        if (running) await this.run.send("run");
        return true;
      } catch (error) {
        this.refusal = /** @type {Error} */ (error);
        this.complain(error, again);
        if (!this.started) this.say("No run has begun.", true);
        return false;
      }
    });
    return this.starting;
  }

  /** @param {Created} report */
  #created(report) {
    const { closer } = this;
    this.started = report;
    this.message("");
    this.recovery.over();
    this.home.dataset.runs = String(++this.runs);
    // Whatever the run before had come to, this one has not: its first snapshot says more.
    this.awaited = true;
    this.snapshot = null;
    this.setRunning(this.running);
    this.element("sentence").dataset.step = "";
    if (this.runs > 1) this.notice("");
    this.history = (report.note !== null && closer?.project.taken(report.note, report.options)) || new History();
    this.history.epochs = { float: report.options.pretrainEpochs, quantized: report.options.epochs };
    this.evaluation = null;
    this.away = false;
    this.pace.reset(report.options);
    closer?.begin(report);
    this.#tell("statechange", report.options);
  }

  /** @param {Extract<Report, { type: "snapshot" }>} report */
  #show(report) {
    const { closer } = this;
    const { snapshot } = report;
    const before = this.snapshot;
    // Looking at an earlier moment, and coming back, are no events.
    const moved = report.away || this.away;
    this.snapshot = snapshot;
    if (this.awaited && this.started) closer?.task.build(this.started);
    this.awaited = false;
    // What was measured on packed integers is of the present.
    if (report.away && !this.away) closer?.kernels.clear();
    this.away = report.away;
    if (!report.away) this.history.add(snapshot);
    // A run ends by itself; anything else that stops it the page has asked for.
    if (this.running && !report.running && snapshot.done) this.setRunning(false);
    this.pace.show(snapshot, phaseText(snapshot, this.started?.options.method ?? ""), this.running);
    this.cards.show(snapshot.layers);
    this.#showWeights();
    this.showSelected();
    closer?.search.show(snapshot);
    void closer?.project.saw();
    this.#showPrecision();
    closer?.takeaway.show(snapshot);
    closer?.scrub.show(snapshot);
    closer?.share.showTrace(snapshot);
    this.say(sentence(snapshot), snapshot.done);
    if (report.evaluation) this.evaluation = report.evaluation;
    this.#showTask();
    this.setRunning(this.running);
    if (moved) return;
    if (before && before.epoch !== snapshot.epoch) this.#tell("epoch", snapshot);
    if (snapshot.done && !before?.done) this.#tell("done", snapshot);
  }

  #showPrecision() {
    const { snapshot, started } = this;
    if (snapshot && started) this.closer?.precision.show(snapshot, started.options, this.away);
  }

  #showWeights() {
    this.closer?.settings.setWeights(this.snapshot?.layers.reduce((sum, layer) => sum + layer.parameters, 0) ?? 0);
  }

  #showTask() {
    if (!this.closer) return;
    if (this.evaluation) this.closer.task.showConfusion(this.evaluation);
    void this.closer.task.refresh(!this.running).catch((error) => this.complain(error));
  }

  /** Loads and shows what a first view does without. */
  async #loadCloser() {
    const details = this.faults.attempt("details", "Some charts could not be loaded", prepareDetails);
    const [{ buildCloser }, style] = await Promise.all([import("./closer.js"), styleOf(this.root, "closer.css"), details]);
    this.root.adoptedStyleSheets.push(style);
    this.closer = buildCloser(this);
    if (this.started) this.closer.begin(this.started);
    if (this.started && this.snapshot) {
      this.closer.task.build(this.started);
      this.closer.search.show(this.snapshot);
      this.closer.scrub.show(this.snapshot);
      this.closer.share.showTrace(this.snapshot);
    }
    this.run.post("moments");
    this.#showPrecision();
    this.#showWeights();
    this.showSelected();
    this.#showTask();
    this.#tell("ready");
  }

  /** @param {import("./run.js").Deployment} report */
  #showDeployed(report) {
    this.closer?.kernels.showDeployed(report, this.snapshot);
    if (this.snapshot?.done && report.error === undefined) this.say(sentence(this.snapshot, report.accuracy), true);
  }

  /** @param {string} text @param {boolean} now */
  say(text, now) {
    const sentence = this.element("sentence");
    sentence.textContent = text;
    sentence.dataset.step = String(this.snapshot?.step ?? "");
    const time = performance.now();
    if (!now && time - this.spokenAt < SPOKEN_EVERY) return;
    this.spokenAt = time;
    this.element("spoken").textContent = text;
  }

  /** Something was chosen that a link holds and no run. @param {import("./state.js").View} view */
  looks(view) {
    Object.assign(this.view, view);
    this.#tell("viewchange");
  }

  /** Another layer or tensor was chosen to be looked at. */
  #looked() {
    this.showSelected();
    this.#tell("viewchange");
  }

  showSelected() {
    const { snapshot, closer, root } = this;
    const at = this.cards.selected;
    const layer = snapshot?.layers[at];
    if (!snapshot || !layer) return;
    root.querySelectorAll(".selected-name").forEach((place) => (place.textContent = layer.name));
    this.curves.show(this.history, snapshot, at, this.away);
    const chosen = /** @type {HTMLInputElement | null} */ (root.querySelector("input[name=tensor]:checked"));
    closer?.bits.show(snapshot, at);
    closer?.planes.show(snapshot, at, this.away);
    closer?.inspector.show(layer, chosen?.value === "activation" ? "activation" : "weight");
  }

  /** @param {string} text */
  message(text) {
    const place = this.element("message");
    this.said = text;
    place.textContent = text;
    place.hidden = text === "";
    this.closer?.refusal.show(text);
    if (text) this.#tell("error", text);
  }

  /**
   * Says what went wrong; of a Worker that was lost the page has said so itself.
   * @param {any} error @param {() => unknown} [again] what another try does, where a file was missing
   */
  complain(error, again) {
    if (error.lost) return;
    if (again && error.name === "LoadError") this.faults.show("start", words(error), "Try again", again);
    else this.message(words(error));
  }

  /** Tells what was taken otherwise than it was given. @param {string} text */
  notice(text) {
    const place = this.element("notice");
    place.textContent = text;
    place.hidden = text === "";
  }

  /** @param {string} text */
  fail(text) {
    this.awaited = false;
    this.setRunning(false);
    this.message(text);
  }

  /** @param {boolean} now */
  setRunning(now) {
    this.running = now;
    const done = this.snapshot?.done ?? false;
    this.element("run").textContent = now ? "Pause" : done ? "Run again" : "Run";
    this.home.dataset.state = this.awaited ? "starting" : now ? "running" : done ? "finished" : "paused";
    for (const id of ["step-batch", "step-epoch"]) /** @type {HTMLButtonElement} */ (this.element(id)).disabled = done && !now;
  }

  /** Runs, or pauses; a finished run begins again. */
  async toggle() {
    const { running } = this;
    this.asked ||= !running;
    if (this.recovery.lost) return void (await this.recovery.revive(true));
    this.wantsToRun = !running;
    if (!running && this.snapshot?.done) return void (await this.start(this.chosen));
    this.setRunning(!running);
    await this.run.send(running ? "pause" : "run").catch((error) => this.complain(error));
  }

  /** Gives the run and its Worker back; nothing can be done with it afterwards. */
  end() {
    this.run.close();
    this.closer?.compare.pool.end();
  }

  /**
   * Shows an earlier moment of the run everywhere, or the present again; the run pauses.
   * @param {number | null} moment its id; null for the present
   */
  async visit(moment) {
    this.wantsToRun = false;
    this.setRunning(false);
    await this.run.send("show", { moment });
  }

  /** Stops a run under way. */
  async rest() {
    if (this.running) await this.toggle();
  }

  /** @param {"stepBatch" | "stepEpoch"} command */
  async step(command) {
    this.asked = true;
    if (this.recovery.lost && !(await this.recovery.revive(false))) return;
    this.wantsToRun = false;
    this.setRunning(false);
    try {
      await this.run.send(command);
    } catch (error) {
      this.complain(error);
    }
  }

  get stepsPerSecond() {
    return Number(/** @type {HTMLSelectElement} */ (this.element("speed")).value);
  }

  /** What buttons and keys do. */
  #operate() {
    /** @type {Record<string, () => unknown>} */
    const actions = {
      run: () => this.toggle(),
      "step-batch": () => this.step("stepBatch"),
      "step-epoch": () => this.step("stepEpoch"),
      restart: () => (this.ready ? this.start(this.chosen) : this.recovery.load()),
      "new-seed": () => this.closer?.settings.newSeed(),
    };
    for (const [id, act] of Object.entries(actions)) this.element(id).addEventListener("click", act);
    this.element("speed").addEventListener("change", () => {
      this.run.post("speed", { stepsPerSecond: this.stepsPerSecond });
      this.#tell("viewchange");
    });
    this.root.querySelectorAll("input[name=tensor]").forEach((input) => input.addEventListener("change", () => this.#looked()));
    // Keys of the playground; not while something is being typed or operated.
    this.home.addEventListener("keydown", (event) => {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [role=application]")) return;
      const key = event.key === "ArrowRight" ? (event.shiftKey ? "step-batch" : "step-epoch") : { " ": "run", r: "restart", R: "restart", n: "new-seed", N: "new-seed" }[event.key];
      if (!key || (event.key === " " && target.closest("button, summary"))) return;
      event.preventDefault();
      this.element(key).click();
    });
  }
}
