// The household's time of day.

import { clock } from '../words/time.svelte';

/** As people greet each other. */
export function partOfDay(at = new Date()): 'morning' | 'day' | 'evening' {
  const hour = Number(clock(at).slice(0, 2));
  if (hour >= 4 && hour < 12) return 'morning';
  return hour >= 12 && hour < 18 ? 'day' : 'evening';
}
