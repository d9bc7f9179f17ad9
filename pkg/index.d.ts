/** Loads and runs the ddq-playground engine. The comments give the unit and range of every number. */

export interface LoadOptions {
  /** Which build to load; by default simd128 if the browser supports it. */
  build?: "simd128" | "scalar";
  /** "core" loads a smaller binary with the methods float, uniform and ddq only (where the browser accepts simd128);
   * `engine.loadMethods` adds the others. Default "all". */
  methods?: "all" | "core";
  /** Models whose float checkpoints are loaded at once; by default all. Others: `engine.loadCheckpoint`. */
  checkpoints?: ("mlp" | "cnn" | "mobile")[];
  /** Reads a file of the package; by default with `fetch`. For Node: `async (url) => fs.readFileSync(url)`. `name` is the
   * file's name in the package, such as "core/ddq_playground_bg.wasm", even where a bundler has given it another address. */
  read?: (url: URL, name: string) => Promise<Uint8Array>;
}

/** Loads the engine. @throws Error, its `name` "LoadError" where a file is missing or damaged: here and in every `load…` another try may bring it. */
export function load(options?: LoadOptions): Promise<Engine>;

/** Loads the playground's charts, for pages that draw a session's snapshots (main thread only). */
export function loadCharts(options?: Pick<LoadOptions, "read">): Promise<Charts>;

/** Colours "#rrggbb" or "#rrggbbaa" and a CSS font family list. */
export interface ChartTheme {
  ink: string;
  muted: string;
  grid: string;
  background: string;
  font: string;
}

/** Common to every chart. */
export interface ChartSpec {
  theme: ChartTheme;
  /** Device pixels per CSS pixel, above 0; default 1. The canvas' width and height are device pixels. */
  scale?: number;
}

/** Numbers of a chart; NaN, null and undefined leave a gap. */
export type Numbers = Float32Array | Uint32Array | Uint8Array | (number | null | undefined)[];

export interface LinesSpec extends ChartSpec {
  xLabel?: string;
  yLabel?: string;
  xMin?: number;
  xMax?: number;
  yMin?: number;
  yMax?: number;
  logY?: boolean;
  yInteger?: boolean;
  /** The position of a vertical cursor. */
  cursorX?: number;
  /** Lines are faint from here to the right end. */
  faintFrom?: number;
  /** `label` is drawn at the line's end; `name` is not drawn and names a line without a label. */
  series: { name?: string; label?: string; color: string; dashed?: boolean; stepped?: boolean; width?: number; x: Numbers; y: Numbers }[];
  markers?: { axis: "x" | "y"; at: number; label?: string; color: string; dashed?: boolean }[];
  bands?: { x: Numbers; low: Numbers; high: Numbers; color: string; opacity?: number }[];
}

export interface HistogramSpec extends ChartSpec {
  min: number;
  max: number;
  latent: Numbers;
  quantized: Numbers;
  levels: Numbers;
  rangeMin: number;
  rangeMax: number;
  color: string;
  quantizedColor: string;
  /** Omits the numbers. */
  compact?: boolean;
}

export interface StaircaseSpec extends ChartSpec {
  min: number;
  max: number;
  levels: Numbers;
  rawLevels?: Numbers;
  color: string;
  latent?: Numbers;
}

export interface LevelsSpec extends ChartSpec {
  rawLevels: Numbers;
  levels: Numbers;
  color: string;
}

export interface GatesSpec extends ChartSpec {
  logits: Numbers;
  on: Numbers;
  color: string;
  threshold?: number;
}

export interface BarsSpec extends ChartSpec {
  label?: string;
  bars: { label: string; value: number; low?: number; high?: number; color: string }[];
}

export interface ScatterSpec extends ChartSpec {
  xLabel?: string;
  yLabel?: string;
  logX?: boolean;
  series: {
    label?: string;
    color: string;
    marker?: "disc" | "ring" | "square" | "diamond" | "triangle" | "cross";
    x: Numbers;
    y: Numbers;
    yError?: Numbers;
    labels?: string[];
  }[];
  front?: { x: Numbers; y: Numbers; color: string };
}

