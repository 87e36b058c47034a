// Dates and lengths of time beyond those of a day.

import { language } from './index.svelte';
import { dated, place } from './time.svelte';

const tag = () => (language.now === 'en' ? 'en-GB' : language.now);

/** `3 September 2026`. */
export function fullDate(at: string | Date): string {
  return new Intl.DateTimeFormat(tag(), { timeZone: place.zone, day: 'numeric', month: 'long', year: 'numeric' }).format(new Date(at));
}

/** `March 2032`, of `2032-03`. */
export function monthOf(month: string): string {
  return new Intl.DateTimeFormat(tag(), { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(new Date(`${month}-15T12:00:00Z`));
}

/** `30 days`. */
export function inDays(days: number): string {
  return new Intl.NumberFormat(language.now, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(days);
}

/** Since when, or from when: the time, with the day where that is not today. In German with its “Uhr”. */
export function since(at: string | Date): string {
  return language.now === 'de' ? `${dated(at)} Uhr` : dated(at);
}
