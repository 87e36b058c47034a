// What just happened: the newest of what was kept, and what was answered and forgotten. Nothing of it is opened unless somebody asks.

import { ask, Problem, type Recording } from '../hub/api';
import { entries, type Entry } from '../media/entries';
import { look } from '../media/looks';
import { mayOpen } from '../media/whose';
import { shown } from '../words/shown';
import { bounds, today } from '../words/time.svelte';
import { coalesced } from './soon';

/** A line: an entry of the day, or that something was answered and forgotten. What a camera films is none: it says so itself. */
export type Line = { key: string; at: number } & ({ entry: Entry } | { where: string | null });

/** How many lines are shown. */
const SHOWN = 6;
/** So many recordings make as many lines at the least. */
const LISTED = 60;
const KINDS = 'voice,transcript,reply,snapshot,note,timer,reminder';

interface Words {
  said: string;
  moment: number;
}

export const happened = $state({
  lines: null as Line[] | null,
  /** What was said, by moment, where its words were opened. */
  words: {} as Record<number, Words | undefined>,
  opening: false,
  trouble: null as unknown,
});

export const lookUp = coalesced(async () => {
  try {
    const { from } = bounds(today());
    const since = new URLSearchParams({ from: from.toISOString() });
    const [kept, answered] = await Promise.all([
      ask<Recording[]>('GET', `/api/recordings?${since}&kind=${KINDS}&limit=${LISTED}`),
      ask<{ at: string; device: string | null; room: string | null }[]>('GET', `/api/answered?${since}`),
    ]);
    happened.lines = [
      ...entries(kept).map((entry) => ({ key: `moment ${entry.moments[0]}`, at: Date.parse(entry.recordings.at(-1)!.start), entry })), // one is there
      ...answered.map(({ at, device, room }, n) => ({ key: `answered ${at} ${n}`, at: Date.parse(at), where: room ?? device })),
    ]
      .sort((a, b) => b.at - a.at)
      .slice(0, SHOWN);
  } catch (why) {
    if (!(why instanceof Problem && why.word === 'no-hub')) happened.trouble = why;
  }
});

/** The transcripts among the lines that whoever is signed in may open and has not. */
export function unread(): Recording[] {
  return (happened.lines ?? [])
    .flatMap((line) => ('entry' in line ? line.entry.recordings : []))
    .filter((recording) => recording.kind === 'transcript' && mayOpen(recording) && !happened.words[recording.moment]);
}

/** Opens them all, in one look. */
export async function read(): Promise<void> {
  const wanted = unread();
  if (happened.opening || !wanted.length) return;
  happened.opening = true;
  happened.trouble = null;
  try {
    const { opened } = await look(wanted.map((recording) => recording.id));
    for (const { recording, bytes } of opened) {
      happened.words[recording.moment] = { said: shown(new TextDecoder().decode(bytes)), moment: recording.moment };
      bytes.fill(0);
    }
  } catch (why) {
    happened.trouble = why;
  } finally {
    happened.opening = false;
  }
}

export function forgotten(moments: number[]): void {
  for (const moment of moments) delete happened.words[moment];
  const gone = new Set(moments);
  happened.lines = (happened.lines ?? []).filter((line) => !('entry' in line && line.entry.moments.every((moment) => gone.has(moment))));
}

/** Words are opened for as long as this page is. */
export function close(): void {
  happened.words = {};
}
