/** Loads and runs the ddq-playground engine. Every number's unit and range is in the comments. */

export interface LoadOptions {
  /** Which build to load; by default the simd128 build where the browser accepts it. */
  build?: "simd128" | "scalar";
  /** "core" loads a smaller binary with the methods float, uniform and ddq only (where the browser accepts simd128);
   * `engine.loadMethods` adds the others. Default "all". */
  methods?: "all" | "core";
  /** Models whose float checkpoints are loaded at once; by default all. Others: `engine.loadCheckpoint`. */
  checkpoints?: ("mlp" | "cnn" | "mobile")[];
  /** Reads a file of the package; by default with `fetch`. For Node: `async (url) => fs.readFileSync(url)`. `name` is the
   * file's name in the package, such as "core/ddq_playground_bg.wasm", also where a bundler has given it another address. */
  read?: (url: URL, name: string) => Promise<Uint8Array>;
}

/** Loads the engine. @throws Error, its `name` "LoadError" where a file is missing or damaged: here and in every `load…` another try may bring it. */
export function load(options?: LoadOptions): Promise<Engine>;

/** Loads the charts of the playground, for pages that draw what a session reports (main thread only). */
export function loadCharts(options?: Pick<LoadOptions, "read">): Promise<Charts>;

/** Colours "#rrggbb" or "#rrggbbaa" and a CSS font family list. */
export interface ChartTheme {
  ink: string;
  muted: string;
  grid: string;
  background: string;
  font: string;
}

/** What every chart takes. */
export interface ChartSpec {
  theme: ChartTheme;
  /** Device pixels in a CSS pixel, above 0; default 1. The canvas' width and height are device pixels. */
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
  /** Where a vertical cursor stands. */
  cursorX?: number;
  /** From here to the right end the lines are faint. */
  faintFrom?: number;
  /** `label` stands at the line's end; `name` is not drawn: what the line is called where there is no label. */
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
  /** Leaves out the numbers. */
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

/** Draws on canvases. A wrong spec throws an Error that names the field by its path; the canvas keeps its picture. */
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
  /** null where the default follows from other options; `help` says how. */
  default: string | number | boolean | null;
  unit: string;
  /** The allowed values in words. */
  allowed: string;
  /** One sentence; empty in an engine with `methods: "core"` before `loadMethods`. */
  help: string;
}

/** Bytes of a file. A name is what errors call it; a `File` has one. */
export type FileLike = Uint8Array | ArrayBuffer | Blob | { name: string, bytes: Uint8Array | ArrayBuffer | Blob };

/** How `Engine.importData` reads; everything has a default. */
export interface ImportOptions {
  /** What errors call the file. */
  name?: string;
  /** By default found from the first bytes. */
  format?: "auto" | "csv" | "idx" | "npy";
  /** CSV, and arrays of N×F numbers: the column with the classes, by its name or its place from 0; default "last". */
  label?: "last" | (string & {}) | number;
  /** CSV: columns that are not read, by their names or their places from 0, and so may hold anything; not the label, nor
   * all others. */
  exclude?: (string | number)[];
  /** IDX and NPY: the file with the labels, one whole number for each sample. */
  labels?: FileLike;
  /** A separate test file of the same format. Without it every session takes a quarter of each class, drawn from its seed. */
  test?: FileLike;
  /** The labels of that. */
  testLabels?: FileLike;
  /** CSV: whether the first line holds names; by default it does where its cells are no numbers. */
  header?: boolean;
  /** CSV: the character between cells; by default found from the first lines. */
  delimiter?: string;
}

/** How `Engine.importImages` reads. */
export interface ImageOptions {
  /** Side of the square that images are resized to, 8 to 128; default 28. */
  size?: number;
  /** Default "grey". */
  color?: "grey" | "rgb";
  name?: string;
  /** Told the part that is done, in (0, 1]. */
  onProgress?: (part: number) => void;
}

