/** The run: steps its session in short bursts, so that a message never waits long, and reports its numbers. */
import { errorMessage } from "../../pkg/checks.js";
import { isPrepared } from "./first-numbers.js";
import { gaveUp, report as send, Strides } from "./worker-messenger.js";

/** @typedef {import("../../pkg/index.js").Session} Session */

/** Work goes on for at most this many ms before messages are looked at. */
const BURST = 12;
/** Progress is told at least this often, in ms, and with it a snapshot of the layers. */
const PROGRESS_EVERY = 80;
/** Ends of epochs are told at most this often within a burst, in ms. */
const EPOCH_EVERY = 4;
/** A Worker that steps through a whole epoch shows this often that it lives, in ms. */
const SIGN_EVERY = 500;
/** Samples that the page draws of a visitor's data, which may be many: points of the plane, or images. */
const OWN_SHOWN = { train: 600, test: 40 };

/** The session shown, whose numbers the page has. @type {Session | null} */
export let session = null;
/** The session whose end was told last. @type {Session | null} */
let endedWith = null;
/** Called once for every session that ends. */
let ended = () => {};
let running = false;
/** Whether the run is on its way to its first numbers, which it is before it runs or waits. */
let preparing = false;
/** When that began. */
let begun = 0;
let speed = 50;
/** Steps that the chosen speed allows by now, in fractions. */
let allowance = 0;
let lastTick = 0;
let lastReport = 0;
/** Evaluations that had ended with the last report. */
let lastEvaluations = -1;
let scheduled = false;
/** Evaluations that had ended with the last slice. */
let evaluations = 0;
/** What keeps checkpoints of the run to go back to, once it is loaded. @type {import("./checkpoints.js").Checkpoints | null} */
export let checkpoints = null;
/** Slices of work, and what else takes about as long. */
let strides = new Strides();

/** @param {import("./protocol.js").Report} message */
export const report = (message) => send(message);

/** @param {() => void} act called once for every session that ends */
export const whenEnded = (act) => void (ended = act);

const channel = new MessageChannel();
channel.port1.onmessage = tick;

/** Asks for the next burst: at once at full speed, else when the next step is due. */
function schedule() {
  if (scheduled || !(running || preparing)) return;
  scheduled = true;
  const wait = preparing ? 0 : (1 - allowance) / speed * 1000;
  if (wait > 4) setTimeout(tick, Math.min(wait, 1000));
  else channel.port2.postMessage(null);
}

function tick() {
  scheduled = false;
  try {
    burst();
  } catch (error) {
    fail(error);
  }
}

function burst() {
  if (!(running || preparing) || !session) return;
  const start = performance.now();
  allowance = Math.min(allowance + ((start - lastTick) / 1000) * speed, speed === Infinity ? Infinity : Math.max(1, speed / 4));
  if (Number.isNaN(allowance)) allowance = Infinity;
  lastTick = start;
  while ((preparing || (running && allowance >= 1)) && performance.now() - start < BURST) {
    advance();
    // Small networks end several epochs in one burst: their curves need those points, leave the page time to render.
    if (evaluations !== lastEvaluations && performance.now() - lastReport >= EPOCH_EVERY) tell(false);
  }
  tell(false);
  schedule();
}

/** One slice of work. Slices that train no batch (evaluations) do not use up the allowance. */
function advance() {
  if (!session) return;
  try {
    const { step } = session.progress();
    const progress = slice(session);
    if (progress.step > step) allowance -= 1;
    if (progress.done) running = false;
    if (preparing) prepare(session);
  } catch (error) {
    fail(error);
  }
}

/** The run stops: in words, or with this Worker. @param {unknown} error */
export function fail(error) {
  running = preparing = false;
  if (gaveUp(error)) session = null;
  else report({ type: "failed", message: errorMessage(error) });
}

/** Once the run is prepared, the page gets to see it. @param {Session} of */
function prepare(of) {
  if (!isPrepared(of, running, performance.now() - begun)) return;
  preparing = false;
  checkpoints?.begin(of);
  tell(true);
}

