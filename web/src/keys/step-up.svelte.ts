// Proving anew who it is, before something that a phone left on the table must not do.

import { keysFromWrapped, type NewKeys } from './enrol';
import { wrapped } from './index';
import { prove, type Challenge } from './opaque';
import { NoPasskey, prove as provePasskey, Sealed, second, type Second } from './passkeys';
import { ask, Problem } from '../hub/api';
import { hubsTime } from '../hub/clock';

/** What the hub's word for a proof is good for. */
type For = 'account' | 'household';

interface Asked {
  /** What it is for, as a sentence. */
  why: string;
  /** Whether the keys themselves are to be taken out, to be put away in another way. */
  keys: boolean;
  /** Whether it is for one change of the household alone. */
  once: boolean;
  /** Whether the passphrase is enough: a second factor was proved lately. */
  alone: boolean;
  /** Null when the person would rather not. */
  settle: (proof: Proof | null) => void;
}

/** That it was proved, and with what the identity can be unwrapped now. */
interface Proof {
  /** The hub's word for it. */
  proof: string;
  /** What the passphrase yields, or the passkey; some passkeys yield nothing. */
  secret: string | null;
  passkey?: string;
}

/** What is being asked now; `parts/StepUp.svelte` shows it. */
export const asked = $state<{ now: Asked | null }>({ now: null });

/** Whether somebody is being asked now. What it is for is not being done meanwhile, and no page says that it is. */
export function beingAsked(): boolean {
  return asked.now !== null;
}

/** So little that the hub may not count it any more when the next request arrives. */
const NEARLY_OVER = 30_000;

/**
 * Sees to it that this session counts as fresh: asks for the passphrase and a second factor, unless they were proved a moment ago.
 * `why` says in a sentence what it is for. False when the person would rather not.
 */
export async function stepUp(why: string): Promise<boolean> {
  const page = location.hash;
  return (await fresh()) || (await put({ why, page })) !== null;
}

/** The passphrase that somebody has just made on this page, for as long as they set their home up: nobody is asked for it twice there. */
let made: string | null = null;

/** Remembers it; null when the home is set up. */
export function justMade(passphrase: string | null): void {
  made = passphrase;
}

/** The hub's word for one change by it; none where there is none, or the second factor was proved too long ago. */
async function byJustMade(): Promise<string | undefined> {
  if (made === null) return undefined;
  try {
    return (await proveAgain(made, null, 'household')).proof;
  } catch (problem) {
    if (problem instanceof Problem) return undefined;
    throw problem;
  }
}

/**
 * Does something that may need a proof: asks when the hub says so, and does it again. Where it takes a proof that is made for it alone,
 * `work` is given the hub's word for that; it is good once. Null when the person would rather not.
 */
export async function proven<T>(why: string, work: (proof?: string) => Promise<T>): Promise<T | null> {
  const page = location.hash;
  try {
    return await work(await byJustMade());
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (problem.word === 'step-up') return (await put({ why, page })) === null ? null : work();
    if (problem.word !== 'proof') throw problem;
    const proved = await put({ why, page, once: true, alone: await fresh() });
    return proved === null ? null : work(proved.proof);
  }
}

/** What one change of how somebody signs in takes. */
export interface Unlocked {
  keys: NewKeys;
  /** The hub's word for the proof. */
  proof: string;
}

/**
 * The keys of whoever is signed in, to be wrapped or printed once more, and the hub's word that they have just proved who they are.
 * Those in the drawer cannot be taken out, so this always asks. Wipe them after use. Null when the person would rather not.
 */
export async function unlock(why: string): Promise<Unlocked | null> {
  const proved = await put({ why, keys: true });
  if (!proved?.secret) return null;
  return { keys: await keysFromWrapped(await wrapped(proved.passkey), proved.secret), proof: proved.proof };
}

interface WithPasskey {
  attempt: string;
  passkey?: PublicKeyCredentialRequestOptionsJSON | null;
}

/** What the sheet does: proves the passphrase and the second factor for this session; or, where that is enough, the passphrase alone. */
export async function proveAgain(passphrase: string, by: Second | null, what: For): Promise<Proof> {
  const { challenge, finalization, exportKey } = await prove(passphrase, (request) => ask<Challenge & WithPasskey>('POST', '/api/step-up/start', { request }));
  const finish = { attempt: challenge.attempt, finalization, for: what, ...(by === null ? {} : await second(challenge, by)) };
  const { proof } = await ask<{ proof: string }>('POST', '/api/step-up/finish', finish);
  return { proof, secret: exportKey };
}

/** The same by a passkey alone; `keys` when it has to open them as well. */
export async function proveByPasskey(keys: boolean, what: For): Promise<Proof> {
  const { attempt, passkey } = await ask<WithPasskey>('POST', '/api/step-up/start', {});
  if (!passkey) throw new NoPasskey();
  const { credential, id, secret } = await provePasskey(passkey);
  if (keys && !secret) throw new Sealed();
  const { proof } = await ask<{ proof: string }>('POST', '/api/step-up/finish', { attempt, passkey: credential, for: what });
  return { proof, secret, passkey: id };
}

/** Asks on the page where it was wanted: whoever has left that meanwhile has given it up. */
function put({ why, page = location.hash, keys = false, once = false, alone = false }: Partial<Asked> & { why: string; page?: string }): Promise<Proof | null> {
  asked.now?.settle(null);
  if (location.hash !== page) return Promise.resolve(null);
  return new Promise((done) => {
    const settle = (proof: Proof | null) => {
      asked.now = null;
      done(proof);
    };
    asked.now = { why, keys, once, alone, settle };
  });
}

async function fresh(): Promise<boolean> {
  try {
    const { session } = await ask<{ session: { fresh_until?: string | null } }>('GET', '/api/me');
    return session.fresh_until ? Date.parse(session.fresh_until) - Date.parse(await hubsTime()) > NEARLY_OVER : false;
  } catch {
    // Asking once too often is no harm.
    return false;
  }
}
