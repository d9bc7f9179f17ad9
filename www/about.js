/** The page's words about itself, which a first view does without: a page of their own, shown here too. */

/** Puts the prose of about.html in the place of the link to it. @param {HTMLElement} link where it goes */
export async function showAbout(link) {
  const response = await fetch(new URL("about.html", import.meta.url));
  // Where it is not to be had, the link stays.
  if (!response.ok) return;
  const prose = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".prose");
  if (prose) link.replaceWith(document.importNode(prose, true));
}