/** Every chart, as `Charts.svg` calls it. */
export type ChartName = "lines" | "histogram" | "staircase" | "levels" | "gates" | "bars" | "scatter";

/** Draws on canvases. An invalid spec throws an Error that names the field by its path, and leaves the canvas unchanged. */
export class Charts {
  drawLines(canvas: HTMLCanvasElement, spec: LinesSpec): void;
  drawHistogram(canvas: HTMLCanvasElement, spec: HistogramSpec): void;
  /** Loads the charts and pixels below, which a first view does without. */
  loadDetails(): Promise<void>;
  drawStaircase(canvas: HTMLCanvasElement, spec: StaircaseSpec): void;
  drawLevels(canvas: HTMLCanvasElement, spec: LevelsSpec): void;
  drawGates(canvas: HTMLCanvasElement, spec: GatesSpec): void;
  drawBars(canvas: HTMLCanvasElement, spec: BarsSpec): void;
  /** Returns x and y of every point in device pixels, series by series. */
  drawScatter(canvas: HTMLCanvasElement, spec: ScatterSpec): Float32Array;
  /** The same picture as an SVG document of `width` × `height` pixels. Needs `loadDetails`. */
  svg(chart: ChartName, spec: ChartSpec, width: number, height: number): string;
  /** RGBA of a rows × cols heat map from `low` at 0 to `high` at `max` (default: the largest value). */
  matrixPixels(values: Numbers, rows: number, cols: number, low: string, high: string, max?: number): Uint8ClampedArray;
  /** RGBA of a decision surface, one pixel per sample of `logits` (samples × classes). */
  surfacePixels(logits: Numbers, classes: number, colors: string[], background: string): Uint8ClampedArray;
  /** RGBA of a digit of values in [−1, 1]. */
  digitPixels(pixels: Numbers, ink: string, paper: string): Uint8ClampedArray;
  /** DDQ's matrix U of gates (1 = on), row by row. */
  structureMatrix(on: Uint8Array): { rows: number; cols: number; values: Float32Array };
}

/** One row of the table of session options. */
export interface OptionRow {
  name: string;
  type: "choice" | "integer" | "number" | "boolean" | "text";
  choices?: string[];
  min?: number;
  max?: number;
  /** null if the default depends on other options; `help` says how. */
  default: string | number | boolean | null;
  unit: string;
  /** The allowed values in words. */
  allowed: string;
  /** One sentence; empty in an engine with `methods: "core"` before `loadMethods`. */
  help: string;
}

/** A file's bytes, with a name for errors; a `File` has one. */
export type FileLike = Uint8Array | ArrayBuffer | Blob | { name: string, bytes: Uint8Array | ArrayBuffer | Blob };

/** Options of `Engine.importData`; all have defaults. */
export interface ImportOptions {
  /** The file's name in errors. */
  name?: string;
  /** By default detected from the first bytes. */
  format?: "auto" | "csv" | "idx" | "npy";
  /** CSV, and arrays of N×F numbers: the column with the classes, by name or by number from 0; default "last". */
  label?: "last" | (string & {}) | number;
  /** CSV: columns that are not read, by name or by number from 0, and so may contain anything; not the label, nor
   * all others. */
  exclude?: (string | number)[];
  /** IDX and NPY: the file with the labels, one whole number for each sample. */
  labels?: FileLike;
  /** A separate test file of the same format. Without it every session takes a quarter of each class, drawn from its seed. */
  test?: FileLike;
  /** The labels of the test file. */
  testLabels?: FileLike;
  /** CSV: whether the first line is a header; by default it is if its cells are not numbers. */
  header?: boolean;
  /** CSV: the separator; by default detected from the first lines. */
  delimiter?: string;
}

/** Options of `Engine.importImages`. */
export interface ImageOptions {
  /** Side of the square that images are resized to, 8 to 128; default 28. */
  size?: number;
  /** Default "grey". */
  color?: "grey" | "rgb";
  name?: string;
  /** Called with the fraction done, in (0, 1]. */
  onProgress?: (part: number) => void;
}

