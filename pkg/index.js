/**
 * ddq-playground: train and quantize small networks in the browser.
 * Loads the build that this engine can run and wraps it in the documented API (index.d.ts).
 */

import { instantiate, placeOf } from "./binaries.js";
import { checkOptions, floats, loadError, plain, show } from "./checks.js";

/**
 * A module with one function that makes a v128: valid where SIMD128 is supported.
 * (func (result v128) (i8x16.splat (i32.const 0)))
 */
const SIMD128_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

/**
 * A module with one relaxed swizzle: valid where relaxed SIMD is supported. Elsewhere a binary that contains a
 * relaxed instruction is refused as a whole, so it is never offered.
 * (func (result v128) (i8x16.relaxed_swizzle (i8x16.splat (i32.const 0)) (i8x16.splat (i32.const 0))))
 */
const RELAXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 128, 2, 11,
]);

/** Models that have a float checkpoint for the digits. */
const CHECKPOINTS = ["mlp", "cnn", "mobile"];

/**
 * Loads the engine: the simd128 build where the browser accepts it, else the scalar one.
 * @param {import("./index.js").LoadOptions} [options]
 * @returns {Promise<Engine>}
 */
export async function load(options = {}) {
  const build = options.build ?? (WebAssembly.validate(SIMD128_PROBE) ? "simd128" : "scalar");
  if (build !== "simd128" && build !== "scalar") {
    throw new Error(`option "build" of load: expected "simd128" or "scalar", got ${show(build)}`);
  }
  const methods = options.methods ?? "all";
  if (methods !== "all" && methods !== "core") {
    throw new Error(`option "methods" of load: expected "all" or "core", got ${show(methods)}`);
  }
  const read = options.read ?? download;
  const wanted = options.checkpoints ?? CHECKPOINTS;
  const [module, ...checkpoints] = await Promise.all([
    instantiate(methods === "core" && build === "simd128" ? "core" : build, read),
    ...wanted.map((model) => readCheckpoint(model, read)),
  ]);
  const engine = new Engine(build, module, read);
  if (module.WasmDeployed) engine.kernels = await kernelsOf(module);
  wanted.forEach((model, index) => engine.checkpoints.set(model, checkpoints[index]));
  return engine;
}

/**
 * Loads the charts: functions that draw on a canvas of the page, for the main thread.
 * @param {{ read?: (url: URL, name: string) => Promise<Uint8Array> }} [options]
 * @returns {Promise<Charts>}
 */
export async function loadCharts(options = {}) {
  const read = options.read ?? download;
  return new Charts(await instantiate("charts", read), read);
}

/** The module with what wraps its packed networks and products. @param {any} module */
async function kernelsOf(module) {
  const [{ Deployed }, { Kernel, checkMatrix }, { Advice }] = await Promise.all([import("./deployed.js"), import("./kernel.js"), import("./advice.js")]);
  return { module, Deployed, Kernel, checkMatrix, Advice };
}

/**
 * @param {URL} url
 * @returns {Promise<Uint8Array>}
 * @throws LoadError
 */
async function download(url) {
  const failed = (/** @type {string} */ got, /** @type {unknown} */ cause) => loadError(`file ${url.pathname}: expected HTTP status 200, got ${got}`, cause);
  try {
    const response = await fetch(url);
    if (!response.ok) throw failed(String(response.status), null);
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error instanceof TypeError ? failed(`no whole answer (${error.message})`, error) : error;
  }
}

/**
 * @param {string} model
 * @param {(url: URL, name: string) => Promise<Uint8Array>} read
 */
async function readCheckpoint(model, read) {
  if (!CHECKPOINTS.includes(model)) {
    throw new Error(`checkpoint: expected one of ${CHECKPOINTS.join(", ")}, got ${show(model)}`);
  }
  const name = `checkpoints/${model}.bin`;
  return read(placeOf(name), name);
}

/** What the binary of the closer views draws, by the names that it has there. */
const DETAILS = ["drawStaircase", "drawLevels", "drawGates", "drawBars", "drawScatter", "chartSvg", "matrixPixels", "surfacePixels", "digitPixels", "structureMatrix"];

