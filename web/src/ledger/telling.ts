// What is told of the ledger, and to whom.

import type { Recording } from '../hub/api';
import type { Device, Person } from '../household/home.svelte';

/** What the page can be narrowed to. */
export type Topic = 'all' | 'looks' | 'sign-ins' | 'deletions' | 'changes';

/** What was asked for by its id, and what of it is still there to be known of. */
export interface Kept {
  asked: Set<number>;
  found: Map<number, Recording>;
}

/** Who reads, and what they know besides. */
export interface Reader {
  people: Person[];
  devices: Device[];
  me: Person | undefined;
  /** What was looked at, as far as it is still kept; null while that is not known. */
  kept: Kept | null;
}

export interface Telling {
  /** The lines that it tells of, the newest first. */
  lines: number[];
  /** Null where not even the hour is known. */
  at: string | null;
  topic: Topic;
  /** A person's id; null for Porchlight itself; undefined where it is not known. */
  by: string | null | undefined;
  /** The name that the sentence begins with, and its rest. */
  who: string;
  what: string;
  /** What is to be known besides. */
  note: string;
  /** Why what happened is not known: its time is up, or it is sealed to others. Or it is not a line of anybody's at all. */
  hollow: 'ended' | 'sealed' | 'damaged' | null;
  /** Where what it speaks of can be seen; empty where nowhere. */
  href: string;
  /** The line of a deletion, for its receipt. */
  receipt: number | null;
}