/** Data of the caller, ready for `createSession({ data })`. A plain object: it can be sent to a Worker. */
export interface ImportedData {
  kind: "own";
  name: string;
  format: "csv" | "idx" | "npy" | "images";
  /** A table of F columns is { channels: F, height: 1, width: 1 }. */
  shape: { channels: number; height: number; width: number };
  classes: number;
  classNames: string[];
  samples: number;
  /** 0: sessions split `samples` themselves. */
  testSamples: number;
  /** Samples of each class. */
  balance: Uint32Array;
  testBalance: Uint32Array;
  /** `samples` × (channels · height · width), normalized, row-major in that order. */
  inputs: Float32Array;
  labels: Uint8Array;
  test: { inputs: Float32Array; labels: Uint8Array } | null;
  /** What became −1 and what became 1: x ↦ 2·(x − low)/(high − low) − 1, 0 where low = high, computed in double precision
   * and rounded once. "pixels": 0 and 255; "columns": least and largest of each column of the training file; "range": of
   * all its numbers, also for images of bytes where no pixel reaches 128. */
  normalization: { kind: "pixels" | "columns" | "range"; low: Float64Array; high: Float64Array };
  /** Tables: how many different values each input column of the training file has, and how many are left as 32-bit
   * `inputs`: fewer where some lie too close together for the column's range. Empty for images. */
  distinct: { found: Uint32Array; kept: Uint32Array };
  /** Tables: the names of all columns, the place of the label's among them (null: its own file), the first rows. */
  columns: string[];
  label: number | null;
  /** CSV: the places of the columns that were left out, ascending; `columns` and `rows` have them all the same. */
  excluded: Uint32Array;
  rows: string[][];
  /** CSV: whether the first line held names, and what stands between cells. */
  header: boolean;
  delimiter: string | null;
}

/** What `importData` throws where a CSV is refused: columns whose cells are no numbers can be left out with `exclude`. */
export interface RefusedTableError extends Error {
  /** There where the first line could be cut into columns. */
  table?: Pick<ImportedData, "columns" | "label" | "excluded" | "rows" | "header" | "delimiter">;
}

/** A float network of the caller, ready for `createSession({ model })`. A plain object: it can be sent to a Worker, and
 * is read again from its bytes where a session is made of it. */
export interface ImportedModel {
  kind: "own";
  name: string;
  /** The ONNX file. */
  bytes: Uint8Array;
  /** The version of the standard operators. */
  opset: number;
  /** The program that wrote the file; empty where it does not say. */
  producer: string;
  /** Layers with weights; `macs` for one sample. */
  layers: { name: string; kind: string; weights: number; outputs: number; macs: number }[];
  /** Trained numbers: weights, biases, factors and addends of batch norms. */
  parameters: number;
  /** One sample; F features are { channels: F, height: 1, width: 1 }. */
  inputShape: { channels: number; height: number; width: number };
  classes: number;
  /** What was left out or changed, in sentences. */
  notes: string[];
  /** About how many bytes a run with it takes, without its data. */
  memoryBytes: number;
}

/** What `importModel` throws where a sound file has operators that are not supported. */
export interface UnsupportedModelError extends Error {
  unsupported: { name: string; operator: string; why: string }[];
}

export type DataName = "digits" | "moons" | "circles" | "xor" | "gaussians" | "spiral2" | "spiral3";
export type ModelName = "mlp" | "cnn" | "mobile";
export type MethodName =
  | "float" | "uniform" | "dorefa" | "lsq" | "pact" | "pot" | "apot" | "ddq" | "bsq"
  | "haq" | "ompq" | "hawq" | "sensitivity" | "greedy" | "random" | "oracle" | "multipoint";

