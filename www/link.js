/** The page's address and its state: a link is followed, and the address follows the state. */
import { sources } from "./sources.js";
import { fromHash, fromPairs, toHash } from "./state.js";
import { current, show } from "./view.js";

/** @typedef {import("./playground.js").Playground} Playground */
/** @typedef {import("./state.js").State} State */

/** The rows of every option that this engine can have. @param {Playground} playground @returns {Promise<import("../pkg/index.js").OptionRow[]>} */
const allOptions = ({ run }) => run.send("allOptions");

/**
 * Shows what a state says and tells what could not be taken.
 * @param {Playground} playground @param {State} state
 * @returns {Promise<Record<string, any> | null>} the options of a run, or null where the state names none
 */
async function enter(playground, { options, view, reports }) {
  show(playground, view);
  const told = [...reports];
  /** @type {Record<string, any>} */
  let chosen = options;
  try {
    chosen = { ...options, ...(await sources(playground, view)) };
  } catch (error) {
    told.push(error instanceof Error ? error.message : String(error));
  }
  for (const name of ["data", "model"]) {
    if (chosen[name] !== "own") continue;
    told.push(`${name}: your own files are not in a link; drop the file on this page, or give its address`);
    delete chosen[name];
  }
  playground.notice(told.join(" · "));
  return Object.keys(chosen).length > 0 ? chosen : null;
}

/** What a link asks for. @param {Playground} playground @param {string} hash */
export const follow = async (playground, hash) => enter(playground, fromHash(hash, await allOptions(playground)));

/** What attributes ask for. @param {Playground} playground @param {Iterable<readonly [string, string]>} pairs */
export const obey = async (playground, pairs) => enter(playground, fromPairs(pairs, await allOptions(playground)));

/**
 * Begins the run that a link or attributes ask for, if they name any, and leaves standing what was told about them.
 * @param {Playground} playground @param {Record<string, any> | null} options
 * @throws Error where the engine refuses them; the run goes on
 */
export async function apply(playground, options) {
  const told = playground.element("notice").textContent ?? "";
  if (options && !(await playground.choose(options))) throw playground.refusal ?? new Error("the settings were refused");
  playground.notice(told);
}

/** The state as the text of a link. @param {Playground} playground */
export const hashOf = (playground) => toHash(playground.chosen, current(playground));

/**
 * Keeps the page's address at the state of the playground, and follows an address that is changed by hand.
 * @param {Playground} playground @param {string} opened the hash with which the page was opened; without one the address stays
 * plain until something is chosen
 */
export function keep(playground, opened) {
  let written = opened;
  const usual = opened.length > 1 ? "" : hashOf(playground);
  const write = () => {
    const hash = hashOf(playground);
    if (hash === usual && written === "") return;
    written = `#${hash}`;
    if (location.hash !== written) history.replaceState(history.state, "", written);
  };
  for (const type of ["statechange", "viewchange"]) playground.addEventListener(type, write);
  const followed = async () => {
    if (location.hash === written) return;
    const hash = (written = location.hash);
    await playground.faults.attempt("link", "The link could not be followed", async () => {
      const options = await follow(playground, hash);
      // What is refused is told by the playground.
      await apply(playground, options).catch(() => undefined);
    });
  };
  addEventListener("hashchange", followed);
  // The address may have changed while the page was loading.
  void followed();
}
