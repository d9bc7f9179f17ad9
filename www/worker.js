/**
 * Owns the engine and the session, and works in short bursts so that a message never waits long.
 * In: messages of the type Command; out: messages of the type Report (see run.js).
 */
import { loadError } from "../pkg/checks.js";
import { load } from "../pkg/index.js";
import { read } from "./worker-files.js";
import { atLength, gaveUp, giveUp, report as send, serve, Strides, words } from "./worker-messenger.js";

/** @typedef {import("../pkg/index.js").Engine} Engine */
/** @typedef {import("../pkg/index.js").Session} Session */
/** @typedef {import("./run.js").Report} Report */

/** Work goes on for at most this many ms before messages are looked at. */
const BURST = 12;
/** Progress is told at least this often, in ms, and with it a snapshot of the layers. */
const PROGRESS_EVERY = 80;
/** Ends of epochs are told at most this often within a burst, in ms. */
const EPOCH_EVERY = 4;
/** A run that is not let go searches bits for at most this many ms. */
const SEARCH_AHEAD = 1500;
/** A Worker that steps through a whole epoch shows this often that it lives, in ms. */
const SIGN_EVERY = 500;

/** @type {Engine | null} */
let engine = null;
/** @type {Promise<Engine>} */
const loading = load({ checkpoints: ["mobile"], methods: "core", read });
/** @type {Session | null} */
let session = null;
/** The session that was deployed last. @type {Session | null} */
let deployedFor = null;
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
/** What keeps moments of the run to go back to, once it is loaded. @type {import("./moments.js").Keeper | null} */
let moments = null;
/** Slices of work, and what else takes about as long. */
let strides = new Strides();

/** @param {Report} message */
const report = (message) => send(message);

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
    // Small networks end several epochs in one burst: their curves need those points, the page needs its breath.
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
function fail(error) {
  running = preparing = false;
  if (gaveUp(error)) session = null;
  else report({ type: "failed", message: words(error) });
}

/**
 * Whether the run has come to numbers of its own: those of the quantized network, or of what comes before it and takes
 * long, float training or a search.
 * @param {Session} of
 */
function isPrepared(of) {
  const { phase, evaluations: ended, step, done } = of.progress();
  if (phase === "pretrain") return of.options.pretrainEpochs > 0;
  if (phase === "search") return running || performance.now() - begun > SEARCH_AHEAD;
  // The float network is evaluated, and then the quantized one.
  return done || step > 0 || ended >= 2;
}

/** Once the run is prepared, the page gets to see it. @param {Session} of */
function prepare(of) {
  if (!isPrepared(of)) return;
  preparing = false;
  moments?.begin(of);
  tell(true);
}

/** One slice, and where an evaluation ended with it, a moment to go back to. @param {Session} of */
function slice(of) {
  return strides.take(() => {
    const progress = of.step(1);
    if (progress.evaluations !== evaluations) {
      evaluations = progress.evaluations;
      if (!preparing) moments?.keep(of, progress);
    }
    return progress;
  });
}

/** Tells progress and layers, unless that was done a moment ago. @param {boolean} now */
function tell(now) {
  const of = session;
  // The picture of the run before stays until there are numbers of this one; the first run has none before it.
  if (!of || (preparing && lastReport > 0)) return;
  const time = performance.now();
  const { done } = of.progress();
  const ended = evaluations !== lastEvaluations || done;
  if (!now && !ended && time - lastReport < PROGRESS_EVERY) return;
  lastReport = time;
  lastEvaluations = evaluations;
  const snapshot = of.snapshot();
  // A visitor's test set may be large: the evaluation that ended the last epoch serves.
  const known = of.options.data === "own" || (ended && !now);
  const evaluation = known ? of.tested() : now ? strides.take(() => of.evaluate("test")) : null;
  report({ type: "snapshot", snapshot, running, evaluation, away: moments?.away ?? false });
  if (!running) moments?.hurry();
  if (done && deployedFor !== of) void atLength(async () => (await more()).deploy(context)).catch(fail);
  if (done) deployedFor = of;
}

/** Lets messages in. */
const breath = () => new Promise((resolve) => setTimeout(resolve));

