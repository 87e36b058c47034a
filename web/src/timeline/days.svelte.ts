// The days that the timeline shows, and all that was kept on them. Lists open nothing: seeing that something is there is no look.
// The newest are there first, however many there are; the rest comes a page at a time.

import { SvelteSet } from 'svelte/reactivity';
import { ask, Problem, words, type Recording } from '../hub/api';
import { addDays, bounds, today, type Day } from '../words/time.svelte';

/** What was answered and forgotten: that it was, and nothing more. */
export interface Answered {
  at: string;
  device: string | null;
  room: string | null;
}

/** What was kept while the last list was on its way may be in none, so a new one begins a little before its end. */
const OVERLAP = 120_000;
export const MOST_DAYS = 31;
/** How many recordings come at a time: enough to fill a screen, then so many more, up to the most. */
const [FIRST, MORE, MOST] = [100, 1_000, 5_000];
/** Between two pages the screen is drawn and touches are heard, in milliseconds. */
const REST = 120;

export class Days {
  first = $state<Day>(today());
  last = $state<Day>(today());
  /** Oldest first; none while they are looked up. */
  recordings = $state.raw<Recording[] | null>(null);
  answered = $state.raw<Answered[]>([]);
  trouble = $state('');
  /** From when on everything is here, in milliseconds since 1970; null once all of it is. */
  edge = $state<number | null>(null);
  /** Moments that were forgotten just now, for as long as their entries close. */
  readonly going = new SvelteSet<number>();
  private readonly gone = new Set<number>();
  private asked = 0;
  /** What came while the pages were under way. */
  private came: Recording[] = [];
  private whole: Promise<void> = Promise.resolve();

  get from(): Date {
    return bounds(this.first).from;
  }

  get to(): Date {
    return bounds(this.last).to;
  }

  get isToday(): boolean {
    return this.last === today();
  }

  get count(): number {
    let days = 1;
    for (let day = this.first; day < this.last; day = addDays(day, 1)) days += 1;
    return days;
  }

  /** Everything anew. What is shown already stays until all of it is there. */
  look(): Promise<void> {
    const mine = ++this.asked;
    return (this.whole = this.lookFor(mine).catch((why: unknown) => {
      if (mine === this.asked) this.trouble = words(why);
    }));
  }

  /** Once all of these days is here. */
  all(): Promise<void> {
    return this.whole;
  }

  /** Nothing of them is wanted any more. */
  leave(): void {
    this.asked += 1;
  }

  private async lookFor(mine: number): Promise<void> {
    const before = this.recordings !== null;
    this.came = [];
    const hollow = this.hollow();
    hollow.catch(() => undefined);
    const found = new Map<number, Recording>();
    let to: string | undefined;
    for (let size = FIRST; ; size = size === FIRST ? MORE : MOST) {
      const page = await this.page(size, to);
      const known = found.size;
      for (const recording of page) found.set(recording.id, recording);
      const oldest = page.at(-1);
      // A page that brings nothing new ends it too, or it would be asked for for ever.
      const done = page.length < size || !oldest || found.size === known;
      const answered = await hollow;
      if (mine !== this.asked) return;
      if (!before || done) {
        for (const recording of this.came) found.set(recording.id, recording);
        this.recordings = inOrder([...found.values()].filter(({ moment }) => !this.gone.has(moment)));
        this.answered = answered;
        this.edge = done ? null : Date.parse(oldest.start);
        this.trouble = '';
      }
      if (done) return;
      // Those of the same instant come once more, so that none is missed.
      to = new Date(Date.parse(oldest.start) + 1).toISOString();
      await new Promise((rest) => setTimeout(rest, REST));
      if (mine !== this.asked) return;
    }
  }

  /** What came since. */
  async lookOn(): Promise<void> {
    if (this.recordings === null) return;
    const newest = this.recordings.at(-1);
    if (!newest) return this.look();
    const mine = this.asked;
    const since = new Date(Date.parse(newest.start) - OVERLAP).toISOString();
    const [more, answered] = await Promise.all([this.list({ from: since }), this.hollow()]).catch(() => [null, null] as const);
    // A hub that does not answer is told of by the shell; and meanwhile other days may be shown.
    if (!more || mine !== this.asked) return;
    this.answered = answered;
    const now = this.recordings ?? [];
    const known = new Set(now.slice(-5000).map(({ id }) => id));
    const fresh = more.filter(({ id, moment, start }) => !known.has(id) && !this.gone.has(moment) && Date.parse(start) >= Date.parse(since));
    this.came.push(...fresh);
    if (fresh.length) this.recordings = inOrder([...now, ...fresh]);
  }

  /** Moments are gone: their entries close, and then nothing of them is left here. */
  forget(moments: number[], closing: number): void {
    for (const moment of moments) {
      this.gone.add(moment);
      this.going.add(moment);
    }
    setTimeout(() => {
      this.recordings = this.recordings?.filter(({ moment }) => !this.gone.has(moment)) ?? null;
      for (const moment of moments) this.going.delete(moment);
    }, closing);
  }

  /** So many of the newest that began before `to`; the newest first. */
  private page(size: number, to?: string): Promise<Recording[]> {
    return this.list({ limit: `${size}`, newest: 'true', ...(to && { to }) });
  }

  private list(narrower: Record<string, string>): Promise<Recording[]> {
    const query = new URLSearchParams({ from: this.first, to: this.last, ...narrower });
    return ask<Recording[]>('GET', `/api/recordings?${query}`);
  }

  private async hollow(): Promise<Answered[]> {
    if (!this.isToday) return [];
    try {
      return await ask<Answered[]>('GET', `/api/answered?from=${encodeURIComponent(this.from.toISOString())}`);
    } catch (why) {
      if (why instanceof Problem && why.status === 404) return [];
      throw why;
    }
  }
}

function inOrder(recordings: Recording[]): Recording[] {
  // Read once each: a day may have twenty thousand.
  const starts = new Map(recordings.map(({ id, start }) => [id, Date.parse(start)]));
  return recordings.sort((a, b) => (starts.get(a.id) ?? 0) - (starts.get(b.id) ?? 0) || a.id - b.id);
}