/** Imported data, ready for `createSession({ data })`. A plain object: it can be sent to a Worker. */
export interface ImportedData {
  kind: "own";
  name: string;
  format: "csv" | "idx" | "npy" | "images";
  /** A table of F columns is { channels: F, height: 1, width: 1 }. */
  shape: { channels: number; height: number; width: number };
  classes: number;
  classNames: string[];
  samples: number;
  /** 0 if sessions split `samples` themselves. */
  testSamples: number;
  /** Samples of each class. */
  balance: Uint32Array;
  testBalance: Uint32Array;
  /** `samples` × (channels · height · width), normalized, row-major in that order. */
  inputs: Float32Array;
  labels: Uint8Array;
  test: { inputs: Float32Array; labels: Uint8Array } | null;
  /** What became −1 and what became 1: x ↦ 2·(x − low)/(high − low) − 1, 0 where low = high, computed in double precision
   * and rounded once. "pixels": 0 and 255; "columns": minimum and maximum of each column of the training file; "range": of
   * all its numbers, also for images of bytes where no pixel reaches 128. */
  normalization: { kind: "pixels" | "columns" | "range"; low: Float64Array; high: Float64Array };
  /** Tables: the number of distinct values in each input column of the training file, and how many remain as 32-bit
   * `inputs`: fewer if some are too close together for the column's range. Empty for images. */
  distinct: { found: Uint32Array; kept: Uint32Array };
  /** Tables: the names of all columns, the index of the label column (null: a separate file), the first rows. */
  columns: string[];
  label: number | null;
  /** CSV: the indices of excluded columns, ascending; `columns` and `rows` still include them. */
  excluded: Uint32Array;
  rows: string[][];
  /** CSV: whether there was a header, and the separator. */
  header: boolean;
  delimiter: string | null;
}

/** Thrown by `importData` if a CSV is rejected; columns whose cells are not numbers can be omitted with `exclude`. */
export interface RefusedTableError extends Error {
  /** Present if the first line could be split into columns. */
  table?: Pick<ImportedData, "columns" | "label" | "excluded" | "rows" | "header" | "delimiter">;
}

/** An imported float network, ready for `createSession({ model })`. A plain object: it can be sent to a Worker, and
 * is reread from its bytes when a session is created. */
export interface ImportedModel {
  kind: "own";
  name: string;
  /** The ONNX file. */
  bytes: Uint8Array;
  /** The operator set version. */
  opset: number;
  /** The program that wrote the file; empty if unknown. */
  producer: string;
  /** Layers with weights; `macs` for one sample. */
  layers: { name: string; kind: string; weights: number; outputs: number; macs: number }[];
  /** Trained numbers: weights, biases, factors and addends of batch norms. */
  parameters: number;
  /** One sample; F features are { channels: F, height: 1, width: 1 }. */
  inputShape: { channels: number; height: number; width: number };
  classes: number;
  /** What was dropped or changed, in sentences. */
  notes: string[];
  /** Approximate bytes needed for a run, without its data. */
  memoryBytes: number;
}

/** Thrown by `importModel` if a valid file has unsupported operators. */
export interface UnsupportedModelError extends Error {
  unsupported: { name: string; operator: string; why: string }[];
}

export type DataName = "digits" | "moons" | "circles" | "xor" | "gaussians" | "spiral2" | "spiral3";
export type ModelName = "mlp" | "cnn" | "mobile";
export type MethodName =
  | "float" | "uniform" | "dorefa" | "lsq" | "pact" | "pot" | "apot" | "ddq" | "bsq"
  | "haq" | "ompq" | "hawq" | "sensitivity" | "greedy" | "random" | "oracle" | "multipoint";

