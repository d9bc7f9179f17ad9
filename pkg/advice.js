/** Questions about a run's bits. Loaded with the kernels. */
import { show } from "./checks.js";
import { Deployed } from "./deployed.js";

/** The network of a session at one moment, to be asked. See index.d.ts. */
export class Advice {
  /**
   * @param {any} inner
   * @param {any} session the wasm session it was taken of
   * @param {any} kernels the module that runs packed networks
   * @param {{ train: import("./index.js").Samples, test: import("./index.js").Samples }} samples
   */
  constructor(inner, session, kernels, samples) {
    this.inner = inner;
    this.session = session;
    this.kernels = kernels;
    this.samples = samples;
  }

  /** @param {number} layer */
  why(layer) {
    if (!Number.isInteger(layer) || layer < 0) throw new Error(`layer of why: expected a whole number from 0, got ${show(layer)}`);
    return this.#live().why(layer);
  }

  prepare() {
    return this.#live().prepare();
  }

  /** @param {number} budgetBits */
  solve(budgetBits) {
    return this.#live().solve(checked(budgetBits));
  }

  /** @param {number} budgetBits */
  deploy(budgetBits) {
    const bytes = this.session.deploymentAt(this.#live(), checked(budgetBits));
    return new Deployed(new this.kernels.WasmDeployed(bytes), this.kernels.kernelBuild(), this.samples);
  }

  /** Gives the memory back; calling it twice does no harm. */
  free() {
    this.inner?.free();
    this.inner = null;
  }

  #live() {
    if (!this.inner) throw new Error("advice: expected one that is live, got one that was freed");
    return this.inner;
  }
}

/** @param {number} budgetBits */
function checked(budgetBits) {
  if (!(budgetBits > 0 && budgetBits <= 32)) throw new Error(`budget: expected more than 0 and at most 32 bits per weight, got ${show(budgetBits)}`);
  return budgetBits;
}
