// What this browser keeps between visits (IndexedDB): small things that are no words, sounds or pictures of anybody.

/** One store in a database of its own. */
export class Store {
  constructor(
    private readonly database: string,
    private readonly name: string,
  ) {}

  /** Does one thing in it; done when it lasts. */
  async use<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const opening = indexedDB.open(this.database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(this.name);
    const database = await settled(opening);
    try {
      const transaction = database.transaction(this.name, mode);
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? keepsNothing());
      });
      const found = await settled(work(transaction.objectStore(this.name)));
      await done;
      return found;
    } finally {
      database.close();
    }
  }
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // Listeners and not handlers: the work may have one of its own.
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error ?? keepsNothing()));
  });
}

function keepsNothing(): Error {
  return new Error('this browser keeps nothing');
}