/** The charts; their methods and specs are in index.d.ts. */
export class Charts {
  /**
   * @param {any} module the wasm-bindgen module of the first view's charts
   * @param {(url: URL, name: string) => Promise<Uint8Array>} read
   */
  constructor(module, read) {
    this.read = read;
    this.drawLines = module.drawLines;
    this.drawHistogram = module.drawHistogram;
    const early = () => {
      throw new Error("charts: expected loadDetails() to have been awaited before this drawing");
    };
    this.#take(Object.fromEntries(DETAILS.map((name) => [name, early])));
  }

  /** Loads the other charts, which a first view does without. */
  async loadDetails() {
    this.#take(await instantiate("details", this.read));
  }

  /** @param {any} details */
  #take(details) {
    for (const name of DETAILS) Object.assign(this, { [name]: details[name] });
    Object.assign(this, {
      svg: details.chartSvg,
      structureMatrix: (/** @type {Uint8Array} */ on) => {
        const values = details.structureMatrix(on);
        const rows = Math.sqrt(values.length);
        return { rows, cols: rows, values };
      },
    });
  }
}

/** The loaded engine: makes sessions. */
export class Engine {
  /**
   * @param {"simd128" | "scalar"} build
   * @param {any} module the wasm-bindgen module
   * @param {(url: URL, name: string) => Promise<Uint8Array>} read
   */
  constructor(build, module, read) {
    this.build = build;
    /** @type {import("./index.js").OptionRow[]} */
    this.optionTable = module.optionTable();
    /** @type {Map<string, Uint8Array>} */
    this.checkpoints = new Map();
    this.module = module;
    /** @type {Awaited<ReturnType<typeof kernelsOf>> | null} what runs packed networks */
    this.kernels = null;
    this.read = read;
    /** @type {typeof import("./files.js") | null} what reads files, once loaded */
    this.files = null;
  }

  /**
   * Makes a model's float checkpoint available to `createSession`.
   * @param {string} model
   */
  async loadCheckpoint(model) {
    if (!this.checkpoints.has(model)) this.checkpoints.set(model, await readCheckpoint(model, this.read));
  }

  /** The WebAssembly memory of the engine. */
  get memory() {
    return this.module.memory;
  }

  /** Methods that `createSession` accepts now. */
  get methods() {
    return this.optionTable.find(({ name }) => name === "method")?.choices ?? [];
  }

  /** Whether every method is there. */
  get complete() {
    return "WasmAdvice" in this.module;
  }

  /**
   * Whether `createSession` can take these options without `loadMethods`.
   * @param {Record<string, unknown>} options
   */
  knows({ method = "ddq", data = "digits", learnBits, budgetBits, ...others }) {
    // With given bits, only the whole engine lowers them to a budget.
    const lowers = budgetBits && (method !== "ddq" || learnBits === false);
    const known = (/** @type {string} */ name) => this.optionTable.some((row) => row.name === name);
    return this.complete || (this.methods.includes(/** @type {any} */ (method)) && data === "digits" && !lowers && Object.keys(others).every(known));
  }

  /** Loads every method into an engine that began with the core. Sessions that live go on. */
  async loadMethods() {
    if (this.complete) return;
    this.module = await instantiate(this.build, this.read);
    this.optionTable = this.module.optionTable();
    this.kernels ??= await kernelsOf(this.module);
  }

  /** Whether files of others can be read and written. */
  get readsFiles() {
    return "exportKinds" in this.module;
  }

  /** Loads what reads and writes files of others. Sessions that live go on. */
  async loadFiles() {
    if (!this.readsFiles) {
      this.module = await instantiate(this.build === "simd128" ? "full" : this.build, this.read);
      this.optionTable = this.module.optionTable();
      this.kernels ??= await kernelsOf(this.module);
    }
    this.files ??= await import("./files.js");
  }

  /** @param {import("./index.js").FileLike} data @param {import("./index.js").ImportOptions} [options] */
  async importData(data, options = {}) {
    await this.loadFiles();
    return this.#filesLoaded().importData(this.module, data, options);
  }

  /** @param {import("./index.js").FileLike} model @param {{ name?: string }} [options] */
  async importModel(model, options = {}) {
    await this.loadFiles();
    return this.#filesLoaded().importModel(this.module, model, options);
  }

  /** @param {{ path: string, file: Blob }[]} images @param {import("./index.js").ImageOptions} [options] */
  async importImages(images, options = {}) {
    await this.loadFiles();
    return this.#filesLoaded().importImages(this.module, images, options);
  }