/** Every option of a session; all have defaults, see `Engine.optionTable` for ranges and help. */
export interface SessionOptions {
  /** A name, or what `Engine.importData` gave. In `Session.options` such data are "own". */
  data?: DataName | "own" | ImportedData;
  samples?: number;
  noise?: number;
  /** A name, or what `Engine.importModel` gave. In `Session.options` such a model is "own". */
  model?: ModelName | "own" | ImportedModel;
  hidden?: string;
  method?: MethodName;
  weightBits?: number;
  /** 1 to 8, or 0: activations stay 32-bit floats, weights alone are quantized. Such a session cannot `deploy`. */
  activationBits?: number;
  learnBits?: boolean;
  budgetBits?: number;
  /** What `budgetBits` bounds; "codes" is the rule of comparisons. "stored" unless given, and in `Session.options`. */
  budgetCounts?: "stored" | "codes";
  activationBudgetBits?: number;
  /** Fewest bits of a layer's weights while bits are learned or searched; 2 unless given. */
  minBits?: number;
  /** Fewest bits of a layer's input activations while ddq learns them; `minBits`, but at least 2, unless given. */
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

/** Where a run stands. */
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
  /** Evaluations of the test split that have ended: one before each kind of training, one after each epoch. */
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
  /** Part of the weights that have the bit set, in [0, 1]. */
  set: Float32Array;
  /** Root mean square over the weights of what the group lasso pulls to 0; √set from the freeze on. */
  norm: Float32Array;
  /** 0 there, 1 dropped from the low end, 2 from the high end. */
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
  /** DDQ: the level vector q before merging; else null. */
  rawLevels: Float32Array | null;
  /** DDQ: gate logits ĝ and gates g (1 = on); else null. */
  gates: { logits: Float32Array; on: Uint8Array } | null;
  /** Multipoint alone: points of each row of the weight matrix. */
  points?: Uint8Array;
  /** BSQ's weights alone. `bits` counts the sign: planes and one more, 9 while eight planes are trained. */
  planes?: PlaneStates;
  /** Counts of the real and of the quantized values in 64 bins over [histogramMin, histogramMax]. */
  latentHistogram: Uint32Array;
  quantizedHistogram: Uint32Array;
  histogramMin: number;
  histogramMax: number;
  /** ‖x − x_q‖ / ‖x‖. */
  relativeError: number;
  /** Bits to store the tensor with codebook and scales. */
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
  /** The layer's input; null where it is not quantized: a 32-bit float. */
  activation: TensorSnapshot | null;
}

export interface Snapshot extends Progress {
  /** Accuracies in [0, 1]; null before they are known. */
  trainAccuracy: number | null;
  /** Of the last evaluation on the test split; null from the start of quantization until the quantized network was tested. */
  testAccuracy: number | null;
  /** Epochs of the current phase that were finished when `testAccuracy` was measured. */
  testEpoch: number | null;
  floatAccuracy: number | null;
  /** A hash of the losses and of every tensor's bits and levels after each evaluation so far, 16 hexadecimal digits: the
   * same for the same options and seed in every build, at any pace, through `save` and `restore`. */
  trace: string;
  /** Stored weight bits per weight, codebooks and scales included. */
  averageBits: number;
  /** Mean bits of an activation element; 32 where nothing is quantized. */
  averageActivationBits: number;
  /** Bytes of all weights, codebooks and scales included. */
  sizeBytes: number;
  /** Bytes of the weights as 32-bit floats. */
  floatSizeBytes: number;
  /** floatSizeBytes over sizeBytes, unrounded: 32 / averageBits. */
  compression: number;
  /** The budget in stored bits per weight; null where there is none. */
  budgetBits: number | null;
  /** The search before the training; null where bits are not searched. */
  search: SearchReport | null;
  /** Scales and underflow of gradients held in a narrow format; null with precision "f32". */
  precision: PrecisionReport | null;
  layers: LayerSnapshot[];
}

/** Gradients of activations in a narrow format. Scales are powers of two; parts in [0, 1]. */
export interface PrecisionReport {
  /** The scale of the loss's gradient. */
  lossScale: number;
  /** Part of the loss's gradient that became 0 when it was last measured: every `scaleInterval` steps. */
  lossUnderflow: number;
  /** Steps that dynamic loss scaling skipped for overflow. */
  skippedSteps: number;
  /** Steps in which a gradient overflowed: skipped by dynamic loss scaling, else saturated. */
  overflowSteps: number;
  /** Per layer what it passes on to the one below; null for one that passes nothing on, such as the first. */
  layers: (GradientReport | null)[];
}

