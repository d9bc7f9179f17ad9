/** All panels, which a first view does without: they are told together what happens to the run. */
import { ADDITIONS, PANELS } from "../panels/registry.js";

/** @typedef {import("../state/page.js").Frame} Frame */

export class DeferredPanels {
  /** @param {import("../state/page.js").Page} page */
  constructor(page) {
    this.panels = PANELS.map((Panel) => new Panel(page));
    for (const add of ADDITIONS) add(page.root);
  }

  /** @param {import("../worker/protocol.js").Created} created */
  begin(created) {
    for (const panel of this.panels) {
      panel.clear?.();
      panel.begin?.(created);
    }
  }

  /** @param {Frame} frame */
  show(frame) {
    for (const panel of this.panels) panel.show?.(frame);
  }

  /** @param {Frame} frame */
  select(frame) {
    for (const panel of this.panels) panel.select?.(frame);
  }

  /** @param {import("../worker/protocol.js").Report} report */
  onReport(report) {
    for (const panel of this.panels) panel.onReport?.(report);
  }

  dispose() {
    for (const panel of this.panels) panel.dispose?.();
  }
}
