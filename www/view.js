/** What of a playground is to be seen, as links and attributes say it. */
import { showPanels } from "./panels.js";

/** @typedef {import("./playground.js").Playground} Playground */
/** @typedef {import("./state.js").View} View */

/** The speed select's value for steps as fast as they go. */
const FASTEST = "Infinity";

/** Puts a view in force; what it does not name stays. @param {Playground} playground @param {View} view */
export function show(playground, view) {
  const { root, home, cards, run, closer } = playground;
  Object.assign(playground.view, view);
  if (view.ui !== undefined) showPanels(root, view.ui);
  if (view.theme !== undefined) home.style.colorScheme = view.theme === "auto" ? "" : view.theme;
  if (view.layer !== undefined) cards.selected = Number(view.layer);
  if (view.tensor !== undefined) {
    const input = /** @type {HTMLInputElement | null} */ (root.querySelector(`input[name=tensor][value=${view.tensor === "activation" ? "activation" : "weight"}]`));
    if (input) input.checked = true;
  }
  if (view.speed !== undefined) {
    const select = /** @type {HTMLSelectElement} */ (playground.element("speed"));
    select.value = view.speed === "max" ? FASTEST : view.speed;
    run.post("speed", { stepsPerSecond: Number(select.value) });
  }
  closer?.compare.form.take(view);
  closer?.bits.take(view);
  playground.showSelected();
}

/** The view as it stands. @param {Playground} playground @returns {View} */
export function current({ root, cards, view }) {
  const speed = /** @type {HTMLSelectElement | null} */ (root.getElementById("speed"))?.value ?? "";
  const tensor = /** @type {HTMLInputElement | null} */ (root.querySelector("input[name=tensor]:checked"))?.value ?? "";
  return { ...view, speed: speed === FASTEST ? "max" : speed, layer: String(cards.selected), tensor };
}
