/** Saves a file that was made here. */

/** @param {string} name @param {string} type @param {string | Uint8Array | Blob} content */
export function download(name, type, content) {
  const link = document.createElement("a");
  const blob = content instanceof Blob ? content : new Blob([/** @type {BlobPart} */ (content)], { type });
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the address after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
