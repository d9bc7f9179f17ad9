/** A pool of Workers that take runs from a queue; stopping ends what is under way, and going on begins it again. */
import { startWorker } from "./workers.js";

/** @typedef {import("./compare-worker.js").Task} Task */
/** @typedef {import("./compare-worker.js").Result} Result */
/** @typedef {{ task: Task, state: "waiting" | "running" | "done" | "failed", part: number, words: string, result: Result | null, worker: Worker | null }} Job */

/** Most Workers at a time. */
const MOST = 8;

export class Pool {
  /** @param {() => void} onChange called when a job's state or progress changes */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Job[]} */
    this.jobs = [];
    this.going = false;
    /** Workers with nothing to do. @type {Worker[]} */
    this.idle = [];
  }

  /** How many run at a time. */
  get size() {
    return Math.max(1, Math.min(MOST, navigator.hardwareConcurrency || 2));
  }

  /** @param {Task[]} tasks */
  add(tasks) {
    this.jobs.push(...tasks.map((task) => /** @type {Job} */ ({ task, state: "waiting", part: 0, words: "waiting", result: null, worker: null })));
    this.start();
  }

  start() {
    this.going = true;
    this.#fill();
  }

  /** Ends what runs; it waits again, and what is done stays. */
  stop() {
    this.going = false;
    for (const job of this.jobs) {
      if (job.state !== "running") continue;
      job.worker?.terminate();
      Object.assign(job, { state: "waiting", part: 0, words: "waiting", worker: null });
    }
    this.onChange();
  }

  /** Stops, and gives the Workers back. */
  end() {
    this.stop();
    this.idle.splice(0).forEach((worker) => worker.terminate());
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
    this.onChange();
  }

  /** @param {Job} job */
  #run(job) {
    const worker = this.idle.pop() ?? startWorker("compare-worker");
    Object.assign(job, { state: "running", words: "loading", worker });
    const end = (/** @type {Partial<Job>} */ changes) => {
      Object.assign(job, changes, { worker: null });
      this.idle.push(worker);
      this.#fill();
    };
    worker.onmessage = ({ data }) => {
      if (job.worker !== worker) return;
      if (data.type === "progress") Object.assign(job, { part: data.part, words: data.words });
      if (data.type === "result") end({ state: "done", part: 1, words: "done", result: data.result });
      if (data.type === "error") end({ state: "failed", words: data.message });
      this.onChange();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      Object.assign(job, { state: "failed", words: event.message || "the Worker could not be started", worker: null });
      this.#fill();
    };
    worker.postMessage(job.task);
  }
}
