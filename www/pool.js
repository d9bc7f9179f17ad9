/**
 * A pool of Workers that take runs from a queue; stopping ends what is under way, and going on begins it again. When no
 * run is left, the finished networks are timed one by one: a run beside it would be measured with them.
 */
import { Messenger } from "./messenger.js";

/** @typedef {import("./compare-worker.js").Task} Task */
/** @typedef {import("./compare-worker.js").Result} Result */
/** @typedef {import("./compare-worker.js").Network} Network */
/**
 * again: whether it failed for want of a file or of its Worker, so that another try may succeed; network: what of a
 * finished run is still to be timed.
 * @typedef {{ task: Task, state: "waiting" | "running" | "done" | "failed", part: number, words: string, result: Result | null, network: Network | null, worker: Messenger | null, again: boolean }} Job
 */

/** What a job is before it runs. */
const WAITING = /** @type {const} */ ({ state: "waiting", part: 0, words: "waiting", result: null, network: null, worker: null, again: false });

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
    /** The job whose network is being timed, alone. @type {Job | null} */
    this.timed = null;
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

  /** Finished runs whose network is still to be timed. */
  get untimed() {
    return this.jobs.filter(({ network }) => network !== null);
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
      const { worker } = job;
      if (job.state === "running") Object.assign(job, WAITING);
      job.worker = null;
      worker?.end();
    }
    this.timed = null;
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
    const runs = () => this.jobs.filter(({ state }) => state === "running").length;
    while (this.going && !this.timed && runs() < this.size) {
      const job = this.jobs.find(({ state }) => state === "waiting");
      if (!job) break;
      this.#run(job);
    }
    if (this.going && !this.timed && runs() === 0) this.#time();
    if (!this.timed && runs() === 0) this.going = false;
    this.onChange();
  }

  /**
   * Has a Worker do something for a job, which changes as `done` or `failed` say when it is over.
   * @param {Job} job @param {string} type @param {object} data
   * @param {(value: any) => Partial<Job>} done @param {(error: Error & { lost?: boolean }) => Partial<Job>} failed
   */
  #ask(job, type, data, done, failed) {
    const worker = this.idle.pop() ?? new Messenger("compare-worker");
    job.worker = worker;
    const end = (/** @type {() => Partial<Job>} */ changes) => {
      if (job.worker !== worker) return;
      Object.assign(job, changes(), { worker: null });
      if (this.timed === job) this.timed = null;
      this.idle.push(worker);
      this.#fill();
    };
    worker.listen = ({ part, words }) => {
      if (job.worker !== worker) return;
      Object.assign(job, { part, words });
      this.onChange();
    };
    worker.send(type, data).then((value) => end(() => done(value)), (error) => end(() => failed(error)));
  }

  /** @param {Job} job */
  #run(job) {
    Object.assign(job, { state: "running", words: "loading" });
    this.#ask(job, "work", job.task, ({ result, network }) => ({ state: "done", part: 1, words: "done", result, network }), (error) => {
      const missing = error.name === "LoadError";
      // The others would fail for want of the same file.
      if (missing) this.going = false;
      return { state: "failed", words: error.message, again: missing || error.lost === true };
    });
  }

  /** Times the next finished network; where that fails, its latency stays unknown. */
  #time() {
    const [job] = this.untimed;
    if (!job?.network || !job.result) return;
    this.timed = job;
    const { result, network } = job;
    this.#ask(job, "time", network, (latency) => ({ network: null, result: { ...result, latency } }), () => ({ network: null }));
  }
}
