// The time, once a second, for what counts down; as the hub has it, whose timers they are.

import { place } from '../words/time.svelte';

export const now = $state({ at: Date.now() });

/** Lets the time pass until the answer is called. */
export function tick(): () => void {
  const beat = () => (now.at = Date.now() + place.ahead);
  beat();
  const every = setInterval(beat, 1000);
  return () => clearInterval(every);
}