/** What the rest of the Worker works with: see worker-more.js. */
const context = {
  loading,
  report,
  breath,
  get session() {
    return session;
  },
  get moments() {
    return moments;
  },
  /** Takes a session that stands where the old one stood. @param {Session} other */
  replace(other) {
    if (deployedFor === session) deployedFor = other;
    session?.free();
    session = other;
  },
  /** Takes a session that stands elsewhere, and leaves the old one to the caller. @param {Session} other */
  put(other) {
    const before = session;
    take(other);
    return before;
  },
  hold: () => void (running = false),
  begin,
  tell: () => tell(true),
};
/** @typedef {typeof context} Context */
const more = () => import("./worker-more.js").catch((error) => Promise.reject(loadError(`file worker-more.js: ${error.message}`, error)));

/** Samples that the page draws of a visitor's data, which may be many: points of the plane, or images. */
const OWN_SHOWN = { train: 600, test: 40 };

/** @param {import("../pkg/index.js").SessionOptions} given */
async function create(given) {
  const engine = await loading;
  const packed = typeof given.data === "object";
  const unpacked = packed ? await (await import("./own-pack.js")).unpackOptions(given, engine) : given;
  // A run from a project file has its own data and model with it.
  const options = session && [given.data, given.model].includes("own") ? { ...unpacked, ...session.ownAssets() } : unpacked;
  const model = options.model ?? "mobile";
  if (typeof model === "object") await engine.loadFiles();
  else if (!engine.knows(options)) await engine.loadMethods();
  if ((options.data ?? "digits") === "digits" && options.pretrained !== false && typeof model === "string") await engine.loadCheckpoint(model);
  const latencies = options.hardware === "measured" ? await (await more()).latencies(context, options) : [];
  await begin(engine.createSession(options, latencies), null);
}

/** Stands still with a session. @param {Session} other */
function take(other) {
  session = other;
  strides = new Strides();
  running = preparing = false;
  allowance = 0;
  deployedFor = null;
  ({ evaluations } = other.progress());
  lastEvaluations = -1;
}

/**
 * A new run takes the place of the old one. Its moments begin with its first numbers. Settles once moments can be kept.
 * @param {Session} made @param {string | null} note of a project file
 */
async function begin(made, note) {
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
  preparing = !isPrepared(made);
  if (preparing) moments?.forget();
  else moments?.begin(made);
  tell(true);
  schedule();
  if (!moments) await keepMoments();
}

/** From now on moments are kept; where that cannot be loaded, a run goes on without. */
async function keepMoments() {
  const { Keeper } = await import("./moments.js").catch(() => ({ Keeper: null }));
  if (!Keeper || moments) return;
  moments = new Keeper(context);
  if (session && !preparing) moments.begin(session);
}

/** Works on until `reached` says so. @param {(progress: import("../pkg/index.js").Progress) => boolean} reached */
function workUntil(reached) {
  if (preparing && session) moments?.begin(session);
  running = preparing = false;
  moments?.goOn();
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

/** @type {Record<string, (data: any, context: Context) => unknown>} */
const commands = {
  create: ({ options }) => create(options),
  run: () => {
    running = session !== null;
    moments?.goOn();
    lastTick = performance.now();
    allowance = 1;
    schedule();
  },
  pause: () => {
    running = false;
    tell(true);
  },
  speed: ({ stepsPerSecond }) => {
    speed = stepsPerSecond;
    allowance = 1;
  },
  stepBatch: () => {
    const from = session?.progress().step ?? 0;
    workUntil((progress) => progress.step > from);
  },
  stepEpoch: () => {
    // An epoch ends with the evaluation after its mini-batches. A search has none: its begin and its end are stops too.
    const from = session?.progress();
    let before = from?.evaluations;
    workUntil((progress) => {
      const ended = progress.evaluations !== before && progress.step > (from?.step ?? 0);
      before = progress.evaluations;
      return ended || (progress.phase !== from?.phase && [progress.phase, from?.phase].includes("search"));
    });
  },
  predict: ({ x }) => {
    const of = session;
    if (!of) throw new Error("predict: expected a run, got none yet");
    return strides.take(() => ({ current: of.predict(x), reference: of.predictFloat(x) }));
  },
};

/** Commands that never take long, or as long as a slice. */
const QUICK = ["run", "pause", "speed", "predict", "moments"];
serve(async (command) => (commands[command.type] ?? (await more()).commands[command.type])(command, context), { quick: QUICK, memoryOf: () => engine?.memory });

loading.then(
  (loaded) => {
    engine = loaded;
    report({ type: "ready", build: loaded.build, optionTable: loaded.optionTable });
  },
  (error) => gaveUp(error) || giveUp(words(error), "LoadError"),
);
