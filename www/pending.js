/** Questions that wait for an answer, each under a number of its own. */

export class Pending {
  #last = 0;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: Error) => void }>} */
  #waiting = new Map();

  get size() {
    return this.#waiting.size;
  }

  /** Settles as the question is answered. @param {(id: number) => void} ask sends it under its number @returns {Promise<any>} */
  ask(ask) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      ask(id);
    });
  }

  /** @param {number} id @param {any} value @param {Error} [error] given where there is no value */
  settle(id, value, error) {
    const found = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) found?.reject(error);
    else found?.resolve(value);
  }

  /** @param {Error} error */
  rejectAll(error) {
    for (const id of [...this.#waiting.keys()]) this.settle(id, undefined, error);
  }
}
