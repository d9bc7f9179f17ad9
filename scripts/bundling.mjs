/** What all bundles are made with. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
export const DIST = join(ROOT, "dist");

/** A file of www/. @param {string} name */
export const inWww = (name) => join(ROOT, "www", name);

/** @type {import("esbuild").BuildOptions} */
export const COMMON = { absWorkingDir: ROOT, bundle: true, minify: true, outdir: DIST, legalComments: "none", entryNames: "[name]", target: "es2022", logLevel: "warning" };

/** @param {number} bytes */
export const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;
