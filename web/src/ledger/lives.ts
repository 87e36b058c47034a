// Live pictures, told in words: the line of their beginning and that of their end are one sentence.

import { client as named } from '../words/client';
import { ledgerWords as w } from '../words/ledger';
import { clock, clockApart, dayOf, dated, span } from '../words/time.svelte';
import type { Line } from './lines';
import type { Telling } from './telling';

/** The looks whose end is among these lines, and the line of their beginning where that is among them too, else of their end. */
export function ended(lines: Line[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { entry, said } of lines) {
    if (entry.line === 'event' && entry.kind === 'live-end' && said) found.set(text(said['look']), -1);
  }
  for (const { index, entry, said } of lines) {
    if (entry.line === 'event' && entry.kind === 'live' && said && found.has(text(said['look']))) found.set(text(said['look']), index);
  }
  return found;
}

/** What one of the two says; `began` is the line of the beginning that goes with an end. */
export function tellLive(index: number, kind: 'live' | 'live-end', said: Record<string, unknown>, you: boolean, began = -1): Pick<Telling, 'what' | 'note'> & Partial<Telling> {
  const [camera, at, since] = [text(said['device']), text(said['at']), text(said['since'])];
  const from = text(said['client']) && w.from(named(text(said['client'])));
  if (kind === 'live') return { what: w.beganLive(you, camera), note: from };
  // It stands where it began.
  const placed = began >= 0 ? { at: since, lines: [index, began] } : { at: since };
  if (text(said['why']) === 'cut-short') return { ...placed, what: w.beganLive(you, camera), note: `${from} ${w.cutShort(dayOf(at) === dayOf(since) ? clock(at) : dated(at))}`.trim() };
  if (text(said['why']) === 'refused') return { ...placed, what: w.askedLive(you, camera), note: `${from} ${w.liveEnded.refused}`.trim() };
  const seconds = Math.max(0, (Date.parse(at) - Date.parse(since)) / 1000);
  const [first, last] = [clock(since), clock(at)];
  const times = first === last ? clockApart(since) : w.fromTo(dayOf(at) === dayOf(since) ? first : dated(since), dayOf(at) === dayOf(since) ? last : dated(at));
  const note = [from, (w.liveEnded as Record<string, string>)[text(said['why'])]].filter(Boolean).join(' ');
  return { ...placed, what: w.sawLive(you, camera, times, seconds >= 60 ? span(seconds) : ''), note };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
