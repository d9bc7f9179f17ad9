/** Every plot as SVG and PNG: buttons at figures, and one list of all. */
import { download } from "../dom/download.js";
import { make, makeButton } from "../dom/elements.js";
import { canvases, charts, currentLook } from "./canvas.js";

/** @typedef {import("../../pkg/index.js").Charts} Charts */
/** @typedef {import("../../pkg/index.js").ChartName} ChartName */

/** Device pixels in a CSS pixel of a PNG. */
const PNG_SCALE = 2;

/** The canvases that can be seen, in the order of the page. @param {Document | ShadowRoot} root */
export const shown = (root) => [...root.querySelectorAll("canvas")].filter((canvas) => canvases.has(canvas) && canvas.clientWidth > 0);

/**
 * Draws what `canvas` shows on another one, of its size times `scale`, with these charts or the page's own.
 * @param {HTMLCanvasElement} canvas @param {number} scale @param {(charts: Charts) => Charts} [instead]
 */
function drawAgain(canvas, scale, instead = (own) => own) {
  const target = document.createElement("canvas");
  target.width = Math.round(canvas.clientWidth * scale);
  target.height = Math.round(canvas.clientHeight * scale);
  const look = { ...currentLook(canvas), scale };
  const entry = canvases.get(canvas);
  if (entry && charts) entry.draw(target, instead(charts), look);
  return { target, look };
}

/**
 * Charts that hand on what they are asked to draw in the place of drawing it; pixels are made as ever.
 * @param {Charts} charts @param {(chart: ChartName, spec: any) => void} take
 */
function listener(charts, take) {
  const draw = (/** @type {ChartName} */ chart) => (/** @type {unknown} */ _, /** @type {any} */ spec) => take(chart, spec);
  const same = (/** @type {keyof Charts} */ name) => (/** @type {any[]} */ ...given) => Reflect.apply(/** @type {Function} */ (charts[name]), charts, given);
  return /** @type {Charts} */ (/** @type {unknown} */ ({
    drawLines: draw("lines"), drawHistogram: draw("histogram"), drawStaircase: draw("staircase"), drawLevels: draw("levels"), drawGates: draw("gates"), drawBars: draw("bars"),
    drawScatter: (/** @type {any} */ target, /** @type {any} */ spec) => {
      draw("scatter")(target, spec);
      return new Float32Array(0);
    },
    matrixPixels: same("matrixPixels"), surfacePixels: same("surfacePixels"), digitPixels: same("digitPixels"), structureMatrix: same("structureMatrix"),
  }));
}

/** The chart on a canvas and its numbers; null for pixels and for a canvas with nothing to draw. @param {HTMLCanvasElement} canvas @returns {{ chart: ChartName, spec: any } | null} */
export function chartOf(canvas) {
  /** @type {{ chart: ChartName, spec: any }[]} */
  const found = [];
  drawAgain(canvas, 1, (own) => listener(own, (chart, spec) => found.push({ chart, spec })));
  return found[0] ?? null;
}

/** What a canvas shows as an SVG document; pixels are an image inside. @param {HTMLCanvasElement} canvas */
export function toSvg(canvas) {
  let drawn = "";
  const { clientWidth: width, clientHeight: height } = canvas;
  const { target, look } = drawAgain(canvas, 1, (own) => listener(own, (chart, spec) => (drawn = own.svg(chart, spec, Math.round(width), Math.round(height)))));
  const paper = `<rect width="100%" height="100%" fill="${look.theme.background}"/>`;
  if (drawn) return drawn.replace(/^<svg[^>]*>/, (head) => head + paper);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${paper}<image width="${width}" height="${height}" href="${target.toDataURL("image/png")}"/></svg>\n`;
}

/** What a canvas shows as a PNG on the page's paper. @param {HTMLCanvasElement} canvas @returns {Promise<Blob>} */
export function toPng(canvas) {
  const { target, look } = drawAgain(canvas, PNG_SCALE);
  const sheet = document.createElement("canvas");
  sheet.width = target.width;
  sheet.height = target.height;
  const context = sheet.getContext("2d");
  if (context) {
    context.fillStyle = look.theme.background;
    context.fillRect(0, 0, sheet.width, sheet.height);
    context.drawImage(target, 0, 0);
  }
  return new Promise((resolve, reject) => sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("PNG: the browser made no picture"))), "image/png"));
}

/** What a plot is called, for people and for files. @param {HTMLCanvasElement} canvas */
export function nameOf(canvas) {
  const card = canvas.closest(".card");
  if (card) return `${card.querySelector(".name")?.firstChild?.textContent ?? "layer"} ${canvas.closest(".row.w") ? "weights" : "activations"}`;
  if (canvas.id) return canvas.id.replaceAll("-", " ");
  const caption = canvas.closest("figure")?.querySelector("figcaption") ?? canvas.previousElementSibling;
  return caption?.firstChild?.textContent?.trim().toLowerCase() || canvas.getAttribute("aria-label")?.split(/[:,]/)[0].toLowerCase() || "plot";
}

/** @param {HTMLCanvasElement} canvas @param {"SVG" | "PNG"} format */
export async function save(canvas, format) {
  const name = `${nameOf(canvas).replace(/[^a-z0-9.]+/gi, "-")}.${format.toLowerCase()}`;
  if (format === "SVG") download(name, "image/svg+xml", toSvg(canvas));
  else download(name, "image/png", await toPng(canvas));
}

/** Gives every figure's plots their buttons, once. @param {Document | ShadowRoot} root @param {(error: unknown) => void} failed */
export function addButtons(root, failed) {
  for (const canvas of /** @type {NodeListOf<HTMLCanvasElement>} */ (root.querySelectorAll("figure canvas"))) {
    const caption = canvas.closest("figure")?.querySelector("figcaption");
    if (!caption || canvas.dataset.saves) continue;
    canvas.dataset.saves = "yes";
    const several = (canvas.closest("figure")?.querySelectorAll("canvas").length ?? 1) > 1;
    const place = make("span", "saves", several ? `${nameOf(canvas)} ` : "");
    place.dataset.of = nameOf(canvas);
    for (const format of /** @type {const} */ (["SVG", "PNG"])) {
      const label = `Save ${nameOf(canvas)} as ${format}`;
      place.append(makeButton(format, () => save(canvas, format).catch(failed), { label, title: label }));
    }
    caption.append(place);
  }
}
