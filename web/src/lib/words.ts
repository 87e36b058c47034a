// What lists say, in words.

import type { Recording } from './api';

/** One moment, with the recordings that were made of it. */
export interface Moment {
  id: number;
  recordings: Recording[];
}

/** Moments from recordings, the newest first. */
export function moments(recordings: Recording[]): Moment[] {
  const byId = new Map<number, Moment>();
  for (const recording of recordings) {
    const moment = byId.get(recording.moment) ?? { id: recording.moment, recordings: [] };
    moment.recordings.push(recording);
    byId.set(recording.moment, moment);
  }
  return [...byId.values()].reverse();
}

/** `3 recordings`. */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}

/** `18:05`. */
export function clock(at: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

/** `24 December`, with the year where it is another one. */
export function day(at: string): string {
  const date = new Date(at);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year }).format(date);
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
export function title({ recordings }: Moment): string {
  const first = recordings[0];
  if (!first) return '';
  const where = first.device ? ` · ${first.device}` : '';
  if (first.kind === 'video') return `Film${where}`;
  if (first.kind === 'timer' || first.kind === 'note') return `${capital(what(first))}${where}`;
  return `${first.person ?? 'Somebody'} said something${where}`;
}

/** `The sound, the words and the answer, kept until 24 December.` */
export function keeping({ recordings }: Moment): string {
  const kinds = [...new Set(recordings.map(what))];
  const list = kinds.length > 1 ? `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}` : (kinds[0] ?? '');
  const ends = recordings.map((recording) => recording.ends).filter((end) => end !== null);
  const last = ends.sort().at(-1);
  return `${capital(list)}, kept ${ends.length === recordings.length && last ? `until ${day(last)}` : 'until somebody forgets it'}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
