// What this browser remembers of the household's ledger: its key and the checkpoint that it saw last. Nothing that anybody said or did.

import { Store } from '../hub/store';
import type { Seen } from './visit';

const memory = new Store('porchlight-ledger', 'seen');
/** At one address there is one household, and it has one ledger: another one does not go unnoticed. */
const KEY = 'household';

export async function recall(): Promise<Seen | null> {
  return ((await memory.use('readonly', (store) => store.get(KEY))) as Seen | undefined) ?? null;
}

/** Remembers a visit, unless another page of this browser has seen more of the same tree meanwhile. */
export async function remember(seen: Seen): Promise<void> {
  await memory.use('readwrite', (store) => {
    const asking = store.get(KEY);
    asking.onsuccess = () => {
      if (!isOlder(seen, asking.result as Seen | undefined)) store.put(seen, KEY);
    };
    return asking;
  });
}

/** Lets go of what was seen: from now on the hub is held to what it shows next. */
export async function forget(): Promise<void> {
  await memory.use('readwrite', (store) => store.delete(KEY));
}

function isOlder(seen: Seen, than: Seen | undefined): boolean {
  const [origin, size] = seen.checkpoint.split('\n');
  const [other, most] = than?.checkpoint.split('\n') ?? [];
  return origin === other && Number(size) < Number(most);
}
