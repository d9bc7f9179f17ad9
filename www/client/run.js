/** The Worker of the run. */
import { Messenger } from "./messenger.js";

/** @typedef {import("../worker/protocol.js").Report} Report */

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

  /** Logits of samples. @param {Float32Array} x @returns {Promise<import("../worker/protocol.js").Predictions>} */
  predict(x) {
    return this.send("predict", { x });
  }
}
