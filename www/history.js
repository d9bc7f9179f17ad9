/** What the curves show: the run's numbers over its steps. Thinned out when it grows long. */

/** @typedef {import("../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../pkg/index.js").TensorSnapshot} Tensor */

const MOST_POINTS = 1200;

/** What a history and each of its courses hold, one number a point. */
export const LISTS = /** @type {const} */ (["steps", "loss", "train", "test", "average"]);
export const COURSE_LISTS = /** @type {const} */ (["bits", "min", "max", "smallest", "largest"]);

/** One tensor's course. */
class Course {
  /** @param {string} name @param {number} layer @param {"weight" | "activation"} role */
  constructor(name, layer, role) {
    this.name = name;
    this.layer = layer;
    this.role = role;
    /** @type {number[]} */ this.bits = [];
    /** @type {number[]} */ this.min = [];
    /** @type {number[]} */ this.max = [];
    /** @type {number[]} */ this.smallest = [];
    /** @type {number[]} */ this.largest = [];
  }
}

export class History {
  constructor() {
    /** Steps at which the other numbers were taken. @type {number[]} */ this.steps = [];
    /** @type {number[]} */ this.loss = [];
    /** @type {(number | null)[]} */ this.train = [];
    /** @type {(number | null)[]} */ this.test = [];
    /** @type {number[]} */ this.average = [];
    /** @type {Course[]} */ this.courses = [];
    /** Epochs of the run: in float before quantization, and of quantized training. */
    this.epochs = { float: 0, quantized: 0 };
  }

  /** What lay at this step or after it, in a run that went back, is forgotten. @param {Snapshot} snapshot */
  add(snapshot) {
    while (this.steps.length > 0 && this.steps[this.steps.length - 1] >= snapshot.step) this.#eachList((list) => list.pop());
    if (this.courses.length === 0) {
      snapshot.layers.forEach((layer, index) => {
        this.addCourse(layer.name, index, "weight");
        this.addCourse(layer.name, index, "activation");
      });
    }
    this.steps.push(snapshot.step);
    this.loss.push(snapshot.loss);
    this.train.push(snapshot.trainAccuracy);
    this.test.push(snapshot.testAccuracy);
    this.average.push(snapshot.averageBits);
    for (const course of this.courses) {
      const layer = snapshot.layers[course.layer];
      const tensor = course.role === "weight" ? layer.weight : layer.activation;
      const quantized = tensor !== null && tensor.bits < 32;
      const [smallest, largest] = quantized ? stepRange(tensor) : [NaN, NaN];
      course.bits.push(quantized ? tensor.bits : NaN);
      course.min.push(quantized ? tensor.min : NaN);
      course.max.push(quantized ? tensor.max : NaN);
      course.smallest.push(smallest);
      course.largest.push(largest);
    }
    if (this.steps.length > MOST_POINTS) this.#thin();
  }

  /** Keeps every other point, and the last. */
  #thin() {
    const last = this.steps.length - 1;
    this.#eachList((list) => {
      const kept = list.filter((_, index) => index % 2 === 0 || index === last);
      list.splice(0, list.length, ...kept);
    });
  }

  /** @param {(list: any[]) => void} change */
  #eachList(change) {
    LISTS.forEach((name) => change(this[name]));
    for (const course of this.courses) COURSE_LISTS.forEach((name) => change(course[name]));
  }

  /** @param {string} name @param {number} layer @param {"weight" | "activation"} role */
  addCourse(name, layer, role) {
    const course = new Course(name, layer, role);
    this.courses.push(course);
    return course;
  }

  /** @param {number} layer @param {"weight" | "activation"} role */
  course(layer, role) {
    return this.courses.find((course) => course.layer === layer && course.role === role);
  }
}

/** The smallest and the largest distance of adjacent levels. @param {Tensor} tensor */
export function stepRange({ stepSizes }) {
  if (stepSizes.length === 0) return [NaN, NaN];
  let [low, high] = [Infinity, -Infinity];
  for (const step of stepSizes) {
    low = Math.min(low, step);
    high = Math.max(high, step);
  }
  return [low, high];
}
