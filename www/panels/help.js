/** "?" beside the headings of a playground: where the lesson explains what stands there. */
import { pageAddress } from "../base/files.js";
import { make } from "../dom/elements.js";

/** Heading, section of the lesson, and what that tells. A label is followed by its link, a heading holds it. */
const PLACES = [
  ["figure:has(> #bits-chart) figcaption", "gradient", "how the gradient switches off a bit"],
  ["figure:has(> #range-chart) figcaption", "levels", "equal steps or learned levels"],
  ["#inspector-title", "gates", "what gates and the matrix U do"],
  ["#budget-label", "budget", "what the budget does"],
  ["#kernels-title", "kernels", "what fewer bits cost on this machine"],
  ["#search-title", "search", "four other ways to find the bits"],
  ["#planes figcaption", "planes", "training bits one by one"],
  ["#precision-title", "precision", "gradients in 16 and 8 bits"],
  ["#compare-title", "compare", "what a fair comparison says"],
];

/** A link into the lesson. @param {string} lesson its address @param {string} section @param {string} text @param {string} className */
function link(lesson, section, text, className) {
  const made = make("a", className, text);
  const hash = section && `#${section}`;
  const beside = new URL(".", lesson).href === new URL(".", location.href).href;
  made.href = beside ? `learn.html${hash}` : `${lesson}${hash}`;
  // A page of somebody else stays where it is.
  if (!beside || parent !== window) {
    made.target = "_blank";
    made.rel = "noopener";
  }
  return made;
}

/** Adds the links, once the headings are there; where the playground comes without its lesson, none. @param {Document | ShadowRoot} root */
export function addHelp(root) {
  const lesson = pageAddress("learn.html");
  if (lesson === null) return;
  for (const [place, section, words] of PLACES) {
    const heading = root.querySelector(place);
    if (!heading) throw new Error(`help: expected a heading ${place}`);
    const made = link(lesson, section, "?", "learn");
    made.setAttribute("aria-label", `Learn: ${words}`);
    made.title = `Learn: ${words}`;
    if (heading.matches("label")) heading.after(made);
    else heading.append(" ", made);
  }
  const about = make("p");
  about.append("Step by step, with live figures: ", link(lesson, "", "the lesson", ""), ".");
  root.getElementById("about")?.append(about);
}
