/** Files that a visitor hands in: from inputs, from drops with folders, and what each of them is for. */

/** @typedef {{ path: string, file: File }} Chosen */
/** @typedef {"data" | "labels" | "test" | "testLabels" | ""} Role */

/** @type {[Role, string][]} */
export const ROLES = [["data", "samples"], ["labels", "labels of the samples"], ["test", "test samples"], ["testLabels", "labels of the test samples"], ["", "not used"]];
/** Most files of a folder; the engine's limits on numbers are lower for all but tiny images. */
const FILES_MAX = 100_000;
const IMAGE = /\.(png|jpe?g|gif|webp|bmp|avif)$/i;
const LABELS = /label|target|idx1|(^|[-_. ])y([-_. ]|$)/i;
const TEST = /test|t10k|valid/i;

/** Files of an input, with their folders. @param {FileList | null} list @returns {Chosen[]} */
export const chosenFiles = (list) => [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));

/** Whether files are images rather than tables. @param {Chosen[]} files */
export const areImages = (files) => files.some(({ path }) => IMAGE.test(path));

/**
 * Files and folders that were dropped.
 * @param {DataTransfer} transfer
 * @returns {Promise<Chosen[]>}
 */
export async function droppedFiles(transfer) {
  // Entries are to be asked for before the first await: afterwards the list is empty.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return chosenFiles(transfer.files);
  /** @type {Chosen[]} */
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/** @param {FileSystemEntry} entry @param {Chosen[]} found */
async function walk(entry, found) {
  if (found.length >= FILES_MAX) throw new Error(`the folder: expected at most ${FILES_MAX} files, got more`);
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const child of some) await walk(child, found);
  }
}

/** What each of several files is for, guessed from their names. @param {Chosen[]} files @returns {Role[]} */
export function guessRoles(files) {
  /** @type {Set<Role>} */
  const taken = new Set();
  return files.map(({ path }) => {
    if (files.length === 1) return "data";
    const test = TEST.test(path);
    const role = /** @type {Role} */ (LABELS.test(path) ? (test ? "testLabels" : "labels") : test ? "test" : "data");
    if (taken.has(role)) return "";
    taken.add(role);
    return role;
  });
}
