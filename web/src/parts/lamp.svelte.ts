// The lantern in the corner: lit while anyone looks or Porchlight listens, and dark otherwise.

import { untrack } from 'svelte';

const reasons = $state<{ count: number }>({ count: 0 });

export const lamp = {
  get lit(): boolean {
    return reasons.count > 0;
  },
};

/** Lights the lamp until the answer is called. */
export function light(): () => void {
  // An effect that lights it does not begin again because it is lit.
  untrack(() => (reasons.count += 1));
  let on = true;
  return () => {
    if (on) untrack(() => (reasons.count -= 1));
    on = false;
  };
}
