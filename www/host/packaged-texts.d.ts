/** Texts of the page by the names of their files: scripts/build-element.mjs makes this module. */
export const TEXTS: Record<string, string>;
