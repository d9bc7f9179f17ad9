/** A page of the playground in headless Chromium, with everything that it complains about. */
import { open } from "../../scripts/browser.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** prepare: does something with the page before it goes anywhere. @typedef {import("playwright-core").BrowserContextOptions & { prepare?: (page: Page) => Promise<unknown> }} Options */
/** guest: the playground's address. @typedef {{ page: Page, guest: string, complaints: string[], requests: string[], close: () => Promise<void> }} Opened */

/** How many times slower than it is the processor is made for a page: tests wait for states, never by the clock. */
const SLOWDOWN = Number(process.env.PAGE_SLOWDOWN ?? 1);

/** What takes longer than this, in ms, never comes. */
const PATIENCE = 60_000 * SLOWDOWN;

/** @type {ReturnType<typeof open> | null} */
let shared = null;
/** @type {string[]} */
let flags = [];

/** Pages opened from now on are in a browser begun with these flags. @param {string[]} wanted */
export async function useFlags(...wanted) {
  await closeAll();
  flags = wanted;
}

/**
 * Opens the playground in a context of its own. `complaints` collects console errors and warnings, uncaught
 * errors and violations of the Content-Security-Policy; `requests` every address asked for.
 * @param {Options & { path?: string }} [options]
 * @returns {Promise<Opened>}
 */
export const openPage = ({ path = "", ...options } = {}) => openAt(async (address) => address + path, options);

/**
 * The same for any page: `where` says its address, given that of the playground (`guest`).
 * @param {(guest: string) => Promise<string>} where
 * @param {Options} [options]
 * @returns {Promise<Opened>}
 */
export async function openAt(where, { prepare, ...options } = {}) {
  shared ??= open(flags);
  const { browser, address: guest } = await shared;
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  context.on("request", (request) => requests.push(request.url()));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const { violatedDirective, blockedURI } = /** @type {SecurityPolicyViolationEvent} */ (event);
      console.error(`policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  await page.addInitScript(countOwed);
  if (SLOWDOWN > 1) await (await context.newCDPSession(page)).send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
  await prepare?.(page);
  await page.goto(await where(guest));
  return { guest, page, complaints, requests, close: () => context.close() };
}

/** Ends browser and server. */
export async function closeAll() {
  await (await shared)?.close();
  shared = null;
}

/** @param {Page} page @param {string} state "running", "paused" or "finished" */
export async function waitForState(page, state) {
  await page.waitForFunction((wanted) => document.documentElement.dataset.state === wanted, state);
}

/** The step that the sentence tells about. @param {Page} page */
export const shownStep = async (page) => Number(await page.getAttribute("#sentence", "data-step"));

/**
 * Waits for a step beyond `step`.
 * @param {Page} page
 * @param {number} step
 * @param {{ orFinished?: boolean }} [options] orFinished: or for a run that is done before
 */
export async function waitForStepAfter(page, step, { orFinished = false } = {}) {
  await page.waitForFunction(([before, finished]) => Number(document.getElementById("sentence")?.dataset.step) > Number(before)
    || (finished && document.documentElement.dataset.state === "finished"), [step, orFinished]);
}

/** Does what begins a new run, and waits for it to begin. @param {Page} page @param {() => Promise<unknown>} act */
export async function beginning(page, act) {
  const before = await page.getAttribute("html", "data-runs");
  await act();
  await page.waitForFunction((runs) => document.documentElement.dataset.runs !== runs, before);
}

/** Pauses and waits until nothing is under way. @param {Page} page */
export async function pause(page) {
  if ((await page.textContent("#run")) === "Pause") await page.click("#run");
  await waitForState(page, "paused");
  await quiet(page);
}

/** In a page: keeps `owed`, the commands that its Workers have not answered. */
function countOwed() {
  /** @type {Set<string>} */
  const owed = new Set();
  Object.assign(window, { owed });
  let workers = 0;
  window.Worker = class extends Worker {
    /** @param {string | URL} address @param {WorkerOptions} [options] */
    constructor(address, options) {
      super(address, options);
      this.name = `${++workers}:`;
      this.addEventListener("message", ({ data }) => data?.type === "answer" && owed.delete(this.name + data.id));
    }

    /** @param {any} message @param {any} [transfer] */
    postMessage(message, transfer) {
      if (message?.id !== undefined) owed.add(this.name + message.id);
      super.postMessage(message, transfer);
    }

    terminate() {
      for (const command of owed) if (command.startsWith(this.name)) owed.delete(command);
      super.terminate();
    }
  };
}

/** Waits until whatever the page can paint now is painted. @param {Page} page */
export const painted = (page) => page.evaluate(() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(resolve));
}));

/** Waits until every Worker has answered, and the page shows it. @param {Page} page */
export async function quiet(page) {
  do await painted(page);
  while (await page.evaluate(() => Reflect.get(window, "owed").size > 0));
  await painted(page);
}

/** Runs as fast as it goes. @param {Page} page */
export const fullSpeed = (page) => page.selectOption("#speed", "Infinity");

/** Waits until the finished network has been tried on packed integers. @param {Page} page */
export async function waitForDeployed(page) {
  await waitForState(page, "finished");
  await page.waitForFunction(() => /^(On packed integers \(|This network)/.test(document.getElementById("deployed-text")?.textContent ?? ""));
}

/** Bits of the weights, layer by layer, from the sentence. @param {Page} page */
export async function weightBits(page) {
  const found = /weight bits ([\d/]+)/.exec((await page.textContent("#sentence")) ?? "");
  return found ? found[1].split("/").map(Number) : [];
}
