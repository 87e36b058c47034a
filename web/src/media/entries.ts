// The entries of a day: moments with the recordings that were made of them, and film that was kept in pieces as stretches.

import { session } from '../hub/session.svelte';
import type { Recording } from '../hub/api';
import { list } from '../words/index.svelte';
import { media } from '../words/media';
import { until } from '../words/told';
import { clockApart as clock, date, dayOf, instant, addDays, type Day } from '../words/time.svelte';
import { goesOn } from './stretches';
import { isEffect, mayOpen, readers } from './whose';

/** An entry of a day: a moment, or a stretch of film, which is many. */
export interface Entry {
  /** Names it for as long as its first moment is kept. */
  key: string;
  /** The moments: one, or those of the pieces. */
  moments: number[];
  /** In the order of time. */
  recordings: Recording[];
  /** What the request left behind: recordings of moments of their own. */
  effects: Recording[];
  /** Milliseconds since 1970. */
  start: number;
  end: number;
}

/** The entries of recordings that come oldest first; the newest entry first. */
export function entries(recordings: Recording[]): Entry[] {
  const byMoment = new Map<number, Entry>();
  const stretches = new Map<string, Entry>();
  const found: Entry[] = [];
  const effects: Recording[] = [];
  for (const recording of recordings) {
    const start = Date.parse(recording.start);
    const end = start + recording.seconds * 1000;
    if (isEffect(recording) && recording.caused_by !== null) {
      effects.push(recording);
      continue;
    }
    let entry = byMoment.get(recording.moment);
    if (!entry && recording.kind === 'video') {
      const stretch = stretches.get(recording.device ?? '');
      if (stretch && isOneWith(stretch, recording, start)) entry = stretch;
    }
    if (!entry) {
      entry = { key: `${recording.moment}`, moments: [], recordings: [], effects: [], start, end };
      found.push(entry);
    }
    if (!byMoment.has(recording.moment)) entry.moments.push(recording.moment);
    byMoment.set(recording.moment, entry);
    if (recording.kind === 'video') stretches.set(recording.device ?? '', entry);
    entry.recordings.push(recording);
    entry.end = Math.max(entry.end, end);
  }
  // An effect stands beside what caused it, or alone when that is not kept or not shown.
  for (const effect of effects) {
    const cause = byMoment.get(effect.caused_by ?? -1);
    if (cause) cause.effects.push(effect);
    else found.push(alone(effect));
  }
  return found.sort((a, b) => b.start - a.start);
}

function isOneWith(stretch: Entry, next: Recording, start: number): boolean {
  const last = stretch.recordings.at(-1);
  return last !== undefined && goesOn({ ...stretch, media_type: last.media_type }, next, dayAt(stretch.start) === dayAt(start));
}

function alone(effect: Recording): Entry {
  const start = Date.parse(effect.start);
  return { key: `${effect.moment}`, moments: [effect.moment], recordings: [effect], effects: [], start, end: start };
}

/** The parts of a day, and when each begins. */
const PARTS = ['00:00', '06:00', '12:00', '18:00'] as const;
/** The parts that were asked for last: a day has four of them and ten thousand moments. */
const known: { from: number; to: number; day: Day; name: string }[] = [];

/** The part of a day that an instant lies in: `2026-11-18 3` is an evening. */
export function partOf(at: number): string {
  return partAt(at).name;
}

function dayAt(at: number): Day {
  return partAt(at).day;
}

function partAt(at: number): (typeof known)[number] {
  const found = known.find((part) => at >= part.from && at < part.to);
  if (found) return found;
  const day = dayOf(new Date(at));
  const begins = [...PARTS.map((time) => instant(day, time).getTime()), instant(addDays(day, 1)).getTime()];
  const index = Math.max(0, begins.findLastIndex((begin) => begin <= at));
  const part = { from: begins[index] ?? at, to: begins[index + 1] ?? at + 1, day, name: `${day} ${index}` };
  known.unshift(part);
  known.length = Math.min(known.length, 8);
  return part;
}

export function isFilm({ recordings }: Entry): boolean {
  return recordings[0]?.kind === 'video';
}

/** `18:05`, or for a stretch of film `18:05 to 18:20`. */
export function when(entry: Entry): string {
  const from = clock(new Date(entry.start));
  const to = clock(new Date(entry.end));
  return isFilm(entry) && from !== to ? media.fromTo(from, to) : from;
}

/** What a recording is of. */
export function what(recording: Recording): string {
  return media.kind(recording.kind);
}

/** Who or what was heard or seen, and where: `You, kitchen speaker`. */
export function title({ recordings }: Entry): string {
  const first = recordings[0];
  if (!first) return '';
  const who = first.kind === 'video' ? null : isEffect(first) ? capital(what(first)) : speaker(first);
  return [who, first.device].filter(Boolean).join(', ') || media.film;
}

/** `You`, or their name. */
function speaker(recording: Recording): string {
  if (recording.person === null) return media.somebody;
  return recording.person === session.name ? media.you : recording.person;
}

/** `the sound, the words and the answer`. */
export function listed(recordings: Recording[]): string {
  return list([...new Set(recordings.map(what))]);
}

/** `Only you can open it`, `Only Leo can open it`: who could, of what a request left behind nobody; empty where that is not known. */
export function opens(recordings: Recording[]): string {
  const recording = recordings.find(mayOpen) ?? recordings[0];
  const who = recording ? readers(recording) : [];
  if (who.length === 0) return '';
  if (who.length > 1) return media.theyOpen(who);
  return who[0] === session.name ? media.onlyYouOpen : media.onlyOpens(who[0]!); // there is one
}

/** When things end by themselves: the first and the last of them, and whether some do not. */
export function endsOf(recordings: Recording[]): { first: string; last: string; endless: boolean } {
  const ends = recordings.flatMap(({ ends }) => ends ?? []).sort((a, b) => Date.parse(a) - Date.parse(b));
  return { first: ends[0] ?? '', last: ends.at(-1) ?? '', endless: ends.length < recordings.length };
}

/** `Kept until 24 December`, where that is so of all of it. What a request left behind goes before, when it is done. */
export function kept(recordings: Recording[]): string {
  const { first, last, endless } = endsOf(recordings);
  if (!first) return media.keptForever;
  if (endless) return media.keptSome(date(first));
  if (date(first) !== date(last)) return media.keptFromTo(date(first), date(last));
  return recordings.every(isEffect) ? media.untilDone(date(first)) : media.keptUntil(date(first));
}

/** `Held until 21 December`; empty where nothing holds it. */
export function held(recordings: Recording[]): string {
  const latest = recordings.flatMap(({ held_until }) => held_until ?? []).sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
  if (latest === undefined) return '';
  return recordings.every(({ held_until }) => held_until) ? media.held(until(latest)) : media.heldSome(until(latest));
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
