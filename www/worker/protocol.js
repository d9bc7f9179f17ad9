/** What the Worker of the run reports to the page. */

/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../pkg/index.js").Samples} Samples */
/** @typedef {import("../../pkg/index.js").Evaluation} Evaluation */
/** @typedef {import("../../pkg/index.js").SessionOptions} Options */
/** @typedef {import("../../pkg/index.js").Timing} Timing */

/** A run has begun. note: of the project file it was restored from. @typedef {{ type: "created", options: Required<Options>, train: Samples, test: Samples, note: string | null }} Created */
/** The finished network on packed integers, or why it is not. @typedef {{ type: "deployed", error: string } | { type: "deployed", error?: undefined, build: string, sizeBytes: number, layers: import("../../pkg/index.js").Deployed["layers"], accuracy: number, single: Timing, batch: Timing }} Deployment */
/**
 * @typedef {{ type: "ready", build: string, optionTable: import("../../pkg/index.js").OptionRow[] }
 *   | Created
 *   | { type: "snapshot", snapshot: Snapshot, running: boolean, evaluation: Evaluation | null, away: boolean }
 *   | import("./checkpoints.js").CheckpointReport
 *   | Deployment
 *   | { type: "failed", message: string }
 *   | { type: "measuring" | "advising", part: number }} Report
 */
/** Logits of samples by the network as it stands and by the float network. @typedef {{ current: Float32Array, reference: Float32Array }} Predictions */
/** An ONNX file that was read and tried on the data of the run. misfit: why they do not fit. @typedef {{ model: import("../../pkg/index.js").ImportedModel, milliseconds: number, accuracy?: number, misfit?: string }} TriedModel */

export {};
