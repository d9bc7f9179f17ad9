/** What the Worker does beside running: measuring, answering questions about bits. Loaded when first asked for. */

/** @typedef {import("./worker.js").Context} Context */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../pkg/index.js").Session} Session */

/** A measured burst takes at least this many ms: the clock is coarse. */
const MEASURED_BURST = 10;
/** Work goes on for at most this many ms before messages are looked at. */
const BURST = 30;

/**
 * Times float32 and packed products of one shape, interleaved: microseconds of a product in every round.
 * @param {{ rows: number, columns: number, bits: number[], rounds: number }} task
 * @param {Context} context
 */
async function measure({ rows, columns, bits, rounds }, { loading, breath }) {
  const engine = await loading;
  await engine.loadKernels();
  const kernels = bits.map((width) => engine.createKernel({ rows, columns, bits: width }));
  const time = (/** @type {import("../pkg/index.js").Kernel} */ kernel, /** @type {number} */ times) => {
    const start = performance.now();
    kernel.run(times);
    return performance.now() - start;
  };
  const times = [];
  for (const kernel of kernels) {
    let count = 1;
    while (time(kernel, count) < MEASURED_BURST) count *= 2;
    times.push(count);
    await breath();
  }
  const found = bits.map(() => /** @type {number[]} */ ([]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < kernels.length; i++) {
      const at = (i + round) % kernels.length;
      found[at].push((1000 * time(kernels[at], times[at])) / times[at]);
      await breath();
    }
  }
  const bytes = kernels.map((kernel) => kernel.bytes);
  kernels.forEach((kernel) => kernel.free());
  return { build: engine.kernelBuild, microseconds: found, bytes };
}

/** Latencies by model and hidden widths: measured once, so that every run here keeps to the same table. @type {Map<string, number[]>} */
const measured = new Map();

/**
 * Latencies of the layers of the network that the options describe, measured here.
 * @param {Context} context @param {Options} options
 */
export async function latencies({ loading, report, breath }, options) {
  const { data, model, hidden } = options;
  const key = JSON.stringify([data ?? "digits", model, hidden]);
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
 * The session of the run, able to do what `can` asks. A run that began with a smaller engine is run again by the one that
 * `load` brings, which takes the same steps to the same bits, and goes on there.
 * @param {Context} context
 * @param {(session: Session) => boolean} can
 * @param {(engine: import("../pkg/index.js").Engine) => Promise<void>} load
 */
async function ableSession(context, can, load) {
  const engine = await context.loading;
  const before = context.session;
  if (!before) throw new Error("the run: expected one, got none yet");
  if (can(before)) return before;
  await load(engine);
  const again = engine.createSession(before.given, before.latencies);
  const goal = before.progress();
  const reached = () => {
    const { step, phase, epoch } = again.progress();
    return step === goal.step && phase === goal.phase && epoch === goal.epoch;
  };
  for (let start = performance.now(); !reached() && !again.progress().done; again.step(1)) {
    if (performance.now() - start < BURST) continue;
    await context.breath();
    start = performance.now();
  }
  if (context.session !== before) {
    again.free();
    throw new Error("the run: expected it to stand still, but another one began");
  }
  context.replace(again);
  return again;
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

/** Every file that the run can leave behind, or why it cannot. @param {Context} context */
async function exportAll(context) {
  const engine = await context.loading;
  const session = await ableSession(context, ({ canExport }) => canExport, (whole) => whole.loadFiles());
  const { step, sizeBytes } = session.snapshot();
  const made = [];
  for (const { kind, help } of engine.exportKinds) {
    const file = await session.export(kind).then((file) => ({ file }), (error) => ({ error: error instanceof Error ? error.message : String(error) }));
    made.push({ kind, help, ...file });
  }
  return { made, step, sizeBytes };
}

/** @type {Record<string, (data: any, context: Context) => unknown>} */
export const commands = {
  measure,
  /** Every option that there is, from the whole engine. */
  allOptions: async (_, { loading }) => {
    const engine = await loading;
    if (!engine.complete) await engine.loadMethods();
    return engine.optionTable;
  },
  endSearch: (_, { session, tell }) => {
    session?.endSearch();
    tell();
  },
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
