// What is kept for a reason, and so goes when the reason goes: the same that `crates/hub/src/deletion/cascade.rs` forgets.

import { ask, type Filter, type Recording } from '../hub/api';
import { holdsSound } from '../media/sound';
import type { Device, Person, Purpose } from './document';
import { agreedWithout, isAgreed, standing } from './edits';
import { home, me } from './home.svelte';
import { ageOf, guards } from './people';

export interface KeptFor {
  /** What goes with the reason. */
  goes: Recording[];
  /** What stays until a hold on it ends. */
  held: Recording[];
  /** The name of whose own it is, where only they may know how much there is, or `''` of several; nothing of it is in these lists. */
  unseen?: string;
  /** Whether what requests left behind is among it: what was heard at a device goes with that. */
  effects?: boolean;
}

/** What goes with a person. */
export interface KeptWith extends KeptFor {
  /** The cameras, by name, that only they agreed to: they are recorded no more, or without sound. */
  unseeing: string[];
  unhearing: string[];
  /** Those, by name, who are agreed for by nobody else. */
  others: string[];
}

interface Hold {
  moments: number[];
}

/** What is kept of a person, for some purposes or for any. */
export async function keptOf(person: string, purposes?: string[]): Promise<KeptFor> {
  const fits = (one: Recording) => one.owner === person && (purposes === undefined || purposes.includes(one.purpose));
  return { ...(await kept({ person }, fits)), ...unseen(home.household?.people.find(({ name }) => name === person)) };
}

/** What is kept of a person, and what is kept by their word alone: cameras' film, and what others say for whom they agreed. */
export async function keptWith(person: Person): Promise<KeptWith> {
  const before = home.household!; // its people are shown
  const after = agreedWithout(before, person.id);
  const lost = (purpose: 'security' | 'sound') => (device: Device) => isAgreed(before, purpose, device) && !isAgreed(after, purpose, device);
  const unseeing = before.devices.filter(lost('security'));
  const unhearing = before.devices.filter(lost('sound')).filter((device) => !unseeing.includes(device));
  const others = after.people.flatMap((other) => {
    const purposes = OWN.filter((purpose) => standing(before, other.id, { purpose }) && !standing(after, other.id, { purpose }));
    return purposes.length ? [{ other, purposes }] : [];
  });
  const all = await Promise.all([
    keptOf(person.name),
    ...unseeing.map(({ name }) => keptFrom(name)),
    ...unhearing.map(({ name }) => keptFrom(name, 'sound')),
    ...others.map(({ other, purposes }) => keptOf(other.name, purposes)),
  ]);
  const names = (some: { name: string }[]) => some.map(({ name }) => name);
  const unseenOf = [...new Set(all.flatMap(({ unseen }) => unseen ?? []))];
  return {
    goes: once(all.flatMap(({ goes }) => goes)),
    held: once(all.flatMap(({ held }) => held)),
    ...(unseenOf.length && { unseen: unseenOf.length === 1 ? unseenOf[0]! : '' }), // there is one
    unseeing: names(unseeing),
    unhearing: names(unhearing),
    others: names(others.map(({ other }) => other)),
  };
}

/** The purposes of what is somebody's own. */
const OWN: Purpose[] = ['history', 'recognition', 'training'];

function once(recordings: Recording[]): Recording[] {
  return [...new Map(recordings.map((recording) => [recording.id, recording])).values()];
}

/** What a device recorded; of a camera's sound only what holds sound, which goes with its pictures. */
export async function keptFrom(device: string, only: 'all' | 'sound' = 'all'): Promise<KeptFor> {
  const fits = (one: Recording) => only === 'all' || holdsSound(one.media_type);
  const found = home.household?.devices.find(({ name }) => name === device);
  const owner = home.household?.people.find(({ id }) => id === found?.person);
  // What anybody could speak into may hold what was each one's own once; film is everybody's.
  const others = found && !owner && found.kind !== 'camera' && home.household?.people.some((person) => person.keys && isUnseen(person)) ? { unseen: '' } : {};
  return { ...(await kept({ device }, fits)), ...others, ...unseen(owner), effects: only === 'all' };
}

function unseen(person: Person | undefined): { unseen?: string } {
  return person && isUnseen(person) ? { unseen: person.name } : {};
}

/** The names of those who may know how much is kept of somebody: a child does not sign in, and their guardians do. */
export function seersOf(name: string): string[] {
  const people = home.household?.people ?? [];
  const person = people.find((one) => one.name === name);
  if (!home.household || !person || ageOf(home.household, person) !== 'child') return [name];
  return people.filter(({ id }) => person.guardians?.includes(id)).map((guardian) => guardian.name);
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
