/** The buttons and keys with which the run is moved, and what they say of it. */

/** @typedef {import("./playground.js").Playground} Playground */

export class Controls {
  /** @param {Playground} page */
  constructor(page) {
    this.page = page;
    const { run } = page;
    /** @type {Record<string, () => unknown>} */
    const actions = {
      run: () => run.toggle(),
      "step-batch": () => run.step("stepBatch"),
      "step-epoch": () => run.step("stepEpoch"),
      restart: () => run.restart(),
      "new-seed": () => page.settings?.newSeed(),
    };
    for (const [id, act] of Object.entries(actions)) page.element(id).addEventListener("click", act);
    page.element("speed").addEventListener("change", () => {
      this.sendSpeed();
      page.emit("viewchange");
    });
    page.root.querySelectorAll("input[name=tensor]").forEach((input) => input.addEventListener("change", () => page.selected()));
    // Keys of the playground; not while something is being typed or operated.
    page.home.addEventListener("keydown", (event) => {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, [role=application]")) return;
      const key = event.key === "ArrowRight" ? (event.shiftKey ? "step-batch" : "step-epoch") : { " ": "run", r: "restart", R: "restart", n: "new-seed", N: "new-seed" }[event.key];
      if (!key || (event.key === " " && target.closest("button, summary"))) return;
      event.preventDefault();
      page.element(key).click();
    });
  }

  sendSpeed() {
    this.page.run.post("speed", { stepsPerSecond: Number(/** @type {HTMLSelectElement} */ (this.page.element("speed")).value) });
  }

  /** Shows whether the run runs. */
  show() {
    const { page } = this;
    const { running, snapshot, state } = page.run;
    const done = snapshot?.done ?? false;
    page.element("run").textContent = running ? "Pause" : done ? "Run again" : "Run";
    page.home.dataset.state = state;
    for (const id of ["step-batch", "step-epoch"]) /** @type {HTMLButtonElement} */ (page.element(id)).disabled = done && !running;
  }
}
