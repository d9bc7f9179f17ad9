/** The one copy of a run that this browser keeps for a later visit, in IndexedDB. */

/**
 * of: the settings of the run as text, by which a run knows its own copy.
 * @typedef {{ bytes: Uint8Array, time: number, epoch: number, epochs: number, done: boolean, of: string }} Copy
 */

const DATABASE = "ddq-playground";
const STORE = "runs";
const KEY = "last";
/** A storage that has not opened after this time, in ms, is taken for blocked. */
const PATIENCE = 10_000;

/** A failure in words: what browsers say of a full storage is often empty. @param {DOMException | null} error */
const refusal = (error) => new Error(error?.name === "QuotaExceededError" ? "its storage is full" : error?.message || error?.name || "its storage refused");

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    const blocked = () => reject(new Error("its storage is blocked by another tab of this page"));
    const timer = setTimeout(blocked, PATIENCE);
    opening.onblocked = blocked;
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(refusal(opening.error));
    opening.onsuccess = () => {
      clearTimeout(timer);
      // What opens after it was given up must not block others.
      opening.result.onversionchange = () => opening.result.close();
      resolve(opening.result);
    };
  });
}

/**
 * One request in a transaction of its own; settles when that is over, since a request may succeed and its transaction fail.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 * @returns {Promise<T>}
 */
async function within(mode, ask) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      transaction.onabort = () => reject(refusal(transaction.error));
      const request = ask(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
    });
  } finally {
    database.close();
  }
}

/** The copy, if there is a sound one. @returns {Promise<Copy | null>} */
export async function readCopy() {
  const found = await within("readonly", (store) => store.get(KEY));
  const sound = found?.bytes instanceof Uint8Array && [found.time, found.epoch, found.epochs].every(Number.isFinite);
  return sound ? { of: "", ...found } : null;
}

/** @param {Copy} copy */
export const writeCopy = (copy) => within("readwrite", (store) => store.put(copy, KEY));

export const removeCopy = () => within("readwrite", (store) => store.delete(KEY));
