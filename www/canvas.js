/**
 * When and how canvases are drawn: each only when its numbers changed and it is on screen, all within a few
 * ms of a frame, in device pixels, in the page's colours.
 */
import { loadCharts } from "../pkg/index.js";

/** @typedef {import("../pkg/index.js").Charts} Charts */
/** @typedef {(canvas: HTMLCanvasElement, charts: Charts, look: Look) => void} Draw */
/** @typedef {{ theme: import("../pkg/index.js").ChartTheme, scale: number, color: (name: string) => string }} Look */

/** Drawing takes at most this part of a frame, in ms. */
const FRAME_SHARE = 7;

/** @type {Charts | null} */
export let charts = null;
/** @type {(() => void) | null} */
let onFirstPlot = null;
let detailed = false;
/** @type {Map<HTMLCanvasElement, { draw: Draw, details: boolean, dirty: boolean, visible: boolean }>} */
export const canvases = new Map();
let frame = 0;

const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => redraw());

const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const entry = canvases.get(/** @type {HTMLCanvasElement} */ (target));
    if (entry) entry.visible = isIntersecting;
  }
  plan();
});
const sized = new ResizeObserver((entries) => entries.forEach(({ target }) => redraw(/** @type {HTMLCanvasElement} */ (target))));

/** Loads the charts of the first view. @param {() => void} drawn called once, when the first plot stands */
export async function prepare(drawn) {
  onFirstPlot = drawn;
  charts = await loadCharts();
  plan();
}

/** Loads what the first view does without. */
export async function prepareDetails() {
  await charts?.loadDetails();
  detailed = true;
  redraw();
}

/**
 * Registers a canvas with what draws it.
 * @param {HTMLCanvasElement} canvas
 * @param {Draw} draw
 * @param {{ details?: boolean }} [options] details: needs the charts of the closer views
 */
export function register(canvas, draw, { details = false } = {}) {
  canvases.set(canvas, { draw, details, dirty: true, visible: false });
  seen.observe(canvas);
  sized.observe(canvas);
}

/** Forgets canvases that left the page. */
export function sweep() {
  for (const canvas of canvases.keys()) {
    if (canvas.isConnected) continue;
    seen.unobserve(canvas);
    sized.unobserve(canvas);
    canvases.delete(canvas);
  }
}

/** Asks for one canvas, or all, to be drawn anew. @param {HTMLCanvasElement} [canvas] */
export function redraw(canvas) {
  for (const [known, entry] of canvases) if (!canvas || known === canvas) entry.dirty = true;
  plan();
}

function plan() {
  if (frame === 0 && charts) frame = requestAnimationFrame(paint);
}

function paint() {
  frame = 0;
  if (!charts) return;
  const start = performance.now();
  const look = currentLook();
  let left = false;
  for (const [canvas, entry] of canvases) {
    if (!entry.dirty || !entry.visible || (entry.details && !detailed)) continue;
    if (performance.now() - start > FRAME_SHARE) {
      left = true;
      break;
    }
    entry.dirty = false;
    fit(canvas, look.scale);
    if (canvas.width > 0 && canvas.height > 0) entry.draw(canvas, charts, look);
    // Drawn canvases go to the end of the queue, so that none starves.
    canvases.delete(canvas);
    canvases.set(canvas, entry);
  }
  if (left) plan();
  if (onFirstPlot && document.documentElement.dataset.state) {
    performance.mark("first-plot");
    onFirstPlot();
    onFirstPlot = null;
  }
}

/** @param {HTMLCanvasElement} canvas @param {number} scale */
function fit(canvas, scale) {
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** @type {Look | null} */
let look = null;

/** @returns {Look} */
export function currentLook() {
  const scale = Math.min(devicePixelRatio || 1, 2);
  const mode = dark.matches ? "dark" : "light";
  if (look && look.scale === scale && Reflect.get(look, "mode") === mode) return look;
  const style = getComputedStyle(document.documentElement);
  const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  const theme = { ink: color("ink"), muted: color("muted"), grid: color("grid"), background: color("card"), font: "system-ui, sans-serif" };
  look = Object.assign({ theme, scale, color }, { mode });
  return look;
}

/** Whether the page is dark. */
export const isDark = () => dark.matches;

/**
 * RGBA pixels enlarged to the whole canvas, without smoothing.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8ClampedArray} pixels
 * @param {number} width
 * @param {{ x: number, y: number, width: number, height: number }} [place]
 */
export function putPixels(canvas, pixels, width, place = { x: 0, y: 0, width: canvas.width, height: canvas.height }) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const small = new OffscreenCanvas(width, pixels.length / 4 / width);
  const image = new ImageData(new Uint8ClampedArray(pixels), width);
  small.getContext("2d")?.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, place.x, place.y, place.width, place.height);
}
