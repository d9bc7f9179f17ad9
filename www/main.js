/** Puts the page together: the run in the Worker, the settings, the pictures. */
import { prepare, prepareDetails } from "./canvas.js";
import { Cards } from "./cards.js";
import { Curves } from "./curves.js";
import { History } from "./history.js";
import { Pace } from "./pace.js";
import { PRESETS } from "./presets.js";
import { Run } from "./run.js";
import { phaseText, sentence } from "./text.js";

/** @typedef {import("./run.js").Report} Report */
/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {Extract<Report, { type: "created" }>} Created */

/** The spoken sentence changes at most this often, in ms. */
const SPOKEN_EVERY = 5000;

/** @template {HTMLElement} T @param {string} id @returns {T} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`page: expected an element with the id ${id}`);
  return /** @type {T} */ (found);
}
const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (element(id));

const run = new Run(listen);
const cards = new Cards(element("cards"), select);
const curves = new Curves(canvas);
const pace = new Pace(element("bar"), element("pace"));

/** @typedef {import("./closer.js").Closer} Closer */
/** What a first plot does without, loaded after it. @type {Closer | null} */
let closer = null;
/** @type {import("../pkg/index.js").OptionRow[]} */
let optionTable = [];
/** @type {Created | null} */
let started = null;
let history = new History();
/** @type {Snapshot | null} */
let snapshot = null;
/** The last evaluation on the test set. @type {import("../pkg/index.js").Evaluation | null} */
let evaluation = null;
let method = "ddq";
/** Runs begun since the page was loaded. */
let runs = 0;
let running = false;
/** What the visitor last asked for: a run that ended by itself is followed by one that plays. */
let wantsToRun = !matchMedia("(prefers-reduced-motion: reduce)").matches;
/** The start under way, or the last one. */
let starting = Promise.resolve(true);
let spokenAt = -Infinity;

/** @param {Report} report */
function listen(report) {
  if (report.type === "ready") void begin(report);
  else if (report.type === "created") created(report);
  else if (report.type === "snapshot") show(report);
  else if (report.type === "deployed") showDeployed(report);
  else if (report.type === "advising") closer?.bits.advising(report.part);
  else if (report.type === "measuring") say(`Measuring the layers' latencies here: ${Math.round(100 * report.part)} %`, false);
  else if (report.type === "failed") fail(report.message);
}

/** @param {Extract<Report, { type: "ready" }>} ready */
async function begin(ready) {
  document.documentElement.dataset.build = ready.build;
  optionTable = ready.optionTable;
  await start(chosen());
}

/** The settings that the visitor chose. @returns {Options} */
const chosen = () => closer?.settings.chosen ?? PRESETS[0].options;

/**
 * Starts a run when the one being started stands; false and a message where the engine refuses, and the run before
 * goes on. It plays if the visitor last wanted that.
 * @param {Options} options
 */
function start(options) {
  starting = starting.then(() => startNow(options));
  return starting;
}

/** @param {Options} options */
async function startNow(options) {
  try {
    await run.send("create", { options });
    setRunning(wantsToRun);
    if (wantsToRun) await run.send("run");
    return true;
  } catch (error) {
    message(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/**
 * Goes on with the run of a project file; false and a message where it is refused, and the run before goes on.
 * @param {Uint8Array} bytes @param {boolean} play whether it goes on by itself
 */
function restore(bytes, play) {
  starting = starting.then(async () => {
    try {
      await run.send("restore", { bytes });
      wantsToRun = play && !snapshot?.done;
      setRunning(wantsToRun);
      if (wantsToRun) await run.send("run");
      return true;
    } catch (error) {
      message(error instanceof Error ? error.message : String(error));
      return false;
    }
  });
  return starting;
}

/** @param {Created} report */
function created(report) {
  started = report;
  message("");
  document.documentElement.dataset.runs = String(++runs);
  history = (report.note !== null && closer?.project.taken(report.note, report.options)) || new History();
  snapshot = null;
  say("Starting …", false);
  evaluation = null;
  method = report.options.method;
  pace.reset(report.options);
  closer?.settings.show(report.options);
  closer?.task.build(report);
  closer?.kernels.clear();
  closer?.bits.clear();
  closer?.planes.clear();
  closer?.precision.clear();
  closer?.takeaway.clear();
}

/** @param {Extract<Report, { type: "snapshot" }>} report */
function show(report) {
  snapshot = report.snapshot;
  history.add(snapshot);
  if (running && !report.running) setRunning(false);
  pace.show(snapshot, phaseText(snapshot, method), running);
  cards.show(snapshot.layers);
  showWeights();
  showSelected();
  closer?.search.show(snapshot);
  void closer?.project.saw();
  showPrecision();
  closer?.takeaway.show(snapshot);
  say(sentence(snapshot), snapshot.done);
  if (report.evaluation) evaluation = report.evaluation;
  showTask();
  setRunning(running);
}

function showPrecision() {
  if (snapshot && started) closer?.precision.show(snapshot, started.options.precision, started.options.lossScaling);
}

function showWeights() {
  closer?.settings.setWeights(snapshot?.layers.reduce((sum, layer) => sum + layer.parameters, 0) ?? 0);
}

function showTask() {
  if (!closer) return;
  if (evaluation) closer.task.showConfusion(evaluation);
  void closer.task.refresh().catch((error) => message(error.message));
}

/** Loads and shows what a first view does without. */
async function loadCloser() {
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "closer.css" }));
  const [{ buildCloser }] = await Promise.all([import("./closer.js"), prepareDetails()]);
  closer = buildCloser({ element, canvas, run, cards, start, optionTable, message, restore, state: () => ({ history, snapshot, runs }), rest: async () => void (running && (await actions.run())) });
  if (started) {
    closer.settings.show(started.options);
    closer.task.build(started);
  }
  if (snapshot) closer.search.show(snapshot);
  showPrecision();
  showWeights();
  showSelected();
  showTask();
}

