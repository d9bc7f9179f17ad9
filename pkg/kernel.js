/** A packed product that costs hardly more than the multiplication itself: its vectors stay in the module's memory. */
import { show } from "./checks.js";

/** Most bytes of a matrix while it is made: floats, or codes with their copies. */
const MOST_BYTES = 1e9;
/** Bytes of a weight while a matrix is made, at most: a float, and one in the order of the product. */
const WEIGHT_BYTES = 8;

/**
 * Checks what a matrix is to be.
 * @param {{ rows: number, columns: number, bits: number }} options
 */
export function checkMatrix({ rows, columns, bits }) {
  for (const [name, size] of Object.entries({ rows, columns })) {
    if (!Number.isInteger(size) || size < 1) throw new Error(`option "${name}" of createKernel: expected a whole number of at least 1, got ${show(size)}`);
  }
  if (!Number.isInteger(bits) || !(bits === 32 || (bits >= 1 && bits <= 8))) throw new Error(`option "bits" of createKernel: expected 1 to 8, or 32, got ${show(bits)}`);
  const most = MOST_BYTES / WEIGHT_BYTES;
  if (rows * columns > most) throw new Error(`options "rows" and "columns" of createKernel: expected at most ${most.toLocaleString("en")} weights, got ${rows} × ${columns}`);
}

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
