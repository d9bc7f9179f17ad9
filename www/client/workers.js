/** Starts the Workers of the page. */
import { pageAddress } from "../base/files.js";

/** @type {(name: string) => Worker} */
let start = (name) => new Worker(`${pageAddress(`${name}.js`)}`, { type: "module" });

/** From now on Workers are started in another way. @param {(name: string) => Worker} other */
export const startWorkersBy = (other) => void (start = other);

/** @param {"worker" | "compare-worker" | "own-worker"} name */
export const startWorker = (name) => start(name);
