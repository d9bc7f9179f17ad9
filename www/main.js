/** The page: a playground of the whole document, begun as the link says by which it was opened. */
import { Playground } from "./playground.js";

const play = !matchMedia("(prefers-reduced-motion: reduce)").matches;
const linked = location.hash.length > 1;
const playground = new Playground({
  root: document,
  home: document.documentElement,
  begin: linked ? async (page) => (await import("./link.js")).follow(page, location.hash) : undefined,
  play,
});
playground.addEventListener("ready", async () => (await import("./link.js")).keep(playground, linked), { once: true });