  /** @param {import("./index.js").SessionOptions} options */
  estimateMemory(options) {
    return this.#filesLoaded().estimateMemory(this.module, options);
  }

  #filesLoaded() {
    if (!this.files) throw new Error('option "data" or "model": expected engine.loadFiles() to have been awaited');
    return this.files;
  }

  /** The kinds that `Session.export` makes. */
  get exportKinds() {
    if (!this.readsFiles) throw new Error("exportKinds: expected engine.loadFiles() to have been awaited");
    return /** @type {import("./index.js").ExportKindRow[]} */ (this.module.exportKinds());
  }

  /** Loads the fastest kernels that this browser runs, for `deploy` and for measurements. */
  async loadKernels() {
    const fastest = this.build === "simd128" && WebAssembly.validate(RELAXED_PROBE) ? "relaxed" : this.build;
    if (this.kernelBuild !== fastest) this.kernels = await kernelsOf(await instantiate(fastest, this.read));
  }

  /** The build of the kernels: "relaxed", "simd128" or "scalar"; null before any is loaded. */
  get kernelBuild() {
    return this.kernels?.module.kernelBuild() ?? null;
  }

  /**
   * A random matrix of packed codes (bits 1 to 8) or of float32 (bits 32), to be multiplied and measured.
   * @param {{ rows: number, columns: number, bits: number, codebook?: boolean }} options
   */
  createKernel({ rows, columns, bits, codebook = false }) {
    const { module, Kernel, checkMatrix } = this.kernelsFor("createKernel");
    checkMatrix({ rows, columns, bits });
    return new Kernel(new module.WasmKernel(rows, columns, bits, codebook), module.memory, rows, columns);
  }

  /**
   * The network on packed integers of which `Session.deployment` gave the bytes.
   * @param {Uint8Array} bytes
   * @param {{ train?: import("./index.js").Samples, test: import("./index.js").Samples }} samples
   */
  openDeployed(bytes, samples) {
    if (!(bytes instanceof Uint8Array)) throw new Error(`bytes of openDeployed: expected a Uint8Array, got ${show(bytes)}`);
    const { module, Deployed } = this.kernelsFor("openDeployed");
    return new Deployed(new module.WasmDeployed(bytes), module.kernelBuild(), samples);
  }

  /** @param {string} what needs them */
  kernelsFor(what) {
    if (!this.kernels) throw new Error(`${what}: expected engine.loadKernels() to have been awaited`);
    return this.kernels;
  }

  /**
   * Microseconds of each layer at 1 to 8 weight bits on this machine, for `hardware: "measured"`.
   * @param {{ outputs: number, parameters: number, macs: number }[]} layers
   * @param {(part: number) => Promise<void> | void} [breath]
   */
  async measureLatencies(layers, breath) {
    await this.loadKernels();
    const { measureLatencies } = await import("./latency.js");
    return measureLatencies(this, layers, breath);
  }

  /**
   * A new session. A wrong option throws an Error and changes nothing.
   * @param {import("./index.js").SessionOptions} [options]
   * @param {ArrayLike<number>} [latencies] microseconds as `measureLatencies` gives them
   */
  createSession(options = {}, latencies = []) {
    checkOptions(options);
    const own = [options.data, options.model].filter((value) => value && typeof value === "object");
    if (own.length > 0 && (this.files || own.some((value) => Reflect.get(Object(value), "kind") === "own"))) {
      return new Session(this.#filesLoaded().sessionOf(this.module, options, latencies), this);
    }
    const { names, values } = plain(options);
    const model = options.model ?? "mobile";
    const checkpoint = this.checkpoints.get(String(model));
    const { WasmSession } = this.module;
    try {
      const inner = latencies.length === 0 ? new WasmSession(names, values, checkpoint) : WasmSession.withLatencies(names, values, checkpoint, Float64Array.from(latencies));
      return new Session(inner, this);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("checkpoint, "))) throw error;
      // A damaged file is forgotten, so that it can be loaded again.
      this.checkpoints.delete(String(model));
      throw loadError(`checkpoint of ${model}: damaged: ${error.message}`, error);
    }
  }

  /**
   * The session that `save` took down, in this binary or another.
   * @param {Uint8Array} bytes
   */
  restore(bytes) {
    if (!(bytes instanceof Uint8Array)) throw new Error(`bytes of restore: expected a Uint8Array, got ${show(bytes)}`);
    if (!this.complete) throw new Error("restore: expected engine.loadMethods() to have been awaited");
    return new Session(this.module.WasmSession.restore(bytes), this);
  }
}

