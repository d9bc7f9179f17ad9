/**
 * Has files read by a Worker. One waits ready once the visitor comes near the panel, since to load the engine takes
 * longer than to read most files; the one that has read is ended, which gives its memory back.
 */
import { startWorker } from "./workers.js";

/** @typedef {import("./own-worker.js").Question} Question */
/** @typedef {import("./own-worker.js").Answer} Answer */

export class OwnReader {
  /** @param {HTMLElement} place the panel @param {(answer: Answer) => void} answered */
  constructor(place, answered) {
    this.answered = answered;
    /** Waits for a question. @type {Worker | null} */
    this.spare = null;
    /** Reads. @type {Worker | null} */
    this.busy = null;
    for (const type of ["pointerenter", "dragenter", "focusin"]) place.addEventListener(type, () => this.prepare());
  }

  /** Has a Worker ready. */
  prepare() {
    if (this.spare || this.busy) return;
    const worker = startWorker("own-worker");
    this.spare = worker;
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      if (this.spare === worker) this.spare = null;
    };
  }

  /** Asks for files; what was asked before is forgotten. @param {Question} question */
  ask(question) {
    this.stop();
    this.prepare();
    const worker = /** @type {Worker} */ (this.spare);
    this.spare = null;
    this.busy = worker;
    worker.onmessage = ({ data }) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#take({ type: "error", message: `the files could not be read: ${event.message || "the Worker stopped"}` });
    };
    worker.postMessage(question);
  }

  /** @param {Answer} answer */
  #take(answer) {
    if (answer.type !== "part") {
      this.stop();
      // The next question is likely about the same files, read in another way.
      this.prepare();
    }
    this.answered(answer);
  }

  /** Ends what is being read. */
  stop() {
    this.busy?.terminate();
    this.busy = null;
  }

  /** Ends everything, until the visitor comes near again. */
  rest() {
    this.stop();
    this.spare?.terminate();
    this.spare = null;
  }
}
