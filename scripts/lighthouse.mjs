/**
 * Lighthouse on the built pages, as a phone and as a desktop would load them: scores of 100, and how far things move
 * while they load. From the command line: prints them, and exits 1 below what is asked.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BROWSERS } from "./browser.mjs";
import { serve } from "./serve.mjs";

const MODULES = fileURLToPath(new URL("../tests/hosts/node_modules", import.meta.url));
const PAGES = ["", "learn.html"];
/** Least scores. Performance is a matter of the machine's load too, so the tests leave it out. */
export const LEAST = { performance: 95, accessibility: 100, "best-practices": 95, seo: 95 };
/** Most that may move while a page loads, as Cumulative Layout Shift. */
export const MOST_SHIFT = 0.05;

/** @typedef {{ page: string, form: "mobile" | "desktop", scores: Record<keyof typeof LEAST, number>, shift: number, failed: string[] }} Found */

/** @returns {Promise<Found[]>} */
export async function audit() {
  const from = (/** @type {string} */ path) => import(pathToFileURL(join(MODULES, path)).href);
  const [{ default: lighthouse }, { default: desktop }, { launch }] = await Promise.all([
    from("lighthouse/core/index.js"), from("lighthouse/core/config/desktop-config.js"), from("chrome-launcher/dist/index.js"),
  ]);
  const server = await serve(0);
  const chrome = await launch({ chromePath: process.env.CHROMIUM ?? BROWSERS.find((place) => existsSync(place)), chromeFlags: ["--headless=new", "--no-sandbox"] });
  /** @type {Found[]} */
  const found = [];
  try {
    for (const page of PAGES) {
      for (const form of /** @type {const} */ (["mobile", "desktop"])) {
        const flags = { port: chrome.port, logLevel: "error", onlyCategories: Object.keys(LEAST) };
        const { lhr } = await lighthouse(`http://localhost:${server.port}/${page}`, flags, form === "desktop" ? desktop : undefined);
        const scores = Object.fromEntries(Object.keys(LEAST).map((name) => [name, Math.round(100 * lhr.categories[name].score)]));
        const failed = Object.keys(LEAST).filter((name) => name !== "performance").flatMap((name) => lhr.categories[name].auditRefs)
          .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1).map(({ id }) => id);
        found.push({ page: page || "index.html", form, scores: /** @type {Found["scores"]} */ (scores), shift: lhr.audits["cumulative-layout-shift"].numericValue, failed });
      }
    }
  } finally {
    await chrome.kill();
    server.close();
  }
  return found;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { page, form, scores, shift, failed } of await audit()) {
    console.log(`${page.padEnd(11)} ${form.padEnd(8)} ${Object.entries(scores).map(([name, score]) => `${name} ${score}`).join(" · ")} · moved ${shift.toFixed(3)}${failed.length > 0 ? ` · ${failed.join(", ")}` : ""}`);
    const low = Object.entries(LEAST).filter(([name, least]) => Reflect.get(scores, name) < least);
    if (low.length === 0 && shift <= MOST_SHIFT) continue;
    console.error(`lighthouse: ${page}, ${form}: expected at least ${JSON.stringify(LEAST)} and at most ${MOST_SHIFT} moved`);
    process.exitCode = 1;
  }
}
