// What somebody has chosen of the timeline: by a range of time, and by ticks that add to it or take away.

import type { Recording, Selection } from '../hub/api';
import type { Entry } from '../media/entries';
import { mayForget } from '../media/whose';

/** Milliseconds since 1970. */
export interface Range {
  from: number;
  to: number;
}

/** The most that the hub takes by their ids at once. */
const MOST_IDS = 10_000;

/** What is chosen, as the hub is asked for it: by moments, or by recordings alone. More than it takes by ids can be a stretch of one camera's film; else it is none. */
export function selectionOf(recordings: Recording[], by: 'moment' | 'id' = 'moment'): Selection | null {
  const ids = [...new Set(recordings.map((recording) => recording[by]))];
  if (ids.length <= MOST_IDS) return { ids };
  const first = recordings[0];
  if (!first?.device || recordings.some(({ kind, device }) => kind !== 'video' || device !== first.device)) return null;
  const inOrder = [...recordings].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  // The hub takes what was not over at the beginning: in the middle of the first piece, the one before it is.
  const from = Date.parse(inOrder[0]!.start) + inOrder[0]!.seconds * 500;
  const to = Date.parse(inOrder.at(-1)!.start) + 1; // there is one
  return { filter: { device: first.device, kind: 'video', from: new Date(from).toISOString(), to: new Date(to).toISOString() } };
}

export class Chosen {
  range = $state<Range | null>(null);
  /** Moments. */
  moments = $state.raw<ReadonlySet<number>>(new Set());

  /** All in the range that may be forgotten; nothing where the range is taken away. */
  within(range: Range | null, entries: Entry[]): void {
    this.range = range;
    const found = new Set<number>();
    if (range) {
      for (const entry of entries) {
        if (entry.end < range.from || entry.start >= range.to) continue;
        for (const recording of entry.recordings) {
          const start = Date.parse(recording.start);
          if (start >= range.from && start < range.to && mayForget(recording)) found.add(recording.moment);
        }
      }
    }
    this.moments = found;
  }

  /** Adds an entry, or takes it away. */
  tick(entry: Entry, on: boolean): void {
    const next = new Set(this.moments);
    for (const moment of entry.moments) {
      if (on) next.add(moment);
      else next.delete(moment);
    }
    this.moments = next;
  }

  /** All of it, some of it, or nothing. */
  of(entry: Entry): 'all' | 'some' | 'none' {
    if (!this.moments.size) return 'none';
    const on = entry.moments.filter((moment) => this.moments.has(moment)).length;
    return on === 0 ? 'none' : on === entry.moments.length ? 'all' : 'some';
  }

  /** What was forgotten is not chosen any more. */
  drop(moments: number[]): void {
    if (!moments.some((moment) => this.moments.has(moment))) return;
    const next = new Set(this.moments);
    for (const moment of moments) next.delete(moment);
    this.moments = next;
  }

  clear(): void {
    this.range = null;
    this.moments = new Set();
  }

  recordings(entries: Entry[]): Recording[] {
    return entries.flatMap((entry) => entry.recordings.filter(({ moment }) => this.moments.has(moment)));
  }
}
