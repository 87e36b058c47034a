// Where this browser keeps a member's keys between visits: until sign-out, an ended session, or thirty days unused.

import type { MemberKeys } from './identity';

interface Kept extends MemberKeys {
  /** Milliseconds since 1970. */
  used: number;
}

const NAME = 'porchlight-keys';
const STORE = 'member';
const IDLE = 30 * 24 * 3_600_000;

/** Puts keys in, in the place of any before them. */
export async function put(keys: MemberKeys): Promise<void> {
  await inStore('readwrite', (store) => store.put({ ...keys, used: Date.now() } satisfies Kept, STORE));
}

/** The keys, if they are there and were used in the last thirty days. */
export async function take(): Promise<MemberKeys | null> {
  const kept = (await inStore('readonly', (store) => store.get(STORE))) as Kept | undefined;
  if (!kept) return null;
  if (Date.now() - kept.used > IDLE) {
    await clear();
    return null;
  }
  await put(kept);
  return kept;
}

/** Removes the keys. */
export async function clear(): Promise<void> {
  await inStore('readwrite', (store) => store.delete(STORE));
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('this browser keeps nothing'));
    });
    const found = await settled(work(transaction.objectStore(STORE)));
    await done;
    return found;
  } finally {
    database.close();
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('this browser keeps nothing'));
  });
}
