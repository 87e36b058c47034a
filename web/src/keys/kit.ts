// A recovery kit as people hand it over: the whole file, its lines, or the groups as they stand on paper.

import { keysFromLine, NotAKit, type NewKeys } from './enrol';
import { readRecovery, type Recovery } from './recovery';

/** Before the two secrets as they are written, and how many letters and numbers come after. */
const IDENTITY = { prefix: 'AGE-SECRET-KEY-1', length: 58 };
const RECOVERY = { prefix: 'PORCHLIGHT-RECOVERY-1', length: 32 };
type Secret = typeof IDENTITY;
/** On paper, in groups of this many. */
const GROUP = 4;

/** What is on a kit. */
export interface Kit {
  keys: NewKeys;
  /** None while it is not typed yet, and on a sheet of an earlier release, which lets nobody back in. */
  recovery: Recovery | null;
}

/** Some letters and numbers are missing, or there are too many. */
export class WrongLength extends Error {
  constructor(
    readonly there: number,
    readonly expected: number,
    /** How the line begins that they are missing in. */
    readonly after: string,
  ) {
    super();
  }
}

/** A kit, however it was typed or pasted. */
export async function readKit(text: string): Promise<Kit> {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => !line.startsWith('#') || line.startsWith('# recovery:'));
  const solid = lines.join('').toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  const [identity, recovery] = [found(solid, IDENTITY), found(solid, RECOVERY)];
  // Whoever types the groups alone begins with the identity's.
  const key = identity ?? solid.slice(0, recovery === null ? IDENTITY.length : solid.lastIndexOf(plain(RECOVERY)));
  const secret = recovery ?? (identity === null ? solid.slice(IDENTITY.length, IDENTITY.length + RECOVERY.length) : '');
  if (key === '') throw new NotAKit();
  const keys = await keysFromLine(whole(key, IDENTITY));
  try {
    return { keys, recovery: secret === '' ? null : await readRecovery(whole(secret, RECOVERY)) };
  } catch (why) {
    keys.wipe();
    throw why instanceof WrongLength ? why : new NotAKit();
  }
}

/** The groups of a secret as they are printed: the beginning that each has, with what is left over, then the rest. */
export function groups(text: string): { first: string; rest: string[] } {
  const secret = text.startsWith(IDENTITY.prefix) ? IDENTITY : RECOVERY;
  const cut = secret.prefix.length + (secret.length % GROUP);
  return { first: text.slice(0, cut), rest: text.slice(cut).match(/.{4}/g) ?? [] };
}

/** What follows a secret's prefix, up to the other's. Whoever pastes the whole sheet has more words after it. */
function found(solid: string, secret: Secret): string | null {
  const from = solid.lastIndexOf(plain(secret));
  if (from < 0) return null;
  const after = solid.slice(from + plain(secret).length);
  const other = after.indexOf(plain(secret === IDENTITY ? RECOVERY : IDENTITY));
  return (other < 0 ? after : after.slice(0, other)).slice(0, secret.length);
}

function plain({ prefix }: Secret): string {
  return prefix.replaceAll('-', '');
}

/** A secret as it is written. Neither has an O, I, B or 1, so whoever reads one on paper has misread a 0, an L or an 8. */
function whole(letters: string, { prefix, length }: Secret): string {
  if (letters.length !== length) throw new WrongLength(letters.length, length, prefix);
  return prefix + letters.replaceAll('O', '0').replaceAll(/[I1]/g, 'L').replaceAll('B', '8');
}
