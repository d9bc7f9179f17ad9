/** What the Worker does beside running: measuring, answering questions about bits, project files. Loaded when first asked for. */
import { timesInPauses } from "../pkg/timing.js";
import { isFatal, words } from "./worker-messenger.js";

/** @typedef {import("./worker.js").Context} Context */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../pkg/index.js").Session} Session */

/**
 * Times float32 and packed products of one shape, in turns: microseconds of a product in every round.
 * @param {{ rows: number, columns: number, bits: number[], rounds: number }} task
 * @param {Context} context
 */
async function measure({ rows, columns, bits, rounds }, { loading, breath }) {
  const engine = await loading;
  await engine.loadKernels();
  const kernels = bits.map((width) => engine.createKernel({ rows, columns, bits: width }));
  try {
    const calls = kernels.map((kernel) => (/** @type {number} */ times) => kernel.run(times));
    const microseconds = await timesInPauses(calls, rounds, async () => void (await breath()));
    return { build: engine.kernelBuild, microseconds, bytes: kernels.map((kernel) => kernel.bytes) };
  } finally {
    kernels.forEach((kernel) => kernel.free());
  }
}

/** Latencies by model and hidden widths: measured once, so that every run here keeps to the same table. @type {Map<string, number[]>} */
const measured = new Map();

/**
 * Latencies of the layers of the network that the options describe, measured here.
 * @param {Context} context @param {Options} options
 */
export async function latencies({ loading, report, breath }, options) {
  const { data, model, hidden } = options;
  const sizes = typeof data === "object" ? [data.shape, data.classes] : (data ?? "digits");
  const network = typeof model === "object" ? [model.name, model.bytes.length, model.layers] : model;
  const key = JSON.stringify([sizes, network, hidden]);
  const known = measured.get(key);
  if (known) return known;
  const engine = await loading;
  const plain = Object.fromEntries(Object.entries({ data, model, hidden, method: "float", epochs: 0, pretrained: false, pretrainEpochs: 0 }).filter(([, value]) => value !== undefined));
  const session = engine.createSession(plain);
  const { layers } = session.snapshot();
  session.free();
  const found = await engine.measureLatencies(layers, async (part) => {
    report({ type: "measuring", part });
    await breath();
  });
  measured.set(key, found.microseconds);
  return found.microseconds;
}

/**
 * The session of the run, able to do what `can` asks. A run that began with a smaller engine moves to the one that `load`
 * brings, where it goes on to the same bits.
 * @param {Context} context
 * @param {(session: Session) => boolean} can
 * @param {(engine: import("../pkg/index.js").Engine) => Promise<void>} load
 */
async function ableSession(context, can, load) {
  const engine = await context.loading;
  if (context.session && !can(context.session)) await load(engine);
  const { session } = context;
  if (!session) throw new Error("the run: expected one, got none yet");
  if (!can(session)) context.replace(engine.restore(session.save()));
  return /** @type {Session} */ (context.session);
}

/** Puts the finished network on packed codes and tells how it does there. @param {Context} context */
export async function deploy(context) {
  const { loading, session, report } = context;
  const engine = await loading;
  try {
    await engine.loadKernels();
    if (!session || context.session !== session) return;
    const deployed = session.deploy();
    const { accuracy } = deployed.evaluate("test");
    const { single, batch } = deployed.benchmark({ repetitions: 5 });
    const { build, sizeBytes, layers } = deployed;
    deployed.free();
    report({ type: "deployed", build, sizeBytes, layers, accuracy, single, batch });
  } catch (error) {
    if (isFatal(error)) throw error;
    report({ type: "deployed", error: words(error) });
  }
}

/** The network that is asked, and the step at which it was taken. @type {{ advice: import("../pkg/index.js").Advice, session: Session, step: number } | null} */
let asked = null;

