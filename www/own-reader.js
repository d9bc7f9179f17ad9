/**
 * Has files read by a Worker. One waits ready once the visitor comes near the panel, since to load the engine takes
 * longer than to read most files; the one that has read is ended, which gives its memory back.
 */
import { Messenger } from "./messenger.js";

/** @typedef {import("./own-worker.js").Question} Question */
/**
 * `table`: columns and first rows of a CSV that is refused.
 * @typedef {{ type: "part", part: number } | { type: "read", preview: import("./own-worker.js").Preview }
 *   | { type: "error", message: string, table?: import("../pkg/index.js").RefusedTableError["table"] }} Answer
 */

export class OwnReader {
  /** @param {HTMLElement} place the panel @param {(answer: Answer) => void} answered */
  constructor(place, answered) {
    this.answered = answered;
    this.worker = new Messenger("own-worker", { listen: answered });
    /** The question that is being answered, and 0. */
    this.asked = 0;
    this.last = 0;
    for (const type of ["pointerenter", "dragenter", "focusin"]) place.addEventListener(type, () => this.prepare());
  }

  /** Has a Worker ready. */
  prepare() {
    this.worker.start();
  }

  /** Asks for files; what was asked before is forgotten. @param {Question} question */
  async ask(question) {
    this.stop();
    const asked = (this.asked = ++this.last);
    /** @type {Answer} */
    const answer = await this.worker.send(question.type, question).then((preview) => ({ type: "read", preview }), answerOf);
    if (asked !== this.asked) return;
    this.stop();
    // The next question is likely about the same files, read in another way.
    this.prepare();
    this.answered(answer);
  }

  /** Ends what is being read. */
  stop() {
    if (this.asked > 0) this.worker.end();
    this.asked = 0;
  }

  /** Ends everything, until the visitor comes near again. */
  rest() {
    this.asked = 0;
    this.worker.end();
  }
}

/** @param {import("./messenger.js").Loss & import("../pkg/index.js").RefusedTableError} error @returns {Answer} */
const answerOf = ({ message, lost, table }) => ({ type: "error", message: lost ? `the files could not be read: ${message}` : message, table });
