// What is to be done about one's recovery kit, if anything: it was never printed, or is of a release that let sessions come back by it.

import { ask } from '../hub/api';

const KEPT = 'porchlight.kit';

export const kitState = $state({
  /** Whether printing it was put off, in this browser. */
  later: localStorage.getItem(KEPT) === 'later',
  /** Whether it is of an earlier release, and lets nobody back in. */
  old: false,
});

export function setLater(later: boolean): void {
  kitState.later = later;
  if (later) localStorage.setItem(KEPT, 'later');
  else localStorage.removeItem(KEPT);
}

/** Asks the hub. What it does not say stays as it was. */
export async function lookUp(): Promise<void> {
  const me = await ask<{ old_kit?: boolean }>('GET', '/api/me').catch(() => null);
  if (me) kitState.old = me.old_kit === true;
}
