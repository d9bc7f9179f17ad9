/**
 * Gzipped bytes that headless Chromium fetches before the first live plot; exits 1 above the limit.
 * Bodies only, without headers, as served with gzip.
 */
import { gzipSync } from "node:zlib";
import { open } from "./browser.mjs";

const LIMIT = 200 * 1024;
const STRETCH = 160 * 1024;

const { browser, address, close } = await open();
try {
  const page = await browser.newPage();
  /** @type {{ name: string, at: number, bytes: Promise<number> }[]} */
  const fetched = [];
  page.on("response", (response) => {
    const bytes = response.body().then((body) => gzipSync(body, { level: 9 }).length);
    fetched.push({ name: new URL(response.url()).pathname, at: response.request().timing().startTime, bytes });
  });
  await page.goto(address);
  const plotted = await page.waitForFunction(() => {
    const [mark] = performance.getEntriesByName("first-plot");
    return mark ? performance.timeOrigin + mark.startTime : 0;
  });
  await page.waitForLoadState("networkidle");
  const until = await plotted.jsonValue();
  const origin = await page.evaluate(() => performance.timeOrigin);
  const sizes = await Promise.all(fetched.map(async ({ name, at, bytes }) => ({ name, at, bytes: await bytes })));
  // The loader of the package, which page and Worker both import, counts once: a static host lets browsers cache it.
  const once = new Map(sizes.filter(({ at }) => at <= until).map(({ name, bytes }) => [name, bytes]));
  let total = 0;
  for (const [name, bytes] of [...once].sort()) {
    total += bytes;
    console.log(`${String(bytes).padStart(8)}  ${name}`);
  }
  console.log(`${String(total).padStart(8)}  gzipped bytes to the first live plot (limit ${LIMIT}, stretch ${STRETCH})`);
  console.log(`${(until - origin).toFixed(0).padStart(8)}  ms from navigation to the first live plot`);
  if (total > LIMIT) {
    console.error(`size: expected at most ${LIMIT} bytes, got ${total}`);
    process.exitCode = 1;
  }
} finally {
  await close();
}
