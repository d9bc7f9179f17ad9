/** The progress bar: where the run is, how fast it goes and how long it will take. */
import { duration, epochText } from "./text.js";

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */

/** Weight of the newest measurement in the running mean of the speed. */
const FRESH = 0.25;

export class Pace {
  /** @param {HTMLElement} bar @param {HTMLElement} text */
  constructor(bar, text) {
    this.bar = /** @type {HTMLProgressElement} */ (bar);
    this.text = text;
    this.epochs = { pretrain: 0, quantize: 0 };
    /** @type {{ time: number, step: number } | null} */ this.last = null;
    this.stepsPerSecond = NaN;
  }

  /** @param {Required<import("../pkg/index.js").SessionOptions>} options */
  reset(options) {
    this.epochs = { pretrain: options.pretrainEpochs, quantize: options.epochs };
    this.last = null;
    this.stepsPerSecond = NaN;
  }

  /** @param {Snapshot} snapshot @param {string} phase @param {boolean} running */
  show(snapshot, phase, running) {
    this.#measure(snapshot, running);
    const total = (this.epochs.pretrain + this.epochs.quantize) * snapshot.stepsPerEpoch;
    const searching = snapshot.phase === "search" && snapshot.search;
    this.bar.max = searching ? searching.steps : Math.max(total, 1);
    this.bar.value = searching ? searching.step : snapshot.done ? this.bar.max : snapshot.step;
    const parts = [snapshot.done ? "finished" : phase, ...(searching ? [`${searching.step} of ${searching.steps}`] : [epochText(snapshot), `step ${snapshot.step}`])];
    if (running && this.stepsPerSecond > 0) {
      parts.push(`${(this.stepsPerSecond / snapshot.stepsPerEpoch).toFixed(2)} epochs/s`);
      parts.push(`${duration((total - snapshot.step) / this.stepsPerSecond)} left`);
    } else if (!running && !snapshot.done) {
      parts.push("paused");
    }
    this.text.textContent = parts.join(" · ");
  }

  /** @param {Snapshot} snapshot @param {boolean} running */
  #measure(snapshot, running) {
    const time = performance.now();
    if (running && this.last && snapshot.step > this.last.step) {
      const now = ((snapshot.step - this.last.step) / (time - this.last.time)) * 1000;
      this.stepsPerSecond = this.stepsPerSecond > 0 ? this.stepsPerSecond + FRESH * (now - this.stepsPerSecond) : now;
    }
    if (!running) this.last = null;
    else if (!this.last || snapshot.step !== this.last.step) this.last = { time, step: snapshot.step };
  }
}
