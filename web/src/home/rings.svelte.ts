// What rings: a timer that ended, a reminder that is due. It is shown until somebody says that they have seen it, and spoken once.

import { send } from '../hub/api';
import type { Happening } from '../hub/events.svelte';
import { session } from '../hub/session.svelte';
import { speak } from '../talk/speech';

export interface Ring {
  number: number;
  /** When. */
  at: string;
  /** What is said, in Porchlight's words. */
  say: string;
  /** Of a timer that has a name. */
  name?: string | null;
  /** Of a reminder; none for an alarm. */
  text?: string | null;
  event: string;
}

export const rings = $state<{ all: Ring[] }>({ all: [] });

/** How many stand on the page at most; the oldest gives way. */
const MOST = 5;

/** Takes an event that rings. */
export function ring(what: Happening): void {
  if (what.event !== 'timer-ended' && what.event !== 'reminder') return;
  // What somebody else is to be reminded of is theirs.
  if (what['person'] && what['person'] !== session.name) return;
  const { number, at, say, name, text, event } = what as unknown as Ring;
  if (rings.all.some((known) => known.number === number && known.at === at)) return;
  rings.all = [{ number, at, say, name, text, event }, ...rings.all].slice(0, MOST);
  void aloud(number);
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
