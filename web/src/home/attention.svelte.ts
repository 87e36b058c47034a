// What at home needs attention, in sentences.

import type { Happening } from '../hub/events.svelte';
import { said, type Sentence } from '../words/hub';
import { list } from '../words/index.svelte';
import { home as w } from '../words/home';
import { clock } from '../words/time.svelte';
import { kitState } from '../keys/kit-state.svelte';
import { cameras, missing } from './cameras.svelte';

const troubles = $state<{ sentences: Sentence[] }>({ sentences: [] });

/** How many stand on the page; older ones are in the ledger or in `doctor`. */
const MOST = 3;

/** What keeps the hub from forgetting by itself. */
const CLOCK = ['clock-behind', 'clock-jumped', 'clock-ahead', 'more-than-planned'];

/** Takes the hub's word that something went wrong. */
export function trouble(what: Happening): void {
  const sentence = what['said'] as Sentence;
  // That stands on the page for as long as it lasts, and no longer: `parts/Attention.svelte`.
  if (CLOCK.includes(sentence.code)) return;
  troubles.sentences = [sentence, ...troubles.sentences.filter(({ text }) => text !== sentence.text)].slice(0, MOST);
}

/** The sentences; none when all is quiet. */
export function attention(): string[] {
  const all = cameras.all ?? [];
  const out = all.flatMap((device) => {
    const stretch = missing(device);
    return stretch ? [{ name: device.name, since: stretch.from }] : [];
  });
  const [first] = out;
  const away = out.length === 1 && first ? [w.outOfReach(first.name, clock(first.since))] : out.length ? [w.outOfReachAll(list(out.map(({ name }) => name)))] : [];
  if (away.length && out.length < all.length) away[0] += ` ${w.othersGoOn}`;
  const kit = kitState.old ? [w.oldKit] : [];
  return [...away, ...troubles.sentences.map(said), ...kit];
}
