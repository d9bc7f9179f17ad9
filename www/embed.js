/**
 * The page for iframes: one <quant-playground> with the settings after #. With the page around it talks
 * by postMessage: out { type: "qp:height", px } and { type: "qp:ready" | "qp:epoch" | "qp:done" | "qp:error" |
 * "qp:statechange", detail }; in { type: "qp:play" | "qp:pause" | "qp:restart" } and { type: "qp:theme", theme }.
 */
import "./quant-playground.js";

/** @typedef {import("./quant-playground.js").QuantPlayground} QuantPlayground */

const element = /** @type {QuantPlayground} */ (document.createElement("quant-playground"));
/** Whether somebody embeds this page. */
const embedded = parent !== window;

/** @param {string} type @param {object} [data] */
function tell(type, data = {}) {
  // Whoever embeds may be anybody, and nothing that is told is secret.
  if (embedded) parent.postMessage({ type: `qp:${type}`, ...data }, "*");
}

/** Settings that the element reads from its attributes alone; no other key after # becomes one. */
const ATTRIBUTES = ["theme", "autoplay"];

/** Gives the element what stands after #, which anybody may have written. */
function obeyHash() {
  const wanted = new Map(new URLSearchParams(location.hash.slice(1)));
  for (const name of ATTRIBUTES) {
    const value = wanted.get(name);
    if (value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value);
    wanted.delete(name);
  }
  element.give(wanted);
}

for (const type of ["ready", "epoch", "done", "error", "statechange"]) {
  element.addEventListener(type, (event) => tell(type, { detail: plain(Reflect.get(event, "detail")) }));
}

/** What can be sent to another window: numbers and words. @param {unknown} detail */
function plain(detail) {
  if (typeof detail !== "object" || detail === null) return detail ?? null;
  const { epoch, epochs, step, loss, testAccuracy, averageBits, sizeBytes, done, layers } = /** @type {import("../pkg/index.js").Snapshot} */ (detail);
  if (!layers) return Object.fromEntries(Object.entries(detail).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value)));
  return { epoch, epochs, step, loss, testAccuracy, averageBits, sizeBytes, done, bits: layers.map(({ weight }) => weight.bits) };
}

addEventListener("message", ({ source, data }) => {
  if (source !== parent || typeof data?.type !== "string") return;
  if (data.type === "qp:play") void element.play();
  else if (data.type === "qp:pause") void element.pause();
  else if (data.type === "qp:restart") void element.restart();
  else if (data.type === "qp:theme" && ["auto", "light", "dark"].includes(data.theme)) element.setAttribute("theme", data.theme);
});
addEventListener("hashchange", obeyHash);
obeyHash();
document.body.append(element);
new ResizeObserver(() => tell("height", { px: Math.ceil(element.getBoundingClientRect().height) })).observe(element);
