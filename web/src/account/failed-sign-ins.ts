// Tries to sign in as somebody that failed, in words.

import { failedSignIns as say } from '../words/failed-sign-ins';
import { clock, dayOf, today } from '../words/time.svelte';
import { near } from './sessions';

export interface FailedTries {
  tried: 'passphrase' | 'second-factor';
  home: number;
  elsewhere: number;
  from: string;
  until: string;
}

/** How many, when and from where, and what that means; `who` is empty for whoever reads it. */
export function told({ tried, home, elsewhere, from, until }: FailedTries, who = ''): string {
  const day = dayOf(until) === today() ? '' : near(until);
  const started = dayOf(from) === dayOf(until) ? clock(from) : `${near(from)}, ${clock(from)}`;
  const place = elsewhere === 0 ? say.home : home === 0 ? say.elsewhere : say.both(home, elsewhere);
  const meaning = tried === 'passphrase' ? say.nobody : who ? say.othersKnown(who) : say.knows;
  return `${say.told(who, home + elsewhere, day, started, clock(until))}, ${place}. ${meaning}`;
}