/** One slice, and where an evaluation ended with it, a checkpoint to go back to. @param {Session} of */
function slice(of) {
  return strides.take(() => {
    const progress = of.step(1);
    if (progress.evaluations !== evaluations) {
      evaluations = progress.evaluations;
      if (!preparing) checkpoints?.keep(of, progress);
    }
    return progress;
  });
}

/** Tells progress and layers, unless that was done a moment ago. @param {boolean} now */
export function tell(now) {
  const of = session;
  // The picture of the run before stays until there are numbers of this one; the first run has none before it.
  if (!of || (preparing && lastReport > 0)) return;
  const time = performance.now();
  const { done } = of.progress();
  const complete = evaluations !== lastEvaluations || done;
  if (!now && !complete && time - lastReport < PROGRESS_EVERY) return;
  lastReport = time;
  lastEvaluations = evaluations;
  const snapshot = of.snapshot();
  // A visitor's test set may be large: the evaluation that ended the last epoch serves.
  const known = of.options.data === "own" || (complete && !now);
  const evaluation = known ? of.tested() : now ? strides.take(() => of.evaluate("test")) : null;
  report({ type: "snapshot", snapshot, running, evaluation, away: checkpoints?.away ?? false });
  if (!running) checkpoints?.hurry();
  if (done && endedWith !== of) ended();
  if (done) endedWith = of;
}

/** Stands still with a session. @param {Session} other */
function take(other) {
  session = other;
  strides = new Strides();
  running = preparing = false;
  allowance = 0;
  endedWith = null;
  ({ evaluations } = other.progress());
  lastEvaluations = -1;
}

/** Takes a session that stands where the old one stood. @param {Session} other */
export function replace(other) {
  if (endedWith === session) endedWith = other;
  session?.free();
  session = other;
}

/** Takes a session that stands elsewhere, and leaves the old one to the caller. @param {Session} other */
export function put(other) {
  const before = session;
  take(other);
  return before;
}

/**
 * A new run takes the place of the old one. Its checkpoints begin with its first numbers.
 * @param {Session} made @param {string | null} note of a project file
 */
export function begin(made, note) {
  session?.free();
  take(made);
  const own = made.options.data === "own";
  report({
    type: "created",
    options: made.options,
    train: made.samples("train", own ? OWN_SHOWN.train : undefined),
    test: made.samples("test", own ? OWN_SHOWN.test : undefined),
    note,
  });
  begun = performance.now();
  preparing = !isPrepared(made, running, 0);
  if (preparing) checkpoints?.forget();
  else checkpoints?.begin(made);
  tell(true);
  schedule();
}

/** From now on checkpoints are kept. @param {import("./checkpoints.js").Checkpoints} keeper */
export function keepWith(keeper) {
  checkpoints = keeper;
  if (session && !preparing) keeper.begin(session);
}

/** Lets the run go on by itself. */
export function run() {
  running = session !== null;
  checkpoints?.goOn();
  lastTick = performance.now();
  allowance = 1;
  schedule();
}

export function pause() {
  running = false;
}

/** @param {number} stepsPerSecond */
export function setSpeed(stepsPerSecond) {
  speed = stepsPerSecond;
  allowance = 1;
}

/** Works on until `reached` says so, and stands. @param {(progress: import("../../pkg/index.js").Progress) => boolean} reached */
export function workUntil(reached) {
  if (preparing && session) checkpoints?.begin(session);
  running = preparing = false;
  checkpoints?.goOn();
  let signed = performance.now();
  while (session) {
    const progress = slice(session);
    if (progress.done || reached(progress)) break;
    if (performance.now() - signed < SIGN_EVERY) continue;
    signed = performance.now();
    send({ type: "awake" });
  }
  tell(true);
}

/** Logits of samples. @param {Float32Array} x */
export function predict(x) {
  const of = session;
  if (!of) throw new Error("predict: expected a run, got none yet");
  return strides.take(() => ({ current: of.predict(x), reference: of.predictFloat(x) }));
}