/** @param {import("./run.js").Deployment} report */
function showDeployed(report) {
  closer?.kernels.showDeployed(report, snapshot);
  if (snapshot?.done && report.error === undefined) say(sentence(snapshot, report.accuracy), true);
}

/** @param {string} text @param {boolean} now */
function say(text, now) {
  element("sentence").textContent = text;
  element("sentence").dataset.step = String(snapshot?.step ?? "");
  const time = performance.now();
  if (!now && time - spokenAt < SPOKEN_EVERY) return;
  spokenAt = time;
  element("spoken").textContent = text;
}

function showSelected() {
  const layer = snapshot?.layers[cards.selected];
  if (!snapshot || !layer) return;
  document.querySelectorAll(".selected-name").forEach((place) => (place.textContent = layer.name));
  curves.show(history, snapshot, cards.selected);
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector("input[name=tensor]:checked"));
  closer?.bits.show(snapshot, cards.selected);
  closer?.planes.show(snapshot, cards.selected);
  closer?.inspector.show(layer, chosen?.value === "activation" ? "activation" : "weight");
}

function select() {
  showSelected();
}

/** @param {string} text */
function message(text) {
  element("message").textContent = text;
  element("message").hidden = text === "";
}

/** @param {string} text */
function fail(text) {
  setRunning(false);
  message(text);
}

/** @param {boolean} now */
function setRunning(now) {
  running = now;
  const done = snapshot?.done ?? false;
  element("run").textContent = now ? "Pause" : done ? "Run again" : "Run";
  document.documentElement.dataset.state = now ? "running" : done ? "finished" : "paused";
  for (const id of ["step-batch", "step-epoch"]) /** @type {HTMLButtonElement} */ (element(id)).disabled = done && !now;
}

/** @type {Record<string, () => unknown>} */
const actions = {
  run: async () => {
    wantsToRun = !running;
    if (running) {
      setRunning(false);
      await run.send("pause");
    } else if (snapshot?.done) {
      await start(chosen());
    } else {
      setRunning(true);
      await run.send("run");
    }
  },
  "step-batch": () => step("stepBatch"),
  "step-epoch": () => step("stepEpoch"),
  restart: () => start(chosen()),
  "new-seed": () => closer?.settings.newSeed(),
};

/** @param {string} command */
async function step(command) {
  wantsToRun = false;
  setRunning(false);
  try {
    await run.send(command);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

for (const [id, act] of Object.entries(actions)) element(id).addEventListener("click", act);
element("speed").addEventListener("change", () => {
  const stepsPerSecond = Number(/** @type {HTMLSelectElement} */ (element("speed")).value);
  void run.send("speed", { stepsPerSecond });
});
document.querySelectorAll("input[name=tensor]").forEach((input) => input.addEventListener("change", showSelected));

/** Keys of the page; not while something is being typed or operated. */
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [role=application]")) return;
  const key = event.key === "ArrowRight" ? (event.shiftKey ? "step-batch" : "step-epoch") : { " ": "run", r: "restart", R: "restart", n: "new-seed", N: "new-seed" }[event.key];
  if (!key || (event.key === " " && target.closest("button, summary"))) return;
  event.preventDefault();
  /** @type {HTMLButtonElement} */ (element(key)).click();
});

const uncharted = (/** @type {Error} */ error) => fail(`The charts could not be loaded: ${error.message}`);
prepare(() => void loadCloser().catch(uncharted)).catch(uncharted);
