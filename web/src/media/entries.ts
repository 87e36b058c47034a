// What lists say, in words.

import type { Recording } from '../hub/api';
import { clock, date } from '../words/time.svelte';

/** An entry of a day: a moment with the recordings that were made of it, or a stretch of film that was kept in pieces. */
export interface Entry {
  /** The moments: one, or those of the pieces. */
  moments: number[];
  recordings: Recording[];
}

/** Pieces of film that are no further apart are one stretch, in milliseconds. */
const GAP = 60_000;

/** The entries of recordings that come oldest first; the newest entry first. */
export function entries(recordings: Recording[]): Entry[] {
  const byMoment = new Map<number, Entry>();
  const stretches = new Map<string, Entry>();
  const found: Entry[] = [];
  for (const recording of recordings) {
    let entry = byMoment.get(recording.moment);
    if (!entry && recording.kind === 'video') {
      const stretch = stretches.get(recording.device ?? '');
      const last = stretch?.recordings.at(-1);
      if (stretch && last && Date.parse(recording.start) - end(last) < GAP) entry = stretch;
    }
    if (!entry) {
      entry = { moments: [], recordings: [] };
      found.push(entry);
    }
    if (!byMoment.has(recording.moment)) entry.moments.push(recording.moment);
    byMoment.set(recording.moment, entry);
    if (recording.kind === 'video') stretches.set(recording.device ?? '', entry);
    entry.recordings.push(recording);
  }
  return found.reverse();
}

function end(recording: Recording): number {
  return Date.parse(recording.start) + recording.seconds * 1000;
}

/** `18:05`, or for a stretch of film `18:05 to 18:20`. */
export function when({ recordings }: Entry): string {
  const [first, last] = [recordings[0], recordings.at(-1)];
  if (!first || !last) return '';
  const from = clock(first.start);
  const to = clock(new Date(end(last)).toISOString());
  return first.kind === 'video' && from !== to ? `${from} to ${to}` : from;
}

/** `3 recordings`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}

const KINDS: Record<string, string> = {
  voice: 'the sound',
  transcript: 'the words',
  reply: 'the answer',
  video: 'the film',
  snapshot: 'a picture',
  timer: 'a timer',
  note: 'something on a list',
  voiceprint: 'how the voice sounds',
};

/** What a recording is of. */
export function what(recording: Recording): string {
  return KINDS[recording.kind] ?? recording.kind;
}

/** Who or what was heard or seen, and where. */
export function title({ recordings }: Entry): string {
  const first = recordings[0];
  if (!first) return '';
  const where = first.device ? ` · ${first.device}` : '';
  if (first.kind === 'video') return `Film${where}`;
  if (first.kind === 'timer' || first.kind === 'note') return `${capital(what(first))}${where}`;
  return `${first.person ?? 'Somebody'} said something${where}`;
}

/** `The sound, the words and the answer, kept until 24 December.` */
export function keeping({ recordings }: Entry): string {
  const kinds = [...new Set(recordings.map(what))];
  const list = kinds.length > 1 ? `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}` : (kinds[0] ?? '');
  const ends = recordings.map((recording) => recording.ends).filter((end) => end !== null);
  const last = ends.sort().at(-1);
  return `${capital(list)}, kept ${ends.length === recordings.length && last ? `until ${date(last)}` : 'until somebody forgets it'}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
