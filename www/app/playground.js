/** A playground under one root, a page's or an element's: puts the run, its pictures and the panels together. */
import { styleOf } from "../base/files.js";
import { phaseText, sentence } from "../base/text.js";
import { Faults } from "../dom/faults.js";
import { prepare, prepareDetails, whenDrawn } from "../plots/canvas.js";
import { Curves } from "../plots/curves.js";
import { LayerCards } from "../plots/layer-cards.js";
import { Controls } from "./controls.js";
import { Messages } from "./messages.js";
import { Progress } from "./progress.js";
import { RunController } from "./run-controller.js";

/** @typedef {import("../state/page.js").Page} Page */
/** @typedef {import("../state/page.js").Frame} Frame */
/** @typedef {import("../worker/protocol.js").Report} Report */
/**
 * What a playground is put into. root: holds the markup; home: bears its state as data attributes and hears its keys;
 * begin: says what the first run is, where it is not the usual one; play: whether that begins by itself.
 * @typedef {{ root: Document | ShadowRoot, home: HTMLElement, play: boolean,
 *   begin?: (playground: Playground) => Promise<import("../../pkg/index.js").SessionOptions | null> }} Place
 */

export class Playground extends EventTarget {
  /** @type {Page["settings"]} */
  settings = null;
  /** @type {Page["copies"]} */
  copies = null;
  /** What was asked to be seen, by the keys of state.js. @type {Page["view"]} */
  view = {};
  messages = new Messages(this);
  /** What a first view does without, loaded after it. @type {import("./deferred-panels.js").DeferredPanels | null} */
  #panels = null;

  /** @param {Place} place */
  constructor({ root, home, begin, play }) {
    super();
    this.root = root;
    this.home = home;
    this.faults = new Faults(this.element("message"), (text) => this.emit("error", text));
    this.run = new RunController(this, begin && (() => begin(this)), play);
    this.cards = new LayerCards(this.element("cards"), () => this.selected());
    this.curves = new Curves((id) => this.element(id));
    this.progress = new Progress(this.element("bar"), this.element("pace"));
    this.controls = new Controls(this);
    /** Settles when the panels are there. */
    this.opened = new Promise((resolve) => this.addEventListener("ready", resolve, { once: true }));
    this.run.worker.start();
    void this.faults.attempt("charts", "The charts could not be loaded", prepare);
    whenDrawn(() => this.run.snapshot !== null, () => this.faults.attempt("panels", "A part of the page could not be loaded", () => this.#loadPanels()));
  }

  /** @template {HTMLElement} T @param {string} id @returns {T} */
  element(id) {
    const found = this.root.getElementById(id);
    if (!found) throw new Error(`page: expected an element with the id ${id}`);
    return /** @type {T} */ (found);
  }

  /** Tells the panels and whoever embeds. @param {string} type @param {unknown} [detail] */
  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** What is to be shown now; null where there are no numbers of the run. @returns {Frame | null} */
  get frame() {
    const { started: created, snapshot, away, running, evaluation } = this.run;
    const chosen = /** @type {HTMLInputElement | null} */ (this.root.querySelector("input[name=tensor]:checked"));
    return created && snapshot && { created, snapshot, away, running, evaluation, layer: this.cards.selected, role: chosen?.value === "activation" ? "activation" : "weight" };
  }

  /** @param {string} build */
  onEngine(build) {
    this.home.dataset.build = build;
    this.controls.sendSpeed();
  }

  /** @param {import("../worker/protocol.js").Created} created */
  onCreated(created) {
    this.messages.show("");
    this.home.dataset.runs = String(this.run.runs);
    this.element("sentence").dataset.step = "";
    if (this.run.runs > 1) this.messages.notice("");
    this.progress.reset(created.options);
    this.#panels?.begin(created);
    this.emit("statechange", created.options);
  }

  /** @param {import("../../pkg/index.js").Snapshot} snapshot */
  onSnapshot(snapshot) {
    this.progress.show(snapshot, phaseText(snapshot, this.run.started?.options.method ?? ""), this.run.running);
    this.cards.show(snapshot.layers);
    this.showSelected();
    if (this.frame) this.#panels?.show(this.frame);
    this.messages.say(sentence(snapshot), snapshot.done);
  }

  onStateChange() {
    this.controls.show();
  }

  /** @param {Report} report */
  onReport(report) {
    const { snapshot } = this.run;
    this.#panels?.onReport(report);
    if (report.type === "measuring") this.messages.say(`Measuring layer latencies on this machine: ${Math.round(100 * report.part)} %`, false);
    if (report.type === "deployed" && report.error === undefined && snapshot?.done) this.messages.say(sentence(snapshot, report.accuracy), true);
  }

  async #loadPanels() {
    const details = this.faults.attempt("details", "Some charts could not be loaded", prepareDetails);
    const [{ DeferredPanels }, style] = await Promise.all([import("./deferred-panels.js"), styleOf(this.root, "panels.css"), details]);
    this.root.adoptedStyleSheets.push(style);
    this.#panels = new DeferredPanels(this);
    if (this.run.started) this.#panels.begin(this.run.started);
    this.run.post("checkpoints");
    this.showSelected();
    if (this.frame) this.#panels.show(this.frame);
    this.emit("ready");
  }

  /** Something was chosen that a link holds and no run. @param {Page["view"]} view */
  setView(view) {
    Object.assign(this.view, view);
    this.emit("viewchange");
  }

  /** Another layer or tensor was chosen to be looked at. */
  selected() {
    this.showSelected();
    this.emit("viewchange");
  }

  showSelected() {
    const { frame } = this;
    const layer = frame?.snapshot.layers[frame.layer];
    if (!layer) return;
    this.root.querySelectorAll(".selected-name").forEach((place) => (place.textContent = layer.name));
    this.curves.show(this.run.history, frame.snapshot, frame.layer, frame.away);
    this.#panels?.select(frame);
  }

  /** Gives the run and its Worker back; nothing can be done with it afterwards. */
  dispose() {
    this.run.worker.close();
    this.#panels?.dispose();
  }
}
