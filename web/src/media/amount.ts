// How much something is, as people count it: film by its length and camera, what was said by who said it. What was made of a thing
// belongs to it, and is not counted again: so the number is the same in a question, on its button, on the receipt and in the ledger.

import type { Recording } from '../hub/api';
import { session } from '../hub/session.svelte';
import { amounts as w } from '../words/amounts';
import { list } from '../words/index.svelte';
import { isEffect } from './whose';

export interface Amount {
  /** Seconds of film, by the camera's name. */
  film: Map<string, number>;
  /** Things said, by the name of who said them; `''` where that is not known. */
  said: Map<string, number>;
  /** Everything else that belongs to nothing in here, by kind. */
  others: Map<string, number>;
}

const SPOKEN = ['voice', 'transcript', 'reply'];
/** More cameras than this are counted and not named. */
const NAMED = 2;

export function amountOf(recordings: Recording[]): Amount {
  const amount: Amount = { film: new Map(), said: new Map(), others: new Map() };
  const add = (to: Map<string, number>, key: string, more: number) => to.set(key, (to.get(key) ?? 0) + more);
  const moments = new Set(recordings.map(({ moment }) => moment));
  const said = new Set<number>();
  for (const recording of recordings) {
    const { kind, moment } = recording;
    if (kind === 'video') add(amount.film, recording.device ?? '', recording.seconds);
    else if (SPOKEN.includes(kind)) {
      if (!said.has(moment)) add(amount.said, recording.person ?? '', 1);
      said.add(moment);
    } else if (kind !== 'voiceprint' && !belongs(recording, moments)) add(amount.others, kind, 1);
  }
  return amount;
}

/** The same out of what a receipt or the ledger says: so many of each kind. Whose they were is not in it. */
export function amountOfKinds(kinds: { kind: string; count: number; seconds?: number | undefined }[]): Amount | null {
  const amount: Amount = { film: new Map(), said: new Map(), others: new Map() };
  let said = 0;
  for (const { kind, count, seconds } of kinds) {
    // An older receipt does not say how long film was.
    if (kind === 'video' && seconds === undefined) return null;
    if (kind === 'video') amount.film.set('', seconds ?? 0);
    else if (SPOKEN.includes(kind)) said = Math.max(said, count);
    else if (kind !== 'voiceprint') amount.others.set(kind, count);
  }
  if (said) amount.said.set('', said);
  // What was said left these behind, and what was seen: they are its own.
  if (said) for (const kind of ['timer', 'note', 'reminder']) amount.others.delete(kind);
  if (amount.film.size) amount.others.delete('snapshot');
  return amount;
}

/** Whether it was made of something else that is among these moments, or left behind by it. */
function belongs({ moment, sources, caused_by, ...recording }: Recording, moments: ReadonlySet<number>): boolean {
  if (isEffect(recording)) return caused_by !== null && moments.has(caused_by);
  return sources.some((source) => source !== moment && moments.has(source));
}

/** `19 minutes of Drive and 1 thing you said`. */
export function inFull({ film, said, others }: Amount): string {
  const filmed = film.size > NAMED ? [w.ofCameras(lengthOf(sum(film)), film.size)] : [...film].map(([camera, seconds]) => w.of(lengthOf(seconds), camera));
  const spoken = [...said].sort(([a], [b]) => Number(b === session.name) - Number(a === session.name)).map(([who, number]) => (who === session.name ? w.youSaid(number) : who ? w.theySaid(number, who) : w.somebodySaid(number)));
  return list([...filmed, ...spoken, ...rest(others)]) || w.nothing;
}

/** The same without whose: `19 minutes and 1 thing`. */
export function inShort({ film, said, others }: Amount): string {
  return list([...(film.size ? [lengthOf(sum(film))] : []), ...(said.size ? [w.things(sum(said))] : []), ...rest(others)]) || w.nothing;
}

/** The number that an amount begins with, as it is written in `inShort`: who means much writes it. */
export function numberOf(amount: Amount): string {
  return /\d+/.exec(inShort(amount).replaceAll(/(\d)[.,\u2009\u202f\u00a0](?=\d{3})/g, '$1'))?.[0] ?? '0';
}

/** `42 seconds`, `19 minutes`, `8 hours 44 minutes`. */
export function lengthOf(seconds: number): string {
  if (seconds < 59.5) return w.seconds(Math.max(1, Math.round(seconds)));
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return w.minutes(minutes);
  const [hours, left] = [Math.floor(minutes / 60), minutes % 60];
  return left ? `${w.hours(hours)} ${w.minutes(left)}` : w.hours(hours);
}

/** `0:12`, `42 min`, `8 h 44`: on a picture. */
export function lengthOnPicture(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60}` : ''}`;
}

function rest(others: Amount['others']): string[] {
  return [...others].map(([kind, number]) => w.others[kind]?.(number) ?? w.other(number));
}

function sum(numbers: ReadonlyMap<string, number>): number {
  return [...numbers.values()].reduce((sum, number) => sum + number, 0);
}
