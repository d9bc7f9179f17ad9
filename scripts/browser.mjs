/** The system's Chromium for tests and measurements, on a page of this project's own server. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { serve } from "./serve.mjs";

/** Where the system keeps it. */
export const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * Starts a server and a browser.
 * @param {string[]} [flags] more of the browser's
 * @returns {Promise<{ browser: import("playwright-core").Browser, address: string, close: () => Promise<void> }>}
 */
export async function open(flags = []) {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((place) => existsSync(place));
  if (!executablePath) throw new Error("browser: chromium is missing; run: scripts/setup.sh browser");
  const server = await serve(0);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...flags] });
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { browser, address: `http://localhost:${server.port}/`, close };
}
