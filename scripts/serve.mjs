/**
 * A static server for the playground: dist/ at /, pkg/ at /pkg/. It listens on the loopback address, so that nobody but
 * this machine can reach it, unless it is given another one (0.0.0.0: all of them). From the command line it prints its
 * address when it is ready: node scripts/serve.mjs [PORT [HOST]]
 */
import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const LOOPBACK = "127.0.0.1";
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
 * The file for what a request asks for, or null for what is no path, or one that leaves the two folders.
 * @param {string} target from the request's first line; not necessarily a URL
 */
function locate(target) {
  const [path] = target.split(/[?#]/, 1);
  if (!path.startsWith("/") || path.includes("//")) return null;
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

/** @param {import("node:http").ServerResponse} response @param {number} status @param {string} words */
function refuse(response, status, words) {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${words}\n`);
}

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response @param {Ready} ready */
async function answer(request, response, ready) {
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(response, 405, "expected GET or HEAD");
  const file = locate(request.url ?? "");
  if (file) await ready(file);
  const entry = file ? await load(file).catch(() => null) : null;
  if (!file || !entry) return refuse(response, 404, "not found");
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
}

/** @typedef {(file: string) => void | Promise<void>} Ready settles when a file need not be waited for any longer */

/**
 * Serves the playground on `port` (0 = any free one). No request ends the server.
 * @param {number} port @param {string} [host] the address that it listens on @param {Ready} [ready]
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export function serve(port, host = LOOPBACK, ready = () => {}) {
  const server = createServer((request, response) => {
    answer(request, response, ready).catch((error) => {
      console.error(`serve: ${request.method} ${request.url}: ${error}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "the server failed");
    });
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      const actual = address && typeof address === "object" ? address.port : port;
      resolve({ port: actual, close: () => server.close() });
    });
  });
}

/**
 * The server of a command that was given a port and a host. Where there can be none, it says why and ends the process.
 * @param {string[]} given @param {Ready} [ready]
 * @returns {Promise<string>} its address
 */
export async function serveCommand([given, host], ready) {
  const port = Number(given ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`serve: expected a port from 0 to 65535, got ${given}`);
    process.exit(2);
  }
  try {
    const server = await serve(port, host || LOOPBACK, ready);
    // All addresses of a machine have localhost among them.
    const shown = !host || [LOOPBACK, "0.0.0.0", "::"].includes(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
    return `http://${shown}:${server.port}/`;
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    console.error(taken ? `serve: port ${port} is in use; choose another: make play PORT=${port + 1}` : String(error));
    process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await serveCommand(process.argv.slice(2)));
