/** The lesson: its figures and playgrounds begin when they are seen. */
import "./host/quant-playground.js";
import { followRuns } from "./lesson/runs.js";

/** Figures of the lesson's own, by their ids. @type {Record<string, () => Promise<(figure: HTMLElement) => Promise<void>>>} */
const FIGURES = {
  "figure-quantizer": async () => (await import("./lesson/quantizer.js")).showQuantizer,
  "figure-levels": async () => (await import("./lesson/levels.js")).showLevels,
  "figure-gates": async () => (await import("./lesson/gates.js")).showGates,
};

/** @param {HTMLElement} figure */
async function begin(figure) {
  try {
    await (await FIGURES[figure.id]())(figure);
    figure.dataset.state = "live";
  } catch (error) {
    const trouble = document.createElement("p");
    trouble.className = "message";
    trouble.setAttribute("role", "alert");
    trouble.textContent = `This figure could not be loaded: ${/** @type {Error} */ (error).message}`;
    figure.prepend(trouble);
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    void begin(/** @type {HTMLElement} */ (target));
  }
});
for (const id of Object.keys(FIGURES)) seen.observe(/** @type {HTMLElement} */ (document.getElementById(id)));
followRuns();