/** The options of a session. All have defaults; see `Engine.optionTable` for ranges and help. */
export interface SessionOptions {
  /** A name, or the result of `Engine.importData`. In `Session.options` imported data are "own". */
  data?: DataName | "own" | ImportedData;
  samples?: number;
  noise?: number;
  /** A name, or the result of `Engine.importModel`. In `Session.options` an imported model is "own". */
  model?: ModelName | "own" | ImportedModel;
  hidden?: string;
  method?: MethodName;
  weightBits?: number;
  /** 1 to 8, or 0 to keep activations as 32-bit floats and quantize only weights; such a session cannot `deploy`. */
  activationBits?: number;
  learnBits?: boolean;
  budgetBits?: number;
  /** What `budgetBits` limits; "codes" is the rule for comparisons. Default "stored". */
  budgetCounts?: "stored" | "codes";
  activationBudgetBits?: number;
  /** Fewest bits of a layer's weights if bits are learned or searched; default 2. */
  minBits?: number;
  /** Fewest bits of a layer's input activations if ddq learns them; default `minBits`, but at least 2. */
  minActivationBits?: number;
  locks?: string;
  episodes?: number;
  hardware?: "size" | "bitops" | "edge" | "cloud" | "measured";
  tolerance?: number;
  startPlanes?: number;
  lassoStrength?: number;
  memoryAware?: boolean;
  adjustEvery?: number;
  planeLearningRate?: number;
  planeClip?: number;
  holdNorm?: boolean;
  exemptFirst?: boolean;
  exemptLast?: boolean;
  range?: "mse" | "minmax";
  gradientCorrection?: number;
  objective?: "hinge" | "product";
  budgetWeight?: number;
  budgetExponent?: number;
  gateInit?: "staggered" | "threshold";
  learningRate?: number;
  levelLearningRate?: number;
  gateLearningRate?: number;
  optimizer?: "adamw" | "adam" | "sgd";
  momentum?: number;
  weightDecay?: number;
  schedule?: "cosine" | "step" | "constant";
  batchSize?: number;
  epochs?: number;
  pretrained?: boolean;
  pretrainEpochs?: number;
  pretrainLearningRate?: number;
  freezeAt?: number;
  precision?: "f32" | "f16" | "e5m2" | "e4m3";
  lossScaling?: "none" | "fixed" | "dynamic" | "adaptive";
  lossScale?: number;
  scaleGrowth?: number;
  underflowRate?: number;
  scaleInterval?: number;
  roundedTensors?: "gradients" | "all";
  seed?: number;
}

/** The progress of a run. */
export interface Progress {
  /** Mini-batches trained so far, over all phases. */
  step: number;
  /** Epochs finished in the current phase. */
  epoch: number;
  /** Epochs of the current phase ("quantize" and "finetune" count as one). */
  epochs: number;
  stepsPerEpoch: number;
  phase: "pretrain" | "calibrate" | "search" | "quantize" | "finetune" | "done";
  /** Cross-entropy of the last mini-batch, in nats; NaN before the first. */
  loss: number;
  /** Completed evaluations of the test split: one before each kind of training, one after each epoch. */
  evaluations: number;
  done: boolean;
}

export interface Evaluation {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** In [0, 1]. */
  accuracy: number;
  /** Counts, classes × classes; row = true class, column = predicted class. */
  confusion: Uint32Array;
}

/** The bit planes of a layer's weights, dropped ones included; arrays from the least significant plane. */
export interface PlaneStates {
  /** Position of the first plane: 0 is the least significant one of the start. */
  first: number;
  /** Share of the weights that have the bit set, in [0, 1]. */
  set: Float32Array;
  /** Root mean square, over the weights, of the values that the group lasso pulls to 0; √set from the freeze on. */
  norm: Float32Array;
  /** 0 in use, 1 dropped from the low end, 2 from the high end. */
  dropped: Uint8Array;
}

