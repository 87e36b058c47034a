// What this browser remembers of the household's ledger: its key and the checkpoint that it saw last. Nothing that anybody said or did.

import type { Seen } from './visit';

const NAME = 'porchlight-ledger';
const STORE = 'seen';
/** At one address there is one household, and it has one ledger: another one does not go unnoticed. */
const KEY = 'household';

export async function recall(): Promise<Seen | null> {
  return ((await inStore('readonly', (store) => store.get(KEY))) as Seen | undefined) ?? null;
}

/** Remembers a visit, unless another page of this browser has seen more of the same tree meanwhile. */
export async function remember(seen: Seen): Promise<void> {
  await inStore('readwrite', (store) => {
    const asking = store.get(KEY);
    asking.onsuccess = () => {
      if (!isOlder(seen, asking.result as Seen | undefined)) store.put(seen, KEY);
    };
    return asking;
  });
}

/** Lets go of what was seen: from now on the hub is held to what it shows next. */
export async function forget(): Promise<void> {
  await inStore('readwrite', (store) => store.delete(KEY));
}

function isOlder(seen: Seen, than: Seen | undefined): boolean {
  const [origin, size] = seen.checkpoint.split('\n');
  const [other, most] = than?.checkpoint.split('\n') ?? [];
  return origin === other && Number(size) < Number(most);
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
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? new Error('this browser keeps nothing')));
  });
}
