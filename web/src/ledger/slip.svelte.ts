// A receipt as this browser checks it, and follows it until the last copy has gone.

import { ask } from '../hub/api';
import { Bad } from './bad';
import { equal, utf8 } from './bytes';
import { recall } from './memory';
import { leaf } from './merkle';
import { Verifier } from './note';
import { check, isComplete, renew, write, type Checked, type LineProof } from './receipt';
import { ledger, visit } from './state.svelte';
import type { Ledger } from './visit';

/** How sure one can be: the ledger holds it, or it is from before an older copy was put back, or the hub does not answer. */
export type Holds = 'here' | 'before' | 'alone';

export type Slip =
  | { is: 'checking' }
  | { is: 'good'; receipt: Checked; holds: Holds }
  | { is: 'refused'; why: Bad }
  /** The ledger itself does not add up. */
  | { is: 'unsure' }
  /** The hub does not answer, and nothing is remembered that one could check with. */
  | { is: 'away' };

/** Checks a receipt against the ledger that this browser has seen. */
export async function examine(file: string | Uint8Array): Promise<Slip> {
  let seen: Ledger;
  try {
    seen = await visit();
  } catch {
    return ledger.state.is === 'bad' ? { is: 'unsure' } : alone(file);
  }
  return settled(async () => {
    const receipt = await check(file, await seen.keys());
    return { is: 'good', receipt, holds: await holds(seen, receipt) };
  });
}

/** Whether nothing more is to be learned of it. */
export function isSettled(receipt: Checked, holds: Holds): boolean {
  return holds === 'before' || (holds === 'here' && isComplete(receipt.outcome));
}

/** The same receipt with what has become of the deletion by now; null when there is nothing to follow, or nothing new. */
export async function follow({ receipt, holds }: Slip & { is: 'good' }): Promise<Slip | null> {
  if (isSettled(receipt, holds)) return null;
  const now = await ask<LineProof>('GET', `/api/ledger/lines/${receipt.index}/proof`).catch(() => null);
  if (!now) return null;
  try {
    return await examine(write(renew(receipt.form, now)));
  } catch (why) {
    return { is: 'refused', why: fault(why) };
  }
}

/** Without the hub: by the key that is remembered, if any is. */
async function alone(file: string | Uint8Array): Promise<Slip> {
  const seen = await recall();
  if (!seen) return { is: 'away' };
  return settled(async () => ({ is: 'good', receipt: await check(file, [await Verifier.parse(seen.key)]), holds: 'alone' }));
}

/** That the ledger has the past that the receipt speaks of, with its line where the receipt says. */
async function holds(seen: Ledger, receipt: Checked): Promise<Holds> {
  await seen.agrees(receipt.note);
  if (receipt.tree !== seen.tree) return 'before';
  if (!equal(await seen.leaf(receipt.index), await leaf(utf8(receipt.form.entry)))) throw new Bad('rewritten', 'the ledger has another line there', receipt.index);
  return 'here';
}

async function settled(work: () => Promise<Slip>): Promise<Slip> {
  try {
    return await work();
  } catch (why) {
    return { is: 'refused', why: fault(why) };
  }
}

function fault(why: unknown): Bad {
  return why instanceof Bad ? why : new Bad('form', String(why));
}
