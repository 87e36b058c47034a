// What at home needs attention, in sentences.

import { stream, type Happening } from '../hub/events.svelte';
import { said, type Sentence } from '../words/hub';
import { list } from '../words/index.svelte';
import { home as w } from '../words/home';
import { kitState } from '../keys/kit-state.svelte';
import { since } from '../words/dates';
import { cameras, missing, type Device } from './cameras.svelte';

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

/** Each thing in a sentence or more, the worst first; none where nothing needs any, and none of a hub that is out of reach: the shell says so. */
export function attention(): string[][] {
  if (stream.lostAt) return [];
  return [...troubles.sentences.map((one) => [said(one)]), ...cameraTroubles(cameras.all ?? [])];
}

/** What is to be done about one's recovery kit: of all that can be lost at home only this is lost for good. Empty where nothing is. */
export function kitTrouble(): string {
  return kitState.old ? w.oldKit : kitState.later ? w.kitLater : '';
}

/** Which cameras are not being recorded, or whose film is not being kept. Why is said beside each, and here where one reason is that of all. */
function cameraTroubles(all: Device[]): string[][] {
  const out = all.flatMap((device) => {
    const stretch = missing(device);
    return stretch ? [{ name: device.name, ...stretch }] : [];
  });
  const [first] = out;
  if (!first) return [];
  const one = out.every(({ said }) => said.text === first.said.text);
  const told = [out.length === 1 ? notRecorded(first) : w.notRecordedAll(list(out.map(({ name }) => name)))];
  if (one) told.push(said(first.said));
  if (out.length < all.length && all.every((device) => device.recording || missing(device))) told.push(w.othersGoOn);
  return [told];
}

function notRecorded({ name, from, never }: { name: string; from: string | null; never: boolean }): string {
  if (never) return w.neverRecorded(name);
  return from ? w.notRecorded(name, since(from)) : w.notRecordedNow(name);
}
