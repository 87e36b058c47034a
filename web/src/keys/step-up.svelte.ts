// Proving anew who it is, before something that a phone left on the table must not do.

import { ask, Problem } from '../hub/api';

interface Asked {
  /** What it is for, as a sentence. */
  why: string;
  settle: (proven: boolean) => void;
}

/** What is being asked now; `parts/StepUp.svelte` shows it. */
export const asked = $state<{ now: Asked | null }>({ now: null });

/** So little that the hub may not count it any more when the next request arrives. */
const NEARLY_OVER = 30_000;

/**
 * Sees to it that this session counts as fresh: asks for the passphrase and a second factor, unless it was proved a moment ago.
 * `why` says in a sentence what it is for. False when the person would rather not.
 */
export async function stepUp(why: string): Promise<boolean> {
  if (await fresh()) return true;
  asked.now?.settle(false);
  return new Promise((done) => {
    const settle = (proven: boolean) => {
      asked.now = null;
      done(proven);
    };
    asked.now = { why, settle };
  });
}

/** Does something that may need a fresh session: asks when the hub says so, and does it again. Null when the person would rather not. */
export async function proven<T>(why: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (problem) {
    if (!(problem instanceof Problem && problem.word === 'step-up')) throw problem;
    return (await stepUp(why)) ? work() : null;
  }
}

async function fresh(): Promise<boolean> {
  try {
    const { session } = await ask<{ session: { fresh_until?: string | null } }>('GET', '/api/me');
    return session.fresh_until ? Date.parse(session.fresh_until) - Date.now() > NEARLY_OVER : false;
  } catch {
    // Asking once too often is no harm.
    return false;
  }
}
