// Where this browser keeps a member's keys between visits: until sign-out, an ended session, or thirty days unused.

import { Store } from '../hub/store';
import type { MemberKeys } from './identity';

interface Kept extends MemberKeys {
  /** Milliseconds since 1970. */
  used: number;
}

const MEMBER = 'member';
const drawer = new Store('porchlight-keys', MEMBER);
const IDLE = 30 * 24 * 3_600_000;

/** Puts keys in, in the place of any before them. */
export async function put(keys: MemberKeys): Promise<void> {
  await drawer.use('readwrite', (store) => store.put({ ...keys, used: Date.now() } satisfies Kept, MEMBER));
}

/** The keys, if they are there and were used in the last thirty days. */
export async function take(): Promise<MemberKeys | null> {
  const kept = (await drawer.use('readonly', (store) => store.get(MEMBER))) as Kept | undefined;
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
  await drawer.use('readwrite', (store) => store.delete(MEMBER));
}
