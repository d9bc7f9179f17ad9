/** The page: a playground of the whole document, begun as the link says by which it was opened. */
import { Playground } from "./playground.js";

const play = !matchMedia("(prefers-reduced-motion: reduce)").matches;
const opened = location.hash;
const playground = new Playground({
  root: document,
  home: document.documentElement,
  begin: opened.length > 1 ? async (page) => (await import("./link.js")).follow(page, opened) : undefined,
  play,
});
playground.addEventListener("ready", async () => (await import("./link.js")).keep(playground, opened), { once: true });
