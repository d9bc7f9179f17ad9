/** Multipoint: how many points each row of each layer was given, and what is gained by each point more. */
import { percent } from "../base/text.js";
import { make } from "../dom/elements.js";
import { putPixels, redraw, register, sweep } from "./canvas.js";

/** @typedef {import("../../pkg/index.js").Snapshot} Snapshot */
/** @typedef {import("../../pkg/index.js").SearchReport} SearchReport */

/** A colour at most as strong as the accent stands for this many points. */
const MOST_POINTS = 8;

export class Points {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {Float32Array} */
    this.errors = new Float32Array(0);
    /** Points of each row of each layer, as drawn. */
    this.drawn = "";
    const figure = make("figure");
    const caption = make("figcaption", "", "Error against points ");
    caption.append(make("small", "", "mean output error of a row, relative to its layer's variance"));
    this.chart = make("canvas", "chart");
    this.chart.setAttribute("role", "img");
    this.chart.setAttribute("aria-label", "Error against points: none added yet");
    figure.append(caption, this.chart);
    this.table = make("table", "measured");
    const scroll = make("div", "scroll");
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Points of each row");
    scroll.append(this.table);
    place.replaceChildren(figure, scroll);
    register(this.chart, (target, charts, look) => {
      const y = this.errors;
      const x = Float32Array.from(y, (_, index) => index);
      charts.drawLines(target, {
        theme: look.theme, scale: look.scale, xLabel: "additional points", yLabel: "error", logY: true, xMin: 0, xMax: Math.max(1, y.length - 1),
        series: [{ label: "", color: look.color("weight"), width: 2, x, y: y.map((error) => Math.max(error, 1e-9)) }],
      });
    });
  }

  /** @param {Snapshot} snapshot @param {SearchReport} report */
  show(snapshot, report) {
    const given = snapshot.layers.map(({ weight }) => weight.points);
    this.place.hidden = report.errors.length === 0;
    if (this.place.hidden) return;
    this.errors = report.errors;
    const [first, last] = [report.errors[0], report.errors[report.errors.length - 1]];
    this.chart.setAttribute("aria-label", `${report.errors.length - 1} additional points reduce the mean error from ${percent(first)} to ${percent(last)} of the variance`);
    redraw(this.chart);
    const key = given.join(";");
    if (key === this.drawn) return;
    this.drawn = key;
    this.#showRows(snapshot);
  }

  /** @param {Snapshot} snapshot */
  #showRows({ layers }) {
    const head = make("thead");
    const titles = make("tr");
    for (const title of ["layer", "points of each row", "rows with more than one", "points"]) {
      const cell = make("th", "", title);
      cell.scope = "col";
      titles.append(cell);
    }
    head.append(titles);
    const body = make("tbody");
    for (const { name, weight: { points } } of layers) {
      if (!points) continue;
      const line = make("tr");
      const header = make("th", "", name);
      header.scope = "row";
      const picture = make("td");
      const canvas = make("canvas", "strip");
      const most = points.reduce((a, b) => Math.max(a, b), 0);
      const more = points.filter((count) => count > 1).length;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", `${name}: ${more} of ${points.length} rows with more than one point, at most ${most}`);
      canvas.title = Array.from(points, (count, row) => `row ${row}: ${count}`).filter((_, row) => points[row] > 1).join(", ");
      register(canvas, (target, charts, look) => {
        putPixels(target, charts.matrixPixels(points, 1, points.length, look.theme.grid, look.color("weight"), MOST_POINTS / 2), points.length);
      }, { details: true });
      picture.append(canvas);
      const count = points.reduce((a, b) => a + b, 0);
      line.append(header, picture, make("td", "", `${more} of ${points.length}`), make("td", "", String(count)));
      body.append(line);
    }
    this.table.replaceChildren(head, body);
    sweep();
  }
}
