// The household's time of day.

import { clock } from '../words/time.svelte';

/** As people greet each other; the night is nobody's evening any more. */
export function partOfDay(at = new Date()): 'night' | 'morning' | 'day' | 'evening' {
  const hour = Number(clock(at).slice(0, 2));
  if (hour < 4) return 'night';
  if (hour < 12) return 'morning';
  return hour < 18 ? 'day' : 'evening';
}
