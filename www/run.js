/** The page's end of the Worker: commands with answers, and the reports of a run. */
import { startWorker } from "./workers.js";

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
 *   | { type: "measuring" | "advising", part: number }
 *   | { type: "answer", id: number, value?: any, error?: string }} Report
 */

/** @typedef {{ current: Float32Array, reference: Float32Array }} Predictions */

export class Run {
  /** @param {(report: Report) => void} listen called with every report that is no answer */
  constructor(listen) {
    this.worker = startWorker("worker");
    /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
    this.waiting = new Map();
    this.lastId = 0;
    this.worker.onmessage = ({ data }) => (data.type === "answer" ? this.#settle(data) : listen(data));
    this.worker.onerror = (event) => {
      event.preventDefault();
      listen({ type: "failed", message: `The Worker stopped: ${event.message ?? "it could not be started"}` });
    };
  }

  /**
   * Sends a command; resolves with its answer, rejects with its error.
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<any>}
   */
  send(type, data = {}) {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ ...data, type, id });
    });
  }

  /**
   * Logits of samples by the network as it stands and by the float network.
   * @param {Float32Array} x
   * @returns {Promise<Predictions>}
   */
  predict(x) {
    return this.send("predict", { x });
  }

  /** @param {{ id: number, value?: any, error?: string }} answer */
  #settle({ id, value, error }) {
    const pending = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) pending?.resolve(value);
    else pending?.reject(new Error(error));
  }
}