/** The network of the run as it stands, ready to be asked. @param {Context} context */
async function adviceOf(context) {
  const engine = await context.loading;
  await engine.loadKernels();
  const session = await ableSession(context, ({ canAdvise }) => canAdvise, (whole) => whole.loadMethods());
  const { step } = session.progress();
  if (asked?.session !== session || asked.step !== step) {
    asked?.advice.free();
    asked = { advice: session.advice(), session, step };
  }
  return asked.advice;
}

/**
 * Reads an ONNX file and tries it on the data of the run, which goes on; what the panel of models shows.
 * @param {{ name: string, bytes: Uint8Array }} file @param {Context} context
 * @returns {Promise<import("./model.js").Tried>}
 */
async function tryModel({ name, bytes }, { loading, session }) {
  const engine = await loading;
  await engine.loadFiles();
  const start = performance.now();
  const model = await engine.importModel(bytes, { name });
  const milliseconds = performance.now() - start;
  try {
    const { data, samples, noise } = { ...session?.options, ...session?.ownAssets() };
    const trial = engine.createSession({ data, samples, noise, model, method: "float", epochs: 0 });
    const { accuracy } = trial.evaluate("test");
    trial.free();
    return { model, milliseconds, accuracy };
  } catch (error) {
    if (isFatal(error)) throw error;
    return { model, milliseconds, misfit: words(error) };
  }
}

/** Every file that the run can leave behind, or why it cannot. @param {Context} context */
async function exportAll(context) {
  const engine = await context.loading;
  await engine.loadFiles();
  // Moved once, not for every file.
  const session = await ableSession(context, ({ exportsHere }) => exportsHere, (whole) => whole.loadFiles());
  const { step, sizeBytes } = session.snapshot();
  const made = [];
  for (const row of engine.exportKinds) {
    const file = await session.export(row.kind).then((file) => ({ file }), (error) => (isFatal(error) ? Promise.reject(error) : { error: words(error) }));
    made.push({ ...row, ...file });
  }
  return { made, step, sizeBytes };
}

/** @type {Record<string, (data: any, context: Context) => unknown>} */
export const commands = {
  tryModel,
  measure,
  /** The run as the bytes of a project file, with the page's note. */
  save: ({ note }, { session }) => {
    if (!session) throw new Error("save: expected a run, got none yet");
    return session.save(note);
  },
  /** Goes on with the run of a project file; where that is refused, the run before goes on. */
  restore: async ({ bytes }, context) => {
    const engine = await context.loading;
    // Whatever the file holds, own data and own models included.
    await engine.loadFiles();
    const session = engine.restore(bytes);
    await context.begin(session, session.note);
  },
  /** Every option that there is, from the whole engine. */
  allOptions: async (_, { loading }) => {
    const engine = await loading;
    if (!engine.complete) await engine.loadMethods();
    return engine.optionTable;
  },
  endSearch: (_, { session, moments, tell }) => {
    moments?.goOn();
    session?.endSearch();
    tell();
  },
  moments: (_, { moments }) => moments?.tell(),
  show: ({ moment }, { moments }) => moments?.show(moment),
  exportAll: (_, context) => exportAll(context),
  why: async ({ layer }, context) => (await adviceOf(context)).why(layer),
  /** Another budget for the network as it stands: bits, and how it does with them on packed codes. */
  solve: async ({ budgetBits }, context) => {
    const advice = await adviceOf(context);
    for (let part = advice.prepare(); part < 1; part = advice.prepare()) {
      context.report({ type: "advising", part });
      await context.breath();
    }
    const start = performance.now();
    const { bits, averageBits } = advice.solve(budgetBits);
    const milliseconds = performance.now() - start;
    const deployed = advice.deploy(budgetBits);
    const { accuracy } = deployed.evaluate("test");
    const { sizeBytes, build } = deployed;
    deployed.free();
    return { bits: Array.from(bits), averageBits, milliseconds, accuracy, sizeBytes, build };
  },
};
