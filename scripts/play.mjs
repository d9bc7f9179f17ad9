/**
 * Builds and serves the playground: node scripts/play.mjs [PORT [HOST]]. The address is printed, alone on stdout, when all
 * that a first view needs is there. The rest is built meanwhile; who asks for a part of it is answered when it is there.
 */
import { existsSync } from "node:fs";
import { join, sep } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startBuild } from "./build.mjs";
import { ROOT } from "./bundling.mjs";
import { serveCommand } from "./serve.mjs";

const FIRST = ["core", "charts", "details"];
const PACKAGE = join(ROOT, "pkg", sep);
let building = true;

// Served before anything is built, since the port may be taken. What is in pkg/ may be of an earlier build.
const address = await serveCommand(process.argv.slice(2), async (file) => {
  while (building && (file.startsWith(PACKAGE) || !existsSync(file))) await setTimeout(100);
});
try {
  const { npm, binaries } = startBuild();
  await npm;
  const { buildEarlyPage, buildPage, placeBinary } = await import("./build-page.mjs");
  await buildEarlyPage();
  const placed = new Map(Object.entries(binaries).map(([name, built]) => [name, built.then(() => placeBinary(name))]));
  // If one of these fails, so does the whole.
  Promise.all(FIRST.map((name) => placed.get(name))).then(() => console.log(address), () => {});
  await Promise.all(placed.values());
  await buildPage();
  building = false;
  console.error("play: everything is built");
} catch (error) {
  console.error(`play: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