/** One quantized tensor. */
export interface TensorSnapshot {
  /** Effective bits; 32 for an unquantized tensor. */
  bits: number;
  /** Dynamic range: smallest and largest effective level. */
  min: number;
  max: number;
  /** Differences of adjacent effective levels. */
  stepSizes: Float32Array;
  /** Effective levels, ascending. */
  levels: Float32Array;
  /** DDQ: the level vector q before merging; otherwise null. */
  rawLevels: Float32Array | null;
  /** DDQ: gate logits ĝ and gates g (1 = on); otherwise null. */
  gates: { logits: Float32Array; on: Uint8Array } | null;
  /** Multipoint only: points of each row of the weight matrix. */
  points?: Uint8Array;
  /** BSQ weights only. `bits` includes the sign: the number of planes plus one, so 9 while eight planes are trained. */
  planes?: PlaneStates;
  /** Counts of the values before and after quantization in 64 bins over [histogramMin, histogramMax]. */
  latentHistogram: Uint32Array;
  quantizedHistogram: Uint32Array;
  histogramMin: number;
  histogramMax: number;
  /** ‖x − x_q‖ / ‖x‖. */
  relativeError: number;
  /** Bits needed to store the tensor, with codebook and scales. */
  sizeBits: number;
}

export interface LayerSnapshot {
  name: string;
  kind: string;
  /** Number of weights. */
  parameters: number;
  /** Multiply-accumulates for one sample. */
  macs: number;
  /** Output channels: rows of the weight matrix. */
  outputs: number;
  /**
   * Bit operations for one sample: macs times the bits of a weight and of an input, of every point that multipoint adds. The
   * network's own input counts 8 bits where weights are quantized; what else is not quantized counts 32. Absent in an
   * engine of `methods: "core"`.
   */
  bitOps?: number;
  weight: TensorSnapshot;
  /** The layer's input; null if it is a 32-bit float. */
  activation: TensorSnapshot | null;
}

export interface Snapshot extends Progress {
  /** Accuracies in [0, 1]; null before they are known. */
  trainAccuracy: number | null;
  /** From the last evaluation on the test split; null from the start of quantization until the quantized network has been tested. */
  testAccuracy: number | null;
  /** Epochs of the current phase completed when `testAccuracy` was measured. */
  testEpoch: number | null;
  floatAccuracy: number | null;
  /** A hash of the losses and of every tensor's bits and levels after each evaluation so far, 16 hexadecimal digits: the
   * same for the same options and seed in every build, at any pace, through `save` and `restore`. */
  trace: string;
  /** Stored weight bits per weight, codebooks and scales included. */
  averageBits: number;
  /** Mean bits per activation value; 32 if nothing is quantized. */
  averageActivationBits: number;
  /** Bytes of all weights, codebooks and scales included. */
  sizeBytes: number;
  /** Bytes of the weights as 32-bit floats. */
  floatSizeBytes: number;
  /** floatSizeBytes over sizeBytes, unrounded: 32 / averageBits. */
  compression: number;
  /** The budget in stored bits per weight; null if there is none. */
  budgetBits: number | null;
  /** The search before training; null if bits are not searched. */
  search: SearchReport | null;
  /** Scales and underflow of gradients stored in a narrow format; null with precision "f32". */
  precision: PrecisionReport | null;
  layers: LayerSnapshot[];
}

/** Gradients of activations in a narrow format. Scales are powers of two; shares are in [0, 1]. */
export interface PrecisionReport {
  /** The scale of the loss's gradient. */
  lossScale: number;
  /** Share of the loss's gradient that became 0 at the last measurement, every `scaleInterval` steps. */
  lossUnderflow: number;
  /** Steps that dynamic loss scaling skipped for overflow. */
  skippedSteps: number;
  /** Steps in which a gradient overflowed: skipped by dynamic loss scaling, otherwise saturated. */
  overflowSteps: number;
  /** For each layer, the gradient it passes to the previous one; null if it passes none, like the first. */
  layers: (GradientReport | null)[];
}

export interface GradientReport {
  /** The scale at which the gradient is stored. */
  scale: number;
  /** The layer's own factor in that scale. */
  factor: number;
  /** Share of its numbers that became 0 at the last measurement, and over all measured steps. */
  underflow: number;
  meanUnderflow: number;
}