/** A run in progress. See index.d.ts for what each method returns. */
export class Session {
  /** @param {any} inner @param {Engine} engine */
  constructor(inner, engine) {
    this.inner = inner;
    this.engine = engine;
    this.options = inner.options();
  }

  /** @param {number} [n] */
  step(n = 1) {
    if (!Number.isInteger(n) || n < 1 || n > 1e6) throw new Error(`n of step: expected a whole number from 1 to 1000000, got ${show(n)}`);
    return this.#live().step(n);
  }

  progress() {
    return this.#live().progress();
  }

  /** @param {string} [split] */
  evaluate(split = "test") {
    return this.#live().evaluate(split, false);
  }

  /** @param {string} [split] */
  evaluateFloat(split = "test") {
    return this.#live().evaluate(split, true);
  }

  snapshot() {
    return this.#live().snapshot();
  }

  /** @param {Float32Array | number[]} x */
  predict(x) {
    return this.#live().predict(floats(x), false);
  }

  /** @param {Float32Array | number[]} x */
  predictFloat(x) {
    return this.#live().predict(floats(x), true);
  }

  /** The evaluation on the test split that ended the last epoch; null before the first. */
  tested() {
    return this.#live().tested();
  }

  /** @param {string} [split] @param {number} [most] */
  samples(split = "test", most) {
    return this.#live().samples(split, most);
  }

  /** The network as it stands, on packed integers. */
  deploy() {
    // Without kernels nothing is opened, whatever the network is.
    this.engine.kernelsFor("deploy");
    return this.engine.openDeployed(this.deployment(), { train: this.samples("train"), test: this.samples("test") });
  }

  /** The network as it stands, as the bytes that `Engine.openDeployed` takes. */
  deployment() {
    return this.#live().deployment();
  }

  /**
   * The whole session as the bytes of a project file.
   * @param {string} [note]
   */
  save(note = this.note) {
    if (typeof note !== "string") throw new Error(`note of save: expected a string, got ${show(note)}`);
    return this.#live().save(note);
  }

  /** The note that it was saved with last. */
  get note() {
    return this.#live().note();
  }

  /** What of `createSession` brings this run's own data and own model again: empty for a run without. */
  ownAssets() {
    const live = this.#live();
    /** @type {{ data?: any, model?: any }} */
    const own = {};
    if (this.options.data === "own") {
      const { shape, classNames, inputs, labels } = live.samples("train");
      const test = live.samples("test");
      own.data = { kind: "own", shape, classNames, inputs, labels, test: { inputs: test.inputs, labels: test.labels } };
    }
    if (this.options.model === "own") own.model = { kind: "own", ...live.modelFile() };
    return own;
  }

  /** Whether `export` need not move the run to another binary first. */
  get exportsHere() {
    return Boolean(this.inner?.export);
  }

  /**
   * The network as it stands, as a file.
   * @param {string} kind
   * @returns {Promise<import("./index.js").ExportedFile>}
   */
  async export(kind) {
    await this.engine.loadFiles();
    const live = this.#live();
    if (live.export) return live.export(kind);
    // It began in a binary that writes no files: the same run in one that does.
    const moved = this.engine.module.WasmSession.restore(this.save());
    try {
      return moved.export(kind);
    } finally {
      moved.free();
    }
  }

  /** Ends a search with the best bits found so far. */
  endSearch() {
    this.#live().endSearch();
  }

  /** Whether `advice` answers: not where the session began with the small engine. */
  get canAdvise() {
    return Boolean(this.inner?.advice);
  }

  /** The network as it stands, to be asked about its bits. */
  advice() {
    const kernels = this.engine.kernelsFor("advice");
    const live = this.#live();
    if (!live.advice) throw new Error("advice: expected engine.loadMethods() to have been awaited before the session was created");
    return new kernels.Advice(live.advice(), live, kernels.module, { train: this.samples("train"), test: this.samples("test") });
  }

  /** Gives the memory back; the session cannot be used any more. Calling it twice does no harm. */
  free() {
    this.inner?.free();
    this.inner = null;
  }

  #live() {
    if (!this.inner) throw new Error("session: expected a live session, got one that was freed");
    return this.inner;
  }
}
