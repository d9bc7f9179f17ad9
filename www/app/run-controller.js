/** The state of the run: whether it is awaited, running, looked back on or lost, and everything that begins, moves or stops it. */
import { Messenger } from "../client/messenger.js";
import { History } from "../plots/history.js";
import { PRESETS } from "../state/presets.js";
import { beginFirst } from "./first-run.js";
import { Recovery } from "./recovery.js";

/** @typedef {import("../worker/protocol.js").Created} Created */
/** @typedef {import("../worker/protocol.js").Report} Report */
/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../pkg/index.js").SessionOptions} Options */
/** @typedef {import("./stage.js").Stage} Stage */

export class RunController {
  /** @type {import("../../pkg/index.js").OptionRow[]} */ optionTable = [];
  /** @type {Created | null} */ started = null;
  history = new History();
  /** @type {Snapshot | null} */ snapshot = null;
  /** The last evaluation on the test set. @type {import("../../pkg/index.js").Evaluation | null} */
  evaluation = null;
  /** Runs begun. */
  runs = 0;
  running = false;
  /** Whether an earlier moment of the run is shown, while its present waits. */
  away = false;
  /** Whether a run has begun of which there are no numbers yet: the picture is still that of the one before. */
  awaited = false;
  /** Whether the visitor asked for the run in view: by a link, or by working on it. */
  asked = false;
  /** Why the last start failed. @type {import("../state/page.js").Refusal | null} */
  refusal = null;
  /** Options of the first run. @type {Options} */
  first = PRESETS[0].options;
  /** The start under way, or the last one. */
  #starting = Promise.resolve(true);

  /**
   * @param {Stage} page
   * @param {(() => Promise<Options | null>) | undefined} ask says what the first run is, where it is not the usual one
   * @param {boolean} play whether that begins by itself
   */
  constructor(page, ask, play) {
    this.page = page;
    this.ask = ask;
    /** What the visitor last asked for: a run that ended by itself is followed by one that plays. */
    this.wantsToRun = play;
    this.recovery = new Recovery(page, this);
    /** Started by the page, once it can show what comes of it. */
    this.worker = new Messenger("worker", { listen: (report) => this.#listen(report), lost: (loss) => this.recovery.take(loss), reporting: () => this.running });
  }

  /** Asks the Worker. @param {string} type @param {object} [data] */
  send(type, data) {
    return this.worker.send(type, data);
  }

  /** Tells the Worker. @param {string} type @param {object} [data] */
  post(type, data) {
    this.worker.post(type, data);
  }

  /** Logits of samples. @param {Float32Array} x @returns {Promise<import("../worker/protocol.js").Predictions>} */
  predict(x) {
    return this.send("predict", { x });
  }

  /** Whether there has been an engine yet. */
  get ready() {
    return this.optionTable.length > 0;
  }

  /** The settings that the visitor chose. @returns {Options} */
  get chosen() {
    return this.page.settings?.chosen ?? this.first;
  }

  /** @returns {"starting" | "running" | "finished" | "paused"} */
  get state() {
    return this.awaited ? "starting" : this.running ? "running" : this.snapshot?.done ? "finished" : "paused";
  }

  /** @param {Report} report */
  #listen(report) {
    if (report.type === "ready") this.#engineReady(report);
    else if (report.type === "created") this.#created(report);
    else if (report.type === "snapshot") this.#show(report);
    else if (report.type === "failed") {
      this.stop();
      this.page.messages.show(report.message);
    } else this.page.onReport(report);
  }

  /** @param {Extract<Report, { type: "ready" }>} report */
  #engineReady({ build, optionTable }) {
    const first = !this.ready;
    this.page.faults.clear("engine");
    this.optionTable = optionTable;
    this.page.onEngine(build);
    if (first) void beginFirst(this, this.ask);
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
    const copy = this.page.copies?.last;
    // Own data that came with a project file are in its Worker alone, and in the copy of the run.
    if (this.recovery.lost && copy && [options.data, options.model].some((value) => value === "own")) await this.send("restore", { bytes: copy.bytes });
    await this.send("create", { options });
  }

