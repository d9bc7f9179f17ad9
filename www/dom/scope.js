/** Which playground a node belongs to: that of the page, or one inside an element of its own. */

/** The root that holds the node's playground. @param {Node} node @returns {Document | ShadowRoot} */
export function rootOf(node) {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? root : document;
}

/** What bears the playground's theme. @param {Node} node */
export function homeOf(node) {
  const root = rootOf(node);
  return root instanceof ShadowRoot ? root.host : document.documentElement;
}
