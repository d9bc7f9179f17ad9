/**
 * The Worker of the run: loads the engine and obeys the page; run-loop.js does the work. What a first view does not ask for
 * is in worker-commands.js. Out: messages of the type Report (see protocol.js).
 */
import { errorMessage, loadError } from "../../pkg/checks.js";
import { load } from "../../pkg/index.js";
import * as loop from "./run-loop.js";
import { read } from "./worker-files.js";
import { atLength, gaveUp, giveUp, serve } from "./worker-messenger.js";

/** @typedef {import("../../pkg/index.js").Engine} Engine */

/** @type {Engine | null} */
let engine = null;
/** @type {Promise<Engine>} */
const loading = load({ checkpoints: ["mobile"], methods: "core", read });

/** What the rest of the Worker works with: see worker-commands.js. */
const context = {
  loading,
  report: loop.report,
  get session() {
    return loop.session;
  },
  get checkpoints() {
    return loop.checkpoints;
  },
  replace: loop.replace,
  put: loop.put,
  workUntil: loop.workUntil,
  pause: loop.pause,
  begin,
  tell: () => loop.tell(true),
};
/** @typedef {typeof context} Context */

/** The other commands. */
const commandsModule = () => import("./worker-commands.js").catch((error) => Promise.reject(loadError(`file worker-commands.js: ${error.message}`, error)));

/** @param {import("../../pkg/index.js").SessionOptions} given */
async function create(given) {
  const engine = await loading;
  const packed = typeof given.data === "object";
  const unpacked = packed ? await (await import("./own-pack.js")).unpackOptions(given, engine) : given;
  // A run from a project file has its own data and model with it.
  const options = loop.session && [given.data, given.model].includes("own") ? { ...unpacked, ...loop.session.ownAssets() } : unpacked;
  const model = options.model ?? "mobile";
  if (typeof model === "object") await engine.loadFiles();
  else if (!engine.knows(options)) await engine.loadMethods();
  if ((options.data ?? "digits") === "digits" && options.pretrained !== false && typeof model === "string") await engine.loadCheckpoint(model);
  const latencies = options.hardware === "measured" ? await (await commandsModule()).latencies(context, options) : [];
  await begin(engine.createSession(options, latencies), null);
}

/** A new run; settles once its checkpoints can be kept. @param {import("../../pkg/index.js").Session} made @param {string | null} note of a project file */
async function begin(made, note) {
  loop.begin(made, note);
  if (loop.checkpoints) return;
  // Where that cannot be loaded, a run goes on without.
  const { Checkpoints } = await import("./checkpoints.js").catch(() => ({ Checkpoints: null }));
  if (Checkpoints && !loop.checkpoints) loop.keepWith(new Checkpoints(context));
}

/** @type {Record<string, (data: any, context: Context) => unknown>} */
const commands = {
  create: ({ options }) => create(options),
  run: loop.run,
  pause: () => {
    loop.pause();
    loop.tell(true);
  },
  speed: ({ stepsPerSecond }) => loop.setSpeed(stepsPerSecond),
  predict: ({ x }) => loop.predict(x),
};

// A finished network is put on packed integers.
loop.whenEnded(() => void atLength(async () => (await commandsModule()).deploy(context)).catch(loop.fail));

/** Commands that never take long, or as long as a slice. */
const QUICK = ["run", "pause", "speed", "predict", "checkpoints"];
serve(async (command) => (commands[command.type] ?? (await commandsModule()).commands[command.type])(command, context), { quick: QUICK, memoryOf: () => engine?.memory });

loading.then(
  (loaded) => {
    engine = loaded;
    loop.report({ type: "ready", build: loaded.build, optionTable: loaded.optionTable });
  },
  (error) => gaveUp(error) || giveUp(errorMessage(error), "LoadError"),
);
