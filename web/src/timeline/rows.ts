// The rows of the timeline: its entries with the newest end first, under the parts of the day. What was said within half an hour in one
// room is one row, however much it is.

import { isFilm, partOf, type Entry } from '../media/entries';
import { isEffect } from '../media/whose';
import type { Answered } from './days.svelte';

/** Things said in one room within half an hour. */
export interface Talk {
  key: string;
  where: string | null;
  /** The newest first. */
  said: Entry[];
  /** What was answered and forgotten among them. */
  answered: Answered[];
  from: number;
  to: number;
}

export type Row = { key: string } & (
  | { is: 'part'; name: string; first: boolean }
  | { is: 'entry'; entry: Entry; number: number; /** It is one of a talk that is unfolded. */ of?: Talk }
  | { is: 'talk'; talk: Talk; number: number; open: boolean }
  | { is: 'hollow'; answered: Answered; number: number; of?: Talk }
);

/** By the clock, so that a talk stays the same one while more of its day comes. */
const TOGETHER = 1_800_000;

type Item = { at: number } & ({ is: 'entry'; entry: Entry } | { is: 'talk'; talk: Talk } | { is: 'hollow'; answered: Answered });

/** The rows, and how many things they tell of. A talk is unfolded where `isOpen` says so. */
export function rows(entries: Entry[], answered: Answered[], isOpen: (talk: Talk) => boolean): { rows: Row[]; count: number } {
  const rows: Row[] = [];
  let part = '';
  let number = 0;
  for (const item of folded(entries, answered)) {
    const now = partOf(item.at);
    if (now !== part) {
      part = now;
      rows.push({ key: `part ${now}`, is: 'part', name: now, first: rows.length === 0 });
    }
    if (item.is === 'entry') rows.push({ key: item.entry.key, is: 'entry', entry: item.entry, number: ++number });
    else if (item.is === 'hollow') rows.push({ key: keyOf(item.answered), is: 'hollow', answered: item.answered, number: ++number });
    else {
      const { talk } = item;
      const open = isOpen(talk);
      rows.push({ key: talk.key, is: 'talk', talk, number: ++number, open });
      if (!open) continue;
      for (const one of oneByOne(talk)) {
        if ('at' in one) rows.push({ key: keyOf(one), is: 'hollow', answered: one, number: ++number, of: talk });
        else rows.push({ key: one.key, is: 'entry', entry: one, number: ++number, of: talk });
      }
    }
  }
  return { rows, count: number };
}

/** With what was said and answered put together. */
function folded(entries: Entry[], answered: Answered[]): Item[] {
  const talks = new Map<string, Talk>();
  const items: Item[] = [];
  const talkAt = (where: string | null, at: number): Talk => {
    const half = Math.floor(at / TOGETHER);
    const key = `talk ${half} ${where ?? ''}`;
    const found = talks.get(key) ?? { key, where, said: [], answered: [], from: at, to: at };
    talks.set(key, found);
    found.from = Math.min(found.from, at);
    found.to = Math.max(found.to, at);
    return found;
  };
  for (const entry of entries) {
    const first = entry.recordings[0];
    if (!first || isFilm(entry) || isEffect(first) || !isSaid(entry)) items.push({ is: 'entry', entry, at: isFilm(entry) ? entry.end : entry.start });
    else talkAt(first.room ?? first.device, entry.start).said.push(entry);
  }
  for (const one of answered) talkAt(one.room ?? one.device, Date.parse(one.at)).answered.push(one);
  for (const talk of talks.values()) {
    talk.said.sort((a, b) => b.start - a.start);
    const [entry, second] = talk.said;
    const [one] = talk.answered;
    if (talk.said.length + talk.answered.length > 1) items.push({ is: 'talk', talk, at: talk.to });
    else if (entry && !second) items.push({ is: 'entry', entry, at: entry.start });
    else if (one) items.push({ is: 'hollow', answered: one, at: Date.parse(one.at) });
  }
  return items.sort((a, b) => b.at - a.at);
}

function oneByOne({ said, answered }: Talk): (Entry | Answered)[] {
  const at = (one: Entry | Answered) => ('at' in one ? Date.parse(one.at) : one.start);
  return [...said, ...answered].sort((a, b) => at(b) - at(a));
}

function isSaid({ recordings }: Entry): boolean {
  return recordings.some(({ kind }) => kind === 'voice' || kind === 'transcript' || kind === 'reply');
}

function keyOf({ at, device }: Answered): string {
  return `hollow ${at} ${device}`;
}
