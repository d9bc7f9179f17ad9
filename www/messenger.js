/**
 * The page's end of a Worker: commands with answers, its reports, and an eye on whether it lives. A Worker that breaks
 * down, or that says nothing while it owes something, is ended: what was pending is rejected, and the next command starts
 * another one. The Worker's end is worker-messenger.js.
 */
import { loadError } from "../pkg/checks.js";
import { Pending } from "./pending.js";
import { startWorker } from "./workers.js";

/** How often is looked whether a Worker lives, in ms. */
const LOOK_EVERY = 1000;
/** Looks in a row without a word after which a Worker is given up; a page that stands still or sleeps does not look. */
const PATIENCE = 5;
/** The same for a Worker that has said that its work may take long. */
const LONG_PATIENCE = 120;
const ENDED = "the Worker was ended";

/**
 * Why a Worker was given up, or ended; `lost` tells it from the answer to a command. Its name is LoadError where files were missing.
 * @typedef {Error & { lost: true }} Loss
 */

export class Messenger {
  /** @type {Worker | null} */
  #worker = null;
  #pending = new Pending();
  /** Whether no Worker is wanted any more. */
  #closed = false;
  /** Whether the Worker has said a word; before, its script is on its way. */
  #awake = false;
  /** Pieces of work under way that may take long. */
  #long = 0;
  /** Looks since the Worker was asked whether it lives; null while it is not asked. @type {number | null} */
  #silent = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Parameters<typeof startWorker>[0]} name
   * @param {{ listen?: (report: any) => void, lost?: (loss: Loss) => void, reporting?: () => boolean }} [hands] reporting: whether
   * the Worker should report by itself, besides what it owes
   */
  constructor(name, { listen = () => {}, lost = () => {}, reporting = () => false } = {}) {
    this.name = name;
    this.listen = listen;
    this.lost = lost;
    this.reporting = reporting;
  }

  /** Starts a Worker, unless one is there or none is wanted any more. */
  start() {
    if (this.#worker || this.#closed) return;
    try {
      const worker = startWorker(this.name);
      this.#worker = worker;
      worker.onmessage = ({ data }) => {
        if (worker === this.#worker) this.#hear(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        if (worker === this.#worker) this.#lose(this.#awake ? new Error(`the Worker failed: ${event.message}`) : loadError(`${this.name}.js could not be started${event.message ? `: ${event.message}` : ""}`));
      };
    } catch (error) {
      this.#lose(loadError(`${this.name}.js could not be started: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  /**
   * Sends a command; resolves with its answer, rejects with its error or with the loss of the Worker.
   * @param {string} type
   * @param {object} [data]
   * @returns {Promise<any>}
   */
  send(type, data = {}) {
    if (this.#closed) return Promise.reject(lossOf(new Error(ENDED)));
    return this.#pending.ask((id) => {
      this.start();
      this.#worker?.postMessage({ ...data, type, id });
      this.#watch();
    });
  }

  /** Sends a command whose answer nobody waits for. @param {string} type @param {object} [data] */
  post(type, data) {
    this.send(type, data).catch(() => undefined);
  }

  /** Ends the Worker; the next command starts another. */
  end() {
    this.#drop(lossOf(new Error(ENDED)));
  }

  /** Ends the Worker for good: later commands are rejected. */
  close() {
    this.#closed = true;
    this.end();
  }

  /** @param {Loss} loss */
  #drop(loss) {
    this.#worker?.terminate();
    this.#worker = null;
    this.#awake = false;
    this.#long = 0;
    this.#silent = null;
    this.#pending.rejectAll(loss);
  }

  /** @param {Error} error */
  #lose(error) {
    const loss = lossOf(error);
    this.#drop(loss);
    this.lost(loss);
  }

  /** Every word is a sign of life. @param {any} data */
  #hear(data) {
    this.#awake = true;
    this.#silent = null;
    if (data.type === "answer") this.#pending.settle(data.id, data.value, data.error && errorOf(data.error));
    else if (data.type === "long") this.#long += data.change;
    else if (data.type === "broken") this.#lose(errorOf(data.error));
    else if (data.type !== "awake") this.listen(data);
  }

  #watch() {
    this.#timer ??= setTimeout(() => this.#look(), LOOK_EVERY);
  }

  #look() {
    this.#timer = undefined;
    if (!this.#worker || !(this.#pending.size > 0 || this.reporting())) {
      this.#silent = null;
      return;
    }
    if (this.#awake && !this.#asked()) return;
    this.#watch();
  }

  /** Asks whether the Worker lives, or counts that it has not answered; false where it is given up. */
  #asked() {
    if (this.#silent === null) {
      this.#silent = 0;
      this.#worker?.postMessage({ type: "ping" });
      return true;
    }
    const patience = this.#long > 0 ? LONG_PATIENCE : PATIENCE;
    if (++this.#silent < patience) return true;
    this.#lose(new Error(`its Worker has not answered for ${patience} seconds`));
    return false;
  }
}

/** @param {Error} error @returns {Loss} */
const lossOf = (error) => Object.assign(error, { lost: /** @type {const} */ (true) });

/** An error as the Worker took it down. @param {{ message: string }} fields */
const errorOf = (fields) => Object.assign(new Error(fields.message), fields);
