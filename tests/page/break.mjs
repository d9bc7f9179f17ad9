/** Ways to break what a page has: its Workers, and the files that it asks for. */

import { painted } from "./open.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** At the next command: not at what a Worker does by itself, such as loading the engine. @typedef {"trap" | "trap at the next command" | "hang" | "close"} Fault */

/**
 * Begins a Worker's script: the next fault asked for happens at the engine's next call of JavaScript, as a trap and an endless loop
 * would; a Worker that closes does so at once.
 */
const BREAKABLE = `
let fault = "";
globalThis.isBreakable = true;
new BroadcastChannel("faults").onmessage = ({ data }) => {
  if (data === "close") self.close();
  else if (data === "trap at the next command") addEventListener("message", () => (fault = "trap"), { once: true });
  else fault = data;
};
const { instantiate } = WebAssembly;
const breakable = (work) => (...given) => {
  const now = fault;
  fault = "";
  if (now === "trap") throw new WebAssembly.RuntimeError("unreachable");
  while (now === "hang");
  return work(...given);
};
WebAssembly.instantiate = (source, imports) => {
  for (const group of Object.values(imports)) for (const name of Object.keys(group)) if (typeof group[name] === "function") group[name] = breakable(group[name]);
  return instantiate(source, imports);
};
`;

/** Lets a Worker of the page be broken. @param {Page} page @param {string} [script] */
export async function makeBreakable(page, script = "worker.js") {
  await page.route(`**/${script}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: BREAKABLE + (await response.text()) });
  });
}

/** Breaks it, once its script has begun. @param {Page} page @param {Fault} fault @param {string} [script] */
export async function breakWorker(page, fault, script = "worker.js") {
  const isBreakable = (/** @type {import("playwright-core").Worker} */ worker) => worker.evaluate("globalThis.isBreakable === true").catch(() => false);
  for (;;) {
    const found = await Promise.all(page.workers().filter((worker) => worker.url().endsWith(`/${script}`)).map(isBreakable));
    if (found.length > 0 && found.every(Boolean)) break;
    await painted(page);
  }
  await page.evaluate((data) => new BroadcastChannel("faults").postMessage(data), fault);
}

/** How a file fails: it is not there, it is half, a page of HTML stands in its place, nothing answers. @type {Record<string, (route: import("playwright-core").Route) => Promise<void>>} */
export const FAILURES = {
  missing: (route) => route.fulfill({ status: 404, body: "not found" }),
  half: async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ status: 200, contentType: response.headers()["content-type"], body: body.subarray(0, body.length >> 1) });
  },
  html: (route) => route.fulfill({ status: 200, contentType: "text/html", body: "<!doctype html><title>Welcome</title>" }),
  offline: (route) => route.abort("internetdisconnected"),
};