/** The progress of a bit search. */
export interface SearchReport {
  step: number;
  /** Total steps, as far as known. */
  steps: number;
  /** Accuracy on training samples, without training, of each allocation tried, in [0, 1]. */
  accuracies: Float32Array;
  /** Multipoint: mean output error of a row, relative to its layer's output variance, with one point per row and after
   * each additional point; otherwise empty. */
  errors: Float32Array;
  /** Weight bits of the best allocation so far. */
  best: Uint32Array;
  /** The evidence that determined the bits, one row per layer. */
  evidence: Float32Array[];
  /** The name of the evidence, such as "redundancy γ"; empty for none. */
  evidenceName: string;
}

/** A layer at other bits, without training. */
export interface Alternative {
  bits: number;
  /** Cross-entropy in nats, and accuracy in [0, 1], of the whole network on training samples. */
  loss: number;
  accuracy: number;
  /** Stored bytes of the layer's weights. */
  bytes: number;
}

/** Latencies of layers on this machine. */
export interface Latencies {
  /** Per layer 8 numbers: µs of one sample at 1 to 8 weight bits. */
  microseconds: number[];
  build: string;
  /** Interquartile range of the bursts over their median: how much the timings varied. */
  spread: number;
}

/** Answers questions about the bits of a session's network at one point in time, with uniform levels over the best range and no training. */
export class Advice {
  /** One bit less (if possible), the current bits, and one more. @throws Error for a layer that does not exist. */
  why(layer: number): Alternative[];
  /** Measures one more layer, as `solve` needs for all of them; returns the fraction done, in [0, 1]. */
  prepare(): number;
  /**
   * The weight bits with the least error within a budget, exactly.
   * @throws Error before `prepare` has returned 1, and for a budget that the network cannot meet, with the smallest one possible.
   */
  solve(budgetBits: number): { bits: Uint32Array; averageBits: number };
  /** The network at those bits on packed codes. */
  deploy(budgetBits: number): Deployed;
  free(): void;
}

export interface Samples {
  /** N × inputs, sample by sample. */
  inputs: Float32Array;
  labels: Uint8Array;
  shape: { channels: number; height: number; width: number };
  classes: number;
  classNames: string[];
}

/**
 * "onnx": opset 21 for onnxruntime, DequantizeLinear and Gather; "qonnx": Quant nodes of any width; "safetensors": packed
 * codes, levels, scales; "recipe": JSON of every tensor's quantization; "c-header" and "c-source": C99 for
 * microcontrollers; "netron": an attachment that shows bits and ranges on the nodes of the ONNX file.
 */
export type ExportKind = "onnx" | "qonnx" | "safetensors" | "recipe" | "c-header" | "c-source" | "netron";

export interface ExportKindRow {
  kind: ExportKind;
  /** A description in one sentence. */
  help: string;
  /** How the weights are stored, and so why they may take more bytes than `Snapshot.sizeBytes`. */
  weights: string;
}

/** An exported file. */
export interface ExportedFile {
  name: string;
  /** Its media type. */
  type: string;
  bytes: Uint8Array;
  /** Bytes that store the weights: codes, codebooks, scales. Equal to `Snapshot.sizeBytes` for "safetensors";
   * 0 for files without weights. */
  payloadBytes: number;
}

