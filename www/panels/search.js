/** The search for bits: episode after episode, the best so far, what the bits follow from, and a way to stop. */
import { percent, short } from "../base/text.js";
import { make, makeButton } from "../dom/elements.js";
import { headCell } from "../dom/head-cell.js";
import { redraw, register } from "../plots/canvas.js";
import { Points } from "../plots/points.js";

/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../pkg/index.js").SearchReport} SearchReport */

export class Search {
  id = "search";

  /** @param {import("../state/page.js").Page} page */
  constructor(page) {
    const place = page.element(this.id);
    this.place = place;
    /** @type {SearchReport | null} */
    this.report = null;
    this.text = make("p");
    this.text.id = "search-text";
    this.stop = makeButton("Use the best so far", () => page.run.send("endSearch").catch((error) => page.messages.show(error.message)), { id: "end-search" });
    this.figure = make("figure");
    this.caption = make("figcaption", "", "Accuracy of each allocation tried ");
    this.caption.append(make("small", "", "on training samples, before training at these bits; line: best so far"));
    this.chart = make("canvas", "chart");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("aria-label", "Accuracy of allocations: none tried yet");
    this.figure.append(this.caption, this.chart);
    this.evidence = make("div", "scroll");
    this.evidence.tabIndex = 0;
    this.evidence.setAttribute("role", "region");
    this.evidence.setAttribute("aria-label", "What determined the bits");
    const title = make("h2");
    this.title = make("span", "", "Bit search");
    title.append(this.title);
    title.id = "search-title";
    place.setAttribute("aria-labelledby", title.id);
    const buttons = make("div", "buttons");
    buttons.append(this.stop);
    const points = make("div");
    this.points = new Points(points);
    place.replaceChildren(title, this.text, buttons, this.figure, points, this.evidence);
    register(this.chart, (target, charts, look) => {
      const y = Float32Array.from(this.report?.accuracies ?? [], (accuracy) => 100 * accuracy);
      const x = Float32Array.from(y, (_, index) => index + 1);
      let best = -Infinity;
      const bests = y.map((accuracy) => (best = Math.max(best, accuracy)));
      charts.drawLines(target, {
        theme: look.theme, scale: look.scale, xLabel: "allocation", yLabel: "%", xMin: 1, xMax: Math.max(2, this.report?.steps ?? 2),
        series: [
          { label: "tried", color: `${look.color("activation")}90`, x, y },
          { label: "best so far", color: look.color("weight"), stepped: true, width: 2, x, y: bests },
        ],
      });
    });
  }

  /** @param {import("../state/page.js").Frame} frame */
  show({ snapshot }) {
    this.report = snapshot.search;
    this.place.hidden = snapshot.search === null;
    if (!snapshot.search) return;
    const { step, steps, best, accuracies, evidence, evidenceName } = snapshot.search;
    const under = snapshot.phase === "search";
    const top = accuracies.reduce((most, accuracy) => Math.max(most, accuracy), -Infinity);
    const found = best.length > 0 ? `${under ? "best so far" : "bits found"} ${Array.from(best).join("/")}` : "none within the budget yet";
    const reached = accuracies.length > 0 ? `, ${percent(top)} without training` : "";
    this.points.show(snapshot, snapshot.search);
    if (snapshot.search.errors.length > 0 || columnsVary(evidence)) {
      this.#showPointSearch(snapshot.search, under);
      return;
    }
    this.title.textContent = "Bit search";
    this.text.textContent = `${under ? `Step ${step} of ${steps}` : `Ended after ${step} steps`} · ${found}${reached}.`;
    this.stop.hidden = !under || accuracies.length === 0;
    this.figure.hidden = accuracies.length === 0;
    this.chart.setAttribute("aria-label", `Accuracy of ${accuracies.length} allocations tried, the best ${percent(top)}`);
    redraw(this.chart);
    this.evidence.hidden = evidence.length === 0;
    if (evidence.length > 0) this.#showEvidence(snapshot, evidenceName);
  }

  /** What multipoint does, which searches no bits. @param {SearchReport} report @param {boolean} under */
  #showPointSearch({ step, steps, errors }, under) {
    this.title.textContent = "Points per row";
    const given = Math.max(0, errors.length - 1);
    const gained = given > 0 ? `; they reduce the mean error from ${percent(errors[0])} to ${percent(errors[given])} of the variance` : "";
    this.text.textContent = under ? `Row ${step} of ${steps}` : `${given} additional points${gained}.`;
    this.stop.hidden = true;
    this.figure.hidden = true;
    this.evidence.hidden = true;
  }

  /** @param {Snapshot} snapshot @param {string} name */
  #showEvidence(snapshot, name) {
    const rows = snapshot.search?.evidence ?? [];
    const table = make("table", "measured");
    const caption = make("caption", "", `What determined the bits: ${name}`);
    const head = make("thead");
    const titles = make("tr");
    const columns = rows[0].length === 8 ? rows[0].length : 1;
    const words = columns === 8 ? Array.from({ length: 8 }, (_, bit) => `${bit + 1} bit`) : [name];
    titles.append(...["layer", ...words, "bits"].map((word) => headCell(word, "col")));
    head.append(titles);
    const body = make("tbody");
    rows.forEach((row, index) => {
      const line = make("tr");
      line.append(headCell(snapshot.layers[index]?.name ?? String(index), "row"));
      line.append(...Array.from(row, (value) => make("td", "", short(value))));
      line.append(make("td", "", String(snapshot.search?.best[index] ?? "–")));
      body.append(line);
    });
    table.append(caption, head, body);
    this.evidence.replaceChildren(table);
  }
}

/** Whether what bits follow from is told row by row of the layers, not layer by layer. @param {Float32Array[]} evidence */
const columnsVary = (evidence) => evidence.some(({ length }) => length !== evidence[0].length);
