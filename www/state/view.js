/** What of a playground is to be seen, as links and attributes say it. */
import { showPanels } from "../dom/visible-panels.js";
import { toHash } from "./state.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("./state.js").View} View */

/** The speed select's value for steps as fast as they go. */
const FASTEST = "Infinity";

/** Puts a view in force; what it does not name stays. @param {Page} page @param {View} view */
export function show(page, view) {
  const { root, home, cards, run } = page;
  Object.assign(page.view, view);
  if (view.ui !== undefined) showPanels(root, view.ui);
  if (view.theme !== undefined) home.style.colorScheme = view.theme === "auto" ? "" : view.theme;
  if (view.layer !== undefined) cards.selected = Number(view.layer);
  if (view.tensor !== undefined) {
    const input = /** @type {HTMLInputElement | null} */ (root.querySelector(`input[name=tensor][value=${view.tensor === "activation" ? "activation" : "weight"}]`));
    if (input) input.checked = true;
  }
  if (view.speed !== undefined) {
    const select = /** @type {HTMLSelectElement} */ (page.element("speed"));
    select.value = view.speed === "max" ? FASTEST : view.speed;
    run.post("speed", { stepsPerSecond: Number(select.value) });
  }
  page.dispatchEvent(new CustomEvent("look", { detail: view }));
  page.showSelected();
}

/** The view as it stands. @param {Page} page @returns {View} */
function current({ root, cards, view }) {
  const speed = /** @type {HTMLSelectElement | null} */ (root.getElementById("speed"))?.value ?? "";
  const tensor = /** @type {HTMLInputElement | null} */ (root.querySelector("input[name=tensor]:checked"))?.value ?? "";
  return { ...view, speed: speed === FASTEST ? "max" : speed, layer: String(cards.selected), tensor };
}

/** The state as the text of a link. @param {Page} page */
export const hashOf = (page) => toHash(page.run.chosen, current(page));
