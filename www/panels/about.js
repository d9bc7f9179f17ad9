/** The page's words about itself, which a first view does without: a page of their own, shown here too. */
import { file } from "../base/files.js";

/** Puts the prose of about.html in the place of the link to it; where that cannot be loaded, the link stays. @param {Document | ShadowRoot} root */
export async function showAbout(root) {
  const text = await file("about.html").then((found) => found.text(), () => "");
  const prose = new DOMParser().parseFromString(text, "text/html").querySelector(".prose");
  if (prose) root.getElementById("about-place")?.replaceWith(document.importNode(prose, true));
}
