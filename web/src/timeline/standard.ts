// What is so of most that is kept is said once, at the foot; an entry says what is otherwise.

import { home, me } from '../household/home.svelte';
import { keeps } from '../household/keeping';
import type { Recording } from '../hub/api';
import { session } from '../hub/session.svelte';
import { isEffect, readers } from '../media/whose';

const DAY = 86_400_000;

/** For how many days film and what oneself said are kept here; `Infinity` for until it is forgotten. */
export function daysKept(): { film: number; said: number } | null {
  const { household } = home;
  const person = me()?.id;
  if (!household) return null;
  return { film: keeps(household, 'video', {}), said: keeps(household, 'transcript', person === undefined ? {} : { person }) };
}

/** Whether all of these end when the foot says so. */
export function endsAsUsual(recordings: Recording[]): boolean {
  const kept = daysKept();
  if (!kept) return false;
  return recordings.every(({ kind, start, ends }) => {
    const days = kind === 'video' || kind === 'snapshot' ? kept.film : kept.said;
    if (ends === null || days === Infinity) return ends === null && days === Infinity;
    // Each ends at its own instant of its last day, or that day's end.
    return Math.abs(Date.parse(ends) - Date.parse(start) - days * DAY) < DAY * 1.5;
  });
}

/** Whether those who can open these are those that the foot names: for film the adults, for what was said whoever is signed in, alone. */
export function opensAsUsual([first]: Recording[]): boolean {
  return !first || isEffect(first) || first.kind === 'video' || first.kind === 'snapshot' || first.owner === session.name;
}

/** The names of those who can open film. */
export function seers(film: Recording | undefined): string[] {
  return film ? readers(film) : [];
}
