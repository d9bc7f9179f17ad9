/** A packed product that costs hardly more than the multiplication itself: its vectors stay in the module's memory. */
import { show } from "./checks.js";

/** A random matrix of packed codes or of float32. See index.d.ts. */
export class Kernel {
  /**
   * @param {any} inner the WasmKernel
   * @param {WebAssembly.Memory} memory the module's
   * @param {number} rows
   * @param {number} columns
   */
  constructor(inner, memory, rows, columns) {
    this.inner = inner;
    this.memory = memory;
    this.rows = rows;
    this.columns = columns;
    this.x = new Float32Array(0);
    this.y = new Float32Array(0);
  }

  /** @param {number} repetitions */
  run(repetitions) {
    return this.#live().run(repetitions);
  }

  /** @param {Float32Array} x @param {Float32Array} [y] */
  multiply(x, y = new Float32Array(this.rows)) {
    if (x.length !== this.columns) throw new Error(`x of multiply: expected ${this.columns} numbers, got ${x.length}`);
    if (y.length !== this.rows) throw new Error(`y of multiply: expected room for ${this.rows} numbers, got ${y.length}`);
    const inner = this.#live();
    // A heap that grew leaves empty views behind. Their length is asked, since `memory.buffer` is slow.
    if (this.x.length !== this.columns || this.y.length !== this.rows) {
      this.x = new Float32Array(this.memory.buffer, inner.xAddress, this.columns);
      this.y = new Float32Array(this.memory.buffer, inner.yAddress, this.rows);
    }
    this.x.set(x);
    inner.run(1);
    y.set(this.y);
    return y;
  }

  get bytes() {
    return this.#live().bytes;
  }

  /** Gives the memory back; calling it twice does no harm. */
  free() {
    this.inner?.free();
    this.inner = null;
  }

  #live() {
    if (!this.inner) throw new Error(`kernel: expected a live one, got ${show(this.inner)}: it was freed`);
    return this.inner;
  }
}