/** The loaded engine. */
export class Engine {
  readonly build: "simd128" | "scalar";
  readonly optionTable: OptionRow[];
  /** The WebAssembly memory of the engine, which all its sessions share. After a `WebAssembly.RuntimeError` (as where no more of it
   * can be had) none of its objects may be used again. */
  readonly memory: WebAssembly.Memory;
  /** Methods that `createSession` accepts now. */
  readonly methods: MethodName[];
  /** Whether every method is loaded. */
  readonly complete: boolean;
  /** Whether `createSession` can take these options without `loadMethods`. */
  knows(options: SessionOptions): boolean;
  /** Loads every method into an engine that began with `methods: "core"`. Sessions that live go on. */
  loadMethods(): Promise<void>;
  /** Whether files of others can be read and written. */
  readonly readsFiles: boolean;
  /** Loads what reads and writes files of others, which only some visits need. Sessions that live go on. */
  loadFiles(): Promise<void>;
  /**
   * Reads CSV, IDX or NPY, gzipped or not; loads what it needs for that. At most 50 MB per file, compressed or not,
   * 64 million numbers, 256 classes.
   * @throws Error that names the file, the position, what was expected and what was found; for a CSV with
   *   `table` (see `RefusedTableError`).
   */
  importData(data: FileLike, options?: ImportOptions): Promise<ImportedData>;
  /** Reads images that the browser decodes, `path` ending in class/file.png. @throws as `importData`. */
  importImages(images: { path: string; file: Blob }[], options?: ImageOptions): Promise<ImportedData>;
  /**
   * Reads an ONNX file of operator set 7 to 26 with its weights inside, at most 50 MB and 5 million weights; loads what
   * it needs for that. Its input must be the data's shape, its output their classes.
   * @throws Error that names the file, the position, what was expected and what was found; with `unsupported` (see
   *   `UnsupportedModelError`) if operators are not supported.
   */
  importModel(model: FileLike, options?: { name?: string }): Promise<ImportedModel>;
  /** Approximate upper bound on the bytes needed for a run on imported data; `createSession` rejects more than 2·10⁹. */
  estimateMemory(options: SessionOptions): number;
  /** The kinds that `Session.export` makes, each with one sentence. Needs `loadFiles`. */
  readonly exportKinds: ExportKindRow[];
  /** Loads the fastest kernels that this browser runs, for `Session.deploy` and `createKernel`: the relaxed SIMD
   * binary where a probe is accepted. Without it, `deploy` uses those of the engine's own build. */
  loadKernels(): Promise<void>;
  /**
   * A network on packed integers from the bytes of `Session.deployment`. `samples` are used for evaluation and timing.
   * @throws Error that names the position where the bytes are invalid.
   */
  openDeployed(bytes: Uint8Array, samples: { train?: Samples; test: Samples }): Deployed;
  /** The build of the kernels; null while only the core is loaded. */
  readonly kernelBuild: "relaxed" | "simd128" | "scalar" | null;
  /**
   * A random `rows` × `columns` matrix of packed codes (bits 1 to 8) or float32 (bits 32), to be measured; at most 125 million
   * weights.
   * @throws Error that names the size, what was given and what is allowed.
   */
  createKernel(options: { rows: number; columns: number; bits: number; codebook?: boolean }): Kernel;
  loadCheckpoint(model: ModelName | "own"): Promise<void>;
  /** @throws Error that names the option, what was given and what is allowed. */
  createSession(options?: SessionOptions, latencies?: ArrayLike<number>): Session;
  /**
   * The session of a project file, of any build; no checkpoint is needed. Sessions that live go on. An engine that began
   * with `methods: "core"` needs `loadMethods` first, and `loadFiles` for a run on own data or of an own model.
   * @throws Error that names the place where the bytes are no project file or damaged, or the method or option that
   * this binary does not have: `loadMethods` brings the others.
   */
  restore(bytes: Uint8Array): Session;
  /** Measures each layer (of a snapshot) at 1 to 8 weight bits here: the shortest of 7 bursts of at least 10 ms. */
  measureLatencies(layers: { outputs: number; parameters: number; macs: number }[], breath?: (part: number) => Promise<void> | void): Promise<Latencies>;
}

/** A matrix to multiply by a vector; x is quantized to 8 bits inside the call. */
export interface Kernel {
  /** Multiplies `repetitions` times its own random vector. */
  run(repetitions: number): number;
  /** y = W·x: `rows` numbers from `columns`, written to `y` if given; a call adds a few tenths of a microsecond to the product. */
  multiply(x: Float32Array, y?: Float32Array): Float32Array;
  /** Bytes of the matrix in memory. */
  readonly bytes: number;
  free(): void;
}

/** Microseconds per sample: median, least and most over the bursts; `samples` at a time. Other load on the machine only
 * adds to the time, so compare `least`. */
export interface Timing {
  samples: number;
  microseconds: number;
  least: number;
  most: number;
}

