// Whether the household's ledger adds up, as far as this browser can tell. One for the whole app: any page may show it.

import { fromBase64, utf8, type Bytes } from './bytes';
import { ask, Problem, send, words } from '../hub/api';
import { Bad, Damaged } from './bad';
import { forget, recall, remember } from './memory';
import type { LineProof } from './receipt';
import { Ledger, type Head, type Lost, type Seen, type Source } from './visit';

/** It was not looked at yet; it adds up; it does not; or nobody could look, because the hub did not answer. */
export type State =
  | { is: 'unchecked' }
  | { is: 'good'; at: string; lines: number; before: { at: string; lines: number } | null; lost: Lost[] }
  | { is: 'bad'; at: string; why: Bad; before: Seen | null; shown: Head | null }
  | { is: 'away'; at: string; note: string };

export const ledger = $state<{ state: State; checking: boolean }>({ state: { is: 'unchecked' }, checking: false });

/** What was seen before the app was opened; every check since then is no visit of its own. */
let arrival: Seen | null | undefined;
let visited: Ledger | null = null;
let visiting: Promise<Ledger> | null = null;

/**
 * Checks the ledger: the newest checkpoint against the one that this browser remembers. Throws when it does not add up, or cannot be
 * checked; the store says so too. A checkpoint that does not add up is never remembered, and a hub that was caught once does not get
 * rid of the alarm by being honest afterwards.
 */
export function visit(): Promise<Ledger> {
  if (ledger.state.is === 'bad') return Promise.reject(ledger.state.why);
  visiting ??= look().finally(() => (visiting = null));
  return visiting;
}

/**
 * Takes in a signed checkpoint that the hub showed on the way, beside a look: the ledger must have the past that it speaks of and the
 * one that was seen before, and is remembered. Nobody waits for this: what does not add up is an alarm on every page.
 */
export async function meet(note: string): Promise<void> {
  // A visit that has begun may have asked for the newest checkpoint before this one was signed.
  await visiting?.catch(() => undefined);
  const seen = await visit();
  await seen.agrees(note).catch(async (why: unknown) => {
    if (why instanceof Bad) await accuse(why);
    throw why;
  });
}

/** What was found elsewhere not to add up: a line, a detail. */
export async function accuse(why: Bad): Promise<void> {
  const before = await recall();
  if (ledger.state.is !== 'bad') ledger.state = { is: 'bad', at: now(), why, before, shown: visited?.head ?? null };
}

/** Begins anew with whatever the hub shows next. For whoever knows why it is another. */
export async function beginAnew(): Promise<void> {
  await forget();
  [visited, arrival] = [null, null];
  ledger.state = { is: 'unchecked' };
  await visit();
}

/** Everything that a dispute could need, as a file. It holds no words and no pictures. */
export function evidence(): string {
  const { state } = ledger;
  if (state.is !== 'bad') return '';
  const { at, why, before, shown } = state;
  return `${JSON.stringify({ evidence: 1, at, fault: why.fault, why: why.message, line: why.line, seen: before, shown }, null, 2)}\n`;
}

async function look(): Promise<Ledger> {
  ledger.checking = true;
  let before: Seen | null = null;
  let shown: Head | null = null;
  try {
    // Before the hub is asked: whatever it shows then is newer.
    before = await recall();
    arrival = arrival === undefined ? before : arrival;
    const found = await Ledger.visit({ ...hub, head: async () => (shown = await hub.head()) }, before);
    const lost = await found.lost();
    const { key, checkpoint } = found.head;
    await remember({ key, checkpoint, at: now() });
    visited = found;
    ledger.state = { is: 'good', at: now(), lines: found.now.size, before: arrival && { at: arrival.at, lines: size(arrival.checkpoint) }, lost };
    return found;
  } catch (why) {
    visited = null;
    ledger.state = why instanceof Bad ? { is: 'bad', at: now(), why, before, shown } : { is: 'away', at: now(), note: words(why) };
    throw why;
  } finally {
    ledger.checking = false;
  }
}

/** The hub's ledger. What it does not have, it should not have signed for. */
const hub: Source = {
  head: () => ask<Head>('GET', '/api/ledger').then(shaped),
  tile: async (path) => {
    const answer = await send('GET', `/api/ledger/log/${path}`).catch((why: unknown) => {
      if (isDamaged(why)) throw new Damaged();
      throw why instanceof Problem && (why.status === 404 || why.status === 400) ? new Bad('lines', `the hub does not show ${path}`) : why;
    });
    return new Uint8Array(await answer.arrayBuffer());
  },
  line: async (index) => {
    try {
      return utf8((await ask<LineProof>('GET', `/api/ledger/lines/${index}/proof`)).entry);
    } catch (why) {
      if (isDamaged(why)) return null;
      throw why;
    }
  },
  older: async (tree) => (await ask<string[] | null>('GET', `/api/ledger/trees/${tree}`))?.map((entry): Bytes => fromBase64(entry)) ?? null,
};

function isDamaged(why: unknown): boolean {
  return why instanceof Problem && why.word === 'line-damaged';
}

function shaped(head: Head): Head {
  const texts = [head.key, head.checkpoint, ...(Array.isArray(head.successions) ? head.successions : [null])];
  if (!texts.every((text) => typeof text === 'string')) throw new Bad('form', 'the hub shows no checkpoint');
  return head;
}

function size(checkpoint: string): number {
  return Number(checkpoint.split('\n')[1]);
}

function now(): string {
  return new Date().toISOString();
}
