// What lines say: a salted commitment to a detail with a coarse public part, a change of keys, or why a new tree was begun.

import { Bad } from './bad';
import { equal, fromHex, sha256, text, utf8, type Bytes } from './bytes';
import { hash, parse, type Checkpoint } from './checkpoint';

/** A line of the ledger, as anybody can read it. */
export type Entry = Event | { line: 'succession'; note: string } | Continuation | { line: 'damaged' };

/** Something that happened, in that hour; what exactly is in its detail. */
export interface Event {
  line: 'event';
  kind: string;
  hour: string;
  commitment: Bytes;
}

/** Why a tree could not go on. */
export type Because = 'older-copy' | 'damage' | 'checkpoint-lost';

const reasons: readonly string[] = ['older-copy', 'damage', 'checkpoint-lost'] satisfies Because[];

/** The first line of a tree that goes on where the one before could not. */
export interface Continuation {
  line: 'continuation';
  /** The signed checkpoint of the tree before. */
  checkpoint: string;
  /** What was still there of it. */
  held: Checkpoint | null;
  /** Why; null where an earlier release wrote it. */
  because: Because | null;
}

/** Reads a line, which must be in the one form that lines have. */
export function read(bytes: Uint8Array): Entry {
  const json = text(bytes);
  const said = object(json, 'a line');
  if (typeof said['v'] !== 'number') throw new Bad('form', 'a line has no version');
  // A line that says why a tree goes on is of the second version.
  if (said['v'] > (said['kind'] === 'continued' ? 2 : 1)) throw new Bad('newer', 'a line was written by a newer release');
  const { v, kind, hour, commitment, note, checkpoint, held, because } = said;
  const forms: unknown[] = [
    { v, kind, hour, commitment },
    { v, kind, note },
    { v, kind, checkpoint, held },
    { v, kind, checkpoint, held, because },
  ];
  const form = forms.findIndex((form) => JSON.stringify(form) === json);
  if (v !== (form === 3 ? 2 : 1) || form < 0 || typeof kind !== 'string') throw new Bad('form', 'a line is not in the one form that lines have');
  if (form === 0 && typeof hour === 'string' && typeof commitment === 'string' && /^[a-z0-9.-]{1,64}$/.test(kind)) {
    if (!/^-?\d{4,6}-\d\d-\d\dT\d\d:00:00Z$/.test(hour) || Number.isNaN(Date.parse(hour))) throw new Bad('form', 'the hour of a line is not a whole hour');
    return { line: 'event', kind, hour, commitment: hash(commitment) };
  }
  if (form === 1 && typeof note === 'string' && kind === 'succession') return { line: 'succession', note };
  if (form >= 2 && typeof checkpoint === 'string' && kind === 'continued' && (held === undefined || typeof held === 'string')) {
    const why = reason(because);
    if (form === 2 || why) return { line: 'continuation', checkpoint, held: held === undefined ? null : parse(held), because: why };
  }
  throw new Bad('form', 'a part of a line is missing or malformed');
}

function reason(because: unknown): Because | null {
  return typeof because === 'string' && reasons.includes(because) ? (because as Because) : null;
}

/** What keeps a commitment from being guessed open, and what the line commits to. */
export interface Detail {
  salt: Bytes;
  said: string;
}

/** Reads an opened detail: a line with the salt, and then what the ledger's line commits to. */
export function detail(opened: Uint8Array): Detail {
  const all = text(opened);
  const end = all.indexOf('\n');
  const head = object(all.slice(0, Math.max(0, end)), 'a detail');
  if (head['v'] !== 1 || typeof head['salt'] !== 'string' || end < 0) throw new Bad('form', 'a detail is of a form that this release does not know');
  const salt = fromHex(head['salt']);
  if (salt.length !== 32) throw new Bad('form', 'the salt of a detail has not 32 bytes');
  return { salt, said: all.slice(end + 1) };
}

/** Whether a line commits to a detail. */
export async function commits(entry: Event, { salt, said }: Detail): Promise<boolean> {
  return equal(await sha256(salt, utf8(said)), entry.commitment);
}

/** What JSON says, where it says an object. */
export function object(json: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Bad('form', `${what} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Bad('form', `${what} is not a JSON object`);
  return value as Record<string, unknown>;
}
