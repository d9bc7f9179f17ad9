/** The page's words about itself, which a first view does without: a page of their own, shown here too. */
import { file } from "../base/files.js";

/** Puts the prose of about.html in the place of the link to it. @param {HTMLElement} link where it goes */
export async function showAbout(link) {
  const prose = new DOMParser().parseFromString(await (await file("about.html")).text(), "text/html").querySelector(".prose");
  if (prose) link.replaceWith(document.importNode(prose, true));
}
