/**
 * A static server for the playground: dist/ at /, pkg/ at /pkg/. From the command line it prints its
 * address when it is ready: node scripts/serve.mjs [PORT]
 */
import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The policy that all pages together need; each states its own, which is no wider. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; frame-src 'self'; style-src 'self'; " +
  "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
  ".bin": "application/octet-stream",
};

/**
 * The file for a path of a URL, or null for a path that leaves the two folders.
 * @param {string} path
 */
function locate(path) {
  let decoded;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  const clean = normalize(decoded.endsWith("/") ? `${decoded}index.html` : decoded);
  if (clean.includes("\0") || clean.split(sep).includes("..")) return null;
  return clean.startsWith("/pkg/") ? join(ROOT, clean) : join(ROOT, "dist", clean);
}

/** @type {Map<string, { changed: number, plain: Buffer, zipped: Buffer }>} */
const cache = new Map();

/** @param {string} file */
async function load(file) {
  const changed = (await stat(file)).mtimeMs;
  const known = cache.get(file);
  if (known?.changed === changed) return known;
  const plain = await readFile(file);
  const entry = { changed, plain, zipped: gzipSync(plain, { level: 9 }) };
  cache.set(file, entry);
  return entry;
}

/**
 * Serves the playground on `port` (0 = any free one).
 * @param {number} port
 * @param {(path: string) => Promise<unknown> | undefined} [ready] settles when the file of a path is there
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export function serve(port, ready) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    try {
      await ready?.(pathname);
    } catch (error) {
      response.writeHead(503, { "content-type": "text/plain; charset=utf-8" }).end(`${error instanceof Error ? error.message : error}\n`);
      return;
    }
    const file = locate(pathname);
    const entry = file ? await load(file).catch(() => null) : null;
    if (!file || !entry) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("not found\n");
      return;
    }
    const zip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
    const body = zip ? entry.zipped : entry.plain;
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": body.length,
      "cache-control": "no-store",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      // Pages elsewhere embed the playground, some of them isolated.
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      ...(zip ? { "content-encoding": "gzip" } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, () => {
      const address = server.address();
      const actual = address && typeof address === "object" ? address.port : port;
      resolve({ port: actual, close: () => server.close() });
    });
  });
}

/**
 * The server of a command, on the port that it was given; ends the process with a message where that cannot be.
 * @param {string | undefined} given
 * @param {(path: string) => Promise<unknown> | undefined} [ready]
 */
export async function serveCommand(given, ready) {
  const port = Number(given ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`serve: expected a port from 0 to 65535, got ${given}`);
    process.exit(2);
  }
  try {
    return await serve(port, ready);
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    console.error(taken ? `serve: port ${port} is in use; choose another: make play PORT=${port + 1}` : String(error));
    process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { port } = await serveCommand(process.argv[2]);
  console.log(`http://localhost:${port}/`);
}