/** A network that runs on packed codes, codebooks and scales only. */
export class Deployed {
  readonly build: "relaxed" | "simd128" | "scalar";
  /** Stored bytes of all weights: codes, codebooks, scales. */
  readonly sizeBytes: number;
  readonly classes: number;
  /** `method`: how the integers are multiplied; `sizeBits`: stored bits of the weights; `macs` per sample;
   * `rows` × `columns`: the matrix of a group. */
  readonly layers: { name: string; kind: string; bits: number; codebook: boolean; method: string; sizeBits: number; macs: number; rows: number; columns: number }[];
  /** `x`: N × inputs; the result: N × classes logits. The class agrees with the session's own network except where two
   * logits are equal within float rounding; logits differ by 0.05 % of their span on average. */
  predict(x: Float32Array | number[]): Float32Array;
  evaluate(split?: "train" | "test"): Evaluation;
  /** Times predictions of one sample and of 32, in bursts of at least 10 ms; `repetitions` (default 7): bursts. */
  benchmark(options?: { repetitions?: number }): { build: string; single: Timing; batch: Timing };
  free(): void;
}

/** A run in progress. */
export class Session {
  /** Every option with its effective value. */
  readonly options: Required<SessionOptions>;
  /**
   * Up to `n` (default 1) mini-batches, of training or of the evaluation that ends each epoch.
   * @throws Error when the loss is no longer finite; the session then answers with its last good state.
   */
  step(n?: number): Progress;
  progress(): Progress;
  evaluate(split?: "train" | "test"): Evaluation;
  /** The float network that quantization started from. */
  evaluateFloat(split?: "train" | "test"): Evaluation;
  snapshot(): Snapshot;
  /** `x`: N × inputs; the result: N × classes logits of the current network. */
  predict(x: Float32Array | number[]): Float32Array;
  /**
   * The current network on packed integers, with a float factor and addend per output.
   * @throws Error that names a layer that is not quantized, or whose levels are not (yet) on the kernels' grid.
   */
  deploy(): Deployed;
  /**
   * What `deploy` opens: codes, codebooks and scales, for `Engine.openDeployed` here or in another Worker.
   * @throws Error as `deploy`.
   */
  deployment(): Uint8Array;
  /** Whether `export` need not move the run to another binary first: `engine.restore(session.save())` moves it for good. */
  readonly exportsHere: boolean;
  /**
   * The current network as a file for other tools; docs/EXPORT.md has the layouts. Rejects with an Error
   * that names the layer and says why where a format cannot hold it; loads what writes files where that is not there yet: C needs quantized inputs, and levels that are no longer in training.
   */
  export(kind: ExportKind): Promise<ExportedFile>;
  /** Ends a search with the best bits found so far. @throws Error if there are none. */
  endSearch(): void;
  /**
   * The whole session as the bytes of a project file: options, weights, quantizers, optimizer, random state, counters.
   * `Engine.restore` returns a session that continues bit for bit like this one, from any step. A search for
   * bits in progress is restarted there and finds the same bits. `note` (default: the existing note) is
   * any text to store in the file.
   */
  save(note?: string): Uint8Array;
  /** What of `createSession` brings the run's own data and own model again: `engine.createSession({ ...options,
   * ...session.ownAssets() })`. The test part stays the test part. Empty for a run on built-in data and models. */
  ownAssets(): Pick<SessionOptions, "data" | "model">;
  /** The note of the last `save`, or of the file it was restored from; empty for none. */
  readonly note: string;
  /** Whether `advice` answers: not where the session began with the small engine. */
  readonly canAdvise: boolean;
  /** The network as it stands, to be asked about its bits. Needs `loadMethods` and `loadKernels`. */
  advice(): Advice;
  /** The same with the float network that quantization started from. */
  predictFloat(x: Float32Array | number[]): Float32Array;
  /** The evaluation on the test split that ended the last epoch; null before the first. */
  tested(): Evaluation | null;
  /** `most`: at most this many, from the start. */
  samples(split?: "train" | "test", most?: number): Samples;
  /** Frees the memory; the session cannot be used afterwards. */
  free(): void;
}
