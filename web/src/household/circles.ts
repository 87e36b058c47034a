// Circles: sets of people with one shared key, wrapped to each member's own (`crates/household/src/circle.rs`, and their form in `document/circle.rs`).
//
// What is wrapped is an age identity file: the current identity first, then the earlier ones, so that whoever joins later
// still opens what was sealed before a key was replaced.

import { base64 } from '@scure/base';
import { age } from '../keys/age';
import { ageOf } from './people';
import type { Circle, Household, Person } from './document';

/** Opens an age file that is sealed to whoever tends. */
export type Open = (sealed: Uint8Array) => Promise<Uint8Array>;

/**
 * Brings the circles that `me` belongs to into order: mints what is missing, wraps what I hold to members who have come,
 * replaces what somebody who has left still holds. Circles of others are left alone: only a member mints a key, so nobody
 * else ever held it. An owner tends every circle they are in, another adult those of the children they guard.
 */
export async function tendCircles(household: Household, me: string, open: Open): Promise<void> {
  const owner = household.people.some((person) => person.id === me && person.owner);
  const children = household.people.filter((person) => ageOf(household, person) === 'child');
  const names = [...(owner ? ['adults'] : []), ...children.map((child) => `guardians:${child.id}`)];
  for (const name of names) {
    const members = membersOf(household, name).filter((person) => person.keys);
    if (!members.some((person) => person.id === me)) continue;
    const place = household.circles.findIndex((circle) => circle.name === name);
    const next = await tended(household.circles[place], name, members, me, open);
    if (!next) continue;
    if (place < 0) household.circles.push(next);
    else household.circles[place] = next;
  }
}

/** Takes a person out of every circle they hold, and retires those circles' keys. */
export function expel(household: Household, person: string): void {
  household.circles = household.circles.filter((circle) => circle.name !== `guardians:${person}`);
  for (const circle of household.circles) {
    if (!(person in circle.wrapped)) continue;
    delete circle.wrapped[person];
    delete circle.recipient;
  }
}

/** Takes a person out of one circle, and retires its key if they held it. */
export function leave(household: Household, name: string, person: string): void {
  const circle = household.circles.find((circle) => circle.name === name);
  if (!circle || !(person in circle.wrapped)) return;
  delete circle.wrapped[person];
  delete circle.recipient;
}

function membersOf(household: Household, name: string): Person[] {
  const adults = household.people.filter((person) => ageOf(household, person) === 'adult');
  if (name === 'adults') return adults;
  const child = household.people.find((person) => name === `guardians:${person.id}`);
  return adults.filter((person) => child?.guardians?.includes(person.id));
}

async function tended(circle: Circle | undefined, name: string, members: Person[], me: string, open: Open): Promise<Circle | null> {
  if (!circle || Object.keys(circle.wrapped).length === 0) return minted(name, members, []);
  const ids = members.map((person) => person.id);
  const live = circle.recipient !== undefined && Object.keys(circle.wrapped).every((holder) => ids.includes(holder));
  const come = members.filter((person) => !(person.id in circle.wrapped));
  const mine = circle.wrapped[me];
  // In order already, or not mine to open: somebody else can bring it there.
  if ((live && come.length === 0) || mine === undefined) return null;
  const text = new TextDecoder().decode(await open(base64.decode(mine)));
  const identities = text.split('\n').filter(Boolean);
  if (!live) return minted(name, members, identities);
  return { ...circle, wrapped: { ...circle.wrapped, ...(await wrapped(identities, come)) } };
}

/** A circle with a new key, in front of the earlier ones. */
async function minted(name: string, members: Person[], earlier: string[]): Promise<Circle> {
  const { generateX25519Identity, identityToRecipient } = await age();
  const identity = await generateX25519Identity();
  return { name, recipient: await identityToRecipient(identity), wrapped: await wrapped([identity, ...earlier], members) };
}

async function wrapped(identities: string[], members: Person[]): Promise<Record<string, string>> {
  const file = identities.map((identity) => `${identity}\n`).join('');
  const each = members.map(async ({ id, keys }) => {
    const { Encrypter } = await age();
    const sealed = new Encrypter();
    sealed.addRecipient(keys!.recipient); // members are those with keys
    return [id, base64.encode(await sealed.encrypt(file))] as const;
  });
  return Object.fromEntries(await Promise.all(each));
}