export interface GradientReport {
  /** The scale at which the gradient is held. */
  scale: number;
  /** The layer's own factor in it. */
  factor: number;
  /** Part of its numbers that became 0 when it was last measured, and over all measured steps. */
  underflow: number;
  meanUnderflow: number;
}

/** Where a search for bits stands. */
export interface SearchReport {
  step: number;
  /** Steps in all, as far as is known. */
  steps: number;
  /** Accuracy on training samples, without training, of each allocation tried, in [0, 1]. */
  accuracies: Float32Array;
  /** Multipoint: mean output error of a row, in parts of its layer's output variance, with one point a row and after
   * each point more; else empty. */
  errors: Float32Array;
  /** Weight bits of the best allocation so far. */
  best: Uint32Array;
  /** What the bits follow from: a row per layer. */
  evidence: Float32Array[];
  /** What the evidence is, such as "redundancy γ"; empty for none. */
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
  /** Middle half of the bursts over their median: how much the machine wavered. */
  spread: number;
}

/** The network of a session at one moment, asked about its bits; uniform levels of the best range, no training. */
export class Advice {
  /** One bit less (where there is one), the bits as they are, one more. @throws Error for a layer that is not there. */
  why(layer: number): Alternative[];
  /** Measures one more layer, which `solve` needs of all; the part that is done, in [0, 1]. */
  prepare(): number;
  /**
   * The weight bits with the least error within a budget, exactly.
   * @throws Error before `prepare` has returned 1, and for a budget that the network cannot meet, with the least that it needs.
   */
  solve(budgetBits: number): { bits: Uint32Array; averageBits: number };
  /** The network at those bits on packed codes. */
  deploy(budgetBits: number): Deployed;
  free(): void;
}

export interface Samples {
  /** N × inputs, sample after sample. */
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
  /** What it is, in one sentence. */
  help: string;
  /** What holds the weights in it, and so why they may take more bytes than `Snapshot.sizeBytes`. */
  weights: string;
}

