// Who is signed in here, and whether the hub can be reached. The session itself is a cookie that no script sees.

import * as keys from '../keys';
import { able } from '../keys/able';
import { reader } from '../words/hub';
import { shell } from '../words/shell';
import { ask, onSignedOut, Problem } from './api';

/** `looking` for the hub, signed `out`, signed `in`, the hub is `away`, or it has no household yet (`set-up`); or this browser is `too-old`. */
export type Here = 'looking' | 'out' | 'in' | 'away' | 'set-up' | 'too-old';

const NAME = 'porchlight.name';
/** How long a hub that does not answer is looked for, in milliseconds. */
const PATIENCE = 6000;

export const session = $state<{ here: Here; name: string; note: string }>({
  here: 'looking',
  /** Who is signed in, or was last. */
  name: localStorage.getItem(NAME) ?? '',
  /** Why it is as it is, in words. */
  note: '',
});

reader.name = session.name;

/** Finds out how things stand; `quietly`, the page stays as it is meanwhile. */
export async function look(quietly = false): Promise<void> {
  if (!quietly) session.here = 'looking';
  if (!(await able())) {
    session.here = 'too-old';
    return;
  }
  let mayOpen = false;
  try {
    const { state } = await Promise.race([ask<{ state?: string }>('GET', '/api/health'), late()]);
    if (state === 'set-up') {
      session.here = 'set-up';
      return;
    }
    mayOpen = await keys.here();
    // Where nobody ever signed in, there is nothing to ask for.
    if (!session.name && !mayOpen) return signedOut('');
    await ask('GET', '/api/sessions');
    if (mayOpen) session.here = 'in';
    else await signOut(shell.idle);
  } catch (why) {
    // Whoever could open something here was not asked whether that should end.
    if (why instanceof Problem && why.status === 401) return signedOut(mayOpen ? shell.ended : '');
    session.note = why instanceof Error ? why.message : String(why);
    session.here = 'away';
  }
}

/** Away from home, a phone may wait for minutes before it gives up. */
function late(): Promise<never> {
  return new Promise((_, give) => setTimeout(() => give(new Problem(0, 'no-hub', shell.noHub)), PATIENCE));
}

export function signedIn(name: string): void {
  called(name);
  Object.assign(session, { here: 'in', note: '' });
}

/** The session is over, whoever ended it. */
export function signedOut(why: string): void {
  Object.assign(session, { here: 'out', note: why });
  // Without them nothing that is left in this browser opens anything.
  void keys.leave();
}

/** Whoever is signed in is called this from now on: at the door too. */
export function called(name: string): void {
  localStorage.setItem(NAME, name);
  session.name = reader.name = name;
}

export async function signOut(why = shell.signedOut): Promise<void> {
  await ask('DELETE', '/api/sessions/this').catch(() => undefined);
  signedOut(why);
}

// Wherever the hub says that nobody is signed in, that is so.
onSignedOut(() => {
  if (session.here === 'in') signedOut(shell.ended);
});
