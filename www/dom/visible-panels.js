/** Which panels are shown: all of them, or those that a link or an attribute asks for. */

/**
 * Shows the panels of `list` and no others. Parts of the page bear the names of their panels in data-ui; what bears
 * none belongs to all. The sentence on the run always stays.
 * @param {Document | ShadowRoot} root @param {string} list names joined by commas, "all" or "none"
 */
export function showPanels(root, list) {
  const wanted = list.split(",");
  const all = wanted.includes("all");
  for (const part of root.querySelectorAll("[data-ui]")) {
    const names = (part.getAttribute("data-ui") ?? "").split(" ");
    part.toggleAttribute("data-off", !all && !names.some((name) => wanted.includes(name)));
  }
  root.querySelector(".stage")?.classList.toggle("some", !all);
}