  /**
   * Goes on with the run of a project file; false and a message where it is refused, and the run before goes on.
   * @param {Uint8Array} bytes @param {boolean} play whether it goes on by itself @returns {Promise<boolean>}
   */
  restore(bytes, play) {
    return this.#next(async () => {
      await this.send("restore", { bytes });
      this.page.copies?.beganWith(bytes);
    }, () => (this.wantsToRun = play && !this.snapshot?.done), () => this.restore(bytes, play));
  }

  /** Begins a run of these settings, which are the chosen ones from then on; false and a message where they are refused. @param {Options} options @returns {Promise<boolean>} */
  async choose(options) {
    if (this.page.settings) return this.page.settings.load(options);
    const before = this.first;
    this.first = options;
    const accepted = await this.start(options);
    if (!accepted) this.first = before;
    return accepted;
  }

  /** @param {() => Promise<void>} begin @param {() => boolean} plays @param {() => unknown} again what another try does */
  #next(begin, plays, again) {
    this.#starting = this.#starting.then(async () => {
      try {
        await begin();
        this.page.faults.clear("start");
        const running = plays();
        this.setRunning(running);
        if (running) await this.send("run");
        return true;
      } catch (error) {
        this.refusal = /** @type {Error} */ (error);
        this.page.messages.complain(error, again);
        if (!this.started) this.page.messages.say("No run has started.", true);
        return false;
      }
    });
    return this.#starting;
  }

  /** @param {Created} report */
  #created(report) {
    const { note, options } = report;
    this.recovery.over();
    this.started = report;
    this.runs++;
    // Whatever the run before had come to, this one has not: its first snapshot says more.
    this.awaited = true;
    this.snapshot = this.evaluation = null;
    this.away = false;
    this.setRunning(this.running);
    this.history = (note !== null && this.page.copies?.taken(note, options)) || new History();
    this.history.epochs = { float: options.pretrainEpochs, quantized: options.epochs };
    this.page.onCreated(report);
  }

  /** @param {Extract<Report, { type: "snapshot" }>} report */
  #show({ snapshot, away, running, evaluation }) {
    const before = this.snapshot;
    // Looking at an earlier moment, and coming back, are no events.
    const moved = away || this.away;
    this.snapshot = snapshot;
    this.awaited = false;
    this.away = away;
    if (!away) this.history.add(snapshot);
    if (evaluation) this.evaluation = evaluation;
    // A run ends by itself; anything else that stops it the page has asked for.
    if (!running && snapshot.done) this.running = false;
    this.page.onSnapshot(snapshot);
    this.page.onStateChange();
    if (moved) return;
    if (before && before.epoch !== snapshot.epoch) this.page.emit("epoch", snapshot);
    if (snapshot.done && !before?.done) this.page.emit("done", snapshot);
  }

  /** The run stands, and no numbers are awaited. */
  stop() {
    this.awaited = false;
    this.setRunning(false);
  }

  /** @param {boolean} now whether it runs */
  setRunning(now) {
    this.running = now;
    this.page.onStateChange();
  }

  /** Runs, or pauses; a finished run begins again. */
  async toggle() {
    const { running } = this;
    this.asked ||= !running;
    if (this.recovery.lost) return void (await this.recovery.revive(true));
    this.wantsToRun = !running;
    if (!running && this.snapshot?.done) return void (await this.start(this.chosen));
    this.setRunning(!running);
    await this.send(running ? "pause" : "run").catch((error) => this.page.messages.complain(error));
  }

  /** Stops a run under way. */
  async pause() {
    if (this.running) await this.toggle();
  }

  /** Works on for one mini-batch or epoch, and stands. @param {"stepBatch" | "stepEpoch"} command */
  async step(command) {
    this.asked = true;
    if (this.recovery.lost && !(await this.recovery.revive(false))) return;
    this.#halt();
    await this.send(command).catch((error) => this.page.messages.complain(error));
  }

  /**
   * Shows an earlier moment of the run everywhere, or the present again; the run pauses.
   * @param {number | null} id null for the present
   */
  async showCheckpoint(id) {
    this.#halt();
    await this.send("show", { checkpoint: id });
  }

  #halt() {
    this.wantsToRun = false;
    this.setRunning(false);
  }

  /** Begins the run again, from the same seed; the engine, where there has been none. */
  restart() {
    return this.ready ? this.start(this.chosen) : this.recovery.load();
  }
}
