/** Networks on packed codes; loaded with the kernels. */
import { floats, show } from "./checks.js";
import { least, median, timesOf } from "./timing.js";

/** A network on packed codes. See index.d.ts. */
export class Deployed {
  /**
   * @param {any} inner
   * @param {string} build
   * @param {{ train?: import("./index.js").Samples, test: import("./index.js").Samples }} samples
   */
  constructor(inner, build, samples) {
    this.inner = inner;
    this.build = build;
    this.samples = samples;
    const { sizeBytes, layers, classes } = inner.describe();
    this.sizeBytes = sizeBytes;
    this.layers = layers;
    this.classes = classes;
  }

  /** @param {Float32Array | number[]} x */
  predict(x) {
    return this.#live().predict(floats(x));
  }

  /** @param {"train" | "test"} [split] */
  evaluate(split = "test") {
    const samples = this.samples[split];
    if (!samples) throw new Error(`option "split": expected one of train, test, got ${show(split)}`);
    return evaluation(this.predict(samples.inputs), samples.labels, this.classes);
  }

  /**
   * Times predictions of one sample and of 32 in bursts of at least 10 ms.
   * @param {{ repetitions?: number }} [options] repetitions: bursts, 1 to 1000
   */
  benchmark({ repetitions = 7 } = {}) {
    if (!Number.isInteger(repetitions) || repetitions < 1 || repetitions > 1000) {
      throw new Error(`option "repetitions" of benchmark: expected a whole number from 1 to 1000, got ${show(repetitions)}`);
    }
    const { inputs } = this.samples.test;
    const size = inputs.length / this.samples.test.labels.length;
    const time = (/** @type {number} */ batch) => {
      const [bursts] = timesOf([(times) => this.#live().run(inputs.subarray(0, batch * size), times)], repetitions);
      const each = bursts.map((microseconds) => microseconds / batch);
      return { samples: batch, microseconds: median(each), least: least(each), most: Math.max(...each) };
    };
    return { build: this.build, single: time(1), batch: time(Math.min(32, this.samples.test.labels.length)) };
  }

  /** Gives the memory back; calling it twice does no harm. */
  free() {
    this.inner?.free();
    this.inner = null;
  }

  #live() {
    if (!this.inner) throw new Error("deployed network: expected a live one, got one that was freed");
    return this.inner;
  }
}

/**
 * Loss, accuracy and confusion of logits, as `Session.evaluate` counts them.
 * @param {Float32Array} logits
 * @param {Uint8Array} labels
 * @param {number} classes
 */
function evaluation(logits, labels, classes) {
  const confusion = new Uint32Array(classes * classes);
  let loss = 0;
  let right = 0;
  labels.forEach((label, sample) => {
    const z = logits.subarray(sample * classes, (sample + 1) * classes);
    const largest = z.reduce((most, value) => Math.max(most, value), -Infinity);
    const best = z.indexOf(largest);
    loss += Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0)) - (z[label] - largest);
    right += best === label ? 1 : 0;
    confusion[label * classes + best] += 1;
  });
  return { loss: loss / labels.length, accuracy: right / labels.length, confusion };
}
