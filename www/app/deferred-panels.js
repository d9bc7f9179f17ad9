/** The panels, which a first view does without: loaded after the first plot. */
import { styleOf } from "../base/files.js";
import { prepareDetails } from "../plots/canvas.js";

/** @typedef {import("./playground.js").Playground} Playground */
/** @typedef {import("../state/page.js").Frame} Frame */

export class DeferredPanels {
  /** @type {import("../state/page.js").Panel[]} */
  #panels = [];

  /** Loads and shows them. @param {Playground} page */
  load(page) {
    return page.faults.attempt("panels", "A part of the page could not be loaded", async () => {
      const details = page.faults.attempt("details", "Some charts could not be loaded", prepareDetails);
      const [{ mountPanels }, style] = await Promise.all([import("../panels/registry.js"), styleOf(page.root, "panels.css"), details]);
      page.root.adoptedStyleSheets.push(style);
      this.#panels = mountPanels(page);
      if (page.run.started) this.begin(page.run.started);
      page.run.post("checkpoints");
      page.showSelected();
      this.show(page.frame);
      page.emit("ready");
    });
  }

  /** @param {import("../worker/protocol.js").Created} created */
  begin(created) {
    for (const panel of this.#panels) {
      panel.clear?.();
      panel.begin?.(created);
    }
  }

  /** @param {Frame | null} frame */
  show(frame) {
    if (frame) for (const panel of this.#panels) panel.show?.(frame);
  }

  /** @param {Frame} frame */
  select(frame) {
    for (const panel of this.#panels) panel.select?.(frame);
  }

  /** @param {import("../worker/protocol.js").Report} report */
  onReport(report) {
    for (const panel of this.#panels) panel.onReport?.(report);
  }

  dispose() {
    for (const panel of this.#panels) panel.dispose?.();
  }
}
