/**
 * Builds and serves the playground: node scripts/play.mjs [PORT]. The address is printed, alone on stdout, when all that
 * a first view needs is there. The rest is built meanwhile, and a request for a part of it is answered when that is there.
 */
import { BINARIES, startBuild } from "./build.mjs";
import { serveCommand } from "./serve.mjs";

const FIRST = ["core", "charts", "details"];
/** Made last, of everything else: what is embedded elsewhere, and the page as one file. */
const LAST = /^\/(embed\.html|embed\.js|embedded-worker\.js|quant-playground\.js|learn\.html|[\w-]+-offline\.html|pkg\/.*)$/;

/** @typedef {{ binaries: Record<string, Promise<void>>, complete: Promise<void> }} Stages */

/** @returns {Promise<Stages>} settles when the page can be served, but for what its promises are of */
async function begin() {
  const { npm, binaries, all } = startBuild();
  await npm;
  const { buildEarlyPage, buildPage } = await import("./build-page.mjs");
  const { place } = await buildEarlyPage();
  const placed = Object.fromEntries(BINARIES.map((name) => [name, binaries[name].then(() => place(name))]));
  const complete = all.then(() => buildPage({ fresh: false }));
  // Whoever waits for one of them hears of its failure, and the end of this file of any.
  for (const stage of [...Object.values(placed), complete]) stage.catch(() => {});
  return { binaries: placed, complete };
}

/** @type {Promise<Stages> | null} */
let begun = null;

// First of all: a port that is taken is no reason to build anything.
const { port } = await serveCommand(process.argv[2], async (path) => {
  const stages = await begun;
  await (LAST.test(path) ? stages?.complete : stages?.binaries[path.split("/")[1]]);
});
try {
  begun = begin();
  const { binaries, complete } = await begun;
  await Promise.all(FIRST.map((name) => binaries[name]));
  console.log(`http://localhost:${port}/`);
  await complete;
  console.error("play: all of it is built");
} catch (error) {
  console.error(`play: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
