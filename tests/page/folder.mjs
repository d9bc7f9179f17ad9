/** A folder of the disk on a server of its own, as any static host would serve it. */
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm" };

/**
 * Serves `folder` at the root and the folders of `mounts` below their paths.
 * @param {string} folder
 * @param {Record<string, string>} [mounts]
 * @returns {Promise<{ site: string, lacking: string[], close: () => void }>} lacking: paths that were asked for and not there
 */
export async function serveFolder(folder, mounts = {}) {
  /** @type {string[]} */
  const lacking = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
    const name = path.endsWith("/") ? `${path}index.html` : path;
    const [at, from] = Object.entries(mounts).find(([prefix]) => name.startsWith(prefix)) ?? ["/", folder];
    const body = await readFile(join(from, name.slice(at.length))).catch(() => null);
    if (!body) lacking.push(path);
    response.writeHead(body ? 200 : 404, TYPES[extname(name)] ? { "content-type": TYPES[extname(name)] } : {}).end(body ?? "");
  });
  await new Promise((resolve) => server.listen(0, () => resolve(undefined)));
  const address = server.address();
  return { site: `http://localhost:${address && typeof address === "object" ? address.port : 0}`, lacking, close: () => server.close() };
}

/** Whether the playground of a page or frame has ended its run. @param {import("playwright-core").Page | import("playwright-core").Frame} where */
export const finished = (where) =>
  where.waitForFunction(() => document.querySelector("quant-playground")?.getAttribute("data-state") === "finished", null, { timeout: 300_000 });

/** What was asked for elsewhere. @param {string} site @param {string[]} requests */
export const outside = (site, requests) => requests.filter((url) => !url.startsWith(`${site}/`) && !/^(blob|data):/.test(url));
