/** A pool of Workers that take runs from a queue; stopping ends what is under way, and going on begins it again. */
import { Messenger } from "./messenger.js";

/** @typedef {import("./compare-worker.js").Task} Task */
/** @typedef {import("./compare-worker.js").Result} Result */
/**
 * again: whether it failed for want of a file or of its Worker, so that another try may succeed.
 * @typedef {{ task: Task, state: "waiting" | "running" | "done" | "failed", part: number, words: string, result: Result | null, worker: Messenger | null, again: boolean }} Job
 */

/** What a job is before it runs. */
const WAITING = /** @type {const} */ ({ state: "waiting", part: 0, words: "waiting", result: null, worker: null, again: false });

/** Most Workers at a time. */
const MOST = 8;

export class Pool {
  /** @param {() => void} onChange called when a job's state or progress changes */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Job[]} */
    this.jobs = [];
    this.going = false;
    /** Workers with nothing to do. @type {Messenger[]} */
    this.idle = [];
  }

  /** How many run at a time. */
  get size() {
    return Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 2));
  }

  /** @param {Task[]} tasks */
  add(tasks) {
    this.jobs.push(...tasks.map((task) => ({ task, ...WAITING })));
    this.start();
  }

  /** Runs that `start` would begin, and those under way. */
  get left() {
    return this.jobs.filter(({ state, again }) => again || state === "waiting" || state === "running").length;
  }

  /** Goes on; what failed for want of a file or of its Worker is tried again. */
  start() {
    this.going = true;
    for (const job of this.jobs) if (job.again) Object.assign(job, WAITING);
    this.#fill();
  }

  /** Ends what runs; it waits again, and what is done stays. */
  stop() {
    this.going = false;
    for (const job of this.jobs) {
      if (job.state !== "running") continue;
      const { worker } = job;
      Object.assign(job, WAITING);
      worker?.end();
    }
    this.onChange();
  }

  /** Stops, and gives the Workers back. */
  end() {
    this.stop();
    this.idle.splice(0).forEach((worker) => worker.end());
  }

  /** Forgets every job. */
  clear() {
    this.stop();
    this.jobs = [];
    this.onChange();
  }

  #fill() {
    while (this.going && this.jobs.filter(({ state }) => state === "running").length < this.size) {
      const job = this.jobs.find(({ state }) => state === "waiting");
      if (!job) break;
      this.#run(job);
    }
    if (!this.jobs.some(({ state }) => state === "running")) this.going = false;
    this.onChange();
  }

  /** @param {Job} job */
  #run(job) {
    const worker = this.idle.pop() ?? new Messenger("compare-worker");
    Object.assign(job, { state: "running", words: "loading", worker });
    const change = (/** @type {Partial<Job>} */ changes) => {
      if (job.worker !== worker) return;
      Object.assign(job, changes);
      if (job.worker) return this.onChange();
      this.idle.push(worker);
      this.#fill();
    };
    worker.listen = ({ part, words }) => change({ part, words });
    worker.send("work", job.task).then(
      (result) => change({ state: "done", part: 1, words: "done", result, worker: null }),
      (error) => {
        const missing = error.name === "LoadError";
        // The others would fail for want of the same file.
        if (missing && job.worker === worker) this.going = false;
        change({ state: "failed", words: error.message, worker: null, again: missing || error.lost === true });
      },
    );
  }
}
