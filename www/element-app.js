/** What <quant-playground> becomes when it is wanted: the page's own playground under a shadow root. */
import { embedWorkers } from "./embedded.js";
import { file, styleOf } from "./files.js";
import { apply, follow, hashOf, obey } from "./link.js";
import { Playground } from "./playground.js";
import { readData, readModel } from "./sources.js";
import { fromPairs, isLook } from "./state.js";
import { show } from "./view.js";

/** @typedef {Awaited<ReturnType<typeof startApp>>} App */
/** @typedef {readonly (readonly [string, string])[]} Pairs */

/** A Worker that says nothing for so long, in ms, is taken for forbidden. */
const SILENCE = 10_000;
/** What the element tells its page. */
const EVENTS = ["ready", "epoch", "done", "error", "statechange"];

/** Workers need one preparation a page. @type {Promise<void> | null} */
let prepared = null;

/** The page's markup without its head and heading. @param {ShadowRoot} shadow */
async function furnish(shadow) {
  const [text, style] = await Promise.all([file("index.html").then((response) => response.text()), styleOf(shadow, "style.css")]);
  shadow.adoptedStyleSheets.push(style);
  const main = new DOMParser().parseFromString(text, "text/html").querySelector("main");
  if (!main) throw new Error("file index.html: expected an element main");
  const body = document.createElement("div");
  body.className = "page";
  body.append(...main.childNodes);
  // Landmarks are a page's own: several playgrounds of one page would all have the same.
  for (const part of body.querySelectorAll("section")) part.setAttribute("role", "group");
  return document.adoptNode(body);
}

/**
 * Puts the playground in the place of the poster.
 * @param {import("./quant-playground.js").QuantPlayground} element @param {boolean} play @param {Pairs} pairs its attributes
 */
export async function startApp(element, play, pairs) {
  const shadow = /** @type {ShadowRoot} */ (element.shadowRoot);
  prepared ??= embedWorkers();
  const [body] = await Promise.all([furnish(shadow), prepared.catch((error) => ((prepared = null), Promise.reject(error)))]);
  const poster = shadow.querySelector(".poster");
  shadow.append(body);
  const playground = new Playground({ root: shadow, home: element, begin: (page) => obey(page, pairs), play });
  poster?.remove();
  for (const type of EVENTS) playground.addEventListener(type, (event) => element.dispatchEvent(new CustomEvent(type, { detail: Reflect.get(event, "detail") })));
  await begun(playground).catch((error) => {
    playground.end();
    body.remove();
    if (poster) shadow.append(poster);
    throw error;
  });
  return {
    playground,
    get state() {
      return hashOf(playground);
    },
    /** @param {Pairs} given attributes as they are now @param {string[]} changed names of those that are new */
    obey: async (given, changed) => {
      if (changed.every(isLook)) show(playground, fromPairs(given, playground.optionTable).view);
      else await apply(playground, await obey(playground, given));
    },
    /** @param {string} hash */
    follow: async (hash) => apply(playground, await follow(playground, hash)),
    /** @param {File} given */
    load: async (given) => {
      const { settings } = await playground.opened;
      const accepted = given.name.endsWith(".ddq") ? await playground.restore(new Uint8Array(await given.arrayBuffer()), false)
        : given.name.endsWith(".onnx") ? await settings.useModel(await readModel(playground, given))
        : await settings.useOwn((await readData(given)).data);
      if (!accepted) throw new Error(playground.refusal?.message ?? `${given.name} was refused`);
    },
    /** @param {string} kind */
    export: async (kind) => {
      await playground.rest();
      if (kind === "project") return new Blob([await playground.run.send("save", { note: "" })], { type: "application/octet-stream" });
      const { made } = await playground.run.send("exportAll");
      const found = made.find((/** @type {{ kind: string }} */ one) => one.kind === kind);
      if (!found) throw new Error(`kind of export: expected one of project, ${made.map((/** @type {{ kind: string }} */ one) => one.kind).join(", ")}, got ${kind}`);
      if (!found.file) throw new Error(`export of ${kind}: ${found.error}`);
      return new Blob([found.file.bytes], { type: found.file.type });
    },
  };
}

/** Settles when the run is there: rejects where its Worker fails or says nothing. @param {Playground} playground */
function begun(playground) {
  return new Promise((resolve, reject) => {
    const quiet = setTimeout(() => reject(new Error(`its Worker said nothing for ${SILENCE / 1000} s; the page's policy has to allow worker-src blob:`)), SILENCE);
    playground.addEventListener("statechange", () => (clearTimeout(quiet), resolve(undefined)), { once: true });
    playground.addEventListener("error", (event) => (clearTimeout(quiet), reject(new Error(String(Reflect.get(event, "detail"))))), { once: true });
  });
}
