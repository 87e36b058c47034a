// What rings: a timer that ended, a reminder that is due. It is shown until somebody says that they have seen it, and spoken once.
// The event has no words: they are asked for when it comes, and are there for a minute.

import { ask, send } from '../hub/api';
import type { Happening } from '../hub/events.svelte';
import { session } from '../hub/session.svelte';
import { speak } from '../talk/speech';
import { shown } from '../words/shown';

export interface Ring {
  number: number;
  /** When. */
  at: string;
  /** What is said, in Porchlight's words; empty where they are over. */
  say: string;
  /** Of a timer that has a name. */
  name?: string | null;
  /** Of a reminder; none for an alarm. */
  text?: string | null;
  event: string;
}

export const rings = $state<{ all: Ring[] }>({ all: [] });

type Words = Pick<Ring, 'say' | 'name' | 'text'>;

/** How many stand on the page at most; the oldest gives way. */
const MOST = 5;

/** Takes an event that rings. */
export function ring(what: Happening): void {
  if (what.event !== 'timer-ended' && what.event !== 'reminder') return;
  // What somebody else is to be reminded of is theirs.
  if (what['person'] && what['person'] !== session.name) return;
  void show(what as unknown as Pick<Ring, 'number' | 'at' | 'event'>);
}

async function show({ number, at, event }: Pick<Ring, 'number' | 'at' | 'event'>): Promise<void> {
  const words = await ask<Words>('GET', `/api/events/${number}/words`).catch(() => null);
  if (rings.all.some((known) => known.number === number)) return;
  rings.all = [{ number, at, event, ...harmless(words) }, ...rings.all].slice(0, MOST);
  if (words) void aloud(number);
}

function harmless(words: Words | null): Words {
  if (!words) return { say: '' };
  const { say, name, text } = words;
  return { say: shown(say), name: name && shown(name), text: text && shown(text) };
}

/** It was seen. */
export function seen(ring: Ring): void {
  rings.all = rings.all.filter((other) => other !== ring);
}

async function aloud(number: number): Promise<void> {
  try {
    const answer = await send('GET', `/api/events/${number}/speech`);
    await speak(await answer.blob());
  } catch {
    // A hub without a voice, or a browser that allows no sound: the words stand on the page in any case.
  }
}
