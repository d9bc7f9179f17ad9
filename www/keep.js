/** The one copy of a run that this browser keeps for a later visit, in IndexedDB. */

/** @typedef {{ bytes: Uint8Array, time: number, epoch: number, epochs: number, done: boolean }} Copy */

const DATABASE = "ddq-playground";
const STORE = "runs";
const KEY = "last";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the storage was refused"));
  });
}

/**
 * One request in a transaction of its own.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} ask
 */
async function within(mode, ask) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await settled(ask(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** The copy, if there is one. @returns {Promise<Copy | null>} */
export async function readCopy() {
  const found = await within("readonly", (store) => store.get(KEY));
  return found?.bytes instanceof Uint8Array ? found : null;
}

/** @param {Copy} copy */
export const writeCopy = (copy) => within("readwrite", (store) => store.put(copy, KEY));

export const removeCopy = () => within("readwrite", (store) => store.delete(KEY));
