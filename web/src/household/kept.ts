// What is kept for a reason, and so goes when the reason goes: the same that `crates/hub/src/change.rs` forgets.

import { ask, type Filter, type Recording } from '../hub/api';

export interface KeptFor {
  /** What goes with the reason. */
  goes: Recording[];
  /** What stays until a hold on it ends. */
  held: Recording[];
}

interface Hold {
  moments: number[];
}

/** What is kept of a person, for some purposes or for any. */
export async function keptOf(person: string, purposes?: string[]): Promise<KeptFor> {
  return kept({ person }, (one) => one.owner === person && (purposes === undefined || purposes.includes(one.purpose)));
}

/** What a device recorded; of a camera's sound only what holds sound, which goes with its pictures. */
export async function keptFrom(device: string, only: 'all' | 'sound' = 'all'): Promise<KeptFor> {
  return kept({ device }, (one) => only === 'all' || one.media_type.includes('mp4a'));
}

async function kept(filter: Filter, fits: (recording: Recording) => boolean): Promise<KeptFor> {
  const query = new URLSearchParams(Object.entries(filter) as [string, string][]);
  const [recordings, holds] = await Promise.all([ask<Recording[]>('GET', `/api/recordings?${query}`), ask<Hold[]>('GET', '/api/holds')]);
  const moments = new Set(recordings.filter(fits).map((recording) => recording.moment));
  const held = new Set(holds.flatMap((hold) => hold.moments));
  // A moment is forgotten whole.
  const whole = recordings.filter((recording) => moments.has(recording.moment));
  return { goes: whole.filter(({ moment }) => !held.has(moment)), held: whole.filter(({ moment }) => held.has(moment)) };
}
