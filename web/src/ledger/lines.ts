// The lines of the ledger, each with its detail where it is still kept and sealed to whoever is signed in.

import { ask } from '../hub/api';
import * as keys from '../keys';
import { Bad } from './bad';
import { fromBase64, toHex } from './bytes';
import { commits, detail, object, type Entry } from './entry';
import { WIDTH } from './log';
import { write, type LineProof } from './receipt';
import type { Ledger } from './visit';

export interface Line {
  index: number;
  entry: Entry;
  /** What happened. */
  said: Record<string, unknown> | null;
  /** Why that is not known: its time is up, or it is sealed to others. */
  hidden: 'ended' | 'sealed' | null;
}

/** What the hub says beside a line: which recording holds its detail, as long as it is kept. */
interface Told {
  index: number;
  detail?: number | null;
}

/**
 * The lines of a bundle, from line `from` on. Their text is checked against the signed root, their details against their text. Of what
 * the hub says nothing else is used.
 */
export async function readLines(ledger: Ledger, n: number, from = 0): Promise<Line[]> {
  const entries = (await ledger.bundle(n)).map((entry, at) => ({ index: n * WIDTH + at, entry })).filter(({ index }) => index >= from);
  const first = entries[0];
  if (!first) return [];
  const opened = await details(first.index, entries.length);
  return Promise.all(
    entries.map(async ({ index, entry }) => {
      if (entry.line !== 'event') return { index, entry, said: null, hidden: null };
      const plain = opened.get(index);
      if (!(plain instanceof Uint8Array)) return { index, entry, said: null, hidden: plain ?? 'ended' };
      return { index, entry, said: object((await belonging(index, entry, plain)).said, 'a detail'), hidden: null };
    }),
  );
}

/** The receipt for a line, made anew: its detail, and what has become of the deletion by now. It is still to be checked. */
export async function receiptFor(index: number): Promise<string | null> {
  const plain = (await details(index, 1)).get(index);
  if (!(plain instanceof Uint8Array)) return null;
  const { salt, said } = detail(plain);
  const { key, successions, entry, proof, outcome } = await ask<LineProof>('GET', `/api/ledger/lines/${index}/proof`);
  return write({ receipt: 1, key, successions, entry, salt: toHex(salt), detail: said, proof, ...(outcome === null ? {} : { outcome }) });
}

/** The opened details of lines; of one that is sealed to others only that it is. What is missing has ended. */
async function details(from: number, count: number): Promise<Map<number, Uint8Array | 'sealed'>> {
  const told = (await ask<Told[]>('GET', `/api/ledger/lines?from=${from}`)).slice(0, count);
  const held = new Map<number, number>(told.flatMap(({ index, detail }) => (typeof detail === 'number' ? [[detail, index] as const] : [])));
  const sealed = held.size ? await ask<{ detail: number; age: string }[]>('POST', '/api/ledger/details', { details: [...held.keys()] }) : [];
  const opened = await Promise.all(
    sealed.map(async ({ detail, age }) => {
      const index = held.get(detail) ?? -1;
      return [index, await opening(index, detail, fromBase64(age))] as const;
    }),
  );
  return new Map(opened);
}

async function opening(index: number, id: number, age: Uint8Array): Promise<Uint8Array | 'sealed'> {
  try {
    return await keys.open(age, id);
  } catch (why) {
    if (why instanceof keys.NoKeys) throw why;
    if (why instanceof keys.OtherRecording) throw new Bad('detail', `what the hub handed out as the detail of line ${index} is another recording`, index);
    return 'sealed';
  }
}

async function belonging(index: number, entry: Entry & { line: 'event' }, plain: Uint8Array): Promise<{ said: string }> {
  const found = detail(plain);
  if (!(await commits(entry, found))) throw new Bad('detail', `the detail of line ${index} is not the one that the line commits to`, index);
  return found;
}
