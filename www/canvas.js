/**
 * When and how canvases are drawn: each only when its numbers changed and it is on screen, all within a few
 * ms of a frame, in device pixels, in the page's colours.
 */
import { loadCharts } from "../pkg/index.js";
import { read } from "./files.js";
import { homeOf } from "./roots.js";

/** @typedef {import("../pkg/index.js").Charts} Charts */
/** @typedef {(canvas: HTMLCanvasElement, charts: Charts, look: Look) => void} Draw */
/** @typedef {{ theme: import("../pkg/index.js").ChartTheme, scale: number, dark: boolean, color: (name: string) => string }} Look */

/** Drawing takes at most this part of a frame, in ms. */
const FRAME_SHARE = 7;

/** @type {Charts | null} */
export let charts = null;
/** Playgrounds whose first plot is awaited. @type {{ begun: () => boolean, drawn: () => void }[]} */
let awaited = [];
/** @type {Promise<Charts> | null} */
let loading = null;
/** Whether the charts could not be loaded, the last time that was tried. */
let unavailable = false;
let detailed = false;
let detailsWanted = false;
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

/** Loads the charts of a first view, and the others where they were asked for. @throws LoadError; another try may succeed */
export async function prepare() {
  loading ??= loadCharts({ read });
  try {
    charts = await loading;
  } catch (error) {
    loading = null;
    unavailable = true;
    plan();
    throw error;
  }
  if (detailsWanted) await prepareDetails();
  plan();
}

/**
 * Calls `drawn` once: when the first plot after `begun` stands, or where there will be none.
 * @param {() => boolean} begun @param {() => void} drawn
 */
export function whenDrawn(begun, drawn) {
  awaited.push({ begun, drawn });
  plan();
}

/** Loads what the first view does without; where the first view's charts are missing, they bring it with them. @throws LoadError */
export async function prepareDetails() {
  detailsWanted = true;
  if (!charts || detailed) return;
  await charts.loadDetails();
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
  if (frame === 0 && (charts || unavailable)) frame = requestAnimationFrame(paint);
}

function paint() {
  frame = 0;
  if (charts) draw(charts);
  const begun = awaited.filter((one) => one.begun());
  awaited = awaited.filter((one) => !begun.includes(one));
  for (const { drawn } of begun) {
    if (charts) performance.mark("first-plot");
    drawn();
  }
}

/** @param {Charts} charts */
function draw(charts) {
  const start = performance.now();
  let left = false;
  for (const [canvas, entry] of canvases) {
    if (!entry.dirty || !entry.visible || (entry.details && !detailed)) continue;
    if (performance.now() - start > FRAME_SHARE) {
      left = true;
      break;
    }
    entry.dirty = false;
    const look = currentLook(canvas);
    fit(canvas, look.scale);
    // Without its style sheet a page has no colours to draw with.
    if (canvas.width > 0 && canvas.height > 0 && look.theme.ink) entry.draw(canvas, charts, look);
    // Drawn canvases go to the end of the queue, so that none starves.
    canvases.delete(canvas);
    canvases.set(canvas, entry);
  }
  if (left) plan();
}

/** @param {HTMLCanvasElement} canvas @param {number} scale */
function fit(canvas, scale) {
  const width = Math.round(canvas.clientWidth * scale);
  const height = Math.round(canvas.clientHeight * scale);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/** @type {WeakMap<Element, Look>} */
const looks = new WeakMap();

/** Colours and scale for a canvas: those of its playground. @param {HTMLCanvasElement} canvas @returns {Look} */
export function currentLook(canvas) {
  const home = homeOf(canvas);
  const style = getComputedStyle(home);
  const scale = Math.min(devicePixelRatio || 1, 2);
  const isDark = style.colorScheme === "dark" || (style.colorScheme !== "light" && dark.matches);
  const known = looks.get(home);
  if (known?.scale === scale && known.dark === isDark) return known;
  // A custom property is handed over as it was written: light-dark(of day, of night).
  const color = (/** @type {string} */ name) => {
    const written = style.getPropertyValue(`--${name}`).trim();
    return /^light-dark\((.*),(.*)\)$/.exec(written)?.[isDark ? 2 : 1].trim() ?? written;
  };
  const theme = { ink: color("ink"), muted: color("muted"), grid: color("grid"), background: color("card"), font: "system-ui, sans-serif" };
  const look = { theme, scale, dark: isDark, color };
  if (theme.ink) looks.set(home, look);
  return look;
}

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