/** A file to take away. */
export interface ExportedFile {
  name: string;
  /** Its media type. */
  type: string;
  bytes: Uint8Array;
  /** Bytes of it that hold the weights: codes, codebooks, scales. For "safetensors" those of `Snapshot.sizeBytes`;
   * 0 for files that hold no weights. */
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
  /** Whether every method is there. */
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
   * Reads CSV, IDX or NPY, gzipped or not; loads what it needs for that. At most 50 MB a file, packed or unpacked,
   * 64 million numbers, 256 classes.
   * @throws Error that names the file, the place in it, what was expected there and what stands there; of a CSV with
   *   `table` (see `RefusedTableError`).
   */
  importData(data: FileLike, options?: ImportOptions): Promise<ImportedData>;
  /** Reads images that the browser decodes, `path` ending in class/file.png. @throws as `importData`. */
  importImages(images: { path: string; file: Blob }[], options?: ImageOptions): Promise<ImportedData>;
  /**
   * Reads an ONNX file of operator set 7 to 26 with its weights inside, at most 50 MB and 5 million weights; loads what
   * it needs for that. Its input must be the data's shape, its output their classes.
   * @throws Error that names the file, the place in it, what was expected and what was got; with `unsupported` (see
   *   `UnsupportedModelError`) where operators are not supported.
   */
  importModel(model: FileLike, options?: { name?: string }): Promise<ImportedModel>;
  /** Bytes that a run on imported data takes at most, roughly; `createSession` refuses more than 2·10⁹. */
  estimateMemory(options: SessionOptions): number;
  /** The kinds that `Session.export` makes, each with one sentence. Needs `loadFiles`. */
  readonly exportKinds: ExportKindRow[];
  /** Loads the fastest kernels that this browser runs, for `Session.deploy` and `createKernel`: the relaxed SIMD
   * binary where a probe is accepted. Without it, `deploy` uses those of the engine's own build. */
  loadKernels(): Promise<void>;
  /**
   * A network on packed integers from the bytes of `Session.deployment`. `samples`: what it is evaluated on and timed with.
   * @throws Error that names the place where the bytes are no such network.
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

/** A matrix to be multiplied with a vector, x quantized to 8 bits inside the call. */
export interface Kernel {
  /** Multiplies `repetitions` times its own random vector. */
  run(repetitions: number): number;
  /** y = W·x: `rows` numbers from `columns`, into `y` where it is given; a call costs a few tenths of a microsecond over the product. */
  multiply(x: Float32Array, y?: Float32Array): Float32Array;
  /** Bytes of the matrix in memory. */
  readonly bytes: number;
  free(): void;
}

/** Microseconds of one sample: median, least and most over the bursts; `samples` at a time. Other work of the machine only
 * adds to a time: `least` is the one to compare. */
export interface Timing {
  samples: number;
  microseconds: number;
  least: number;
  most: number;
}

/** A network that runs on packed codes, codebooks and scales alone. */
export class Deployed {
  readonly build: "relaxed" | "simd128" | "scalar";
  /** Stored bytes of all weights: codes, codebooks, scales. */
  readonly sizeBytes: number;
  readonly classes: number;
  /** `method`: how the integers are multiplied; `sizeBits`: stored bits of the weights; `macs` per sample;
   * `rows` × `columns`: the matrix of a group. */
  readonly layers: { name: string; kind: string; bits: number; codebook: boolean; method: string; sizeBits: number; macs: number; rows: number; columns: number }[];
  /** `x`: N × inputs; the result: N × classes logits. The class agrees with the session's own network but where two
   * logits are equal within float rounding; logits differ by 0.05 % of their span on average. */
  predict(x: Float32Array | number[]): Float32Array;
  evaluate(split?: "train" | "test"): Evaluation;
  /** Times predictions of one sample and of 32, in bursts of at least 10 ms; `repetitions` (default 7): bursts. */
  benchmark(options?: { repetitions?: number }): { build: string; single: Timing; batch: Timing };
  free(): void;
}

/** A run in progress. */
export class Session {
  /** Every option with the value in force. */
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
  /** `x`: N × inputs; the result: N × classes logits of the network as it stands. */
  predict(x: Float32Array | number[]): Float32Array;
  /**
   * The network as it stands, on packed integers with a float factor and addend per output.
   * @throws Error that names the layer where it is not quantized, or its levels are not (yet) on the kernels' grid.
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
   * The network as it stands, as a file that other tools read; docs/EXPORT.md has the layouts. Rejects with an Error
   * that names the layer and says why where a format cannot hold it; loads what writes files where that is not there yet: C needs quantized inputs, and levels that move no more.
   */
  export(kind: ExportKind): Promise<ExportedFile>;
  /** Ends a search with the best bits found so far. @throws Error where there is none. */
  endSearch(): void;
  /**
   * The whole session as the bytes of a project file: options, weights, quantizers, optimizer, random state, counters.
   * `Engine.restore` makes a session of them that goes on to the same bits as this one, from any step. A search for
   * bits that is under way is begun again there, and ends in the same bits. `note` (default: the note that it has) is
   * any text that is kept in the file.
   */
  save(note?: string): Uint8Array;
  /** What of `createSession` brings the run's own data and own model again: `engine.createSession({ ...options,
   * ...session.ownAssets() })`. The test part stays the test part. Empty for a run on built-in data and models. */
  ownAssets(): Pick<SessionOptions, "data" | "model">;
  /** The note of the last `save`, or of the file that it was restored from; empty for none. */
  readonly note: string;
  /** Whether `advice` answers: not where the session began with the small engine. */
  readonly canAdvise: boolean;
  /** The network as it stands, to be asked about its bits. Needs `loadMethods` and `loadKernels`. */
  advice(): Advice;
  /** The same with the float network that quantization started from. */
  predictFloat(x: Float32Array | number[]): Float32Array;
  /** The evaluation on the test split that ended the last epoch; null before the first. */
  tested(): Evaluation | null;
  /** `most`: only the first so many. */
  samples(split?: "train" | "test", most?: number): Samples;
  /** Gives the memory back; the session cannot be used any more. */
  free(): void;
}
