/** Starts the Workers of the page. */

/** @type {(name: string) => Worker} */
let start = (name) => new Worker(new URL(`${name}.js`, import.meta.url), { type: "module" });

/** From now on Workers are started in another way. @param {(name: string) => Worker} other */
export const startWorkersBy = (other) => void (start = other);

/** @param {"worker" | "compare-worker" | "own-worker"} name */
export const startWorker = (name) => start(name);
