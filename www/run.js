/** The Worker that runs: what it reports, and what it is asked. */
import { Messenger } from "./messenger.js";

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").Samples} Samples */
/** @typedef {import("../pkg/index.js").Evaluation} Evaluation */
/** @typedef {import("../pkg/index.js").SessionOptions} Options */
/** @typedef {{ type: "created", options: Required<Options>, train: Samples, test: Samples, note: string | null }} Created */
/** @typedef {import("../pkg/index.js").Timing} Timing */
/** @typedef {{ type: "deployed", error: string } | { type: "deployed", error?: undefined, build: string, sizeBytes: number, layers: import("../pkg/index.js").Deployed["layers"], accuracy: number, single: Timing, batch: Timing }} Deployment */
/**
 * @typedef {{ type: "ready", build: string, optionTable: import("../pkg/index.js").OptionRow[] }
 *   | Created
 *   | { type: "snapshot", snapshot: Snapshot, running: boolean, evaluation: Evaluation | null, away: boolean }
 *   | import("./moments.js").Moments
 *   | Deployment
 *   | { type: "failed", message: string }
 *   | { type: "measuring" | "advising", part: number }} Report
 */

/** @typedef {{ current: Float32Array, reference: Float32Array }} Predictions */

export class Run extends Messenger {
  /**
   * @param {(report: Report) => void} listen called with every report
   * @param {(loss: import("./messenger.js").Loss) => void} lost called where the Worker is given up, and its run with it
   * @param {() => boolean} reporting whether a run is under way
   */
  constructor(listen, lost, reporting) {
    super("worker", { listen, lost, reporting });
    this.start();
  }

  /**
   * Logits of samples by the network as it stands and by the float network.
   * @param {Float32Array} x
   * @returns {Promise<Predictions>}
   */
  predict(x) {
    return this.send("predict", { x });
  }
}
