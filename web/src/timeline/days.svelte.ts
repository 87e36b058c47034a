// The days that the timeline shows, and all that was kept on them. Lists open nothing: seeing that something is there is no look.

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

export class Days {
  first = $state<Day>(today());
  last = $state<Day>(today());
  /** None while they are looked up. */
  recordings = $state.raw<Recording[] | null>(null);
  answered = $state.raw<Answered[]>([]);
  trouble = $state('');
  /** Moments that were forgotten just now, for as long as their entries close. */
  readonly going = new SvelteSet<number>();
  private readonly gone = new Set<number>();
  private asked = 0;

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

  /** Everything anew. */
  async look(): Promise<void> {
    const mine = ++this.asked;
    try {
      const [found, answered] = await Promise.all([this.list(), this.hollow()]);
      if (mine !== this.asked) return;
      this.recordings = found.filter(({ moment }) => !this.gone.has(moment));
      this.answered = answered;
      this.trouble = '';
    } catch (why) {
      if (mine === this.asked) this.trouble = words(why);
    }
  }

  /** What came since. */
  async lookOn(): Promise<void> {
    const before = this.recordings;
    const newest = before?.at(-1);
    if (!newest) return this.look();
    const mine = this.asked;
    const since = new Date(Date.parse(newest.start) - OVERLAP).toISOString();
    const [more, answered] = await Promise.all([this.list(since), this.hollow()]).catch(() => [null, null] as const);
    // A hub that does not answer is told of by the shell; and meanwhile other days may be shown.
    if (!more || mine !== this.asked) return;
    this.answered = answered;
    const now = this.recordings ?? [];
    const known = new Set(now.slice(-5000).map(({ id }) => id));
    const fresh = more.filter(({ id, moment, start }) => !known.has(id) && !this.gone.has(moment) && Date.parse(start) >= Date.parse(since));
    if (fresh.length) this.recordings = [...now, ...fresh].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
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

  private list(since?: string): Promise<Recording[]> {
    const query = new URLSearchParams({ from: since ?? this.first, to: this.last });
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
