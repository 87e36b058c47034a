// What is kept for a reason, and so goes when the reason goes: the same that `crates/hub/src/cascade.rs` forgets.

import { ask, type Filter, type Recording } from '../hub/api';
import type { Person } from './document';
import { home, me } from './home.svelte';
import { guards } from './people';

export interface KeptFor {
  /** What goes with the reason. */
  goes: Recording[];
  /** What stays until a hold on it ends. */
  held: Recording[];
  /** The name of whose own it is, where only they may know how much there is, or `''` of several; nothing of it is in these lists. */
  unseen?: string;
}

interface Hold {
  moments: number[];
}

/** What is kept of a person, for some purposes or for any. */
export async function keptOf(person: string, purposes?: string[]): Promise<KeptFor> {
  const fits = (one: Recording) => one.owner === person && (purposes === undefined || purposes.includes(one.purpose));
  return { ...(await kept({ person }, fits)), ...unseen(home.household?.people.find(({ name }) => name === person)) };
}

/** What a device recorded; of a camera's sound only what holds sound, which goes with its pictures. */
export async function keptFrom(device: string, only: 'all' | 'sound' = 'all'): Promise<KeptFor> {
  const fits = (one: Recording) => only === 'all' || one.media_type.includes('mp4a');
  const found = home.household?.devices.find(({ name }) => name === device);
  const owner = home.household?.people.find(({ id }) => id === found?.person);
  // What anybody could speak into may hold what was each one's own once; film is everybody's.
  const others = found && !owner && found.kind !== 'camera' && home.household?.people.some((person) => person.keys && isUnseen(person)) ? { unseen: '' } : {};
  return { ...(await kept({ device }, fits)), ...others, ...unseen(owner) };
}

function unseen(person: Person | undefined): { unseen?: string } {
  return person && isUnseen(person) ? { unseen: person.name } : {};
}

/** What is somebody else's own is theirs to know of, and a guardian's. */
function isUnseen(person: Person): boolean {
  const household = home.household;
  return household !== null && person.id !== me()?.id && !guards(household, me(), person);
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
